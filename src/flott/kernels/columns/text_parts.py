"""Parts of strings between separators."""

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
