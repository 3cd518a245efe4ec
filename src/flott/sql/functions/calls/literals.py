"""Constants: from the values of ``Literal`` to Polars and back."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type

_EPOCH = datetime.datetime(1970, 1, 1)
_NESTED = (t.ArrayType, t.MapType, t.MultisetType, t.RowType)


def literal_expression(value: Any, data_type: t.DataType) -> pl.Expr:
    """``value`` as a Polars constant of the type that holds ``data_type``."""
    target = polars_type(data_type)
    if value is None or isinstance(value, (bool, str, bytes)):
        return pl.lit(value, dtype=target)
    if isinstance(value, int) and isinstance(target, pl.Datetime):
        return pl.lit(value, dtype=pl.Int64).cast(target)
    if isinstance(data_type, _NESTED) or isinstance(target, (pl.Decimal, pl.Time)):
        series = pl.Series("", [column_value(value, data_type)], dtype=target)
        return pl.lit(series).first()
    return pl.lit(value, dtype=target)


def column_value(value: Any, data_type: t.DataType) -> Any:
    """A literal's value as a Polars series takes it."""
    if value is None:
        return None
    match data_type:
        case t.ArrayType():
            return [column_value(each, data_type.element_type) for each in value]
        case t.MapType():
            return [
                {
                    "key": column_value(key, data_type.key_type),
                    "value": column_value(each, data_type.value_type),
                }
                for key, each in value
            ]
        case t.MultisetType():
            element = data_type.element_type
            return [{"key": column_value(key, element), "value": count} for key, count in value]
        case t.RowType():
            pairs = zip(data_type.fields, value, strict=True)
            return {field.name: column_value(each, field.data_type) for field, each in pairs}
        case t.TimeType() if isinstance(value, int):
            return _time_of(value)
    return value


def _time_of(nanoseconds: int) -> datetime.time:
    seconds, rest = divmod(nanoseconds, 10**9)
    return (_EPOCH + datetime.timedelta(seconds=seconds, microseconds=rest // 1000)).time()


def literal_value(series: pl.Series, data_type: t.DataType) -> Any:
    """The first value of ``series`` as a ``Literal`` of ``data_type`` holds it."""
    if series[0] is None:
        return None
    if isinstance(data_type, (t.TimestampType, t.LocalZonedTimestampType)):
        if data_type.precision > 6:
            return int(series.to_physical()[0])
        return series[0]
    return _plain(series.to_list()[0], data_type)


def _plain(value: Any, data_type: t.DataType) -> Any:
    if value is None:
        return None
    match data_type:
        case t.ArrayType():
            return tuple(_plain(each, data_type.element_type) for each in value)
        case t.MapType():
            return tuple(
                (_plain(e["key"], data_type.key_type), _plain(e["value"], data_type.value_type))
                for e in value
            )
        case t.MultisetType():
            return tuple((_plain(e["key"], data_type.element_type), e["value"]) for e in value)
        case t.RowType():
            return tuple(
                _plain(each, field.data_type)
                for field, each in zip(data_type.fields, value.values(), strict=True)
            )
    return value
