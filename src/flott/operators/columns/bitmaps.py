"""Aggregates of BITMAP: lists of numbers or bitmaps as one bitmap each, or as its cardinality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from flott.kernels.columns import roaring


def bitmaps(lists: pl.Series, function: str) -> pl.Series:
    """The results of an aggregate; NULL for an empty list.

    Args:
        lists: For each group its numbers (``BUILD``) or bitmaps.
        function: ``BITMAP_OR_AGG``, ``BITMAP_BUILD_CARDINALITY_AGG``, ...
    """
    kind, *counted, _ = function.removeprefix("BITMAP_").split("_")
    make: Callable[[Any], bytes] = roaring.write
    if kind != "BUILD":

        def make(values: Any) -> bytes:
            return roaring.combined(values, kind)

    results = [make(values) if values else None for values in lists.to_list()]
    if not counted:
        return pl.Series(values=results, dtype=pl.Binary)
    sizes = [None if each is None else roaring.cardinality(each) for each in results]
    return pl.Series(values=sizes, dtype=pl.Int64)
