"""Values of declared types as text, as Java writes them.

PyFlink prints and writes records of a declared type in Java, so that is what programs expect:
``(a,true)`` for a tuple, ``{a=1}`` for a map, ``1.0E10`` for a number.
"""

from __future__ import annotations

import datetime
import math
import struct
from collections.abc import Callable
from typing import Any

from flott.common.time import Instant
from flott.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicType,
    BasicTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
    RowTypeInfo,
    TupleTypeInfo,
    TypeInformation,
    Types,
)

__all__ = ["JavaText", "java_text_of"]

_LISTS = (ListTypeInfo, PrimitiveArrayTypeInfo, BasicArrayTypeInfo, ObjectArrayTypeInfo)
_EPOCH = datetime.datetime(1970, 1, 1)
_ToText = Callable[[Any], str]


class JavaText:
    """Writes values of a type; a class, so that plain pickle can carry it."""

    __slots__ = ("_to_text", "_type_info")

    def __init__(self, type_info: TypeInformation) -> None:
        self._type_info = type_info
        self._to_text = java_text_of(type_info)

    def __call__(self, value: Any) -> str:
        return self._to_text(value)

    def __reduce__(self) -> tuple[Any, ...]:
        return JavaText, (self._type_info,)


def java_text_of(type_info: TypeInformation) -> _ToText:
    """Return the function that writes values of a type.

    >>> java_text_of(Types.TUPLE([Types.BOOLEAN(), Types.DOUBLE()]))((True, 1e9))
    '(true,1.0E9)'
    """
    to_text = _text_of_present(type_info)

    def with_null(value: Any) -> str:
        return "null" if value is None else to_text(value)

    return with_null


def _text_of_present(type_info: TypeInformation) -> _ToText:
    if isinstance(type_info, TupleTypeInfo):
        fields = [java_text_of(each) for each in type_info.get_field_types()]
        return lambda value: f"({_joined(',', fields, value)})"
    if isinstance(type_info, RowTypeInfo):
        fields = [java_text_of(each) for each in type_info.get_field_types()]
        return lambda row: f"{row.get_row_kind()}[{_joined(', ', fields, row)}]"
    if isinstance(type_info, MapTypeInfo):
        return _map_text(type_info)
    if isinstance(type_info, _LISTS):
        element = java_text_of(type_info._element_type)
        return lambda value: f"[{', '.join(map(element, value))}]"
    if type_info == Types.SQL_TIMESTAMP():
        return _timestamp_text
    return _basic_text(type_info)


def _joined(separator: str, fields: list[_ToText], values: Any) -> str:
    return separator.join([to_text(value) for to_text, value in zip(fields, values, strict=True)])


def _map_text(type_info: MapTypeInfo) -> _ToText:
    key, value = java_text_of(type_info._key_type_info), java_text_of(type_info._value_type_info)

    def to_text(entries: Any) -> str:
        return f"{{{', '.join([f'{key(k)}={value(v)}' for k, v in entries.items()])}}}"

    return to_text


def _basic_text(type_info: TypeInformation) -> _ToText:
    match type_info._basic_type if isinstance(type_info, BasicTypeInfo) else None:
        case BasicType.BOOLEAN:
            return lambda value: "true" if value else "false"
        case BasicType.DOUBLE:
            return lambda value: _decimal_text(value, repr(float(value)))
        case BasicType.FLOAT:
            return lambda value: _decimal_text(value, _shortest_float(value))
        case BasicType.INSTANT:
            return _instant_text
        case _:
            return str


def _decimal_text(value: float, digits: str) -> str:
    """Write a number as ``Double.toString``: plainly from 0.001 to below 10 million."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(float(digits), "f") if "e" in digits else digits
        return text if "." in text else f"{text}.0"
    significant, _, exponent = format(float(digits), f".{_count_digits(digits) - 1}e").partition(
        "e"
    )
    return f"{significant if '.' in significant else significant + '.0'}E{int(exponent)}"


def _count_digits(digits: str) -> int:
    """How many significant digits a number has, as written."""
    mantissa = digits.partition("e")[0].lstrip("-").replace(".", "")
    return len(mantissa.strip("0")) or 1


def _shortest_float(value: float) -> str:
    """Write a number with as few digits as tell it from other numbers of 32 bits."""
    if not math.isfinite(value):
        return repr(value)
    (exact,) = struct.unpack("f", struct.pack("f", value))
    for precision in range(1, 9):
        text = f"{value:.{precision}g}"
        if struct.unpack("f", struct.pack("f", float(text)))[0] == exact:
            return repr(float(text))
    return repr(float(f"{value:.9g}"))


def _timestamp_text(value: Any) -> str:
    """Write a timestamp as ``java.sql.Timestamp``: at least one digit of a fraction."""
    fraction = f"{value.microsecond:06d}".rstrip("0") or "0"
    return f"{value.replace(microsecond=0, tzinfo=None).isoformat(sep=' ')}.{fraction}"


def _instant_text(value: Instant) -> str:
    """Write a point in time in UTC, with as many groups of three digits as it needs."""
    moment = _EPOCH + datetime.timedelta(seconds=value.seconds)
    digits = f"{value.nanos:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{moment.isoformat()}{'.' if digits else ''}{digits}Z"
