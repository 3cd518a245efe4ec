"""Doubles as numbers of other types."""

from decimal import Decimal

import polars as pl

from flott.common import logical_types as t
from flott.operators.columns.narrowing import narrowed


def test_whole_numbers_end_at_their_bounds() -> None:
    values = pl.Series([0.5, -1.9, 1e30, -1e30, float("nan"), None])
    assert narrowed(values, t.IntType()).to_list() == [0, -1, 2**31 - 1, -(2**31), 0, None]


def test_short_types_wrap_around() -> None:
    values = pl.Series([129.5, float("inf"), float("-inf")])
    assert narrowed(values, t.TinyIntType()).to_list() == [-127, -1, 0]


def test_decimals_are_rounded_and_null_beyond_their_digits() -> None:
    values = pl.Series([0.7071067811865476, 0.125, 1e9, float("inf")])
    found = narrowed(values, t.DecimalType(5, 2)).to_list()
    assert found == [Decimal("0.71"), Decimal("0.13"), None, None]
