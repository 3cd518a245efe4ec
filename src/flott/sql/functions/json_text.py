"""JSON text in and out, as Jackson reads and writes it, on which Flink stands."""

from __future__ import annotations

import base64
import datetime
import json
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from flott.common import logical_types as t
from flott.common.java_reals import java_double

#: What a text gives that is not JSON.
BROKEN: Final = object()


class RawJson(str):
    """Text that is JSON already, to be put into a document as it is."""

    __slots__ = ()


@lru_cache(maxsize=4096)
def read_json(text: str) -> Any:
    """The document in ``text``; ``BROKEN`` if it is not one.

    >>> read_json('{"a": [1, null]}')
    {'a': [1, None]}
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=Decimal)
    except (ValueError, RecursionError):
        return BROKEN


@lru_cache(maxsize=4096)
def read_beginning(text: str) -> Any:
    """The document that ``text`` begins with, whatever follows; ``BROKEN`` if there is none.

    >>> read_beginning('{"a": 1} and more')
    {'a': 1}
    """
    try:
        return _BEGINNING.raw_decode(text.lstrip(" \t\r\n"))[0]
    except (ValueError, RecursionError):
        return BROKEN


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")


_BEGINNING: Final = json.JSONDecoder(parse_constant=_refuse, parse_float=Decimal)


def write_json(value: Any) -> str:
    """``value`` as compact JSON.

    >>> write_json({"a": [1, 2.0, "x", None]})
    '{"a":[1,2.0,"x",null]}'
    """
    match value:
        case RawJson():
            return str(value)
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case float():
            return json_double(value)
        case int() | Decimal():
            return str(value) if value else str(abs(value))
        case dict():
            parts = (f"{write_json(str(key))}:{write_json(each)}" for key, each in value.items())
            return "{" + ",".join(parts) + "}"
        case list() | tuple():
            return "[" + ",".join(map(write_json, value)) + "]"
    raise TypeError(f"{type(value).__name__} has no JSON")


def json_double(value: float) -> str:
    """A double as Jackson writes it: the shortest digits as a decimal.

    >>> json_double(1e20), json_double(0.0001), json_double(1000.0)
    ('1.0E+20', '0.00010', '1000.0')
    """
    if value != value or value in (float("inf"), float("-inf")):
        return f'"{java_double(value)}"'
    return str(Decimal(java_double(value))) if value else "0.0"


def to_json_value(value: Any, data_type: t.DataType) -> Any:
    """A value of a column as a value of a document."""
    if value is None:
        return None
    match data_type:
        case t.BinaryType() | t.VarBinaryType():
            return base64.b64encode(value).decode()
        case t.FloatType():
            return RawJson(json_double(value))
        case t.TimestampType() | t.LocalZonedTimestampType():
            return _stamp(value, isinstance(data_type, t.LocalZonedTimestampType))
        case t.VariantType():
            return RawJson(value)
        case t.ArrayType():
            return [to_json_value(each, data_type.element_type) for each in value]
        case t.MapType():
            pairs = [(each["key"], each["value"]) for each in value]
            return _in_order({str(k): to_json_value(v, data_type.value_type) for k, v in pairs})
        case t.RowType():
            fields = [(each.name, each.data_type) for each in data_type]
            return _in_order({name: to_json_value(value[name], kind) for name, kind in fields})
    return value


def _in_order(members: dict[str, Any]) -> dict[str, Any]:
    """Objects made of maps and rows have their keys in order."""
    return dict(sorted(members.items()))


def _stamp(value: datetime.datetime, is_zoned: bool) -> str:
    text = value.isoformat(timespec="microseconds").rstrip("0").rstrip(".")
    return f"{text}Z" if is_zoned else text


def has_json(data_type: t.DataType) -> bool:
    """Whether values of the type can stand in a document."""
    match data_type:
        case t.ArrayType():
            return has_json(data_type.element_type)
        case t.MapType():
            return isinstance(data_type.key_type, t.CharType | t.VarCharType) and has_json(
                data_type.value_type
            )
        case t.RowType():
            return all(has_json(field.data_type) for field in data_type)
    return isinstance(
        data_type,
        t.NullType
        | t.BooleanType
        | t.NumericType
        | t.CharType
        | t.VarCharType
        | t.BinaryType
        | t.VarBinaryType
        | t.TimestampType
        | t.LocalZonedTimestampType
        | t.VariantType,
    )
