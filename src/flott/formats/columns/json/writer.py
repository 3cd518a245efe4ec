"""Columns into JSON values as Flink writes them: exact decimals, ISO dates, base64, nested rows."""

from __future__ import annotations

import base64
import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

import orjson
import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.java_reals import java_double, java_single
from flott.common.sql_errors import RecordError
from flott.formats.columns.json.reader import check_map_key
from flott.formats.columns.temporal_text import TimestampStandard, format_time, timestamp_writer
from flott.formats.columns.text_numbers import decimal_text

Writer = Callable[[Any], Any]
_BEYOND: Final = re.compile(rb"[\xf0-\xf4]...", re.DOTALL)


class NullKeyMode(Enum):
    """What becomes of an entry of a MAP whose key is NULL: ``map-null-key.mode``."""

    FAIL = "FAIL"
    DROP = "DROP"
    LITERAL = "LITERAL"


@dataclass(frozen=True)
class JsonStyle:
    """How JSON is written.

    Attributes:
        standard: How timestamps are written.
        null_keys: What becomes of NULL keys.
        null_key_literal: What stands for a NULL key under ``LITERAL``.
        plain_decimals: Whether decimals are written with all digits of their type and no exponent.
        omits_nulls: Whether fields that are NULL are left out.
    """

    standard: TimestampStandard = TimestampStandard.SQL
    null_keys: NullKeyMode = NullKeyMode.FAIL
    null_key_literal: str = "null"
    plain_decimals: bool = False
    omits_nulls: bool = False


def json_values(column: pl.Series, data_type: t.DataType, style: JsonStyle) -> list[Any]:
    """The values of a column as ``orjson`` takes them."""
    write = value_writer(data_type, style)
    values = column.to_list()
    if write is None:
        return values
    return [None if value is None else write(value) for value in values]


def value_writer(data_type: t.DataType, style: JsonStyle) -> Writer | None:
    """The function that makes a value ready for ``orjson``; ``None`` if it is ready as it is.

    Raises:
        UnsupportedFeature: If JSON holds no values of the type.
    """
    if isinstance(data_type, _READY):
        return None
    match data_type:
        case t.FloatType():
            return lambda value: _real(value, java_single)
        case t.DoubleType():
            return lambda value: _real(value, java_double)
        case t.DecimalType():
            return _plain_decimal if style.plain_decimals else _decimal
        case t.BinaryType() | t.VarBinaryType():
            return lambda value: base64.b64encode(value).decode("ascii")
        case t.DateType():
            return datetime.date.isoformat
        case t.TimeType():
            return format_time
        case t.TimestampType():
            return timestamp_writer(style.standard, False)
        case t.LocalZonedTimestampType():
            return timestamp_writer(style.standard, True)
    return _nested_writer(data_type, style)


def _nested_writer(data_type: t.DataType, style: JsonStyle) -> Writer:
    match data_type:
        case t.ArrayType():
            write = _nullable(value_writer(data_type.element_type, style))
            return lambda values: [write(each) for each in values]
        case t.MapType():
            return _map_writer(data_type, data_type.key_type, data_type.value_type, style)
        case t.MultisetType():
            return _map_writer(data_type, data_type.element_type, t.IntType(), style)
        case t.RowType():
            return _row_writer(data_type, style)
    raise UnsupportedFeature(f"JSON of type {data_type}")


def _nullable(write: Writer | None) -> Writer:
    if write is None:
        return lambda value: value
    return lambda value: None if value is None else write(value)


def _row_writer(data_type: t.RowType, style: JsonStyle) -> Writer:
    fields = [
        (each.name, _nullable(value_writer(each.data_type, style))) for each in data_type.fields
    ]

    def write(value: dict[str, Any]) -> dict[str, Any]:
        made = {name: write_field(value[name]) for name, write_field in fields}
        return without_nulls(made) if style.omits_nulls else made

    return write


def json_bytes(value: Any) -> bytes:
    """A value as JSON, the characters beyond the first 65,536 as pairs of escapes, as Jackson does.

    >>> print(json_bytes({"a": "é \N{SNOWMAN} \N{PARTY POPPER}"}).decode())
    {"a":"é ☃ \\uD83C\\uDF89"}
    """
    written = orjson.dumps(value)
    return written if written.isascii() else _BEYOND.sub(_escaped_pair, written)


def _escaped_pair(character: re.Match[bytes]) -> bytes:
    pair = character[0].decode().encode("utf-16-be")
    return b"\\u%02X%02X\\u%02X%02X" % tuple(pair)


def without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that are not NULL."""
    return {name: value for name, value in fields.items() if value is not None}


def _map_writer(
    whole: t.DataType, key_type: t.DataType, value_type: t.DataType, style: JsonStyle
) -> Writer:
    check_map_key(whole, key_type)
    write_value = _nullable(value_writer(value_type, style))

    def write(entries: list[dict[str, Any]]) -> dict[str, Any]:
        made = {}
        for entry in entries:
            key = entry["key"]
            if key is None:
                if style.null_keys is NullKeyMode.DROP:
                    continue
                if style.null_keys is NullKeyMode.FAIL:
                    raise RecordError(
                        "JSON has no NULL keys. Set the option 'map-null-key.mode' of the format "
                        "to 'DROP' or 'LITERAL' to write such a map"
                    )
                key = style.null_key_literal
            made[key] = write_value(entry["value"])
        return made

    return write


def _decimal(value: Decimal) -> orjson.Fragment:
    return orjson.Fragment(decimal_text(value, False))


def _plain_decimal(value: Decimal) -> orjson.Fragment:
    return orjson.Fragment(f"{value:f}")


def _real(value: float, text_of: Callable[[float], str]) -> Any:
    text = text_of(value)
    return orjson.Fragment(text) if math.isfinite(value) else text


_READY = (
    t.NullType,
    t.BooleanType,
    t.IntegralType,
    t.CharType,
    t.VarCharType,
    t.YearMonthIntervalType,
    t.DayTimeIntervalType,
)
