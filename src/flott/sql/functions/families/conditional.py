"""CASE, IF, COALESCE, NULLIF, GREATEST, ...: values that depend on others.

Branches are needed only in the rows that take them: their checks are guarded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.sql.expressions import Cast, Expression
from flott.sql.functions.calls.site import Site
from flott.sql.functions.coercion import common_type, comparison_type
from flott.sql.functions.entry import Arguments, FunctionEntry, Resolution
from flott.sql.functions.families.comparison import (
    casts_leniently,
    equals,
    never_equal,
    refuse_mixed_equality,
)
from flott.sql.functions.signatures import BOOLEAN


def _infer_case(call: Arguments) -> Resolution | None:
    types = call.types
    conditions, values = types[:-1:2], (*types[1::2], types[-1])
    if len(types) % 2 == 0:
        conditions, values = types[::2], types[1::2]
    if not conditions or not all(_is_truth(each) for each in conditions):
        return None
    common = common_type(values)
    if common is None or isinstance(common, t.NullType):
        return None
    if len(types) % 2 == 0:
        common = common.nullable_()
    wanted = [BOOLEAN if i % 2 == 0 else common for i in range(len(types))]
    if len(types) % 2:
        wanted[-1] = common
    return Resolution(common, tuple(wanted))


def _is_truth(data_type: t.DataType) -> bool:
    return isinstance(data_type, (t.BooleanType, t.NullType))


def _case(site: Site) -> pl.Expr:
    """Each condition is needed where none before was true, each value where its condition is."""
    count = len(site)
    remaining: pl.Expr | None = None
    branches: list[tuple[pl.Expr, pl.Expr]] = []
    for index in range(0, count - 1, 2):
        condition = site.arg(index, remaining).fill_null(False)
        taken = condition if remaining is None else remaining & condition
        branches.append((condition, site.arg(index + 1, taken)))
        remaining = ~condition if remaining is None else remaining & ~condition
    default = pl.lit(None, dtype=site.result_type)
    if count % 2:
        default = site.arg(count - 1, remaining)
    return choose(branches, default)


def choose(branches: Sequence[tuple[pl.Expr, pl.Expr]], default: pl.Expr) -> pl.Expr:
    """The value of the first branch whose condition is true."""
    result = default
    for condition, value in reversed(branches):
        result = pl.when(condition).then(value).otherwise(result)
    return result


def _infer_if(call: Arguments) -> Resolution | None:
    if len(call) != 3 or not _is_truth(call.types[0]):
        return None
    common = common_type(call.types[1:])
    if common is None or isinstance(common, (t.NullType, t.RowType)):
        return None
    result = common.with_nullable(call.any_nullable())
    return Resolution(result, (BOOLEAN, common, common))


def _infer_first(call: Arguments) -> t.DataType | None:
    """The common type for COALESCE: beside a DATE or TIME a TIMESTAMP loses its other half."""
    parts = [each for each in call.types if isinstance(each, (t.DateType, t.TimeType))]
    if parts and len({type(each) for each in parts}) == 1:
        others = [each for each in call.types if each not in parts]
        if all(isinstance(each, (t.TimestampType, t.NullType)) for each in others):
            return parts[0]
    return _infer_common(call)


def _infer_common(call: Arguments) -> t.DataType | None:
    common = common_type(call.types)
    return None if common is None or isinstance(common, t.NullType) else common


def _infer_coalesce(call: Arguments) -> Resolution | None:
    common = _infer_first(call) if len(call) else None
    if common is None:
        return None
    result = common.with_nullable(all(each.nullable for each in call.types))
    return Resolution(result, (common,) * len(call))


def _infer_ifnull(call: Arguments) -> Resolution | None:
    return _infer_coalesce(call) if len(call) == 2 else None


def _coalesce(site: Site) -> pl.Expr:
    """Each operand is needed where all before were NULL."""
    values = [site.arg(0)]
    missing = values[0].is_null()
    for index in range(1, len(site)):
        values.append(site.arg(index, missing))
        missing = missing & values[-1].is_null()
    return pl.coalesce(values)


def _infer_nullif(call: Arguments) -> Resolution | None:
    if len(call) != 2:
        return None
    refuse_mixed_equality(*call.types)
    if comparison_type(*call.types) is None or isinstance(call.types[0], t.NullType):
        return None
    return Resolution(call.types[0].nullable_(), call.types)


def _nullif(site: Site) -> pl.Expr:
    """Both are compared in a common type; the value keeps its own."""
    common = comparison_type(*site.types)
    if site.has_same_columns():
        return pl.lit(None, dtype=site.result_type)
    if common is None or isinstance(site.types[1], t.NullType) or never_equal(*site.types):
        return site.arg(0)
    lenient = casts_leniently(site.operands)
    left, right = (
        site.compile(each if each.data_type.same_type(common) else _compared(each, common, lenient))
        for each in site.operands
    )
    return pl.when(~equals(left, right, common).fill_null(False)).then(site.arg(0))


def _compared(operand: Expression, common: t.DataType, is_lenient: bool) -> Expression:
    wanted = common.with_nullable(operand.data_type.nullable or is_lenient)
    return Cast(wanted, operand, is_try=is_lenient, is_implicit=True)


def _infer_extreme(call: Arguments) -> Resolution | None:
    common = _infer_common(call) if len(call) else None
    if common is None or not isinstance(common, t.AtomicType):
        return None
    return Resolution(common.with_nullable(call.any_nullable()), (common,) * len(call))


def _extreme(is_largest: bool) -> Callable[[Site], pl.Expr]:
    def evaluate(site: Site) -> pl.Expr:
        values = site.args()
        result = values[0]
        for value in values[1:]:
            better = value > result if is_largest else value < result
            result = pl.when(better).then(value).otherwise(result)
        known = values[0].is_not_null()
        for value in values[1:]:
            known = known & value.is_not_null()
        return pl.when(known).then(result)

    return evaluate


_SAME = "values of one type"

ENTRIES: Final = (
    FunctionEntry(
        "CASE", _infer_case, _case, "The value of the first condition that is true.",
        "conditions, each with a value, [a default]",
        [("CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END", "b"), ("CASE 1 WHEN 1 THEN 5 END", 5),
         ("CASE WHEN TRUE THEN 1 ELSE 1 / 0 END", 1)],
    ),
    FunctionEntry(
        "IF", _infer_if, _case, "The second if the first is true, else the third.",
        "BOOLEAN, value, value", [("IF(1 > 2, 'a', 'b')", "b")],
    ),
    FunctionEntry(
        "COALESCE", _infer_coalesce, _coalesce, "The first that is not NULL.", _SAME,
        [("COALESCE(CAST(NULL AS INT), 3)", 3), ("COALESCE(1, 1 / 0)", 1)],
    ),
    FunctionEntry(
        "IFNULL", _infer_ifnull, _coalesce, "The first if it is not NULL, else the second.",
        "value, value", [("IFNULL(CAST(NULL AS INT), 5)", 5)],
    ),
    FunctionEntry(
        "NULLIF", _infer_nullif, _nullif, "NULL if both are equal, else the first.",
        "value, value", [("NULLIF(5, 5)", None), ("NULLIF(5, 0)", 5)],
    ),
    FunctionEntry(
        "GREATEST", _infer_extreme, _extreme(True), "The largest; NULL if one is NULL.", _SAME,
        [("GREATEST(3, 16, 5)", 16)],
    ),
    FunctionEntry(
        "LEAST", _infer_extreme, _extreme(False), "The smallest; NULL if one is NULL.", _SAME,
        [("LEAST(3, 1, 2)", 1)],
    ),
)  # fmt: skip
