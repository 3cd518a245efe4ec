"""Aggregate calls: where they may stand, and GROUPING, which asks for the group itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlglot import exp

from flott.common.logical_types import BigIntType
from flott.sql import functions
from flott.sql.binder.expressions.call_parts import CallParts, settings_of
from flott.sql.binder.expressions.conditions import condition
from flott.sql.binder.expressions.dispatch import bind, bind_all
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import AggregateCall, Expression, NullOrder, SortKey

GROUPING_NAMES: Final = frozenset({"GROUPING", "GROUPING_ID", "GROUP_ID"})


def bind_aggregate(parts: CallParts, env: Environment) -> Expression:
    """``SUM(x)`` and its like.

    Raises:
        SqlValidationError: The clause takes no aggregate, or they are nested.
    """
    _check_place(parts, env)
    if parts.name == "APPROX_COUNT_DISTINCT" and env.context.session.is_streaming:
        raise env.invalid(
            parts.tree, f"{parts.name} is for batch mode only", "Write COUNT(DISTINCT ...)."
        )
    inner = replace(env, has_aggregates=False, has_over=False, in_aggregate=True)
    call = functions.resolve_aggregate(
        parts.name,
        bind_all(parts.args, inner),
        is_distinct=parts.is_distinct,
        filter=None if parts.filter is None else condition(parts.filter, inner, "FILTER"),
        order_by=tuple(sort_key(each, inner) for each in parts.order),
        settings=settings_of(parts.call, inner),
        origin=env.written(parts.tree),
    )
    may_be_empty = env.has_empty_groups or parts.filter is not None
    if may_be_empty and functions.empty_is_null(parts.name):
        return replace(call, data_type=call.data_type.nullable_())
    return call


def _check_place(parts: CallParts, env: Environment) -> None:
    if env.in_aggregate:
        raise env.invalid(
            parts.tree, "Aggregate expressions cannot be nested", "Aggregate twice in sub-queries."
        )
    if not env.has_aggregates:
        hint = "HAVING takes aggregates." if env.clause == "WHERE" else None
        raise env.invalid(
            parts.tree, f"Aggregate expression is illegal in {env.clause} clause", hint
        )


def bind_grouping(parts: CallParts, env: Environment) -> Expression:
    """``GROUPING(a)``, ``GROUPING_ID(a, b)``: bits that tell which columns a row is not grouped by.
    GROUP_ID() numbers the groups of equal grouping sets."""
    if not env.has_aggregates:
        raise env.invalid(parts.tree, f"{parts.name} operator may only occur in an aggregate query")
    inner = replace(env, has_aggregates=False, in_aggregate=True)
    name = "GROUP_ID" if parts.name == "GROUP_ID" else "GROUPING_ID"
    if name == "GROUPING_ID" and not parts.args:
        raise env.invalid(parts.tree, f"{parts.name} needs at least one column")
    return AggregateCall(
        BigIntType(nullable=False),
        name,
        bind_all(parts.args, inner),
        origin=env.written(parts.tree),
    )


def sort_key(tree: exp.Ordered, env: Environment) -> SortKey:
    """A key of ORDER BY over columns."""
    return key_of(tree, bind(tree.this, env))


def key_of(tree: exp.Ordered, expression: Expression) -> SortKey:
    """``expression`` ordered as ``tree`` says."""
    first = tree.args.get("nulls_first")
    nulls = None if first is None else NullOrder.FIRST if first else NullOrder.LAST
    return SortKey(expression, not tree.args.get("desc"), nulls)
