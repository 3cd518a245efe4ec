"""Which column holds a SQL type: the one table from logical types to Polars types.

=====================  ===========================================================
SQL                    column
=====================  ===========================================================
TINYINT .. BIGINT      Int8 .. Int64
DECIMAL(p, s)          Decimal(38, s)
FLOAT, DOUBLE          Float32, Float64
CHAR, VARCHAR          String
BINARY, VARBINARY      Binary
DATE                   Date
TIME                   Time
TIMESTAMP, _LTZ        Datetime('us') up to 6 digits, else Datetime('ns'); LTZ in UTC
INTERVAL .. MONTH      Int32, months
INTERVAL DAY ..        Int64, milliseconds
ARRAY                  List
MAP                    List(Struct(key, value)), sorted by nothing: as written
MULTISET               List(Struct(key, value)), value a count in Int32
ROW                    Struct with the fields' names
NULL                   Null
RAW                    Binary (pickled)
BITMAP                 Binary (a 32-bit Roaring bitmap)
VARIANT                String (JSON, as ``PARSE_JSON`` writes it)
=====================  ===========================================================

Columns of a batch have no names of their own: they are called ``f0``, ``f1``, ... by position.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature

if TYPE_CHECKING:
    import polars as pl


@lru_cache(maxsize=256)
def column_names(count: int) -> tuple[str, ...]:
    """The names of the columns of a batch of ``count`` columns.

    >>> column_names(3)
    ('f0', 'f1', 'f2')
    """
    return tuple(f"f{position}" for position in range(count))


def column_name(position: int) -> str:
    """The name of the column at ``position``."""
    return f"f{position}"


@lru_cache(maxsize=1024)
def polars_type(data_type: t.DataType) -> pl.DataType:
    """The Polars type of the column that holds ``data_type``.

    Raises:
        UnsupportedFeature: No column holds the type.
    """
    import polars as pl

    simple = _simple_types().get(type(data_type))
    if simple is not None:
        return simple
    match data_type:
        case t.DecimalType():
            return pl.Decimal(38, data_type.scale)
        case t.TimestampType() | t.LocalZonedTimestampType():
            return pl.Datetime("us" if data_type.precision <= 6 else "ns")
        case t.ArrayType():
            return pl.List(polars_type(data_type.element_type))
        case t.MapType():
            return _entries(polars_type(data_type.key_type), polars_type(data_type.value_type))
        case t.MultisetType():
            return _entries(polars_type(data_type.element_type), pl.Int32())
        case t.RowType():
            return pl.Struct(
                [pl.Field(field.name, polars_type(field.data_type)) for field in data_type]
            )
    raise UnsupportedFeature(f"columns of type {data_type}")


def _entries(key: pl.DataType, value: pl.DataType) -> pl.DataType:
    import polars as pl

    return pl.List(pl.Struct([pl.Field("key", key), pl.Field("value", value)]))


@lru_cache(maxsize=1)
def _simple_types() -> dict[type[t.DataType], pl.DataType]:
    import polars as pl

    return {
        t.NullType: pl.Null(),
        t.BooleanType: pl.Boolean(),
        t.TinyIntType: pl.Int8(),
        t.SmallIntType: pl.Int16(),
        t.IntType: pl.Int32(),
        t.BigIntType: pl.Int64(),
        t.FloatType: pl.Float32(),
        t.DoubleType: pl.Float64(),
        t.CharType: pl.String(),
        t.VarCharType: pl.String(),
        t.BinaryType: pl.Binary(),
        t.VarBinaryType: pl.Binary(),
        t.DateType: pl.Date(),
        t.TimeType: pl.Time(),
        t.YearMonthIntervalType: pl.Int32(),
        t.DayTimeIntervalType: pl.Int64(),
        t.RawType: pl.Binary(),
        t.BitmapType: pl.Binary(),
        t.VariantType: pl.String(),
    }


def polars_schema(types: Sequence[t.DataType]) -> dict[str, pl.DataType]:
    """The schema of a batch with columns of ``types``, in order."""
    return {column_name(i): polars_type(data_type) for i, data_type in enumerate(types)}


def with_whole_nanoseconds(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame, its timestamps of nanoseconds as whole numbers since 1970: as values of Python
    they would lose what is beyond microseconds."""
    changed = {name: _whole(each) for name, each in frame.schema.items()}
    changed = {name: each for name, each in changed.items() if each != frame.schema[name]}
    return frame.cast(changed) if changed else frame  # type: ignore[arg-type]


def _whole(dtype: pl.DataType) -> pl.DataType:
    import polars as pl

    match dtype:
        case pl.Datetime(time_unit="ns"):
            return pl.Int64()
        case pl.List():
            return pl.List(_whole(dtype.inner))  # type: ignore[arg-type]
        case pl.Struct():
            return pl.Struct([pl.Field(each.name, _whole(each.dtype)) for each in dtype.fields])  # type: ignore[arg-type]
    return dtype
