"""JSON_OBJECTAGG and JSON_ARRAYAGG: lists of values as JSON text."""

from __future__ import annotations

import base64
import datetime
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import orjson
import polars as pl

from flott.common import logical_types as t
from flott.common.java_reals import java_double
from flott.common.sql_errors import RecordError


def json_object(
    lists: pl.Series, value_type: t.DataType, keeps_nulls: bool, is_json: bool = False
) -> pl.Series:
    """Objects of lists of structs of key and value, by key in the order of Java's strings.

    Args:
        lists: The keys and values.
        value_type: The type of the values.
        keeps_nulls: Whether values may be NULL; else they are left out.
        is_json: Whether the values are JSON already.

    Raises:
        RecordError: A key is NULL, or there twice.
    """
    write = _written if is_json else _writer(value_type)
    texts: list[str] = []
    for pairs in lists.to_list():
        members: dict[str, str] = {}
        for pair in pairs or ():
            if pair is not None and pair["v1"] is None and not keeps_nulls:
                continue
            if pair is None or pair["v0"] is None:
                raise RecordError("JSON_OBJECTAGG: a key is NULL")
            if pair["v0"] in members:
                raise RecordError(f"JSON_OBJECTAGG: the key '{pair['v0']}' is there twice")
            members[pair["v0"]] = write(pair["v1"])
        ordered = sorted(members.items(), key=lambda member: member[0].encode("utf-16-be"))
        texts.append("{" + ",".join(f"{_text(key)}:{value}" for key, value in ordered) + "}")
    return pl.Series(values=texts, dtype=pl.String)


def json_array(lists: pl.Series, data_type: t.DataType, is_json: bool = False) -> pl.Series:
    """Arrays of lists of values, which may be JSON already."""
    write = _written if is_json else _writer(data_type)
    texts = ["[" + ",".join(map(write, values or ())) + "]" for values in lists.to_list()]
    return pl.Series(values=texts, dtype=pl.String)


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _written(value: str | None) -> str:
    return "null" if value is None else value


def _writer(data_type: t.DataType) -> Callable[[Any], str]:
    """Writes values of a type; NULL is ``null``."""
    write = _writer_of_values(data_type)
    return lambda value: "null" if value is None else write(value)


def _writer_of_values(data_type: t.DataType) -> Callable[[Any], str]:
    match data_type:
        case t.DecimalType():
            return str
        case t.FloatType() | t.DoubleType():
            return _real
        case t.ArrayType():
            element = _writer(data_type.element_type)
            return lambda values: _array(map(element, values))
        case t.MapType() | t.MultisetType():
            return _map_writer(data_type)
        case t.RowType():
            fields = [(field.name, _writer(field.data_type)) for field in data_type]
            return lambda row: _object((name, write(row[name])) for name, write in fields)
        case t.TimestampType() | t.LocalZonedTimestampType():
            return lambda value: _text(_timestamp(value, data_type))
        case t.DateType() | t.TimeType():
            return lambda value: _text(value.isoformat())
        case t.BinaryType() | t.VarBinaryType():
            return lambda value: _text(base64.b64encode(value).decode())
    return _text


def _map_writer(data_type: t.MapType | t.MultisetType) -> Callable[[Any], str]:
    value = _writer(data_type.value_type if isinstance(data_type, t.MapType) else t.IntType())
    return lambda entries: _object((str(each["key"]), value(each["value"])) for each in entries)


def _real(value: float) -> str:
    """A number as Java's ``BigDecimal`` writes it.

    >>> _real(5.0), _real(1.7e308)
    ('5.0', '1.7E+308')
    """
    return str(Decimal(java_double(value))) if math.isfinite(value) else _text(value)


def _array(values: Iterable[str]) -> str:
    return "[" + ",".join(values) + "]"


def _object(members: Iterable[tuple[str, str]]) -> str:
    return "{" + ",".join(f"{_text(name)}:{value}" for name, value in members) + "}"


def _timestamp(
    value: datetime.datetime, data_type: t.TimestampType | t.LocalZonedTimestampType
) -> str:
    text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
    whole, _, fraction = text.partition(".")
    fraction = fraction[: data_type.precision].rstrip("0")
    text = f"{whole}.{fraction}" if fraction else whole
    return text + "Z" if isinstance(data_type, t.LocalZonedTimestampType) else text
