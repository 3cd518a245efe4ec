"""Collected rows as a frame: changes applied, columns of the types that the query has."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.common.types import Row, RowKind

if TYPE_CHECKING:
    import polars as pl

_REMOVED = (RowKind.UPDATE_BEFORE, RowKind.DELETE)


def final_rows(changes: Iterable[Row]) -> list[Row]:
    """The table that changes leave behind, in the order in which its rows first came.

    >>> kept = final_rows([Row(1), Row(2)])
    >>> len(kept)
    2
    """
    rows: dict[int, Row] = {}
    places: dict[Any, list[int]] = {}
    for number, row in enumerate(changes):
        key = _key(list(row))
        if row.get_row_kind() in _REMOVED:
            found = places.get(key)
            if found:
                rows.pop(found.pop())
        else:
            rows[number] = row
            places.setdefault(key, []).append(number)
    return list(rows.values())


def _key(value: Any) -> Any:
    if isinstance(value, Row):
        value = list(value)
    if isinstance(value, list):
        return tuple(_key(each) for each in value)
    if isinstance(value, dict):
        return frozenset((_key(a), _key(b)) for a, b in value.items())
    return bytes(value) if isinstance(value, bytearray) else value


def frame_of(
    changes: Iterable[Row], names: Sequence[str], types: Sequence[t.DataType]
) -> pl.DataFrame:
    """The table that changes leave behind as a Polars frame."""
    import polars as pl

    rows = final_rows(changes)
    columns = []
    seen: dict[str, int] = {}
    for position, (name, data_type) in enumerate(zip(names, types, strict=True)):
        seen[name] = seen.get(name, -1) + 1
        title = name if seen[name] == 0 else f"{name}_{seen[name]}"
        values = [_plain(row[position], data_type) for row in rows]
        columns.append(pl.Series(title, values, dtype=_frame_type(data_type), strict=False))
    return pl.DataFrame(columns)


def _frame_type(data_type: t.DataType) -> Any:
    import polars as pl

    match data_type:
        case t.LocalZonedTimestampType():
            return pl.Datetime("us", "UTC")
        case t.DayTimeIntervalType():
            return pl.Duration("ms")
    return polars_type(data_type)


def _plain(value: Any, data_type: t.DataType) -> Any:
    """``value`` in the form that a column of ``polars_type`` is made from."""
    if value is None:
        return None
    match data_type:
        case t.LocalZonedTimestampType():
            return value.astimezone(datetime.UTC)
        case t.RowType():
            pairs = zip(data_type, value, strict=True)
            return {field.name: _nested(each, field.data_type) for field, each in pairs}
        case t.ArrayType():
            return [_nested(each, data_type.element_type) for each in value]
        case t.MapType():
            return _entries(value, data_type.key_type, data_type.value_type)
        case t.MultisetType():
            return _entries(value, data_type.element_type, t.IntType())
    return value


def _nested(value: Any, data_type: t.DataType) -> Any:
    """A value inside of another: its column holds instants and intervals as plain numbers."""
    if value is None:
        return None
    match data_type:
        case t.LocalZonedTimestampType():
            return value.astimezone(datetime.UTC).replace(tzinfo=None)
        case t.DayTimeIntervalType():
            return value // datetime.timedelta(milliseconds=1)
    return _plain(value, data_type)


def _entries(value: Any, key: t.DataType, item: t.DataType) -> list[dict[str, Any]]:
    pairs = value.items() if isinstance(value, dict) else value
    return [{"key": _nested(a, key), "value": _nested(b, item)} for a, b in pairs]
