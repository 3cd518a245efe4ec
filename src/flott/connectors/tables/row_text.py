"""Rows as text, the way Flink's ``print`` connector writes them: ``+I[1, ada, null]``."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any, Final

from flott.common import logical_types as t
from flott.common.java_reals import java_double, java_single
from flott.core.column_batch import ColumnBatch

_KINDS: Final = ("+I", "-U", "+U", "-D")
ValueText = Callable[[Any], str]


def batch_lines(batch: ColumnBatch, types: Sequence[t.DataType]) -> list[str]:
    """One text per row, with the kind of its change in front.

    >>> import polars as pl
    >>> batch = ColumnBatch(pl.DataFrame({"f0": [1, None], "f1": ["a", "b"]}))
    >>> batch_lines(batch, [t.IntType(), t.STRING])
    ['+I[1, a]', '+I[null, b]']
    """
    columns = [
        map(value_text(data_type), column.to_list())
        for column, data_type in zip(batch.frame.iter_columns(), types, strict=True)
    ]
    rows = map(", ".join, zip(*columns, strict=True)) if columns else [""] * batch.row_count
    if batch.kinds is None:
        return [f"+I[{row}]" for row in rows]
    kinds = batch.kinds.to_list()
    return [f"{_KINDS[kind]}[{row}]" for kind, row in zip(kinds, rows, strict=True)]


def value_text(data_type: t.DataType) -> ValueText:
    """The function that writes the values of a type."""
    inner = _writer(data_type)
    return lambda value: "null" if value is None else inner(value)


def _writer(data_type: t.DataType) -> ValueText:
    match data_type:
        case t.BooleanType():
            return lambda value: "true" if value else "false"
        case t.FloatType():
            return java_single
        case t.DoubleType():
            return java_double
        case t.DecimalType():
            return lambda value: format(value, "f")
        case t.BinaryType() | t.VarBinaryType() | t.RawType():
            return lambda value: f"[{', '.join(str(b - 256 if b > 127 else b) for b in value)}]"
        case t.TimeType():
            return _time_text
        case t.TimestampType():
            return _timestamp_text
        case t.LocalZonedTimestampType():
            return lambda value: _timestamp_text(value, True) + "Z"
        case t.YearMonthIntervalType():
            return _months_text
        case t.DayTimeIntervalType():
            return _millis_text
        case t.ArrayType():
            element = value_text(data_type.element_type)
            return lambda value: f"[{', '.join(map(element, value))}]"
        case t.MapType():
            return _map_writer(data_type.key_type, data_type.value_type)
        case t.MultisetType():
            return _map_writer(data_type.element_type, t.IntType())
        case t.RowType():
            return _row_writer(data_type)
    return str


def _row_writer(data_type: t.RowType) -> ValueText:
    fields = [(field.name, value_text(field.data_type)) for field in data_type]

    def write(value: dict[str, Any]) -> str:
        return f"+I[{', '.join(text(value[name]) for name, text in fields)}]"

    return write


def _map_writer(key_type: t.DataType, value_type: t.DataType) -> ValueText:
    key, value = value_text(key_type), value_text(value_type)

    def write(entries: list[dict[str, Any]]) -> str:
        texts = [f"{key(entry['key'])}={value(entry['value'])}" for entry in entries]
        return "{" + ", ".join(texts) + "}"

    return write


def _time_text(value: datetime.time) -> str:
    text = value.strftime("%H:%M")
    if value.second or value.microsecond:
        text += value.strftime(":%S")
    return text + _fraction(value.microsecond)


def _timestamp_text(value: datetime.datetime, has_seconds: bool = False) -> str:
    text = f"{value.year:04d}-{value.month:02d}-{value.day:02d}T{value.hour:02d}:{value.minute:02d}"
    if has_seconds or value.second or value.microsecond:
        text += f":{value.second:02d}"
    return text + _fraction(value.microsecond)


def _fraction(microsecond: int) -> str:
    if not microsecond:
        return ""
    return f".{microsecond // 1000:03d}" if microsecond % 1000 == 0 else f".{microsecond:06d}"


def _months_text(value: int) -> str:
    years, months = divmod(abs(value), 12)
    parts = [f"{years}Y"] * bool(years) + [f"{months}M"] * bool(months)
    return ("-" if value < 0 else "") + "P" + ("".join(parts) or "0D")


def _millis_text(value: int) -> str:
    seconds, millis = divmod(abs(value), 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M")) if count)
    if seconds or millis or not text:
        fraction = f".{millis:03d}".rstrip("0") if millis else ""
        text += f"{seconds}{fraction}S"
    return ("-" if value < 0 else "") + "PT" + text
