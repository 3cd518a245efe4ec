"""Frames from the program as tables: Polars, pandas or Arrow in, columns of SQL types out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import TypeMismatchError, UnsupportedFeature
from flott.common.physical_types import polars_schema

_INTEGERS: dict[type[pl.DataType], t.DataType] = {
    pl.Int8: t.TinyIntType(),
    pl.Int16: t.SmallIntType(),
    pl.Int32: t.IntType(),
    pl.Int64: t.BigIntType(),
    pl.UInt8: t.SmallIntType(),
    pl.UInt16: t.IntType(),
    pl.UInt32: t.BigIntType(),
    pl.UInt64: t.DecimalType(20, 0),
    pl.Int128: t.DecimalType(38, 0),
}
_OTHERS: dict[type[pl.DataType], t.DataType] = {
    pl.Boolean: t.BooleanType(),
    pl.Float32: t.FloatType(),
    pl.Float64: t.DoubleType(),
    pl.String: t.STRING,
    pl.Categorical: t.STRING,
    pl.Enum: t.STRING,
    pl.Binary: t.BYTES,
    pl.Date: t.DateType(),
    pl.Time: t.TimeType(0),
    pl.Duration: t.DayTimeIntervalType("DAY TO SECOND", 9, 3),
    pl.Null: t.NullType(),
}
_DIGITS = {"ms": 3, "us": 6, "ns": 9}


def to_frame(data: Any) -> pl.DataFrame:
    """A Polars frame of a Polars, pandas or Arrow table.

    Raises:
        TypeError: If ``data`` is nothing of that kind.

    >>> to_frame(pl.DataFrame({"a": [1]}).lazy()).shape
    (1, 1)
    """
    if isinstance(data, pl.DataFrame):
        return data
    if isinstance(data, pl.LazyFrame):
        return data.collect()
    if isinstance(data, pl.Series):
        return data.to_frame()
    root = type(data).__module__.partition(".")[0]
    if root == "pandas":
        return pl.from_pandas(data)
    if root == "pyarrow" or hasattr(data, "__arrow_c_stream__"):
        return pl.DataFrame(data)
    raise TypeError(
        f"Expected a Polars, pandas or Arrow table, found {type(data).__name__}. "
        "Make a frame of it first, for example polars.DataFrame(rows)."
    )


def derive_type(column_type: pl.DataType) -> t.DataType:
    """The SQL type of a frame's column.

    Raises:
        UnsupportedFeature: If no SQL type holds its values.

    >>> str(derive_type(pl.List(pl.UInt8())))
    'ARRAY<SMALLINT>'
    """
    base = type(column_type)
    found = _INTEGERS.get(base) or _OTHERS.get(base)
    if found is not None:
        return found
    if isinstance(column_type, pl.Decimal):
        return t.DecimalType(column_type.precision or 38, column_type.scale or 0)
    if isinstance(column_type, pl.Datetime):
        digits = _DIGITS[column_type.time_unit]
        if column_type.time_zone is None:
            return t.TimestampType(digits)
        return t.LocalZonedTimestampType(digits)
    if isinstance(column_type, pl.List | pl.Array):
        return t.ArrayType(derive_type(column_type.inner))  # type: ignore[arg-type]
    if isinstance(column_type, pl.Struct):
        fields = [t.RowField(field.name, derive_type(field.dtype)) for field in column_type.fields]  # type: ignore[arg-type]
        return t.RowType(tuple(fields))
    raise UnsupportedFeature(f"a column of type {column_type}")


def derive_fields(frame: pl.DataFrame) -> tuple[t.RowField, ...]:
    """Names and SQL types of a frame's columns.

    >>> [str(field) for field in derive_fields(pl.DataFrame({"id": [1], "name": ["a"]}))]
    ['`id` BIGINT', '`name` STRING']
    """
    return tuple(
        t.RowField(name, derive_type(column_type)) for name, column_type in frame.schema.items()
    )


def to_columns(frame: pl.DataFrame, types: Sequence[t.DataType]) -> pl.DataFrame:
    """The frame's columns as the engine holds them: named by position, of physical types.

    Raises:
        TypeMismatchError: If values do not fit their declared type.

    >>> to_columns(pl.DataFrame({"a": [1]}), [t.TinyIntType()]).dtypes
    [Int8]
    """
    schema = polars_schema(types)
    if len(schema) != frame.width:
        raise TypeMismatchError(f"{len(schema)} columns", f"a frame of {frame.width} columns")
    columns = []
    for column, (name, wanted), data_type in zip(
        frame.iter_columns(), schema.items(), types, strict=True
    ):
        columns.append(_converted(column, data_type, wanted).alias(name))
    if not columns:
        return pl.DataFrame(height=frame.height)
    return pl.DataFrame(columns)


def _converted(column: pl.Series, data_type: t.DataType, wanted: pl.DataType) -> pl.Series:
    if column.dtype == wanted:
        return column
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if isinstance(column.dtype, pl.Duration):
        column = column.dt.total_milliseconds()
    try:
        return column.cast(wanted)
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n")[0]
        raise TypeMismatchError(
            str(data_type), str(column.dtype), f"column {column.name!r}", reason
        ) from error


def pick_columns(frame: pl.DataFrame, positions: Sequence[int]) -> pl.DataFrame:
    """Some columns of a batch as a batch; keeps the number of rows where there are none.

    >>> pick_columns(pl.DataFrame({"f0": [1], "f1": [2]}), [1]).to_dict(as_series=False)
    {'f0': [2]}
    """
    if not positions:
        return pl.DataFrame(height=frame.height)
    columns = frame.get_columns()
    return pl.DataFrame([columns[at].alias(f"f{i}") for i, at in enumerate(positions)])
