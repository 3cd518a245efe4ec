"""Aggregates of BITMAP over lists."""

import polars as pl

from flott.kernels.columns import roaring
from flott.operators.columns.bitmaps import bitmaps


def test_numbers_become_a_bitmap_or_its_cardinality() -> None:
    lists = pl.Series([[3, 1], None, [5]])
    made = bitmaps(lists, "BITMAP_BUILD_AGG").to_list()
    assert made == [roaring.write([1, 3]), None, roaring.write([5])]
    assert bitmaps(lists, "BITMAP_BUILD_CARDINALITY_AGG").to_list() == [2, None, 1]


def test_bitmaps_are_combined() -> None:
    lists = pl.Series(
        [[roaring.write([1, 2]), roaring.write([2, 3])], []], dtype=pl.List(pl.Binary)
    )
    sizes = [bitmaps(lists, f"BITMAP_{kind}_CARDINALITY_AGG")[0] for kind in ("AND", "OR", "XOR")]
    assert sizes == [1, 3, 2]
    assert bitmaps(lists, "BITMAP_OR_AGG").to_list() == [roaring.write([1, 2, 3]), None]
