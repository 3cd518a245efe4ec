"""Patterns that look up a key: ``(&|^)key=([^&]*)`` is a search for text, not for a pattern.

Regular expressions with groups are slow on long columns; this form of them, which takes a value
out of a query string, is common and needs none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from flott.kernels.columns.text_parts import key_values

_FORM = re.compile(
    r"\((?:(?P<first>[&;,#/ ])\|\^|\^\|(?P<last>[&;,#/ ]))\)"
    r"(?P<key>[A-Za-z0-9_=:-]+)\(\[\^(?P<end>[&;,#/ ])\]\*\)"
)


@dataclass(frozen=True, slots=True)
class KeyLookup:
    """A lookup of ``key``, which stands at the start or behind ``end``, up to the next ``end``."""

    key: str
    end: str

    def values(self, texts: pl.Series) -> pl.Series:
        """The value in each text; NULL where the key is not.

        >>> KeyLookup("k=", "&").values(pl.Series(["k=1&l=2", "l=2&k=3", "k", "&k="])).to_list()
        ['1', '3', None, '']
        """
        return key_values(texts, self.key, self.end)


def key_lookup(pattern: str, group: int) -> KeyLookup | None:
    """The lookup that the pattern is, if its value is the group asked for.

    >>> key_lookup("(&|^)channel_id=([^&]*)", 2)
    KeyLookup(key='channel_id=', end='&')
    """
    found = _FORM.fullmatch(pattern)
    if found is None or group != 2:
        return None
    end = found["end"]
    return KeyLookup(found["key"], end) if end == (found["first"] or found["last"]) else None
