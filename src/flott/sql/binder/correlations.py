"""Rows made for each row: UNNEST, table functions and LATERAL queries."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from flott.common.logical_types import IntType
from flott.sql import functions
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import placed
from flott.sql.binder.expressions import Environment, bind_all
from flott.sql.binder.expressions.call_parts import settings_of
from flott.sql.binder.plans import join_fields
from flott.sql.binder.relations import Source, aliased
from flott.sql.binder.scope import Scope
from flott.sql.expressions import Expression
from flott.sql.logical.nodes import Correlate, Field, JoinKind, LateralJoin


def is_correlated(tree: exp.Expression) -> bool:
    """Whether ``tree`` is a relation that may refer to what stands before it in FROM."""
    if isinstance(tree, (exp.Unnest, exp.Lateral)):
        return True
    if not isinstance(tree, exp.Table) or not isinstance(tree.this, exp.Anonymous):
        return False
    return functions.is_table_function(str(tree.this.this))


def correlate(left: Source, tree: exp.Expression, kind: JoinKind, context: BindContext) -> Source:
    """Each row of ``left`` with the rows that ``tree`` makes for it; without a condition.

    Raises:
        SqlValidationError: The function is unknown, or takes other operands.
    """
    inner = tree.this if isinstance(tree, exp.Lateral) else tree
    if isinstance(inner, exp.Subquery):
        return _lateral(left, tree, inner, kind, context)
    env = Environment(context, left.scope, clause="FROM")
    name, trees, settings = _call(tree, env)
    with placed(tree, context.text):
        functions.require_table_function(name)
        row_fields, args = functions.resolve_table_function(name, bind_all(trees, env))
    fields = [Field(each.name, each.data_type) for each in row_fields]
    has_ordinality = bool(tree.args.get("offset"))
    if has_ordinality:
        fields.append(Field("ORDINALITY", IntType(nullable=False)))
    right = _named(tuple(fields), tree, context)
    made = join_fields(left.node.fields, right.fields, kind)
    node = Correlate(made, left.node, name, args, kind, None, has_ordinality, tuple(settings))
    return Source(node, left.scope.beside(right, made))


def _call(
    tree: exp.Expression, env: Environment
) -> tuple[str, list[exp.Expression], tuple[tuple[str, object], ...]]:
    if isinstance(tree, exp.Unnest):
        return "UNNEST", tree.expressions, ()
    call = tree.this
    while isinstance(call, exp.Dot):
        call = call.expression
    return str(call.this).upper(), call.expressions, settings_of(call, env)


def _named(fields: tuple[Field, ...], tree: exp.Expression, context: BindContext) -> Scope:
    """The columns of a function under the alias that ``tree`` gives."""
    alias = tree.args.get("alias")
    if alias is None:
        return Scope.of((), fields)
    columns = [each.name for each in alias.args.get("columns") or ()]
    if columns and len(columns) != len(fields):
        raise context.invalid(
            alias,
            "List of column aliases must have same degree as table; table has "
            f"{len(fields)} columns, whereas alias list has {len(columns)} columns",
        )
    if columns:
        fields = tuple(replace(each, name=name) for each, name in zip(fields, columns, strict=True))
    return Scope.of((alias.name,), fields)


def _lateral(
    left: Source,
    tree: exp.Expression,
    query: exp.Subquery,
    kind: JoinKind,
    context: BindContext,
) -> Source:
    plan = context.queries.query(query.this, context.inside(left.scope))
    right = aliased(plan, tree.args.get("alias"), context)
    made = join_fields(left.node.fields, right.node.fields, kind)
    node = LateralJoin(made, left.node, right.node, kind)
    return Source(node, left.scope.beside(right.scope, made))


def with_condition(source: Source, condition: Expression) -> Source:
    """``source``, made by ``correlate``, with the condition of ON."""
    node = source.node
    assert isinstance(node, (Correlate, LateralJoin))
    return Source(replace(node, condition=condition), source.scope)
