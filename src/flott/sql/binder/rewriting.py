"""Changing bound expressions from the top down, and columns of queries around a sub-query.

``flott.sql.expressions.transform`` works from the bottom up; a grouping key must be found before
its parts are looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from flott.sql import functions
from flott.sql.expressions import (
    Call,
    Cast,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    OuterRef,
    OverWindow,
    ScalarSubquery,
    SortKey,
    transform,
)
from flott.sql.logical.nodes import LogicalNode

#: Gives what stands for a part of an expression; ``None`` to look at its operands.
Rule = Callable[[Expression], Expression | None]
_SUBQUERIES = (ScalarSubquery, InSubquery, ExistsSubquery)


def rewrite(expression: Expression, rule: Rule) -> Expression:
    """``expression`` with ``rule`` applied to each part, the outermost first."""
    found = rule(expression)
    if found is not None:
        return found
    changed: dict[str, Any] = {}
    for each in fields(expression):
        old = getattr(expression, each.name)
        new = _rewritten(old, rule)
        if new is not old:
            changed[each.name] = new
    return replace(expression, **changed) if changed else expression


def _rewritten(value: Any, rule: Rule) -> Any:
    if isinstance(value, Expression):
        return rewrite(value, rule)
    if isinstance(value, SortKey):
        inner = rewrite(value.expression, rule)
        return value if inner is value.expression else replace(value, expression=inner)
    if isinstance(value, OverWindow):
        partition = _rewritten(value.partition_by, rule)
        order = _rewritten(value.order_by, rule)
        same = partition is value.partition_by and order is value.order_by
        return value if same else replace(value, partition_by=partition, order_by=order)
    if isinstance(value, tuple) and value:
        parts = tuple(_rewritten(part, rule) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value


#: Gives what stands for the column ``index`` of a query that is ``depth`` levels around.
OuterRule = Callable[[OuterRef, int], Expression]


def rewrite_outer(plan: LogicalNode, rule: OuterRule, depth: int = 1) -> LogicalNode:
    """``plan``, a sub-query, with ``rule`` applied to its references to the queries around.

    The rule is called with each reference that goes out of ``plan``, and with the number of
    sub-queries between it and ``plan``, ``plan`` counted: a reference with that very depth means
    the query next to ``plan``.
    """
    changed: dict[str, Any] = {}
    for each in fields(plan):
        old = getattr(plan, each.name)
        step = 1 if each.name == "right" and type(plan).__name__ == "LateralJoin" else 0
        new = _rewritten_plan(old, rule, depth + step)
        if new is not old:
            changed[each.name] = new
    return replace(plan, **changed) if changed else plan


def _rewritten_plan(value: Any, rule: OuterRule, depth: int) -> Any:
    if isinstance(value, LogicalNode):
        return rewrite_outer(value, rule, depth)
    if isinstance(value, tuple) and value:
        parts = tuple(_rewritten_plan(part, rule, depth) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    if isinstance(value, Expression):
        return rewrite_outer_in(value, rule, depth)
    if isinstance(value, SortKey):
        inner = rewrite_outer_in(value.expression, rule, depth)
        return value if inner is value.expression else replace(value, expression=inner)
    return value


def rewrite_outer_in(expression: Expression, rule: OuterRule, depth: int) -> Expression:
    """``expression``, which stands ``depth`` sub-queries deep, with ``rule`` applied to its
    references to queries around, those of its own sub-queries included."""

    def visit(part: Expression) -> Expression | None:
        if isinstance(part, OuterRef):
            return rule(part, depth) if part.depth >= depth else part
        if isinstance(part, _SUBQUERIES):
            inner = rewrite_outer(part.plan, rule, depth + 1)
            return _with_operands(part, inner, rule, depth)
        return None

    return rewrite(expression, visit)


def _with_operands(
    part: ScalarSubquery | InSubquery | ExistsSubquery,
    plan: LogicalNode,
    rule: OuterRule,
    depth: int,
) -> Expression:
    if isinstance(part, InSubquery):
        args = tuple(rewrite_outer_in(each, rule, depth) for each in part.args)
        return replace(part, plan=plan, args=args)
    return replace(part, plan=plan)


def deepened(expression: Expression, by: int = 1) -> Expression:
    """``expression`` as a sub-query ``by`` levels deeper sees it."""

    def visit(part: Expression) -> Expression | None:
        if isinstance(part, InputRef):
            return OuterRef(part.data_type, part.index, by)
        if isinstance(part, OuterRef):
            return replace(part, depth=part.depth + by)
        if isinstance(part, _SUBQUERIES):
            inner = replace(part, plan=deepened_plan(part.plan, by))
            if isinstance(inner, InSubquery):
                inner = replace(inner, args=tuple(deepened(each, by) for each in inner.args))
            return inner
        return None

    return rewrite(expression, visit)


def deepened_plan(plan: LogicalNode, by: int) -> LogicalNode:
    """A sub-query as it is when it stands ``by`` levels deeper."""
    return rewrite_outer(plan, lambda ref, _: replace(ref, depth=ref.depth + by))


def renullable(expression: Expression) -> Expression:
    """``expression`` with the types of its calls found again: operands may be NULL now."""

    def rule(part: Expression) -> Expression:
        if isinstance(part, Call):
            found = functions.resolve_call(part.function, part.args, part.settings, part.origin)
            return part if found.data_type == part.data_type else found
        if isinstance(part, Cast):
            nullable = part.arg.data_type.nullable or part.is_try
            return replace(part, data_type=part.data_type.with_nullable(nullable))
        return part

    return transform(expression, rule)
