"""Columns that hold one value."""

import polars as pl
import pytest

from flott.common.constant_series import constant


@pytest.mark.parametrize("height", [0, 1, 5])
@pytest.mark.parametrize(
    ("value", "dtype"),
    [(7, pl.Int64), (None, pl.Int8), ("a", pl.String), (True, pl.Boolean), ([1], pl.List(pl.Int8))],
)
def test_every_row_holds_the_value(height, value, dtype):
    column = constant(value, height, dtype)

    assert column.dtype == dtype
    assert column.to_list() == [value] * height
