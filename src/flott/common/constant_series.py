"""A column that holds one value.

``polars.repeat`` goes through Polars' query engine, which costs more than a small batch does.
"""

from __future__ import annotations

from typing import Any

import polars as pl

__all__ = ["constant"]


def constant(value: Any, height: int, dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """``height`` times ``value``.

    Args:
        value: What each row holds.
        height: Number of rows.
        dtype: Type of the column.

    >>> constant(True, 3, pl.Boolean).to_list()
    [True, True, True]
    """
    return pl.Series([value], dtype=dtype).new_from_index(0, height)
