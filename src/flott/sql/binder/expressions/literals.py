"""Constants: their values and their types, as exact as they are written."""

from __future__ import annotations

import math
import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from sqlglot import exp

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import SqlValidationError
from flott.sql.binder.expressions.dispatch import binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import Expression, Literal
from flott.sql.functions.java_format import utf16_length

_INT_LIMIT = 2**31
_LONG_LIMIT = 2**63
_MAX_DIGITS = 38
_MICROSECONDS = 6
_NANOSECONDS = 9
_DATE = re.compile(r"(\d{1,4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d*))?")
_STAMP = re.compile(rf"({_DATE.pattern})(?:[ ]+({_TIME.pattern}))?")
_EPOCH = datetime(1970, 1, 1)


@binds(exp.Literal)
def bind_literal(tree: exp.Literal, env: Environment) -> Expression:
    """A string or a number."""
    text = tree.this
    if tree.is_string:
        return Literal(t.CharType(utf16_length(text), nullable=False), text)
    return number(text)


def number(text: str) -> Literal:
    """The constant that the digits of ``text`` mean.

    >>> str(number("1.50").data_type), str(number("1e3").data_type)
    ('DECIMAL(3, 2) NOT NULL', 'DOUBLE NOT NULL')
    """
    if "e" in text.lower():
        if math.isinf(float(text)):
            raise SqlValidationError(f"Numeric literal '{text}' out of range")
        return Literal(t.DoubleType(nullable=False), float(text))
    whole, _, fraction = text.partition(".")
    if fraction:
        return _decimal(text, len(whole.lstrip("-")) + len(fraction), len(fraction))
    value = int(whole or "0")
    if -_INT_LIMIT <= value < _INT_LIMIT:
        return Literal(t.IntType(nullable=False), value)
    if -_LONG_LIMIT <= value < _LONG_LIMIT:
        return Literal(t.BigIntType(nullable=False), value)
    return _decimal(str(value), len(str(abs(value))), 0)


def _decimal(text: str, precision: int, scale: int) -> Literal:
    value = Decimal(text)
    if abs(value) < 1:
        precision = max(scale, min(precision, _MAX_DIGITS))
    if precision > _MAX_DIGITS or abs(int(value.scaleb(scale))) >= _LONG_LIMIT:
        raise SqlValidationError(
            f"Numeric literal '{text}' out of range",
            hint=f"Write CAST('{text}' AS DECIMAL(38, {min(scale, 18)})) instead.",
        )
    return Literal(t.DecimalType(precision, scale, nullable=False), value)


@binds(exp.Boolean)
def bind_boolean(tree: exp.Boolean, env: Environment) -> Expression:
    """TRUE and FALSE."""
    return Literal(t.BooleanType(nullable=False), bool(tree.this))


@binds(exp.Null)
def bind_null(tree: exp.Null, env: Environment) -> Expression:
    """NULL, and UNKNOWN, which is the NULL of BOOLEAN."""
    is_unknown = bool(tree.meta.get("unknown"))
    return Literal(t.BooleanType() if is_unknown else t.NullType(), None)


@binds(exp.HexString)
def bind_bytes(tree: exp.HexString, env: Environment) -> Expression:
    """``x'cafe'``."""
    value = bytes.fromhex(str(tree.this))
    return Literal(t.BinaryType(len(value), nullable=False), value)


def moment(kind: str, text: str) -> Literal:
    """The constant of ``DATE 'text'``, ``TIME 'text'`` or ``TIMESTAMP 'text'``.

    >>> str(moment("TIMESTAMP", "2024-02-29 12:00:00.25").data_type)
    'TIMESTAMP(2) NOT NULL'

    Raises:
        SqlValidationError: The text is not such a moment.
    """
    made = {"DATE": _date, "TIME": _time, "TIMESTAMP": _timestamp}[kind]
    try:
        found = made(text.lstrip())
    except ValueError:
        found = None
    if found is None:
        shape = {"DATE": "yyyy-MM-dd", "TIME": "HH:mm:ss", "TIMESTAMP": "yyyy-MM-dd HH:mm:ss"}
        raise SqlValidationError(
            f"Illegal {kind} literal '{text}': not in format '{shape[kind]}'",
        )
    return found


def _date(text: str) -> Literal | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day = map(int, match.groups())
    return Literal(t.DateType(nullable=False), date(year, month, day))


def _time(text: str) -> Literal | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    value, nanoseconds, precision = _clock(*match.groups())
    # A time of day has milliseconds at most.
    data_type = t.TimeType(min(precision, 3), nullable=False)
    return Literal(data_type, value.replace(microsecond=nanoseconds // 1_000_000 * 1000))


def _clock(hour: str, minute: str, second: str, fraction: str | None) -> tuple[time, int, int]:
    digits = (fraction or "")[:_NANOSECONDS]
    return time(int(hour), int(minute), int(second)), int(digits.ljust(9, "0")), len(digits)


def _timestamp(text: str) -> Literal | None:
    match = _STAMP.fullmatch(text)
    if match is None:
        return None
    groups: tuple[Any, ...] = match.groups()
    year, month, day = map(int, groups[1:4])
    value, nanoseconds, precision = time(), 0, 0
    if groups[4] is not None:
        value, nanoseconds, precision = _clock(*groups[5:])
    moment = datetime.combine(date(year, month, day), value)
    data_type = t.TimestampType(precision, nullable=False)
    if precision <= _MICROSECONDS:
        return Literal(data_type, moment.replace(microsecond=nanoseconds // 1000))
    if not 1678 <= year <= 2261:
        raise UnsupportedFeature(f"TIMESTAMP({precision}) outside of the years 1678 to 2261")
    seconds = (moment - _EPOCH).days * 86400 + (moment - _EPOCH).seconds
    return Literal(data_type, seconds * 10**9 + nanoseconds)
