"""Values as text, the way Flink prints them in tables."""

from __future__ import annotations

import datetime
from typing import Any

from flott.common import logical_types as t

NULL_TEXT = "<NULL>"


def value_text(value: Any, data_type: t.DataType) -> str:
    """``value`` as text.

    >>> value_text([True, None], t.ArrayType(t.BooleanType()))
    '[TRUE, NULL]'
    """
    if value is None:
        return NULL_TEXT
    return _text(value, data_type)


def _inner(value: Any, data_type: t.DataType) -> str:
    return "NULL" if value is None else _text(value, data_type)


def _text(value: Any, data_type: t.DataType) -> str:
    match data_type:
        case t.BooleanType():
            return "TRUE" if value else "FALSE"
        case t.FloatType():
            return _float_text(value, is_single=True)
        case t.DoubleType():
            return _float_text(value, is_single=False)
        case t.DecimalType():
            return format(value, "f")
        case t.BinaryType() | t.VarBinaryType():
            return f"x'{bytes(value).hex()}'"
        case t.TimeType():
            return f"{value:%H:%M:%S}" + _fraction(value, data_type.precision)
        case t.TimestampType() | t.LocalZonedTimestampType():
            day = f"{value.year:04}-{value:%m-%d %H:%M:%S}"
            return day + _fraction(value, data_type.precision)
        case t.YearMonthIntervalType():
            years, months = divmod(abs(value), 12)
            return f"{'-' if value < 0 else '+'}{years}-{months:02}"
        case t.DayTimeIntervalType():
            return _interval_text(value)
    return _nested(value, data_type)


def _nested(value: Any, data_type: t.DataType) -> str:
    match data_type:
        case t.ArrayType():
            items = ", ".join(_inner(each, data_type.element_type) for each in value)
            return f"[{items}]"
        case t.MapType():
            return _entries(value, data_type.key_type, data_type.value_type)
        case t.MultisetType():
            return _entries(value, data_type.element_type, t.IntType())
        case t.RowType():
            pairs = zip(value, data_type.field_types(), strict=True)
            return f"({', '.join(_inner(each, kind) for each, kind in pairs)})"
    return str(value)


def _entries(value: Any, key: t.DataType, item: t.DataType) -> str:
    pairs = value.items() if isinstance(value, dict) else value
    return "{" + ", ".join(f"{_inner(a, key)}={_inner(b, item)}" for a, b in pairs) + "}"


def _fraction(value: Any, precision: int) -> str:
    if precision == 0:
        return ""
    nanosecond = value.microsecond * 1000 + getattr(value, "nanosecond", 0)
    return f".{nanosecond:09}"[: precision + 1]


def _interval_text(value: datetime.timedelta) -> str:
    milliseconds = value // datetime.timedelta(milliseconds=1)
    seconds, rest = divmod(abs(milliseconds), 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    sign = "-" if milliseconds < 0 else "+"
    return f"{sign}{day} {hour:02}:{minute:02}:{second:02}.{rest:03}"


def _float_text(value: float, is_single: bool) -> str:
    """A number as Java prints it: at least one digit after the point, ``E`` beyond 10^7."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    shortest = _single_digits(value) if is_single else repr(value)
    digits, exponent = _parts(shortest)
    sign = "-" if str(value).startswith("-") else ""
    if not digits:
        return f"{sign}0.0"
    if -3 <= exponent < 7:
        whole = digits[: exponent + 1] if exponent >= 0 else "0"
        whole = whole.ljust(exponent + 1, "0")
        rest = digits[exponent + 1 :] if exponent >= 0 else "0" * (-exponent - 1) + digits
        return f"{sign}{whole}.{rest or '0'}"
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


def _single_digits(value: float) -> str:
    """The shortest text that reads back as the same 32-bit number."""
    import struct

    packed = struct.pack("f", value)
    for digits in range(1, 10):
        text = f"{value:.{digits - 1}e}"
        if struct.pack("f", float(text)) == packed:
            return text
    return repr(value)


def _parts(text: str) -> tuple[str, int]:
    """Digits without zeros around them, and the exponent of the first."""
    mantissa, _, power = text.lower().lstrip("-").partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    exponent = int(power or 0) + len(whole) - 1 - leading
    return digits.strip("0"), exponent
