"""``INTERVAL '1-2' YEAR TO MONTH``: text and units to months or milliseconds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from sqlglot import exp

from flott.common import logical_types as t
from flott.common.sql_errors import SqlValidationError
from flott.sql import functions
from flott.sql.binder.expressions.dispatch import bind, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import Expression, Literal

#: Units of a number of months, and how many months.
_MONTHS: Final = {"YEAR": 12, "QUARTER": 3, "MONTH": 1}
#: Units of a number of milliseconds, and how many.
_MILLISECONDS: Final = {
    "WEEK": 604_800_000,
    "DAY": 86_400_000,
    "HOUR": 3_600_000,
    "MINUTE": 60_000,
    "SECOND": 1_000,
}
#: The parts of an interval of several units, in order, and what stands before each.
_PARTS: Final = (("DAY", ""), ("HOUR", " "), ("MINUTE", ":"), ("SECOND", ":"))
#: The digits that the first part may have unless the unit says so.
_DIGITS = 2

_MONTH_TYPE: Final = t.YearMonthIntervalType("MONTH", nullable=False)
_TIME_TYPE: Final = t.DayTimeIntervalType("SECOND", fractional_precision=3, nullable=False)


@binds(exp.Interval)
def bind_interval(tree: exp.Interval, env: Environment) -> Expression:
    """An interval: a constant, or an expression times a unit."""
    first, last = _units(tree)
    sign, value = 1, tree.this
    while isinstance(value, (exp.Neg, exp.Paren)):
        sign = -sign if isinstance(value, exp.Neg) else sign
        value = value.this
    if isinstance(value, exp.Literal) and value.is_string:
        return interval(value.this, first, last, sign, tree.meta.get("precision", _DIGITS))
    amount = bind(tree.this, env)
    return functions.resolve_call("*", (amount, interval("1", first, last)), origin="")


def _units(tree: exp.Interval) -> tuple[str, str]:
    unit = tree.args.get("unit")
    if isinstance(unit, exp.IntervalSpan):
        return _unit(unit.this), _unit(unit.expression)
    assert unit is not None, "the parser asks for a unit"
    return _unit(unit), _unit(unit)


def _unit(tree: exp.Expression) -> str:
    name = tree.name.upper()
    return name[:-1] if name.endswith("S") and name[:-1] in (*_MONTHS, *_MILLISECONDS) else name


def interval(
    text: str, first: str, last: str | None = None, sign: int = 1, digits: int = _DIGITS
) -> Literal:
    """The constant of ``INTERVAL 'text' first TO last``.

    >>> interval("1:30", "HOUR", "MINUTE").value
    5400000

    Raises:
        SqlValidationError: The text has another shape, or too many digits.
    """
    last = last or first
    body = text.strip()
    if body[:1] in ("-", "+"):
        sign = -sign if body[0] == "-" else sign
        body = body[1:].strip()
    if first in _MONTHS:
        return Literal(_MONTH_TYPE, sign * _months(body, first, last, digits))
    if first in _MILLISECONDS:
        return Literal(_TIME_TYPE, sign * _milliseconds(body, first, last, digits))
    raise SqlValidationError(f"Unknown unit {first} of an interval")


def _months(text: str, first: str, last: str, digits: int) -> int:
    if first == last:
        return _MONTHS[first] * _first_part(text, first, digits)
    match = re.fullmatch(r"(\d+)-(\d+)", text)
    if match is None or int(match[2]) > 11:
        raise _illegal(text, first, last)
    return 12 * _first_part(match[1], first, digits) + int(match[2])


def _milliseconds(text: str, first: str, last: str, digits: int) -> int:
    if first == "WEEK":
        return _MILLISECONDS[first] * _first_part(text, first, digits)
    names = [name for name, _ in _PARTS]
    if first not in names or last not in names or names.index(first) > names.index(last):
        raise SqlValidationError(f"No interval goes from {first} to {last}")
    wanted = _PARTS[names.index(first) : names.index(last) + 1]
    pattern = r"(\d+)" + "".join(rf"{separator}(\d+)" for _, separator in wanted[1:])
    if last == "SECOND":
        pattern += r"(\.\d{1,9})?"
    match = re.fullmatch(pattern, text)
    if match is None:
        raise _illegal(text, first, last)
    total = 0
    for index, (unit, _) in enumerate(wanted):
        part = int(match[index + 1]) if index else _first_part(match[1], first, digits)
        if index and part > (23 if unit == "HOUR" else 59):
            raise _illegal(text, first, last)
        total += part * _MILLISECONDS[unit]
    fraction = match[len(wanted) + 1] if last == "SECOND" else None
    return total + (int(Decimal(fraction) * 1000) if fraction else 0)


def _first_part(text: str, unit: str, digits: int) -> int:
    if not text.isdigit():
        raise _illegal(text, unit, unit)
    if len(text.lstrip("0")) > digits:
        raise SqlValidationError(
            f"Interval field value {int(text)} exceeds precision of {unit}({digits}) field",
            hint=f"Write {unit}({len(text)}) to allow as many digits.",
        )
    return int(text)


def _illegal(text: str, first: str, last: str) -> SqlValidationError:
    unit = first if first == last else f"{first} TO {last}"
    return SqlValidationError(f"Illegal interval literal '{text}' for {unit}")
