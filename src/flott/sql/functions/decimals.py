"""DECIMAL arithmetic on unscaled 128-bit integers.

Polars keeps an operand's scale in products and quotients and fails on overflow. Here the result
has the precision and scale that inference found; what does not fit is NULL; rounding is half away
from zero. Where 128 bits may be too few, rows are computed with Python's integers.
"""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

_I128 = pl.Int128()
#: The largest number of digits that always fits an Int128.
SAFE_DIGITS = 38
#: Digits are smaller than this.
LIMIT = 10**38


def constant(value: int) -> pl.Expr:
    """An Int128 constant."""
    return pl.lit(value, dtype=_I128)


def unscaled(value: pl.Expr) -> pl.Expr:
    """The digits of a DECIMAL column without its point."""
    return value.reinterpret(dtype=_I128)


def from_unscaled(value: pl.Expr, precision: int, scale: int) -> pl.Expr:
    """Digits as a DECIMAL column; NULL where there are more than ``precision``."""
    return value.map_batches(
        lambda digits: bounded(digits, precision, scale),
        return_dtype=pl.Decimal(38, scale),
        is_elementwise=True,
    )


def bounded(digits: pl.Series, precision: int, scale: int) -> pl.Series:
    """Digits as DECIMAL values; NULL where there are more than ``precision``."""
    limit = 10**precision
    if largest(digits) >= limit:
        column = pl.col("d")
        fits = pl.when((column < constant(limit)) & (column > constant(-limit))).then(column)
        digits = digits.rename("d").to_frame().select(fits.alias(digits.name)).to_series()
    return digits.reinterpret(dtype=pl.Decimal(38, scale))


def largest(digits: pl.Series) -> int:
    """The largest size among ``digits``; 0 if there are none."""
    low, high = digits.min(), digits.max()
    return max(-low, high) if isinstance(low, int) and isinstance(high, int) else 0


def divided(value: pl.Expr, divisor: int) -> pl.Expr:
    """``value / divisor`` rounded half away from zero."""
    if divisor == 1:
        return value
    return (value + value.sign() * constant(divisor // 2)).truncdiv(constant(divisor))


def rescaled(value: pl.Expr, scale: int, precision: int, target_scale: int) -> pl.Expr:
    """A DECIMAL column in another precision and scale.

    Args:
        value: The column.
        scale: Its scale.
        precision: Digits of the result; NULL beyond.
        target_scale: Scale of the result.
    """
    digits = unscaled(value)
    if target_scale <= scale:
        digits = divided(digits, 10 ** (scale - target_scale))
    else:
        limit = constant(10 ** (38 - target_scale + scale))
        digits = pl.when((digits < limit) & (digits > -limit)).then(digits)
        digits = digits * constant(10 ** (target_scale - scale))
    return from_unscaled(digits, precision, target_scale)


Digits = Callable[[pl.Expr, pl.Expr], pl.Expr]


def wide(
    operands: tuple[pl.Expr, pl.Expr],
    result: tuple[int, int],
    fast: Digits,
    is_safe: Callable[[int, int], bool],
    exact: Callable[[int, int], int | None],
) -> pl.Expr:
    """A DECIMAL column computed from two, where 128 bits may be too few.

    Args:
        operands: Two DECIMAL columns.
        result: Precision and scale of the result.
        fast: Computes digits from digits.
        is_safe: Whether ``fast`` is right for digits up to these sizes.
        exact: Computes one row with Python's integers; ``None`` is NULL.
    """
    precision, scale = result
    limit = 10**precision

    def within(digits: int | None) -> int | None:
        return None if digits is None or abs(digits) >= limit else digits

    def compute(values: pl.Series) -> pl.Series:
        frame = values.struct.unnest()
        one, two = frame["l"], frame["r"]
        if is_safe(largest(one), largest(two)):
            digits = frame.select(fast(pl.col("l"), pl.col("r")).alias(values.name)).to_series()
            return bounded(digits, precision, scale)
        pairs = zip(one.to_list(), two.to_list(), strict=True)
        rows = [None if a is None or b is None else within(exact(a, b)) for a, b in pairs]
        return pl.Series(values.name, rows, dtype=_I128).reinterpret(dtype=pl.Decimal(38, scale))

    both = pl.struct(unscaled(operands[0]).alias("l"), unscaled(operands[1]).alias("r"))
    return both.map_batches(compute, return_dtype=pl.Decimal(38, scale), is_elementwise=True)


def quotient(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """``left / right`` rounded half away from zero; NULL where ``right`` is 0."""
    size = (left.abs() * 2 + right.abs()).truncdiv(right.abs() * 2)
    return pl.when(right != 0).then(size * left.sign() * right.sign())


def rest(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """The rest of ``left / right`` with the sign of ``left``; NULL where ``right`` is 0."""
    return pl.when(right != 0).then(left - left.truncdiv(right) * right)


def round_quotient(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` rounded half away from zero.

    >>> round_quotient(-5, 2), round_quotient(7, 3)
    (-3, 2)
    """
    found, left_over = divmod(abs(numerator), abs(denominator))
    if 2 * left_over >= abs(denominator):
        found += 1
    return found if (numerator < 0) == (denominator < 0) else -found
