"""Functions of strings that Polars has only by way of patterns, or slower."""

from __future__ import annotations

import polars as pl

from flott.kernels import _native
from flott.kernels.columns.frames import to_series


def split_parts(texts: pl.Series, separator: str, index: int) -> pl.Series:
    """The part of each text after ``index`` separators; NULL where there are fewer.

    Raises:
        ValueError: The separator is empty or the index negative.

    >>> split_parts(pl.Series(["a/b", "c", ""]), "/", 1).to_list()
    ['b', None, None]
    """
    return to_series(_native.split_parts(texts.to_frame(), separator, index)).rename(texts.name)


def key_values(texts: pl.Series, key: str, end: str) -> pl.Series:
    """What stands behind ``key`` in each text up to the next ``end``; NULL where the key is not.
    The key stands at the start or behind an ``end``.

    Raises:
        ValueError: The key is empty, or the end not one ASCII character.

    >>> key_values(pl.Series(["k=1&l=2", "l=2&k=3", "ok=1", "k="]), "k=", "&").to_list()
    ['1', '3', None, '']
    """
    return to_series(_native.key_values(texts.to_frame(), key, end)).rename(texts.name)


def count_parts(texts: pl.Series, part: str) -> pl.Series:
    """How often ``part`` stands in each text, without overlaps, as Int32.

    Raises:
        ValueError: The part is empty.

    >>> count_parts(pl.Series(["abcabc", None, ""]), "bc").to_list()
    [2, None, 0]
    """
    return to_series(_native.count_parts(texts.to_frame(), part)).rename(texts.name)


def lower(texts: pl.Series) -> pl.Series:
    """Each text in small letters.

    >>> lower(pl.Series(["Ab", None, "ÄB"])).to_list()
    ['ab', None, 'äb']
    """
    lowered = _native.lower_ascii(texts.to_frame())
    if lowered is None:
        return texts.str.to_lowercase()
    return to_series(lowered).rename(texts.name)
