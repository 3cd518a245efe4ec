"""Functions of numbers: rounding, powers, logarithms, angles, random numbers, digits."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from typing import Any, Final

import polars as pl

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.sql.expressions import Call
from flott.sql.functions import decimals
from flott.sql.functions.calls.site import Site
from flott.sql.functions.casting.conversion import by_distinct, by_series
from flott.sql.functions.entry import NOT_CONSTANT, Arguments, FunctionEntry, Resolution
from flott.sql.functions.families.moments import floor_or_ceil_moment, infer_moment_unit
from flott.sql.functions.signatures import (
    AS_BIGINT,
    AS_DOUBLE,
    AS_INT,
    DOUBLE,
    INT,
    NUMBER,
    STRING,
    TEXT,
    among,
    first_of,
    same_as,
    signature,
)

_FLOATS = (t.FloatType, t.DoubleType)
_MASK = 2**64 - 1


def _abs(site: Site) -> pl.Expr:
    value = site.arg(0)
    if isinstance(site.data_type, t.IntegralType):
        return pl.when(value < 0).then(-value).otherwise(value)
    return value.abs()


def _sign(site: Site) -> pl.Expr:
    value = site.arg(0)
    if isinstance(site.data_type, t.DecimalType):
        return value.cast(pl.Float64()).sign().cast(site.result_type)
    return value.sign().cast(site.result_type)


def _whole(call: Arguments) -> t.DataType:
    given = call.types[0]
    if isinstance(given, t.DecimalType):
        return t.DecimalType(given.precision, 0)
    return given if isinstance(given, t.NumericType) else DOUBLE


def _floor_or_ceil(is_floor: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        if "unit" in site.keywords:
            return floor_or_ceil_moment(site, is_floor)
        value, given = site.arg(0), site.types[0]
        if isinstance(given, t.IntegralType):
            return value
        if isinstance(given, t.DecimalType):
            unit = decimals.constant(10**given.scale)
            digits = decimals.unscaled(value)
            zero = decimals.constant(0)
            whole = digits // unit if is_floor else zero - (zero - digits) // unit
            return decimals.from_unscaled(whole, given.precision, 0)
        return value.floor() if is_floor else value.ceil()

    return evaluate


def _rounded_type(call: Arguments) -> t.DataType:
    given = call.types[0]
    if not isinstance(given, t.DecimalType):
        return given if isinstance(given, t.NumericType) else DOUBLE
    places = call.constant(1) if len(call) > 1 else 0
    if not isinstance(places, int) or places >= given.scale:
        return given
    if places < 0:
        return t.DecimalType(min(38, 1 + given.precision - given.scale), 0)
    return t.DecimalType(min(38, 1 + given.precision - given.scale + places), places)


def _round(is_truncating: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        value, given = site.arg(0), site.types[0]
        if len(site) > 1 and isinstance(site.types[1], t.BigIntType):
            raise _unsupported(site)
        if isinstance(given, _FLOATS):
            site.fail_where(~value.is_finite(), f"{_name(site)} of NaN or Infinity")
        places = site.constant(1) if len(site) > 1 else 0
        if places is None:
            return pl.lit(None, dtype=site.result_type)
        if places is NOT_CONSTANT:
            return _round_by_row(site, is_truncating)
        if isinstance(given, t.IntegralType):
            return _round_integer(value, -places, is_truncating, site.result_type)
        if isinstance(given, t.DecimalType):
            return _round_decimal(site, value, places, is_truncating)
        return _round_float(value, places, is_truncating).cast(site.result_type)

    return evaluate


def _round_integer(value: pl.Expr, zeros: int, is_truncating: bool, dtype: pl.DataType) -> pl.Expr:
    if zeros <= 0:
        return value
    step = decimals.constant(10 ** min(zeros, 37))
    digits = value.cast(pl.Int128())
    half = decimals.constant(0 if is_truncating else 10 ** min(zeros, 37) // 2)
    return ((digits + digits.sign() * half).truncdiv(step) * step).cast(dtype, wrap_numerical=True)


def _round_decimal(site: Site, value: pl.Expr, places: int, is_truncating: bool) -> pl.Expr:
    given, result = site.types[0], site.data_type
    assert isinstance(given, t.DecimalType)
    assert isinstance(result, t.DecimalType)
    if places >= given.scale:
        return value
    digits = decimals.unscaled(value)
    drop = 10 ** min(given.scale - places, 37)
    kept = digits.truncdiv(decimals.constant(drop))
    if not is_truncating:
        kept = decimals.divided(digits, drop)
    if places < 0:
        kept = kept * decimals.constant(10 ** min(-places, 37))
    return decimals.from_unscaled(kept, result.precision, result.scale)


def _round_float(value: pl.Expr, places: int, is_truncating: bool) -> pl.Expr:
    """Rounds the shortest decimal that reads as the number, so that 1.005 gives 1.01."""
    factor = 10.0 ** abs(places)
    number = value.cast(pl.Float64())
    size = number.abs() * factor if places >= 0 else number.abs() / factor
    nudged = size * (1 + 2.0**-51)
    whole = nudged.floor() if is_truncating else (nudged + 0.5).floor()
    back = whole / factor if places >= 0 else whole * factor
    rounded = pl.when(size < 2.0**52).then(back * number.sign()).otherwise(number)
    return pl.when(number.is_finite()).then(rounded).otherwise(number)


def _round_by_row(site: Site, is_truncating: bool) -> pl.Expr:
    """Another number of places in each row: one pass for each number that occurs."""
    given, dtype = site.types[0], site.result_type

    def compute(both: pl.Series) -> pl.Series:
        frame = both.struct.unnest()
        result = pl.lit(None, dtype=dtype)
        for places in frame["n"].drop_nulls().unique().to_list():
            column = pl.col("x")
            if isinstance(given, t.IntegralType):
                one = _round_integer(column, -places, is_truncating, dtype)
            elif isinstance(given, t.DecimalType):
                one = _round_decimal(site, column, places, is_truncating)
                if 0 <= places < given.scale:
                    digits = decimals.unscaled(one) * decimals.constant(
                        10 ** (given.scale - places)
                    )
                    one = decimals.from_unscaled(digits, given.precision, given.scale)
            else:
                one = _round_float(column, places, is_truncating).cast(dtype)
            result = pl.when(pl.col("n") == places).then(one).otherwise(result)
        return frame.with_columns(result.alias("r")).get_column("r").rename(both.name)

    both = pl.struct(site.arg(0).alias("x"), site.arg(1).alias("n"))
    return by_series(both, compute, dtype)


def _double(
    name: str,
    compute: Callable[[pl.Expr], pl.Expr],
    doc: str,
    *examples: tuple[str, Any],
) -> FunctionEntry:
    infer = signature(AS_DOUBLE, returns=DOUBLE)
    return FunctionEntry(name, infer, lambda site: compute(site.arg(0)), doc, "number", examples)


def _log(site: Site) -> pl.Expr:
    if len(site) == 1:
        return site.arg(0).log()
    return site.arg(1).log() / site.arg(0).log()


def _sqrt(value: pl.Expr) -> pl.Expr:
    """The power of 0.5, as in Flink: that of -Infinity is Infinity, that of -0.0 is 0.0."""
    return pl.when(value == -math.inf).then(math.inf).otherwise((value + 0.0).sqrt())


def _power(site: Site) -> pl.Expr:
    """Java's: NaN where the power is NaN, or is infinite and the base 1 or -1."""
    base, power = site.args()
    unknown = power.is_nan() | ((base.abs() == 1) & power.is_infinite())
    return pl.when(unknown).then(math.nan).otherwise(base.pow(power))


def _infer_atan2(call: Arguments) -> Resolution | None:
    found = signature(AS_DOUBLE, AS_DOUBLE, returns=DOUBLE)(call)
    return None if found is None else Resolution(found.data_type, call.types)


def _atan2(site: Site) -> pl.Expr:
    """Flink takes a DECIMAL only beside another."""
    if len({isinstance(each, t.DecimalType) for each in site.types}) == 2:
        raise _unsupported(site)
    y, x = (each.cast(pl.Float64()) for each in site.args())
    return pl.arctan2(y, x)


def _unsupported(site: Site) -> UnsupportedFeature:
    """What Flink accepts while it validates, but makes no code for."""
    types = ", ".join(str(each.nullable_()) for each in site.types)
    return UnsupportedFeature(f"{_name(site)}({types})")


def _name(site: Site) -> str:
    assert isinstance(site.call, Call)
    return site.call.function


def uniform(count: int) -> pl.Series:
    """``count`` random numbers from 0 up to 1."""
    import pyarrow as pa

    bits = pa.Array.from_buffers(pa.uint64(), count, [None, pa.py_buffer(os.urandom(8 * count))])
    words = pl.Series(bits)
    return (words // 2**11).cast(pl.Float64()) * 2.0**-53


class JavaRandom:
    """The generator of java.util.Random, so that a seed gives Flink's numbers."""

    def __init__(self, seed: int) -> None:
        self._state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def bits(self, count: int) -> int:
        """The next ``count`` bits as a signed 32-bit number."""
        self._state = (self._state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        found = self._state >> (48 - count)
        return found - (1 << 32) if found >= 1 << 31 else found

    def double(self) -> float:
        """The next number from 0 up to 1.

        >>> JavaRandom(42).double()
        0.7275636800328681
        """
        return ((self.bits(26) << 27) + self.bits(27)) * 2.0**-53

    def below(self, bound: int) -> int:
        """The next whole number from 0 up to ``bound``."""
        if bound & (bound - 1) == 0:
            return (bound * self.bits(31)) >> 31
        while True:
            found = self.bits(31)
            value = found % bound
            if found - value + bound - 1 < 1 << 31:
                return value


def _rand(site: Site) -> pl.Expr:
    rows = site.each_row()
    seed = site.constant(0) if len(site) else NOT_CONSTANT
    if isinstance(seed, int):
        generator = JavaRandom(seed)
        return by_series(
            rows, lambda s: pl.Series([generator.double() for _ in range(s.len())]), pl.Float64()
        )
    return by_series(rows, lambda s: uniform(s.len()).rename(s.name), pl.Float64())


def _rand_integer(site: Site) -> pl.Expr:
    rows = site.each_row()
    bound = site.arg(len(site) - 1)
    site.fail_where(bound <= 0, "The bound of RAND_INTEGER is positive", bound)
    seed, limit = site.constant(0), site.constant(len(site) - 1)
    if len(site) == 2 and isinstance(seed, int) and isinstance(limit, int):
        generator = JavaRandom(seed)
        return by_series(
            rows,
            lambda s: pl.Series([generator.below(limit) for _ in range(s.len())], dtype=pl.Int32),
            pl.Int32(),
        )
    fraction = by_series(rows, lambda s: uniform(s.len()).rename(s.name), pl.Float64())
    return (fraction * bound).floor().cast(pl.Int32())


def _digits(base: str) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        if not isinstance(site.types[0], t.NumericType):
            return _hex_of_bytes(site)

        def compute(numbers: pl.Series) -> pl.Series:
            return by_distinct(numbers, lambda n: format(n & _MASK, base), pl.String())

        return by_series(site.arg(0), compute, pl.String())

    return evaluate


def _hex_of_bytes(site: Site) -> pl.Expr:
    return site.arg(0).cast(pl.Binary()).bin.encode("hex").str.to_uppercase()


def _ceil_floor_infer(call: Arguments) -> Resolution | None:
    if "unit" in call.settings:
        return infer_moment_unit(call)
    return signature(NUMBER, returns=_whole)(call)


_PLACES: Final = among("whole number", t.IntegralType, null=INT)
_ROUND = signature(NUMBER, optional=(_PLACES,), returns=_rounded_type)
_ANGLE: tuple[tuple[str, Callable[[pl.Expr], pl.Expr], str], ...] = (
    ("SIN", pl.Expr.sin, "The sine of an angle in radians."),
    ("COS", pl.Expr.cos, "The cosine of an angle in radians."),
    ("TAN", pl.Expr.tan, "The tangent of an angle in radians."),
    ("COT", lambda x: 1.0 / x.tan(), "The cotangent of an angle in radians."),
    ("ASIN", pl.Expr.arcsin, "The angle of a sine."),
    ("ACOS", pl.Expr.arccos, "The angle of a cosine."),
    ("ATAN", pl.Expr.arctan, "The angle of a tangent."),
    ("SINH", pl.Expr.sinh, "The hyperbolic sine."),
    ("COSH", pl.Expr.cosh, "The hyperbolic cosine."),
    ("TANH", pl.Expr.tanh, "The hyperbolic tangent."),
    ("DEGREES", pl.Expr.degrees, "Radians as degrees."),
    ("RADIANS", pl.Expr.radians, "Degrees as radians."),
)

ENTRIES: Final = (
    FunctionEntry("ABS", signature(NUMBER, returns=same_as(0)), _abs, "The size of a number.",
                  "number", [("ABS(-5)", 5), ("ABS(-1.50)", "1.50")]),
    FunctionEntry("SIGN", signature(NUMBER, returns=same_as(0)), _sign, "-1, 0 or 1.", "number",
                  [("SIGN(-5)", -1)]),
    FunctionEntry("FLOOR", _ceil_floor_infer, _floor_or_ceil(True),
                  "The next whole number down; a moment at the start of its unit.",
                  "number; or moment TO unit", [("FLOOR(-1.5)", "-2")]),
    FunctionEntry("CEIL", _ceil_floor_infer, _floor_or_ceil(False),
                  "The next whole number up; a moment at the end of its unit.",
                  "number; or moment TO unit", [("CEIL(1.2)", "2")], aliases=("CEILING",)),
    FunctionEntry("ROUND", _ROUND, _round(False), "Rounds half away from zero.",
                  "number, [places]", [("ROUND(2.5)", "3"), ("ROUND(15, -1)", 20)]),
    FunctionEntry("TRUNCATE", _ROUND, _round(True), "Cuts digits off.", "number, [places]",
                  [("TRUNCATE(42.345, 2)", "42.34")]),
    _double("EXP", pl.Expr.exp, "e to the power of a number.", ("EXP(0)", 1.0)),
    _double("LN", pl.Expr.log, "The natural logarithm.", ("LN(1)", 0.0)),
    _double("LOG10", pl.Expr.log10, "The logarithm to base 10.", ("LOG10(100)", 2.0)),
    _double("LOG2", lambda x: x.log(2), "The logarithm to base 2.", ("LOG2(8)", 3.0)),
    _double("SQRT", _sqrt, "The square root.", ("SQRT(9)", 3.0)),
    FunctionEntry("LOG", signature(AS_DOUBLE, optional=(AS_DOUBLE,), returns=DOUBLE), _log,
                  "The natural logarithm; with two operands, of the second to the first's base.",
                  "number, [number]", [("LOG(1)", 0.0), ("LOG(2, 8)", 3.0)]),
    FunctionEntry("POWER", signature(AS_DOUBLE, AS_DOUBLE, returns=DOUBLE),
                  _power, "The first to the second's power.",
                  "number, number", [("POWER(2, 3)", 8.0)]),
    FunctionEntry("ATAN2", _infer_atan2, _atan2,
                  "The angle of the point (second, first).", "number, number",
                  [("ATAN2(0, 1)", 0.0)]),
    *(_double(name, compute, doc) for name, compute, doc in _ANGLE),
    FunctionEntry("PI", signature(returns=DOUBLE), lambda _: pl.lit(math.pi), "3.14159...", "",
                  [("PI()", math.pi)]),
    FunctionEntry("E", signature(returns=DOUBLE), lambda _: pl.lit(math.e), "2.71828...", "",
                  [("E()", math.e)]),
    FunctionEntry("RAND", signature(optional=(AS_BIGINT,), returns=DOUBLE), _rand,
                  "A random number from 0 up to 1; a seed gives the same ones again.", "[seed]",
                  [("RAND() < 1", True)], is_deterministic=False),
    FunctionEntry("RAND_INTEGER", signature(AS_INT, optional=(AS_INT,), returns=INT),
                  _rand_integer, "A random whole number from 0 up to a bound.", "[seed], bound",
                  [("RAND_INTEGER(1)", 0)], is_deterministic=False),
    FunctionEntry("BIN", signature(AS_BIGINT, returns=STRING), _digits("b"),
                  "A whole number in binary digits.", "whole number", [("BIN(4)", "100")]),
    FunctionEntry("HEX", first_of(signature(AS_BIGINT, returns=STRING),
                                  signature(TEXT, returns=STRING)),
                  _digits("X"), "A whole number or the bytes of a string in hexadecimal digits.",
                  "whole number or string", [("HEX(20)", "14"), ("HEX('a')", "61")]),
)  # fmt: skip
