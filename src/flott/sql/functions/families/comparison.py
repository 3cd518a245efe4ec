"""Comparison: ``=``, ``<``, ``IS NULL``, ``BETWEEN``, ``IN``, ..."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Expression, Literal
from flott.sql.functions.calls.site import Site
from flott.sql.functions.coercion import common_type, comparison_type
from flott.sql.functions.entry import Arguments, FunctionEntry, Inference, Resolution
from flott.sql.functions.signatures import ANY, BOOLEAN, signature

_FLOATS = (t.FloatType, t.DoubleType)
_TEXT = (t.CharType, t.VarCharType)
_MOMENTS = (t.DateType, t.TimeType, t.TimestampType, t.LocalZonedTimestampType)
_INTERVALS = (t.YearMonthIntervalType, t.DayTimeIntervalType)


def _comparable(data_type: t.DataType, is_ordered: bool) -> bool:
    if not is_ordered:
        return not isinstance(data_type, t.RawType)
    return isinstance(data_type, t.AtomicType) and not isinstance(data_type, t.RawType)


def refuse_mixed_equality(left: t.DataType, right: t.DataType) -> None:
    """A number is not a text's equal: unlike ``<``, BETWEEN and IN, ``=`` casts neither.

    Raises:
        SqlValidationError: One is a number, the other a text.
    """
    for text, number in ((left, right), (right, left)):
        if isinstance(text, _TEXT) and isinstance(number, t.NumericType):
            raise SqlValidationError(
                f"implicit type conversion between {left.nullable_()} and {right.nullable_()} "
                "is not supported now",
                hint=f"Write CAST(... AS {number.nullable_()}) around the text.",
            )


def _infer_pair(is_ordered: bool, nullable: bool | None = None) -> Inference:
    def infer(call: Arguments) -> Resolution | None:
        if len(call) != 2:
            return None
        if not is_ordered:
            refuse_mixed_equality(*call.types)
            if never_equal(*call.types):
                return Resolution(_truth(call, nullable), call.types)
        common = comparison_type(*call.types)
        if common is None or not _comparable(common, is_ordered):
            return None
        lenient = not is_ordered and casts_leniently(call.args)
        return Resolution(_truth(call, nullable), (common, common), lenient)

    return infer


def _truth(call: Arguments, nullable: bool | None) -> t.DataType:
    return BOOLEAN.with_nullable(call.any_nullable() if nullable is None else nullable)


def never_equal(left: t.DataType, right: t.DataType) -> bool:
    """Whether ``=`` takes both types, and finds no values equal."""
    return any(
        isinstance(one, _TEXT) and isinstance(other, (t.BooleanType, *_INTERVALS))
        for one, other in ((left, right), (right, left))
    )


def casts_leniently(args: Sequence[Expression]) -> bool:
    """Whether a text beside a moment that is none equals nothing, and does not fail; a constant
    fails."""
    text = next((each for each in args if isinstance(each.data_type, _TEXT)), None)
    moments = any(isinstance(each.data_type, _MOMENTS) for each in args)
    return moments and text is not None and not isinstance(text, Literal)


def normalized(value: pl.Expr, data_type: t.DataType) -> pl.Expr:
    """A value such that equal ones are equal for Polars: entries of maps in the order of keys."""
    if isinstance(data_type, (t.MapType, t.MultisetType)):
        return value.list.eval(pl.element().sort_by(pl.element().struct.field("key")))
    return value


def _is_constant(value: pl.Expr) -> bool:
    return value.meta.is_literal()


def _columns_first(left: pl.Expr, right: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Both sides, a constant last.

    Polars takes the result for one value where a constant stands before a conditional whose
    other branch, a constant too, is taken by all rows.
    """
    return (right, left) if _is_constant(left) else (left, right)


def equals(left: pl.Expr, right: pl.Expr, data_type: t.DataType) -> pl.Expr:
    """``left = right``; NaN equals nothing."""
    same: pl.Expr = operator.eq(
        *_columns_first(normalized(left, data_type), normalized(right, data_type))
    )
    return same & ~(left.is_nan() & right.is_nan()) if isinstance(data_type, _FLOATS) else same


def _differs(left: pl.Expr, right: pl.Expr, data_type: t.DataType) -> pl.Expr:
    other: pl.Expr = operator.ne(
        *_columns_first(normalized(left, data_type), normalized(right, data_type))
    )
    return other | (left.is_nan() & right.is_nan()) if isinstance(data_type, _FLOATS) else other


def less(left: pl.Expr, right: pl.Expr, data_type: t.DataType) -> pl.Expr:
    """``left < right``; NaN is less than nothing, and nothing less than it."""
    smaller = right > left if _is_constant(left) else left < right
    return _unless_nan(smaller, left, right) if isinstance(data_type, _FLOATS) else smaller


def _unless_nan(smaller: pl.Expr, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """NaN is the largest for Polars; beside NULL it stays unknown."""
    return smaller & ~(right.is_nan() & left.is_not_null())


def at_most(left: pl.Expr, right: pl.Expr, data_type: t.DataType) -> pl.Expr:
    """``left <= right``."""
    smaller = right >= left if _is_constant(left) else left <= right
    return _unless_nan(smaller, left, right) if isinstance(data_type, _FLOATS) else smaller


Compare = Callable[[pl.Expr, pl.Expr, t.DataType], pl.Expr]


def _evaluate(compare: Compare, swapped: bool = False) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        left, right = site.args()
        if isinstance(site.types[0], t.NullType):
            return pl.lit(None, dtype=pl.Boolean())
        if never_equal(*site.types):
            known = left.is_not_null() & right.is_not_null()
            return pl.when(known).then(compare(pl.lit(0), pl.lit(1), t.IntType()))
        if site.has_same_columns() and isinstance(site.types[0], _FLOATS):
            # Decided while planning: a NaN, too, equals itself here.
            return pl.when(left.is_not_null()).then(compare(pl.lit(0), pl.lit(0), t.IntType()))
        first, second = (right, left) if swapped else (left, right)
        truth = compare(first, second, site.types[0])
        # Of values that are there, one that cannot be cast: NULL has no place in the type.
        cast = any(each.nullable for each in site.types) and not site.data_type.nullable
        return truth.fill_null(False) if cast else truth

    return evaluate


def _distinct(negated: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        if never_equal(*site.types):
            same = pl.all_horizontal(each.is_null() for each in site.args())
            return same if negated else ~same
        left, right = _columns_first(*(normalized(site.arg(i), site.types[i]) for i in (0, 1)))
        same = left.eq_missing(right)
        if isinstance(site.types[0], _FLOATS) and not site.has_same_columns():
            same = same & ~(left.is_nan() & right.is_nan()).fill_null(False)
        return same if negated else ~same

    return evaluate


def _infer_range(call: Arguments) -> Resolution | None:
    if len(call) != 3:
        return None
    common = comparison_type(call.types[0], call.types[1])
    common = None if common is None else comparison_type(common, call.types[2])
    if common is None or not _comparable(common, True):
        return None
    return Resolution(BOOLEAN.with_nullable(call.any_nullable()), (common,) * 3)


def _between(site: Site) -> pl.Expr:
    value, low, high = site.args()
    kind = site.types[0]
    inside = at_most(low, value, kind) & at_most(value, high, kind)
    if site.keywords.get("symmetric"):
        return inside | (at_most(high, value, kind) & at_most(value, low, kind))
    return inside


def _infer_in(call: Arguments) -> Resolution | None:
    if len(call) < 2:
        return None
    candidates = common_type(call.types[1:])
    if candidates is None:
        raise SqlValidationError("Values in expression list must have compatible types")
    common = common_type((call.types[0], candidates))
    if isinstance(call.types[0], t.FloatType) and len(call) > 2 and common is not None:
        # Several constants are looked up as what the value is; one is compared.
        common = call.types[0].with_nullable(call.any_nullable())
    if common is None and comparison_type(call.types[0], candidates) is not None:
        # A text and another type: the candidates are made what the value is.
        common = call.types[0].with_nullable(call.any_nullable())
    if common is None or not _comparable(common, False):
        return None
    return Resolution(BOOLEAN.with_nullable(call.any_nullable()), (common,) * len(call))


def _in(site: Site) -> pl.Expr:
    value, *candidates = site.args()
    kind = site.types[0]
    constants = [site.constant(i) for i in range(1, len(site))]
    simple = isinstance(
        kind, (t.IntegralType, t.CharType, t.VarCharType, t.DateType, t.BooleanType)
    )
    if simple and len(candidates) > 2 and all(type(c) in (int, str) for c in constants):
        candidates_list = pl.Series(constants, dtype=polars_type(kind)).implode()
        return value.is_in(pl.lit(candidates_list))
    found = equals(value, candidates[0], kind)
    for candidate in candidates[1:]:
        found = found | equals(value, candidate, kind)
    return found


def _test(
    name: str, doc: str, evaluate: Callable[[pl.Expr], pl.Expr], is_of_one: bool
) -> FunctionEntry:
    infer = signature(ANY, returns=BOOLEAN, nullable=False)
    examples = [(f"1 {name}", is_of_one)]
    return FunctionEntry(name, infer, lambda site: evaluate(site.arg(0)), doc, "anything", examples)


_PAIR = "two comparable values"

ENTRIES: Final = (
    FunctionEntry(
        "=", _infer_pair(False), _evaluate(equals), "Whether two values are equal.", _PAIR,
        [("1 = 1", True), ("'a' = 'b'", False), ("CAST(NULL AS INT) = 1", None)],
    ),
    FunctionEntry(
        "<>", _infer_pair(False), _evaluate(_differs), "Whether two values differ.", _PAIR,
        [("1 <> 1", False), ("'a' <> 'b'", True)], aliases=("!=",),
    ),
    FunctionEntry(
        "<", _infer_pair(True), _evaluate(less), "Whether the first is smaller.", _PAIR,
        [("1 < 2", True), ("'b' < 'a'", False)],
    ),
    FunctionEntry(
        "<=", _infer_pair(True), _evaluate(at_most), "Whether the first is not larger.", _PAIR,
        [("2 <= 2", True)],
    ),
    FunctionEntry(
        ">", _infer_pair(True), _evaluate(less, True), "Whether the first is larger.", _PAIR,
        [("1 > 2", False), ("2 > 1.5", True)],
    ),
    FunctionEntry(
        ">=", _infer_pair(True), _evaluate(at_most, True), "Whether the first is not smaller.",
        _PAIR, [("2 >= 2", True)],
    ),
    FunctionEntry(
        "IS DISTINCT FROM", _infer_pair(False, False), _distinct(False),
        "Whether two values differ, NULL being a value like others.", _PAIR,
        [("1 IS DISTINCT FROM CAST(NULL AS INT)", True)],
    ),
    FunctionEntry(
        "IS NOT DISTINCT FROM", _infer_pair(False, False), _distinct(True),
        "Whether two values are equal, NULL being a value like others.", _PAIR,
        [("CAST(NULL AS INT) IS NOT DISTINCT FROM CAST(NULL AS INT)", True)],
    ),
    FunctionEntry(
        "BETWEEN", _infer_range, _between, "Whether a value lies between two, ends included.",
        "a value and two bounds", [("2 BETWEEN 1 AND 3", True), ("4 BETWEEN 1 AND 3", False)],
    ),
    FunctionEntry(
        "IN", _infer_in, _in, "Whether a value equals one of several.", "a value and candidates",
        [("2 IN (1, 2)", True), ("3 IN (1, 2)", False)],
    ),
    _test("IS NULL", "Whether a value is NULL.", lambda value: value.is_null(), False),
    _test("IS NOT NULL", "Whether a value is not NULL.", lambda value: value.is_not_null(), True),
)  # fmt: skip
