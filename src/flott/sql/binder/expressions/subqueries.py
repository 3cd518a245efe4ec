"""Sub-queries in expressions: scalar ones, EXISTS, IN, and comparisons with ANY or ALL."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from flott.common.logical_types import BooleanType, RowType
from flott.common.sql_errors import SqlValidationError
from flott.sql import functions
from flott.sql.binder.expressions.cases import bind_in_list
from flott.sql.binder.expressions.dispatch import bind, bind_all, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.expressions.operators import COMPARISONS, compare, logical, row_parts
from flott.sql.binder.rewriting import deepened
from flott.sql.expressions import (
    Call,
    Cast,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    ScalarSubquery,
)
from flott.sql.logical.nodes import Filter, LogicalNode, Project


def _plan(tree: exp.Expression, env: Environment) -> LogicalNode:
    query = tree.this if isinstance(tree, exp.Subquery) else tree
    return env.context.queries.query(query, env.context.inside(env.scope))


@binds(exp.Subquery, exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Values)
def bind_scalar(tree: exp.Expression, env: Environment) -> Expression:
    """``(SELECT ...)``: the one value of a query.

    Raises:
        SqlValidationError: The query has several columns.
    """
    plan = _plan(tree, env)
    if len(plan.fields) != 1:
        raise env.invalid(
            tree,
            f"A sub-query that stands for a value has one column, this has {len(plan.fields)}",
        )
    return ScalarSubquery(plan.fields[0].data_type.nullable_(), plan)


@binds(exp.Exists)
def bind_exists(tree: exp.Exists, env: Environment) -> Expression:
    """``EXISTS (SELECT ...)``."""
    return ExistsSubquery(BooleanType(nullable=False), _plan(tree.this, env))


@binds(exp.In)
def bind_in(tree: exp.In, env: Environment) -> Expression:
    """``a IN (SELECT ...)`` and ``a IN (b, c)``."""
    query = tree.args.get("query")
    if query is None:
        return bind_in_list(tree, env)
    return _in(bind(tree.this, env), _plan(query, env), is_negated=False)


def _in(value: Expression, plan: LogicalNode, is_negated: bool) -> Expression:
    is_row = isinstance(value, Call) and value.function == "ROW"
    args = value.args if is_row and isinstance(value, Call) else (value,)
    if not is_row and isinstance(value.data_type, RowType) and len(plan.fields) > 1:
        args = tuple(row_parts(value) or args)
    if len(args) != len(plan.fields):
        raise SqlValidationError(
            f"Values passed to IN must have as many columns as the sub-query: "
            f"{len(args)} and {len(plan.fields)}"
        )
    # Comparing shows which casts either side needs.
    pairs = [
        _operands(arg, InputRef(field.data_type, index))
        for index, (arg, field) in enumerate(zip(args, plan.fields, strict=True))
    ]
    plan = _projected(plan, tuple(right for _, right in pairs))
    nullable = any(side.data_type.nullable for pair in pairs for side in pair)
    left = tuple(left for left, _ in pairs)
    return InSubquery(BooleanType(nullable=nullable), left, plan, is_negated)


def _operands(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    call = functions.resolve_call("=", (left, right))
    return call.args[0], call.args[1]


def _projected(plan: LogicalNode, columns: tuple[Expression, ...]) -> LogicalNode:
    if all(isinstance(each, InputRef) for each in columns):
        return plan
    fields = tuple(
        replace(field, data_type=column.data_type, time=None) if isinstance(column, Cast) else field
        for field, column in zip(plan.fields, columns, strict=True)
    )
    return Project(fields, plan, columns)


def negated(value: Expression, origin: str) -> Expression:
    """``NOT value``; sub-queries know their opposite."""
    if isinstance(value, (InSubquery, ExistsSubquery)):
        return replace(value, is_negated=not value.is_negated)
    return functions.resolve_call("NOT", (value,), origin=origin)


@binds(exp.Not)
def bind_not(tree: exp.Not, env: Environment) -> Expression:
    """``NOT a``."""
    return negated(bind(tree.this, env), env.written(tree))


@binds(*COMPARISONS)
def bind_comparison(tree: exp.Expression, env: Environment) -> Expression:
    """``a = b`` and its like, ``a = ANY (SELECT ...)`` among them."""
    sign = COMPARISONS[type(tree)]
    left = bind(tree.this, env)
    if isinstance(tree.expression, (exp.Any, exp.All)):
        return _quantified(sign, left, tree, env)
    return compare(sign, left, bind(tree.expression, env), env.written(tree))


def _quantified(sign: str, left: Expression, tree: exp.Expression, env: Environment) -> Expression:
    is_all = isinstance(tree.expression, exp.All)
    inner = tree.expression.this
    if isinstance(inner, exp.Tuple):
        options = bind_all(inner.expressions, env)
        parts = [compare(sign, left, each, env.written(tree)) for each in options]
        return logical("AND" if is_all else "OR", parts, env.written(tree))
    plan = _plan(inner, env)
    if len(plan.fields) != 1:
        raise env.invalid(inner, "A sub-query that is compared has one column")
    if (sign, is_all) in (("=", False), ("<>", True)):
        return _in(left, plan, is_negated=is_all)
    value = InputRef(plan.fields[0].data_type, 0)
    found = compare(sign, deepened(left), value)
    if is_all:
        found = functions.resolve_call("IS NOT TRUE", (found,))
    plan = Filter(plan.fields, plan, found)
    return ExistsSubquery(BooleanType(nullable=False), plan, is_negated=is_all)
