"""Joins: ON, USING, NATURAL, CROSS, FOR SYSTEM_TIME AS OF."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from flott.common.logical_types import BooleanType
from flott.common.suggestions import did_you_mean
from flott.sql import functions
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import placed, written
from flott.sql.binder.expressions import Environment, bind, condition
from flott.sql.binder.expressions.operators import logical
from flott.sql.binder.hints import QueryHints
from flott.sql.binder.plans import join_fields
from flott.sql.binder.relations import Source
from flott.sql.binder.scope import Merged, Scope
from flott.sql.expressions import Expression, InputRef, Literal, shift_inputs
from flott.sql.logical.nodes import Join, JoinKind, SnapshotJoin, TimeAttribute


@dataclass(frozen=True, slots=True)
class JoinContext:
    """Around a join.

    Attributes:
        context: Session, text, queries around.
        hints: Those of the query.
    """

    context: BindContext
    hints: QueryHints


def kind_of(tree: exp.Join) -> JoinKind:
    """The kind of join that ``tree`` is; a comma is CROSS."""
    side = (tree.side or "").upper()
    if side:
        return JoinKind[side]
    is_inner = (tree.kind or "").upper() == "INNER" or _has_condition(tree)
    return JoinKind.INNER if is_inner else JoinKind.CROSS


def is_natural(tree: exp.Join) -> bool:
    """Whether all columns of equal name are compared."""
    return (tree.args.get("method") or "").upper() == "NATURAL"


def join(left: Source, right: Source, tree: exp.Join, around: JoinContext) -> Source:
    """The join of two relations.

    Raises:
        SqlValidationError: The condition is missing or means nothing.
    """
    kind, context = kind_of(tree), around.context
    if not (_has_condition(tree) or tree.args.get("kind") == "CROSS" or _is_comma(tree, context)):
        raise context.invalid(
            tree,
            "INNER, LEFT, RIGHT or FULL join requires a condition (NATURAL keyword or ON or USING "
            "clause)",
            "CROSS JOIN takes none.",
        )
    fields = join_fields(left.node.fields, right.node.fields, kind)
    scope = left.scope.beside(right.scope, fields)
    both = left.scope.beside(right.scope, (*left.node.fields, *right.node.fields))
    names = _common_names(left, right, tree, around.context)
    if names is not None:
        predicate, merged = _merged(names, left, right, kind, scope, tree, context)
        scope = Scope(scope.fields, scope.relations, (*merged, *_others(scope, names)))
    else:
        predicate = on_condition(tree, both, context)
    hints = around.hints.of_join(left.scope, right.scope)
    node = Join(fields, left.node, right.node, kind, predicate, False, hints)
    return Source(node, scope)


def _has_condition(tree: exp.Join) -> bool:
    return bool(tree.args.get("on") or tree.args.get("using")) or is_natural(tree)


def _is_comma(tree: exp.Join, context: BindContext) -> bool:
    return written(tree, context.text).startswith(",")


def on_condition(tree: exp.Join, scope: Scope, context: BindContext) -> Expression | None:
    """The bound condition of ON; ``None`` for none."""
    on = tree.args.get("on")
    if on is None:
        return None
    return condition(on, Environment(context, scope, clause="ON"), "ON")


def _common_names(
    left: Source, right: Source, tree: exp.Join, context: BindContext
) -> list[str] | None:
    if tree.args.get("using"):
        return [each.name for each in tree.args["using"]]
    if not is_natural(tree):
        return None
    ours = [name for name, _ in left.scope.visible()]
    theirs = {name for name, _ in right.scope.visible()}
    for name in ours:
        if name in theirs and ours.count(name) > 1:
            raise context.invalid(tree, f"Column '{name}' of NATURAL JOIN is ambiguous")
    return [name for name in ours if name in theirs]


def _merged(
    names: list[str],
    left: Source,
    right: Source,
    kind: JoinKind,
    scope: Scope,
    tree: exp.Join,
    context: BindContext,
) -> tuple[Expression | None, list[Merged]]:
    """The condition that compares the columns ``names``, and what they are afterwards."""
    width = len(left.node.fields)
    parts: list[Expression] = []
    merged: list[Merged] = []
    for name in names:
        with placed(tree, context.text):
            one = _column(name, left, tree, context)
            two = shift_inputs(_column(name, right, tree, context), lambda index: index + width)
            parts.append(functions.resolve_call("=", (one, two), origin=f"{name} = {name}"))
            value = _value(name, one, two, kind, scope)
        hidden = (
            frozenset(each.index for each in (one, two) if isinstance(each, InputRef))
            | _hidden(left.scope, name, 0)
            | _hidden(right.scope, name, width)
        )
        merged.append(Merged(name, value, hidden))
    return (logical("AND", parts) if parts else None), merged


def _hidden(scope: Scope, name: str, shift: int) -> frozenset[int]:
    return frozenset(
        index + shift for each in scope.merged if each.name == name for index in each.hidden
    )


def _column(name: str, side: Source, tree: exp.Join, context: BindContext) -> Expression:
    found = side.scope.column(name)
    if found is None:
        hint = did_you_mean(name, side.scope.names(), "Columns")
        raise context.invalid(
            tree, f"Column '{name}' not found in one of the tables that are joined by it", hint
        )
    return found


def _value(name: str, one: Expression, two: Expression, kind: JoinKind, scope: Scope) -> Expression:
    """What the merged column is: of the side that is always there, or of the one that is."""
    types = [each.data_type for each in scope.fields]

    def after(expression: Expression) -> Expression:
        if isinstance(expression, InputRef):
            return InputRef(types[expression.index], expression.index)
        return expression

    if kind is JoinKind.RIGHT:
        return after(two)
    if kind is JoinKind.FULL:
        return functions.resolve_call("COALESCE", (after(one), after(two)), origin=name)
    return after(one)


def _others(scope: Scope, names: list[str]) -> list[Merged]:
    return [each for each in scope.merged if each.name not in names]


def snapshot_join(
    left: Source, right: Source, version: exp.Expression, tree: exp.Join, around: JoinContext
) -> Source:
    """``JOIN right FOR SYSTEM_TIME AS OF left.time ON ...``.

    Raises:
        SqlValidationError: The time is not a time attribute of the left side, or the kind of join
            is neither inner nor left.
    """
    kind, context = kind_of(tree), around.context
    if kind not in (JoinKind.INNER, JoinKind.LEFT):
        raise context.invalid(tree, f"A temporal join is inner or left, not {kind.value}")
    time_column = _time_column(left, version, context)
    fields = join_fields(left.node.fields, right.node.fields, kind)
    both = left.scope.beside(right.scope, (*left.node.fields, *right.node.fields))
    predicate = on_condition(tree, both, context)
    if predicate is None:
        predicate = Literal(BooleanType(nullable=False), True)
    hints = around.hints.of_join(left.scope, right.scope)
    node = SnapshotJoin(fields, left.node, right.node, kind, predicate, time_column, hints)
    return Source(node, left.scope.beside(right.scope, fields))


def _time_column(left: Source, version: exp.Expression, context: BindContext) -> int:
    tree = version.expression
    found = bind(tree, Environment(context, left.scope, clause="FOR SYSTEM_TIME AS OF"))
    if not isinstance(found, InputRef):
        raise time_travel(version, context)
    time = left.node.fields[found.index].time
    if time is TimeAttribute.PROCTIME:
        return found.index
    if not context.is_streaming:
        raise context.invalid(
            version,
            "A temporal join by event time works in STREAMING mode only",
            "In BATCH mode, join with ROW_NUMBER() OVER the versions.",
        )
    if time is None:
        raise context.invalid(
            tree,
            "Temporal table join currently only supports 'FOR SYSTEM_TIME AS OF' left table's "
            "time attribute field",
            "Declare WATERMARK FOR the column, or use a column AS PROCTIME().",
        )
    return found.index


def time_travel(version: exp.Expression, context: BindContext) -> Exception:
    """The error that versions of tables by a moment are not there."""
    return context.unsupported(
        version,
        "Time travel (FOR SYSTEM_TIME AS OF a moment)",
        "In a join, FOR SYSTEM_TIME AS OF takes a time attribute of the left side.",
    )
