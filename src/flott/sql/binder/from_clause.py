"""FROM: tables, sub-queries, functions and their joins become one plan and one scope."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from flott.sql.binder.changelog_functions import (
    bind_from_changelog,
    bind_to_changelog,
    changelog_arguments,
    is_changelog_function,
)
from flott.sql.binder.context import BindContext
from flott.sql.binder.correlations import correlate, is_correlated, with_condition
from flott.sql.binder.errors import placed
from flott.sql.binder.hints import QueryHints, table_options
from flott.sql.binder.joins import (
    JoinContext,
    join,
    kind_of,
    on_condition,
    snapshot_join,
    time_travel,
)
from flott.sql.binder.plans import one_row
from flott.sql.binder.relations import Source, aliased
from flott.sql.binder.rewriting import deepened_plan
from flott.sql.binder.scope import Scope
from flott.sql.binder.table_arguments import Arguments
from flott.sql.binder.table_expansion import expand_table
from flott.sql.binder.window_functions import bind_window, is_window_function, window_arguments
from flott.sql.catalog.objects import TableObject
from flott.sql.dialect.nodes import TableArgument
from flott.sql.logical.nodes import JoinKind, LogicalNode

_EMPTY = Source(one_row(), Scope())


def bind_from(select: exp.Select, context: BindContext, hints: QueryHints) -> Source:
    """The plan and the names of a FROM clause; one row without columns if there is none.

    Raises:
        SqlValidationError: A table or a column does not exist, or a join is wrong.
    """
    start = select.args.get("from_")
    if start is None:
        return _EMPTY
    around = JoinContext(context, hints)
    return _joined(start.this, select.args.get("joins") or (), around)


def _joined(
    first: exp.Expression, joins: list[exp.Join] | tuple[exp.Join, ...], around: JoinContext
) -> Source:
    source = _relation(first, around, joins_too=True)
    for tree in joins:
        source = _with_join(source, tree, around)
    return source


def _with_join(left: Source, tree: exp.Join, around: JoinContext) -> Source:
    context, relation = around.context, tree.this
    if is_correlated(relation):
        return _with_correlated(left, tree, around)
    version = relation.args.get("version")
    right = _relation(relation, around, joins_too=True, is_snapshot=version is not None)
    if version is not None:
        return snapshot_join(left, right, version, tree, around)
    with placed(tree, context.text):
        return join(left, right, tree, around)


def _with_correlated(left: Source, tree: exp.Join, around: JoinContext) -> Source:
    context, kind = around.context, kind_of(tree)
    if kind in (JoinKind.RIGHT, JoinKind.FULL):
        raise context.invalid(
            tree, f"{kind.value} JOIN cannot join rows that are made for each row of the left side"
        )
    wanted = JoinKind.LEFT if kind is JoinKind.LEFT else JoinKind.INNER
    made = correlate(left, tree.this, wanted, context)
    predicate = on_condition(tree, made.scope, context)
    return made if predicate is None else with_condition(made, predicate)


def _relation(
    tree: exp.Expression, around: JoinContext, joins_too: bool = False, is_snapshot: bool = False
) -> Source:
    context = around.context
    inner = tree.args.get("joins")
    if inner and joins_too and not isinstance(tree, exp.Subquery):
        return _joined_inside(tree, inner, around)
    _refuse_unsupported(tree, context, is_snapshot)
    if is_correlated(tree):
        return correlate(_EMPTY, tree, JoinKind.INNER, context)
    if isinstance(tree, exp.Subquery):
        return _subquery(tree, around)
    if isinstance(tree, exp.Values):
        plan = context.queries.query(tree, context.inner())
        return aliased(plan, tree.args.get("alias"), context)
    if isinstance(tree, exp.Table):
        return _table(tree, around)
    raise context.unsupported(tree, "This in FROM")


def _joined_inside(tree: exp.Expression, joins: list[exp.Join], around: JoinContext) -> Source:
    source = _relation(tree, around)
    for each in joins:
        source = _with_join(source, each, around)
    return source


def _refuse_unsupported(tree: exp.Expression, context: BindContext, is_snapshot: bool) -> None:
    match = tree.args.get("match")
    if match is not None:
        raise context.unsupported(match, "MATCH_RECOGNIZE")
    version = tree.args.get("version")
    if version is not None and not is_snapshot:
        raise time_travel(version, context)


def _subquery(tree: exp.Subquery, around: JoinContext) -> Source:
    context, inner = around.context, tree.this
    alias = tree.args.get("alias")
    if isinstance(inner, (exp.Table, exp.Lateral, exp.Unnest)) or _is_join(inner):
        source = _relation(inner, around, joins_too=True)
        for each in tree.args.get("joins") or ():
            source = _with_join(source, each, around)
        return source if alias is None else aliased(source.node, alias, context)
    plan = context.queries.query(inner, context.inner())
    source = aliased(plan, alias, context)
    for each in tree.args.get("joins") or ():
        source = _with_join(source, each, around)
    return source


def _is_join(tree: exp.Expression) -> bool:
    """Whether parentheses hold relations, not a query."""
    return isinstance(tree, exp.Subquery) and (
        bool(tree.args.get("alias")) or bool(tree.args.get("joins"))
    )


def _table(tree: exp.Table, around: JoinContext) -> Source:
    context = around.context
    if isinstance(tree.this, exp.Identifier):
        return _named(tree, context)
    call = tree.this
    while isinstance(call, exp.Dot):
        call = call.expression
    source = _function(call, around)
    return aliased(source.node, tree.args.get("alias"), context)


def _named(tree: exp.Table, context: BindContext) -> Source:
    """A table by its name: a query of WITH, a view or a table of the catalog."""
    alias = tree.args.get("alias")
    parts = [each.name for each in tree.parts]
    hints = tree.args.get("hints") or []
    common = context.common.get(parts[0]) if len(parts) == 1 else None
    if common is not None:
        _refuse_hints(hints, parts, context)
        plan = common.plan
        if len(context.outer) > common.depth:
            plan = deepened_plan(plan, len(context.outer) - common.depth)
        return aliased(plan, alias, context, parts)
    with placed(tree, context.text):
        path, found = context.session.catalog.resolve(parts)
    node: LogicalNode
    if isinstance(found, TableObject):
        node = expand_table(path, found, context, tree, table_options(hints, context))
    else:
        _refuse_hints(hints, parts, context)
        with placed(tree, context.text):
            node = context.queries.view(found, path, context)
    return aliased(node, alias, context, path)


def _refuse_hints(hints: list[exp.Expression], parts: list[str], context: BindContext) -> None:
    if hints:
        raise context.invalid(
            hints[0],
            f"View '{'.'.join(parts)}' cannot be enriched with new options. Hints can only be "
            "applied to tables",
        )


def _function(call: exp.Anonymous, around: JoinContext) -> Source:
    """A function over a table."""
    context, name = around.context, str(call.this)
    if is_window_function(name):
        arguments = window_arguments(call, context)
        return bind_window(arguments, _argument(arguments, "DATA", around))
    if is_changelog_function(name):
        arguments = changelog_arguments(call, context)
        source = _argument(arguments, "INPUT", around)
        if name.upper() == "FROM_CHANGELOG":
            return bind_from_changelog(arguments, source)
        return bind_to_changelog(arguments, source)
    return correlate(_EMPTY, exp.Table(this=call), JoinKind.INNER, context)


def _argument(arguments: Arguments, name: str, around: JoinContext) -> Source:
    """The table that is an argument of a function."""
    argument: TableArgument = arguments.table(name)
    inner = argument.this
    if isinstance(inner, exp.Subquery) and inner.args.get("alias") is None:
        context = replace(around.context, is_inner=True)
        plan = context.queries.query(inner.this, context)
        return Source(plan, Scope.of((), plan.fields))
    return _relation(inner, around)
