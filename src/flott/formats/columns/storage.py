"""Columns from Python values: dates and times as the numbers that hold them.

Formats that read value by value give days, microseconds and the like; a column is made of these
numbers first and then told what they mean, which costs nothing and reaches into nested types.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_type

_EXACT: Final = Context(prec=200, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=1024)
def storage_type(column_type: pl.DataType) -> pl.DataType:
    """The type of the numbers behind a column.

    >>> storage_type(pl.List(pl.Datetime("us")))
    List(Int64)
    """
    if isinstance(column_type, pl.Datetime | pl.Time):
        return pl.Int64()
    if isinstance(column_type, pl.Date):
        return pl.Int32()
    if isinstance(column_type, pl.List):
        return pl.List(storage_type(column_type.inner))
    if isinstance(column_type, pl.Struct):
        fields = [pl.Field(each.name, storage_type(each.dtype)) for each in column_type.fields]
        return pl.Struct(fields)
    return column_type


def make_column(values: Sequence[Any], data_type: DataType, name: str) -> pl.Series:
    """A column of ``data_type`` from numbers, texts, decimals, lists and dicts.

    >>> from flott.common.logical_types import DateType
    >>> make_column([0, None], DateType(), "f0").to_list()
    [datetime.date(1970, 1, 1), None]
    """
    wanted = polars_type(data_type)
    stored = storage_type(wanted)
    column = pl.Series(name, values, dtype=stored, strict=True)
    return column if stored == wanted else column.cast(wanted)


def fit_decimal(value: Decimal, precision: int, scale: int) -> Decimal | None:
    """``value`` rounded half up to ``scale`` digits; ``None`` if it has too many before the point.

    >>> fit_decimal(Decimal("1.005"), 3, 2), fit_decimal(Decimal("10"), 3, 2)
    (Decimal('1.01'), None)
    """
    try:
        rounded = value.quantize(Decimal(1).scaleb(-scale), context=_EXACT)
    except InvalidOperation:
        return None
    digits = rounded.as_tuple().digits
    return rounded if len(digits) <= precision or not rounded else None
