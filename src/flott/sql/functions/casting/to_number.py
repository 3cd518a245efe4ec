"""Casts to numbers and BOOLEAN."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.sql.functions.casting.conversion import (
    CastTask,
    Conversion,
    by_distinct,
    by_series,
    failing_as_null,
)
from flott.sql.functions.decimals import from_unscaled, rescaled

_TEXT = (t.CharType, t.VarCharType)
_TRUE = ("t", "true", "y", "yes", "1")
_FALSE = ("f", "false", "n", "no", "0")
_INTEGER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_JAVA_FLOAT = re.compile(
    r"[+-]?(?:(?:NaN|Infinity)|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)[fFdD]?)"
)
_SMALL_DECIMAL = re.compile(r"([+-]?[0-9]*\.?[0-9]*)(?:[eE]([+-]?[0-9]+)|[\x00-\x7f]?)")


def cast_to_boolean(task: CastTask) -> Conversion:
    """Strings as t, true, y, yes, 1 and their opposites; numbers that are not 0 are true."""
    if not isinstance(task.source, _TEXT):
        return Conversion(task.value != 0)
    word = task.value.str.to_lowercase()
    truth = pl.when(word.is_in(_TRUE)).then(True).when(word.is_in(_FALSE)).then(False)
    return failing_as_null(task.value, truth.otherwise(None))


def cast_to_number(task: CastTask) -> Conversion:
    """To any number type."""
    source, target = task.source, task.target
    if isinstance(target, t.DecimalType):
        return _to_decimal(task, target)
    if isinstance(source, _TEXT):
        parse = _parse_integers if isinstance(target, t.IntegralType) else _parse_floats
        dtype = polars_type(target)
        converted = by_series(task.value, lambda series: parse(series, dtype), dtype)
        return failing_as_null(task.value, converted)
    if isinstance(target, t.IntegralType):
        return Conversion(_to_integer(task.value, source, target))
    return Conversion(task.value.cast(polars_type(target)))


def _to_integer(value: pl.Expr, source: t.DataType, target: t.IntegralType) -> pl.Expr:
    """Wraps whole numbers, saturates fractions, as Java does."""
    dtype = polars_type(target)
    if isinstance(source, (t.FloatType, t.DoubleType)):
        wide = 64 if isinstance(target, t.BigIntType) else 32
        low, high = -(2.0 ** (wide - 1)), 2.0 ** (wide - 1)
        step = pl.Int64() if wide == 64 else pl.Int32()
        held = (
            pl.when(value.is_nan())
            .then(0)
            .when(value >= high)
            .then(pl.lit(int(high) - 1, dtype=step))
            .when(value <= low)
            .then(pl.lit(int(low), dtype=step))
            .otherwise(value.cast(step, strict=False))
        )
        return held.cast(dtype, wrap_numerical=True)
    if isinstance(source, t.DecimalType):
        whole = value.reinterpret(dtype=pl.Int128()).truncdiv(
            pl.lit(10**source.scale, dtype=pl.Int128())
        )
        return whole.cast(dtype, wrap_numerical=True)
    return value.cast(dtype, wrap_numerical=True)


def _parse_integers(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    plain = texts.cast(dtype, strict=False)
    if plain.null_count() == texts.null_count():
        return plain
    trimmed = texts.str.strip_chars(" ")
    numbers = trimmed.str.contains(_INTEGER)
    digits = trimmed.str.extract(r"^([+-]?[0-9]*)", 1).str.strip_prefix("+")
    frame = pl.DataFrame({"ok": numbers, "digits": digits})
    digit = pl.col("digits")
    whole = pl.when(digit.is_in(["", "-"])).then(pl.lit("0")).otherwise(digit)
    return frame.select(
        pl.when(pl.col("ok")).then(whole).cast(dtype, strict=False).alias(texts.name)
    ).to_series()


def _parse_floats(texts: pl.Series, dtype: pl.DataType) -> pl.Series:
    plain = texts.cast(dtype, strict=False)
    if plain.is_finite().sum() == texts.len() - texts.null_count():
        return plain

    def parse(text: str) -> float | None:
        text = text.strip("".join(map(chr, range(33))))
        if _JAVA_FLOAT.fullmatch(text) is None:
            return None
        return float(text.rstrip("fFdD") if text[-1] in "fFdD" else text)

    parsed = by_distinct(texts, parse, pl.Float64())
    return parsed.cast(dtype)


def _to_decimal(task: CastTask, target: t.DecimalType) -> Conversion:
    source, value = task.source, task.value
    precision, scale = target.precision, target.scale
    if isinstance(source, t.DecimalType):
        if scale == source.scale and precision >= source.precision:
            return Conversion(value)
        if source.precision - source.scale + scale <= precision and scale > source.scale:
            return Conversion(value.cast(pl.Decimal(38, scale)))
        return Conversion(rescaled(value, source.scale, precision, scale))
    if isinstance(source, (t.IntegralType, t.BooleanType)) or not isinstance(
        source, (*_TEXT, t.FractionalType)
    ):
        if isinstance(source, t.BooleanType):
            value = value.cast(pl.Int8())
        held = source.digits if isinstance(source, t.IntegralType) else 19
        if held + scale <= 38 and held + scale <= precision:
            return Conversion(value.cast(pl.Decimal(38, scale)))
        digits = value.cast(pl.Int128())
        limit = pl.lit(10 ** (38 - scale), dtype=pl.Int128())
        fits = pl.when((digits < limit) & (digits > -limit)).then(digits)
        return Conversion(
            from_unscaled(fits * pl.lit(10**scale, dtype=pl.Int128()), precision, scale)
        )
    dtype = pl.Decimal(38, scale)
    if isinstance(source, t.FractionalType):
        as_text = value.cast(pl.Float64()).cast(pl.String())
        return Conversion(
            by_series(as_text, lambda texts: _parse_decimals(texts, precision, scale), dtype),
            fatal=~value.is_finite(),
            fatal_text=f"NaN and Infinity are not {task.target.nullable_()}",
        )
    parsed = by_series(value, lambda texts: _parse_decimals(texts, precision, scale), dtype)
    return failing_as_null(value, parsed)


def _decimal(text: str, small: bool = False) -> Decimal | None:
    text = text.strip(" \t\n\r\x0b\x0c")
    if small:
        found = _SMALL_DECIMAL.fullmatch(text)
        if found is None or not text:
            return None
        text = (found[1] if any(map(str.isdigit, found[1])) else "0") + f"e{found[2] or 0}"
    elif "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _parse_decimals(texts: pl.Series, precision: int, scale: int) -> pl.Series:
    unit, limit = Decimal(1).scaleb(-scale), Decimal(10) ** (precision - scale)

    def parse(text: str) -> Decimal | None:
        number = _decimal(text, precision <= 18)
        whole = text.strip().lstrip("+-").partition(".")[0]
        if precision <= 18 and len(whole) > precision and whole.isdigit():
            return None
        if number is None or number.adjusted() > 40:
            return None
        number = number.quantize(unit, ROUND_HALF_UP)
        return number if abs(number) < limit else None

    with localcontext() as context:
        context.prec = 90
        return by_distinct(texts, parse, pl.Decimal(38, scale))
