"""Partitions as folders: ``dt=2024-01-01/hour=8``, special characters written as ``%3A``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote

#: The folder of rows whose partition column is NULL or empty.
DEFAULT_PARTITION_NAME: Final = "__DEFAULT_PARTITION__"
_SPECIAL: Final = frozenset("\"#%'*/:=?\\\x7f{}[]^" + "".join(map(chr, range(1, 32))))


def partition_folder(keys: Sequence[str], values: Sequence[str | None], default: str) -> str:
    """The folder of a partition, below the table's.

    Args:
        keys: Names of the partition columns.
        values: Their values as texts; ``None`` for NULL.
        default: What stands for NULL and the empty text.

    >>> partition_folder(["dt", "hm"], ["2024-01-01", "08:30"], DEFAULT_PARTITION_NAME)
    'dt=2024-01-01/hm=08%3A30'
    """
    parts = [
        f"{escape_name(key)}={escape_name(value) if value else default}"
        for key, value in zip(keys, values, strict=True)
    ]
    return "/".join(parts)


def partition_values(path: str, keys: Sequence[str], default: str) -> Mapping[str, str | None]:
    """The values that a file's path tells, as texts; ``None`` for NULL.

    Raises:
        ValueError: If a key is not in the path.

    >>> partition_values("/t/dt=a%3Ab/hr=8/part-0", ["dt", "hr"], DEFAULT_PARTITION_NAME)
    {'dt': 'a:b', 'hr': '8'}
    """
    found = {}
    for part in path.split("/")[:-1]:
        name, equals, value = part.partition("=")
        if equals:
            found[unquote(name)] = None if value == default else unquote(value)
    missing = [key for key in keys if key not in found]
    if missing:
        raise ValueError(f"no folder '{missing[0]}=...' in the path")
    return {key: found[key] for key in keys}


def escape_name(text: str) -> str:
    """A text as a part of a folder's name.

    >>> escape_name("08:30"), escape_name("a/b")
    ('08%3A30', 'a%2Fb')
    """
    if text in (".", ".."):
        return text.replace(".", "%2E")
    return "".join(f"%{ord(char):02X}" if char in _SPECIAL else char for char in text)
