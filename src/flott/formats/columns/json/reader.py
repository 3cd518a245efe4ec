"""JSON values into what columns hold, by Flink's rules.

A number or a text may stand for most types; whatever a field cannot take is an error, or NULL
where parse errors are ignored, at every level of nesting. Numbers with a fraction arrive as the
text they were, so that decimals are exact and strings show what was written.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.java_reals import java_double
from flott.formats.columns.storage import fit_decimal
from flott.formats.columns.temporal_text import (
    TimestampStandard,
    parse_date,
    parse_time,
    timestamp_parser,
)

Reader = Callable[[Any], Any]

_whole = re.compile(r"[+-]?\d+").fullmatch
_half_escape: Final = re.compile(r"\\u[dD][89a-fA-F]").search
_real = re.compile(r"[+-]?(?:NaN|Infinity|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?").fullmatch


class NumberText(str):
    """A JSON number with a fraction or exponent, as it was written."""

    __slots__ = ()


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


_decoder: Final = json.JSONDecoder(parse_float=NumberText, parse_constant=_refuse_constant)


def parse_json(text: str) -> Any:
    """A JSON value, its fractional numbers as ``NumberText``.

    Raises:
        ValueError: If ``text`` is not JSON.

    >>> parse_json('{"a": 1.50}')
    {'a': '1.50'}
    """
    try:
        value = _decoder.decode(text)
        return _without_halves(value) if _half_escape(text) else value
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at character {error.pos + 1}") from None
    except RecursionError:
        raise ValueError("no JSON that can be read: nested too deeply") from None


def _without_halves(value: Any) -> Any:
    """The value with a ``?`` for each half of a character that stands alone, as Java writes it."""
    if isinstance(value, NumberText):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [_without_halves(each) for each in value]
    if isinstance(value, dict):
        return {_without_halves(key): _without_halves(each) for key, each in value.items()}
    return value


@dataclass(frozen=True)
class JsonRules:
    """How JSON is read.

    Attributes:
        fails_on_missing: Whether a row must have all fields.
        ignores_errors: Whether a field that cannot be read is NULL, and a row that cannot is left
            out.
        standard: How timestamps are written.
        is_by_token: Whether messages are read token by token; see ``json_places``.
    """

    fails_on_missing: bool = False
    ignores_errors: bool = False
    standard: TimestampStandard = TimestampStandard.SQL
    is_by_token: bool = False


def nullable_reader(data_type: t.DataType, rules: JsonRules) -> Reader:
    """The function that reads values of a type; NULL is ``None``.

    Raises:
        UnsupportedFeature: If JSON holds no values of the type.
    """
    read = _reader(data_type, rules)
    if not rules.ignores_errors:
        return lambda value: None if value is None else read(value)

    def read_or_ignore(value: Any) -> Any:
        if value is None:
            return None
        try:
            return read(value)
        except (ValueError, TypeError):
            return None

    return read_or_ignore


def field_readers(fields: Mapping[str, t.DataType], rules: JsonRules) -> list[tuple[str, Reader]]:
    """The readers of several fields, by name."""
    return [(name, nullable_reader(each, rules)) for name, each in fields.items()]


def read_fields(value: Any, readers: list[tuple[str, Reader]], rules: JsonRules) -> list[Any]:
    """The fields of a JSON object in order.

    Raises:
        ValueError: It is not an object, or a field is missing or wrong; names the field.
    """
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, found {shown(value)}")
    values: list[Any] = []
    get = value.get
    for name, read in readers:
        found = get(name)
        if found is None:
            if rules.fails_on_missing and name not in value:
                raise ValueError(f"column {name!r} is missing")
            values.append(None)
            continue
        try:
            values.append(read(found))
        except (ValueError, TypeError) as error:
            raise ValueError(f"column {name!r}: {error}") from None
    return values


def shown(value: Any) -> str:
    """A JSON value for messages."""
    text = json_text(value)
    return text if len(text) <= 80 else text[:77] + "..."


def json_text(value: Any) -> str:
    """A JSON value without spaces, as Jackson writes a tree.

    >>> json_text({"a": [1, None, "x"], "b": NumberText("1.50")})
    '{"a":[1,null,"x"],"b":1.5}'
    """
    try:
        return _json_text(value)
    except RecursionError:
        raise ValueError("no JSON that can be read: nested too deeply") from None


def _json_text(value: Any) -> str:
    if isinstance(value, NumberText):
        return java_double(float(value))
    if isinstance(value, dict):
        parts = [f"{json.dumps(k, ensure_ascii=False)}:{_json_text(v)}" for k, v in value.items()]
        return "{" + ",".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str:
    """A scalar as the text that stands in the file."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str | int):
        return str(value)
    raise ValueError(f"expected a single value, found {shown(value)}")


def _reader(data_type: t.DataType, rules: JsonRules) -> Reader:
    simple = _SIMPLE.get(type(data_type))
    if simple is not None:
        return simple
    match data_type:
        case t.DecimalType():
            return _decimal_reader(data_type)
        case t.TimestampType() | t.LocalZonedTimestampType():
            zoned = isinstance(data_type, t.LocalZonedTimestampType)
            parse = timestamp_parser(rules.standard, zoned, data_type.precision)
            return lambda value: parse(_text(value))
        case t.ArrayType():
            return _array_reader(nullable_reader(data_type.element_type, rules))
        case t.MapType():
            return _map_reader(data_type, data_type.key_type, data_type.value_type, rules)
        case t.MultisetType():
            return _map_reader(data_type, data_type.element_type, t.IntType(), rules)
        case t.RowType():
            return _row_reader(data_type, rules)
    raise UnsupportedFeature(f"JSON of type {data_type}")


def _array_reader(read: Reader) -> Reader:
    def read_array(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise ValueError(f"expected a JSON array, found {shown(value)}")
        return [read(each) for each in value]

    return read_array


def _map_reader(
    whole: t.DataType, key_type: t.DataType, value_type: t.DataType, rules: JsonRules
) -> Reader:
    check_map_key(whole, key_type)
    read = nullable_reader(value_type, rules)

    def read_map(value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, dict):
            raise ValueError(f"expected a JSON object, found {shown(value)}")
        return [{"key": key, "value": read(each)} for key, each in value.items()]

    return read_map


def check_map_key(whole: t.DataType, key_type: t.DataType) -> None:
    """Refuse a MAP or MULTISET whose keys are not texts.

    Raises:
        UnsupportedFeature: Always then.
    """
    if not isinstance(key_type, t.CharType | t.VarCharType):
        raise UnsupportedFeature(
            f"JSON of type {whole}", reason="Keys of JSON objects are texts only."
        )


def _row_reader(data_type: t.RowType, rules: JsonRules) -> Reader:
    names = data_type.field_names()
    readers = field_readers({each.name: each.data_type for each in data_type}, rules)

    def read_row(value: Any) -> dict[str, Any]:
        return dict(zip(names, read_fields(value, readers, rules), strict=True))

    return read_row


def _decimal_reader(data_type: t.DecimalType) -> Reader:
    precision, scale = data_type.precision, data_type.scale

    def read_decimal(value: Any) -> Decimal | None:
        if isinstance(value, bool):
            raise ValueError(f"expected a number, found {shown(value)}")
        return fit_decimal(parse_decimal(_text(value)), precision, scale)

    return read_decimal


def parse_decimal(text: str) -> Decimal:
    """A decimal number.

    Raises:
        ValueError: If ``text`` is none.
    """
    stripped = text.strip()
    try:
        value = Decimal(stripped)
    except InvalidOperation:
        raise ValueError(f"no number: {text!r}") from None
    if not value.is_finite() or "_" in stripped:
        raise ValueError(f"no number: {text!r}")
    return value


def whole_reader(bits: int, takes_fractions: bool) -> Reader:
    """The function that reads whole numbers of a width.

    Args:
        bits: The width.
        takes_fractions: Whether a JSON number with a fraction is cut off.
    """
    least, most = -(1 << bits - 1), (1 << bits - 1) - 1

    def read_whole(value: Any) -> int:
        if type(value) is int:
            number = value
        elif takes_fractions and isinstance(value, NumberText):
            number = int(float(value)) if float(value) not in _ENDLESS else most + 1
        else:
            number = parse_whole(_text(value))
        if least <= number <= most:
            return number
        raise ValueError(f"{shown(value)} is out of range")

    return read_whole


def parse_whole(text: str) -> int:
    """A whole number, white space around it allowed.

    Raises:
        ValueError: If ``text`` is none.
    """
    stripped = text.strip()
    if _whole(stripped) is None:
        raise ValueError(f"no whole number: {text!r}")
    return int(stripped)


def parse_real(text: str) -> float:
    """A floating-point number, as Java reads it.

    Raises:
        ValueError: If ``text`` is none.
    """
    stripped = text.strip()
    if _real(stripped) is None:
        raise ValueError(f"no number: {text!r}")
    return float(stripped.rstrip("fFdD") if stripped[-1] in "fFdD" else stripped)


def read_base64(value: Any) -> bytes:
    """Bytes from their base64 text."""
    if type(value) is not str:
        raise ValueError(f"expected base64 text, found {shown(value)}")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base64: {shown(value)}: {error}") from None


def _read_string(value: Any) -> str:
    if type(value) is str:
        return value
    return json_text(value) if isinstance(value, dict | list) else _text(value)


def _read_real(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(f"expected a number, found {shown(value)}")
    # By its text, so that numbers without end are infinite.
    return parse_real(_text(value))


_ENDLESS: Final = (float("inf"), float("-inf"))
_SIMPLE: Final[dict[type[t.DataType], Reader]] = {
    t.NullType: lambda value: None,
    t.BooleanType: lambda value: (
        value
        if isinstance(value, bool)
        # What is not a text, and no value at all, is not "true" either.
        else not isinstance(value, dict | list) and _text(value).strip().lower() == "true"
    ),
    t.TinyIntType: whole_reader(8, False),
    t.SmallIntType: whole_reader(16, False),
    t.IntType: whole_reader(32, True),
    t.YearMonthIntervalType: whole_reader(32, True),
    t.BigIntType: whole_reader(64, True),
    t.DayTimeIntervalType: whole_reader(64, True),
    t.FloatType: _read_real,
    t.DoubleType: _read_real,
    t.CharType: _read_string,
    t.VarCharType: _read_string,
    t.BinaryType: read_base64,
    t.VarBinaryType: read_base64,
    t.DateType: lambda value: parse_date(_text(value)),
    t.TimeType: lambda value: parse_time(_text(value)),
}
