"""Conversions of single values: numbers, text, dates. See ``type_conversion`` for the idea.

What is accepted follows PyFlink's coders: whole numbers may come as anything with ``__index__``
(bool, numpy integers), floating point numbers as anything with ``__float__``, decimals as text too.
A float never becomes a whole number, since that would change it without a word.
"""

from __future__ import annotations

import datetime
import decimal
import operator
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from flott.common.conversion import Conversion, refuse
from flott.common.time import Instant
from flott.common.type_information import BasicType, TypeInformation

__all__ = [
    "basic_conversion",
    "bytes_conversion",
    "date_conversion",
    "time_conversion",
    "timestamp_conversion",
]


def _ranged_integer(type_info: TypeInformation, least: int, most: int) -> Conversion:
    def is_within(value: int) -> bool:
        return least <= value <= most

    def are_within(values: Sequence[int]) -> bool:
        return least <= min(values) and max(values) <= most

    def convert(value: Any) -> Any:
        if type(value) is int:
            if least <= value <= most:
                return value
            refuse(type_info, value, f"must be from {least} to {most}")
        if value is None:
            return None
        return convert(_to_int(type_info, value))

    return Conversion(
        type_info, int, convert, check=is_within, check_all=are_within, bounds=(least, most)
    )


def _any_integer(type_info: TypeInformation) -> Conversion:
    def convert(value: Any) -> Any:
        if type(value) is int or value is None:
            return value
        return _to_int(type_info, value)

    return Conversion(type_info, int, convert)


def _to_int(type_info: TypeInformation, value: Any) -> int:
    if not hasattr(type(value), "__index__"):
        refuse(type_info, value)
    # int() around it, because the index of True is True.
    return int(operator.index(value))


def _double(type_info: TypeInformation) -> Conversion:
    def convert(value: Any) -> Any:
        if type(value) is float or value is None:
            return value
        return _to_float(type_info, value)

    return Conversion(type_info, float, convert)


def _float(type_info: TypeInformation) -> Conversion:
    # An array of C floats rounds as C does, infinity for what is too large, and does so in bulk.
    def is_rounded(value: float) -> bool:
        return array("f", (value,))[0] == value or value != value

    def are_rounded(values: Sequence[float]) -> bool:
        return array("f", values).tolist() == values

    def convert(value: Any) -> Any:
        if value is None:
            return None
        if type(value) is not float:
            value = _to_float(type_info, value)
        rounded = array("f", (value,))[0]
        return value if rounded == value else rounded

    return Conversion(type_info, float, convert, check=is_rounded, check_all=are_rounded)


def _to_float(type_info: TypeInformation, value: Any) -> float:
    kind = type(value)
    if not hasattr(kind, "__float__") and not hasattr(kind, "__index__"):
        refuse(type_info, value)
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        refuse(type_info, value, "is not a floating point number")


def _string(type_info: TypeInformation) -> Conversion:
    def convert(value: Any) -> Any:
        if type(value) is str or value is None:
            return value
        if isinstance(value, str):
            return str.__str__(value)  # the plain text of enums and numpy strings
        refuse(type_info, value)

    return Conversion(type_info, str, convert)


def _boolean(type_info: TypeInformation) -> Conversion:
    def convert(value: Any) -> Any:
        if type(value) is bool or value is None:
            return value
        # numpy's booleans are not integers, but go by this name.
        if hasattr(type(value), "__index__") or type(value).__name__ in ("bool", "bool_"):
            return bool(value)
        refuse(type_info, value)

    return Conversion(type_info, bool, convert)


def _decimal(type_info: TypeInformation) -> Conversion:
    def convert(value: Any) -> Any:
        if type(value) is decimal.Decimal or value is None:
            return value
        if isinstance(value, bool) or not isinstance(value, (int, float, str, decimal.Decimal)):
            refuse(type_info, value)
        try:
            return decimal.Decimal(str(value))
        except decimal.InvalidOperation:
            refuse(type_info, value, "is not a decimal number")

    return Conversion(type_info, decimal.Decimal, convert)


def _instances(
    type_info: TypeInformation, kind: type, otherwise: Callable[[Any], Any] | None = None
) -> Conversion:
    """Accept instances of a class, those of its subclasses unchanged."""

    def convert(value: Any) -> Any:
        if type(value) is kind or value is None:
            return value
        if otherwise is not None:
            value = otherwise(value)
        if isinstance(value, kind):
            return value
        refuse(type_info, value)

    return Conversion(type_info, kind, convert)


def _drop_time(value: Any) -> Any:
    return value.date() if isinstance(value, datetime.datetime) else value


def date_conversion(type_info: TypeInformation) -> Conversion:
    """Accept dates; of a datetime, its date."""
    return _instances(type_info, datetime.date, _drop_time)


def time_conversion(type_info: TypeInformation) -> Conversion:
    """Accept times of day."""
    return _instances(type_info, datetime.time)


def timestamp_conversion(type_info: TypeInformation) -> Conversion:
    """Accept datetimes."""
    return _instances(type_info, datetime.datetime)


def bytes_conversion(type_info: TypeInformation) -> Conversion:
    """Accept bytes, and copy byte arrays into them."""

    def convert(value: Any) -> Any:
        if type(value) is bytes or value is None:
            return value
        if isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        refuse(type_info, value)

    return Conversion(type_info, bytes, convert)


_MAKERS: dict[BasicType, Callable[[TypeInformation], Conversion]] = {
    BasicType.STRING: _string,
    BasicType.CHAR: _string,
    BasicType.BOOLEAN: _boolean,
    BasicType.BYTE: lambda type_info: _ranged_integer(type_info, -(2**7), 2**7 - 1),
    BasicType.SHORT: lambda type_info: _ranged_integer(type_info, -(2**15), 2**15 - 1),
    BasicType.INT: lambda type_info: _ranged_integer(type_info, -(2**31), 2**31 - 1),
    # Not held to 64 bits: Python's integers don't overflow, and no state or sink loses any.
    BasicType.LONG: _any_integer,
    BasicType.BIG_INT: _any_integer,
    BasicType.FLOAT: _float,
    BasicType.DOUBLE: _double,
    BasicType.BIG_DEC: _decimal,
    BasicType.INSTANT: lambda type_info: _instances(type_info, Instant),
}


def basic_conversion(type_info: TypeInformation, basic_type: BasicType) -> Conversion:
    """Return the conversion of a basic type."""
    return _MAKERS[basic_type](type_info)
