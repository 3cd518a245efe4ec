"""Frames and Python rows as tables of a catalog."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import TypeMismatchError
from flott.common.physical_types import polars_type
from flott.common.types import Row
from flott.connectors.tables.frames import derive_fields, to_frame
from flott.connectors.tables.values import FrameTableSource
from flott.sql.catalog.objects import ColumnDefinition, TableObject

_TYPES: tuple[tuple[type, t.DataType], ...] = (
    (bool, t.BooleanType()),
    (int, t.BigIntType()),
    (float, t.DoubleType()),
    (str, t.STRING),
    (bytes, t.BYTES),
    (bytearray, t.BYTES),
    (Decimal, t.DecimalType(38, 18)),
    (datetime.datetime, t.TimestampType(6)),
    (datetime.date, t.DateType()),
    (datetime.time, t.TimeType(0)),
    (datetime.timedelta, t.DayTimeIntervalType("DAY TO SECOND", 9, 3)),
)


def frame_object(
    data: Any,
    names: Sequence[str] | None = None,
    types: Sequence[t.DataType] | None = None,
) -> TableObject:
    """A table of a Polars, pandas or Arrow frame.

    Args:
        data: the frame.
        names: other names for its columns.
        types: their types, if not those of the frame.

    Raises:
        TypeError: ``data`` is not a frame.
        TypeMismatchError: Values do not fit their types, or there are too few names.
    """
    frame = to_frame(data)
    fields = derive_fields(frame)
    if names is not None:
        if len(names) != len(fields):
            raise TypeMismatchError(f"{len(fields)} names of columns", f"{len(names)} names")
        fields = tuple(replace(each, name=name) for each, name in zip(fields, names, strict=True))
    if types is not None:
        fields = tuple(
            replace(each, data_type=data_type)
            for each, data_type in zip(fields, types, strict=True)
        )
    return _table(frame, fields)


def _table(frame: pl.DataFrame, fields: Sequence[t.RowField]) -> TableObject:
    columns = tuple(ColumnDefinition(each.name, each.data_type) for each in fields)
    return TableObject(columns, source=FrameTableSource(frame, fields))


def rows_object(
    rows: Sequence[Any],
    names: Sequence[str] | None = None,
    types: Sequence[t.DataType] | None = None,
) -> TableObject:
    """A table of Python rows: tuples, lists, dicts, ``Row`` objects, or plain values.

    Args:
        rows: the rows.
        names: names of the columns; those of the rows, else ``_1``, ``_2``, ...
        types: types of the columns; told by the values if not given.

    Raises:
        TypeMismatchError: Rows differ in length, or values do not fit their type.
    """
    if names is None and rows:
        names = _names_of(rows[0])
    values = [_values(row, names) for row in rows]
    width = len(types) if types is not None else len(values[0]) if values else len(names or ())
    for position, each in enumerate(values):
        if len(each) != width:
            raise TypeMismatchError(f"{width} values", f"{len(each)} values", f"row {position}")
    titles = list(names) if names is not None else [f"_{i + 1}" for i in range(width)]
    columns = [[each[position] for each in values] for position in range(width)]
    if types is None:
        types = [infer_type(column) for column in columns]
    series = [
        _series(title, column, data_type)
        for title, column, data_type in zip(titles, columns, types, strict=True)
    ]
    fields = [t.RowField(title, each) for title, each in zip(titles, types, strict=True)]
    return _table(pl.DataFrame(series), fields)


def _names_of(row: Any) -> list[str] | None:
    if isinstance(row, dict):
        return list(row)
    if isinstance(row, Row) and row.get_field_names():
        return list(row.get_field_names())
    return None


def _values(row: Any, names: Sequence[str] | None) -> list[Any]:
    if isinstance(row, dict):
        return [row.get(name) for name in names or row]
    if isinstance(row, tuple | list | Row):
        return list(row)
    return [row]


def infer_type(values: Iterable[Any]) -> t.DataType:
    """The SQL type that holds ``values``.

    >>> str(infer_type([None, 1]))
    'BIGINT'

    Raises:
        TypeMismatchError: They are of different types, or of one that SQL does not know.
    """
    found: t.DataType = t.NullType()
    for value in values:
        if value is None:
            continue
        one = _type_of(value)
        if isinstance(found, t.NullType):
            found = one
        elif {type(found), type(one)} == {t.BigIntType, t.DoubleType}:
            found = t.DoubleType()
        elif found != one and type(found) is not type(one):
            raise TypeMismatchError(str(found), str(one), "rows", "Give the schema.")
    return found


def _type_of(value: Any) -> t.DataType:
    for python_type, data_type in _TYPES:
        if isinstance(value, python_type):
            return data_type
    if isinstance(value, Row | tuple):
        names = value.get_field_names() if isinstance(value, Row) else None
        titles = names or [f"_{i + 1}" for i in range(len(value))]
        fields = zip(titles, value, strict=True)
        return t.RowType(tuple(t.RowField(name, infer_type([each])) for name, each in fields))
    if isinstance(value, dict):
        return t.MapType(infer_type(value.keys()), infer_type(value.values()))
    if isinstance(value, list):
        return t.ArrayType(infer_type(value))
    raise TypeMismatchError("a value that SQL knows", type(value).__name__, "rows")


def _series(name: str, values: Sequence[Any], data_type: t.DataType) -> pl.Series:
    try:
        plain = [_plain(value, data_type) for value in values]
        return pl.Series(name, plain, dtype=polars_type(data_type), strict=True)
    except (TypeError, ValueError, pl.exceptions.PolarsError, OverflowError) as error:
        reason = str(error).split("\n")[0]
        place = f"column {name!r}"
        raise TypeMismatchError(str(data_type), "other values", place, reason) from error


def _plain(value: Any, data_type: t.DataType) -> Any:
    if value is None:
        return None
    match data_type:
        case t.DecimalType():
            unit = Decimal(1).scaleb(-data_type.scale)
            return Decimal(value).quantize(unit)
        case t.DoubleType() | t.FloatType():
            return float(value)
        case t.DayTimeIntervalType():
            return value // datetime.timedelta(milliseconds=1)
        case t.LocalZonedTimestampType():
            aware = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
            return aware.astimezone(datetime.UTC).replace(tzinfo=None)
        case t.RowType():
            cells = value.values() if isinstance(value, dict) else value
            return {
                each.name: _plain(cell, each.data_type)
                for each, cell in zip(data_type, cells, strict=True)
            }
        case t.ArrayType():
            return [_plain(each, data_type.element_type) for each in value]
        case t.MapType():
            return [
                {"key": _plain(a, data_type.key_type), "value": _plain(b, data_type.value_type)}
                for a, b in value.items()
            ]
        case t.BinaryType() | t.VarBinaryType():
            return bytes(value)
    return value
