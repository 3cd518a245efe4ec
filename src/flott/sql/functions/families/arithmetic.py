"""``+ - * / %`` of numbers; those of moments and intervals are in ``intervals``.

Whole numbers wrap around as Java's do, division of whole numbers truncates and fails on zero,
decimals follow ``coercion`` and become NULL where they overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.functions import decimals
from flott.sql.functions.calls.site import Site
from flott.sql.functions.coercion import (
    as_decimal,
    common_number,
    decimal_modulus_type,
    decimal_product_type,
    decimal_quotient_type,
    decimal_sum_type,
)
from flott.sql.functions.entry import Arguments, FunctionEntry, Inference, Resolution
from flott.sql.functions.families.intervals import (
    evaluate_moment,
    infer_interval_times,
    infer_moment,
    is_interval,
)

_EXACT = (t.IntegralType, t.DecimalType)
DecimalRule = Callable[[t.DecimalType, t.DecimalType], t.DecimalType]

#: What to write where a divisor may be 0.
_INSTEAD: Final = "x / NULLIF(y, 0) gives NULL instead."


def _infer_numbers(rule: DecimalRule) -> Inference:
    def infer(call: Arguments) -> Resolution | None:
        if len(call) != 2:
            return None
        left, right = (_typed(each, call) for each in call.types)
        if not (isinstance(left, t.NumericType) and isinstance(right, t.NumericType)):
            return None
        pair = (left, right)
        decimal = any(isinstance(each, t.DecimalType) for each in pair)
        nullable = call.any_nullable()
        if decimal and all(isinstance(each, _EXACT) for each in pair):
            one, two = as_decimal(left), as_decimal(right)
            return Resolution(rule(one, two).with_nullable(nullable), (one, two))
        common = common_number(left, right)
        # Both are approximate: the first operand's type is that of the result.
        is_float = isinstance(left, t.FloatType) and not decimal
        result = left if is_float else common
        return Resolution(result.with_nullable(nullable), (common, common))

    return infer


def _typed(given: t.DataType, call: Arguments) -> t.DataType:
    """A bare NULL takes the type of the other operand."""
    if not isinstance(given, t.NullType):
        return given
    others = [each for each in call.types if not isinstance(each, t.NullType)]
    return others[0].nullable_() if others else given


def _infer_sum(call: Arguments) -> Resolution | None:
    if len(call) == 1 and call.name in ("+", "-"):
        given = call.types[0]
        fits = isinstance(given, t.NumericType) or is_interval(given)
        return Resolution(given, call.types) if fits else None
    return _infer_numbers(decimal_sum_type)(call) or infer_moment(call)


def _infer_product(call: Arguments) -> Resolution | None:
    return _infer_numbers(decimal_product_type)(call) or infer_interval_times(call)


def _infer_modulus(call: Arguments) -> Resolution | None:
    """Exact numbers only; numbers without a fraction give the type of the second."""
    if not all(isinstance(each, (*_EXACT, t.NullType)) for each in call.types):
        return None
    found = _infer_numbers(decimal_modulus_type)(call)
    if found is None or any(getattr(each, "scale", 0) for each in found.arg_types):
        return found
    result = _typed(call.types[1], call).with_nullable(call.any_nullable())
    return Resolution(result, found.arg_types)


def _fitting(site: Site, value: pl.Expr) -> pl.Expr:
    """A FLOAT that was computed with a DOUBLE becomes a FLOAT again."""
    is_shorter = isinstance(site.data_type, t.FloatType) and isinstance(site.types[0], t.DoubleType)
    return value.cast(site.result_type) if is_shorter else value


def _plus(site: Site) -> pl.Expr:
    if len(site) == 1:
        return site.arg(0)
    if not isinstance(site.data_type, t.NumericType):
        return evaluate_moment(site, 1)
    if isinstance(site.data_type, t.DecimalType):
        return _decimal_sum(site, 1)
    return _fitting(site, site.arg(0) + site.arg(1))


def _minus(site: Site) -> pl.Expr:
    if len(site) == 1:
        return -site.arg(0)
    if not isinstance(site.data_type, t.NumericType):
        return evaluate_moment(site, -1)
    if isinstance(site.data_type, t.DecimalType):
        return _decimal_sum(site, -1)
    return _fitting(site, site.arg(0) - site.arg(1))


def _decimal_types(site: Site) -> tuple[t.DecimalType, t.DecimalType, t.DecimalType]:
    left, right = site.types
    assert isinstance(left, t.DecimalType)
    assert isinstance(right, t.DecimalType)
    return left, right, as_decimal(site.data_type)


def _decimal_sum(site: Site, sign: int) -> pl.Expr:
    left, right, result = _decimal_types(site)
    scale = max(left.scale, right.scale)
    one, two = 10 ** (scale - left.scale), 10 ** (scale - right.scale)
    digits = max(left.precision - left.scale, right.precision - right.scale) + 1 + scale
    if digits <= decimals.SAFE_DIGITS:
        target = pl.Decimal(38, scale)
        a, b = site.arg(0).cast(target), site.arg(1).cast(target)
        return a + b if sign > 0 else a - b
    drop = 10 ** (scale - result.scale)
    first, second = decimals.constant(one), decimals.constant(two * sign)
    return decimals.wide(
        (site.arg(0), site.arg(1)),
        (result.precision, result.scale),
        lambda a, b: decimals.divided(a * first + b * second, drop),
        lambda a, b: a * one + b * two < decimals.LIMIT,
        lambda a, b: decimals.round_quotient(a * one + b * two * sign, drop),
    )


def _times(site: Site) -> pl.Expr:
    if isinstance(site.data_type, t.DecimalType):
        return _decimal_product(site)
    if isinstance(site.data_type, t.NumericType):
        return _fitting(site, site.arg(0) * site.arg(1))
    first, second = site.args()
    return (first.cast(pl.Int64()) * second.cast(pl.Int64())).cast(site.result_type)


def _decimal_product(site: Site) -> pl.Expr:
    left, right, result = _decimal_types(site)
    if left.precision + right.precision + 1 <= decimals.SAFE_DIGITS:
        digits = decimals.unscaled(site.arg(0)) * decimals.unscaled(site.arg(1))
        return digits.reinterpret(dtype=pl.Decimal(38, result.scale))
    drop = 10 ** (left.scale + right.scale - result.scale)
    return decimals.wide(
        (site.arg(0), site.arg(1)),
        (result.precision, result.scale),
        lambda a, b: decimals.divided(a * b, drop),
        lambda a, b: a * b < decimals.LIMIT,
        lambda a, b: decimals.round_quotient(a * b, drop),
    )


def _fail_on_zero(site: Site, divisor: pl.Expr) -> None:
    constant = site.constant(1)
    if isinstance(constant, (bool, int, float)) and constant != 0:
        return
    fails = (divisor == 0) & site.arg(0).is_not_null()
    site.fail_where(fails, "Division by zero", hint=_INSTEAD)


def _divide(site: Site) -> pl.Expr:
    dividend, divisor = site.arg(0), site.arg(1)
    if isinstance(site.data_type, t.DecimalType):
        _fail_on_zero(site, divisor)
        return _decimal_quotient(site)
    if isinstance(site.data_type, t.IntegralType):
        _fail_on_zero(site, divisor)
        return truncated_quotient(dividend, divisor)
    if site.constant(1) == 0 and isinstance(site.constant(0), (int, float)):
        site.fail_where(divisor == 0, "Division by zero", hint=_INSTEAD)  # of constants only
    return _fitting(site, dividend / divisor)


def truncated_quotient(dividend: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """Whole numbers divided toward zero; NULL for a divisor of zero."""
    return dividend.truncdiv(divisor)


def _decimal_quotient(site: Site) -> pl.Expr:
    left, right, result = _decimal_types(site)
    shift = result.scale - left.scale + right.scale
    up, down = 10 ** max(shift, 0), 10 ** max(-shift, 0)
    first, second = decimals.constant(up), decimals.constant(down)
    return decimals.wide(
        (site.arg(0), site.arg(1)),
        (result.precision, result.scale),
        lambda a, b: decimals.quotient(a * first, b * second),
        lambda a, b: 2 * a * up + b * down < decimals.LIMIT,
        lambda a, b: decimals.round_quotient(a * up, b * down) if b else None,
    )


def _modulus(site: Site) -> pl.Expr:
    dividend, divisor = site.arg(0), site.arg(1)
    _fail_on_zero(site, divisor)
    if isinstance(site.types[0], t.DecimalType):
        return _decimal_modulus(site).cast(site.result_type)
    rest = dividend - truncated_quotient(dividend, divisor) * divisor
    return rest.cast(site.result_type, wrap_numerical=True)


def _decimal_modulus(site: Site) -> pl.Expr:
    left, right, result = _decimal_types(site)
    scale = max(left.scale, right.scale)
    one, two = 10 ** (scale - left.scale), 10 ** (scale - right.scale)
    drop = 10 ** (scale - result.scale)

    first, second = decimals.constant(one), decimals.constant(two)

    def exact(a: int, b: int) -> int | None:
        if not b:
            return None
        rest = abs(a * one) % abs(b * two)
        return decimals.round_quotient(rest if a >= 0 else -rest, drop)

    return decimals.wide(
        (site.arg(0), site.arg(1)),
        (result.precision, result.scale),
        lambda a, b: decimals.divided(decimals.rest(a * first, b * second), drop),
        lambda a, b: a * one < decimals.LIMIT and b * two < decimals.LIMIT,
        exact,
    )


_NUMBERS = "number, number"

ENTRIES: Final = (
    FunctionEntry(
        "+", _infer_sum, _plus, "The sum of numbers; a moment moved by an interval.",
        "number, number or moment, interval",
        [("1 + 2", 3), ("2147483647 + 1", -2147483648), ("1.5 + 2", "3.5")],
    ),
    FunctionEntry(
        "-", _infer_sum, _minus, "The difference of numbers; a moment moved back; a sign.",
        "number, number or moment, interval", [("1 - 2", -1), ("-(3)", -3)],
        aliases=("NEGATE",),
    ),
    FunctionEntry(
        "*", _infer_product, _times, "The product.", _NUMBERS, [("2 * 3", 6), ("1.5 * 2", "3.0")]
    ),
    FunctionEntry(
        "/", _infer_numbers(decimal_quotient_type), _divide,
        "The quotient; of whole numbers without its fraction.", _NUMBERS,
        [("7 / 2", 3), ("-7 / 2", -3), ("7.0 / 2", "3.500000000000")],
    ),
    FunctionEntry(
        "%", _infer_modulus, _modulus, "The rest of a division, with the sign of the first.",
        "exact number, exact number", [("-7 % 3", -1), ("MOD(7.5, 2)", "1.5")], aliases=("MOD",),
    ),
)  # fmt: skip
