"""The order in which BATCH mode takes keys: small before large, short text before long.

The order does not depend on the order of the input, so equal input gives equal output.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flott.common.types import Row

__all__ = ["in_key_order"]


def in_key_order(keys: Iterable[Any]) -> list[Any]:
    """Return the keys in order; as they came if they cannot be compared with each other.

    >>> in_key_order(["fig", "apple", "b", "a"])
    ['a', 'b', 'fig', 'apple']
    >>> in_key_order([3, None, 1])
    [3, None, 1]
    """
    found = list(keys)
    try:
        return sorted(found, key=_rank)
    except TypeError:
        return found


def _rank(key: Any) -> Any:
    if isinstance(key, (str, bytes)):
        return len(key), key
    if isinstance(key, (tuple, Row)):
        return tuple(map(_rank, key))
    return key
