"""Collected rows to ``Row`` objects with Python values.

The engine sends ``(kind, values)`` as Polars gives them; a converter for each column turns maps
into dicts, nested rows into ``Row`` objects, instants into times of the session's zone. Columns
that need nothing have no converter.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from flott.common import logical_types as t
from flott.common.types import Row, restore_row
from flott.table.precise_time import precise_time

Converter = Callable[[Any], Any]
#: Digits of a second that Python's moments have.
_MICROSECONDS = 6


def row_maker(
    names: Sequence[str], types: Sequence[t.DataType], zone: str
) -> Callable[[tuple[int, Sequence[Any]]], Row]:
    """A function from ``(kind, values)`` to a row with names."""
    fields = tuple(names)
    converters = [
        (position, convert)
        for position, convert in enumerate(converter(each, zone) for each in types)
        if convert is not None
    ]

    def make(collected: tuple[int, Sequence[Any]]) -> Row:
        kind, values = collected
        cells = list(values)
        for position, convert in converters:
            if cells[position] is not None:
                cells[position] = convert(cells[position])
        return restore_row(cells, fields, kind)

    return make


def rows_of(
    collected: Iterable[tuple[int, Sequence[Any]]],
    names: Sequence[str],
    types: Sequence[t.DataType],
    zone: str,
) -> Iterator[Row]:
    """The rows of what was collected."""
    return map(row_maker(names, types, zone), collected)


def converter(data_type: t.DataType, zone: str) -> Converter | None:
    """What turns a value of ``data_type`` into its Python form; ``None`` if it is that already."""
    match data_type:
        case t.TimestampType() if data_type.precision > _MICROSECONDS:
            return precise_time
        case t.LocalZonedTimestampType() if data_type.precision > _MICROSECONDS:
            home = time_zone(zone)
            return lambda value: precise_time(value, home)
        case t.LocalZonedTimestampType():
            local = time_zone(zone)
            return lambda value: value.replace(tzinfo=datetime.UTC).astimezone(local)
        case t.DayTimeIntervalType():
            return _interval
        case t.DecimalType():
            return _decimal(data_type.scale)
        case t.ArrayType():
            return _array(converter(data_type.element_type, zone))
        case t.MapType():
            return _mapping(converter(data_type.key_type, zone), data_type.value_type, zone)
        case t.MultisetType():
            return _mapping(converter(data_type.element_type, zone), t.IntType(), zone)
        case t.RowType():
            return _row(data_type, zone)
        case t.RawType():
            import cloudpickle

            load: Converter = cloudpickle.loads
            return load
    return None


def time_zone(zone: str) -> datetime.tzinfo:
    """The zone of a name or offset.

    >>> time_zone("+05:30").utcoffset(None)
    datetime.timedelta(seconds=19800)
    """
    text = zone.removeprefix("GMT").removeprefix("UTC")
    if text[:1] in ("+", "-"):
        hours, _, minutes = text[1:].partition(":")
        offset = datetime.timedelta(hours=int(hours), minutes=int(minutes or 0))
        return datetime.timezone(-offset if text[0] == "-" else offset)
    return zoneinfo.ZoneInfo(zone)


def _interval(value: int | datetime.timedelta) -> datetime.timedelta:
    if isinstance(value, datetime.timedelta):
        return value
    return datetime.timedelta(milliseconds=value)


def _decimal(scale: int) -> Converter:
    unit = Decimal(1).scaleb(-scale)

    def convert(value: Any) -> Decimal:
        number = value if isinstance(value, Decimal) else Decimal(value)
        exponent = number.as_tuple().exponent
        return number if exponent == -scale else number.quantize(unit)

    return convert


def _array(convert: Converter | None) -> Converter | None:
    if convert is None:
        return None
    return lambda values: [None if each is None else convert(each) for each in values]


def _mapping(key: Converter | None, value_type: t.DataType, zone: str) -> Converter:
    value = converter(value_type, zone)

    def convert(entries: Any) -> Any:
        pairs = [(_apply(key, entry["key"]), _apply(value, entry["value"])) for entry in entries]
        try:
            return dict(pairs)
        except TypeError:  # a key of lists or rows
            return pairs

    return convert


def _apply(convert: Converter | None, value: Any) -> Any:
    return value if convert is None or value is None else convert(value)


def _row(data_type: t.RowType, zone: str) -> Converter:
    names = tuple(data_type.field_names())
    converters = [converter(each, zone) for each in data_type.field_types()]

    def convert(value: Any) -> Row:
        cells = value.values() if isinstance(value, dict) else value
        pairs = zip(converters, cells, strict=True)
        return restore_row([_apply(each, cell) for each, cell in pairs], names)

    return convert
