"""What functions over windows an endless stream can have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlglot import exp

from flott.common.logical_types import CharType, VarCharType
from flott.sql.binder.context import BindContext
from flott.sql.expressions import Cast, Expression, OverCall, walk

#: Functions that need the whole partition.
_WHOLE: Final = frozenset(("NTILE", "CUME_DIST", "PERCENT_RANK", "LEAD"))
#: Functions without a frame.
_FRAMELESS: Final = frozenset(("ROW_NUMBER", "RANK", "DENSE_RANK", "LAG"))


def over_calls(expressions: Iterable[Expression]) -> list[OverCall]:
    """The functions over windows in ``expressions``."""
    return [part for each in expressions for part in walk(each) if isinstance(part, OverCall)]


def check_over(expressions: Iterable[Expression], select: exp.Select, context: BindContext) -> None:
    """Refuse what STREAMING mode cannot have in one query.

    Raises:
        SqlValidationError: A function needs the end of the input, or windows differ.
    """
    calls = over_calls(expressions)
    if not context.is_streaming or not calls:
        return
    trees = [
        each for each in select.find_all(exp.Window) if isinstance(each.this, exp.Func | exp.Filter)
    ]
    for call in calls:
        if call.function in _WHOLE:
            raise context.invalid(
                _tree(call.function, trees),
                f"{call.function} Function is not supported in stream mode",
                "It needs the whole partition: run in BATCH mode.",
            )
        _check_default(call, trees, context)
        if any((bound.preceding or 0) < 0 for bound in (call.window.lower, call.window.upper)):
            raise context.invalid(
                _tree(call.function, trees),
                "OVER windows with FOLLOWING are not supported in stream mode",
            )
        if call.function not in _FRAMELESS and not _comes_from_before(call, select):
            raise context.invalid(
                _tree(call.function, trees),
                "In stream mode a frame goes from rows before to the CURRENT ROW",
            )
    _check_equal(calls, trees, context)


def _check_default(call: OverCall, trees: list[exp.Window], context: BindContext) -> None:
    """Refuse a default of LAG that is of another kind: in STREAMING mode Flink casts none."""
    if call.function != "LAG" or len(call.args) < 3:
        return
    value, default = call.args[0].data_type, call.args[2]
    while isinstance(default, Cast) and default.is_implicit:
        default = default.arg
    if type(value) is not type(default.data_type) and not isinstance(value, VarCharType | CharType):
        raise context.invalid(
            _tree(call.function, trees),
            f"In stream mode LAG casts no default: {default.data_type} is not {value}",
            f"Write CAST(... AS {value.nullable_()}).",
        )


def _comes_from_before(call: OverCall, select: exp.Select) -> bool:
    """Whether a frame goes from a row before (``0 PRECEDING`` is one) to the current row."""
    lower, upper = call.window.lower.preceding, call.window.upper.preceding
    starts = {str(each.args.get("start")) for each in select.find_all(exp.WindowSpec)}
    return upper == 0 and (lower != 0 or "CURRENT ROW" not in starts)


def _check_equal(calls: list[OverCall], trees: list[exp.Window], context: BindContext) -> None:
    windows = {(each.window.partition_by, each.window.order_by) for each in calls}
    frames = {
        (each.window.is_rows, each.window.lower, each.window.upper)
        for each in calls
        if each.function not in _FRAMELESS
    }
    if len(windows) > 1 or len(frames) > 1:
        raise context.invalid(
            trees[-1] if trees else None,
            "Over Agg: all aggregates must be computed on the same window in stream mode",
            "Compute them in nested queries, one window in each.",
        )


def _tree(function: str, trees: list[exp.Window]) -> exp.Expression | None:
    for each in trees:
        call = each.find(exp.Anonymous)
        if call is not None and str(call.this).upper() == function:
            return each
    return trees[0] if trees else None
