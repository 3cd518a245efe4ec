"""Sub-queries become joins: EXISTS and IN as SEMI and ANTI joins where they are conditions of
their own, everything else as columns of a LEFT join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.common.errors import UnsupportedFeature
from flott.sql.expressions import (
    AggregateCall,
    Call,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    ScalarSubquery,
    input_columns,
    transform,
    walk,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, LogicalNode
from flott.sql.rules.conditions import (
    FALSE,
    TRUE,
    all_of,
    any_of,
    conjuncts,
    equal,
    has_over,
    has_subquery,
    is_null,
    negated,
    references,
    shifted,
)
from flott.sql.rules.driver import run_rules
from flott.sql.rules.lateral import rewrite_lateral
from flott.sql.rules.node_expressions import refers_outside
from flott.sql.rules.overs import extract_overs
from flott.sql.rules.subquery_joins import Attached, attach, half_join, lowered, pulled
from flott.sql.rules.subquery_marks import exists_value, in_value
from flott.sql.rules.unnesting import Pulled


def remove_subqueries(node: LogicalNode) -> LogicalNode | None:
    """A filter, projection or join with sub-queries becomes one over joins with them."""
    if isinstance(node, nodes.Filter) and has_subquery(node.predicate):
        return _filter(node)
    if isinstance(node, nodes.Project) and any(has_subquery(each) for each in node.expressions):
        current, expressions = _attached(node.input, node.expressions)
        return replace(node, input=current, expressions=expressions)
    if isinstance(node, nodes.Join) and node.condition is not None and has_subquery(node.condition):
        return _join(node)
    return None


def prepared(plan: LogicalNode) -> LogicalNode:
    """A sub-query's plan with the sub-queries inside of it removed."""
    return run_rules(plan, (extract_overs, remove_subqueries, rewrite_lateral))


def _filter(node: nodes.Filter) -> LogicalNode:
    current = node.input
    rest: list[Expression] = []
    # Conditions without sub-queries leave rows out before any join does.
    parts = conjuncts(node.predicate)
    plain = all_of(part for part in parts if not has_subquery(part) and not has_over(part))
    if plain is not None:
        current = nodes.Filter(current.fields, current, plain)
    for part in parts:
        if not has_subquery(part):
            if has_over(part):
                rest.append(part)
            continue
        joined = _condition_join(current, part)
        if joined is None:
            rest.append(part)
        else:
            current = joined
    if not rest:
        return current
    width = len(current.fields)
    current, kept = _attached(current, rest)
    predicate = all_of(kept)
    assert predicate is not None
    filtered = nodes.Filter(current.fields, current, predicate)
    if len(current.fields) == width:
        return filtered
    return nodes.Project(node.fields, filtered, references(node.fields))


def _condition_join(current: LogicalNode, part: Expression) -> LogicalNode | None:
    """The join that does what the condition ``part`` says; ``None`` if it is not EXISTS or IN."""
    is_negated = False
    while isinstance(part, Call) and part.function == "NOT":
        is_negated, part = not is_negated, part.args[0]
    if isinstance(part, ExistsSubquery):
        found = pulled(prepared(part.plan), current)
        is_negated ^= part.is_negated
        if found.is_one_row:
            # There is a row whatever the outer row is.
            return nodes.Filter(current.fields, current, FALSE if is_negated else TRUE)
        return half_join(current, found, JoinKind.ANTI if is_negated else JoinKind.SEMI)
    if isinstance(part, InSubquery):
        if any(has_subquery(each) for each in part.args):
            return None
        found = pulled(prepared(part.plan), current)
        if is_negated ^ part.is_negated:
            return _not_in(current, part, found)
        return None if found.is_one_row else _in(current, part, found)
    return None


def _pairs(
    current: LogicalNode, part: InSubquery, found: Pulled
) -> list[tuple[Expression, Expression]]:
    """What is compared: columns of the join of both."""
    width = len(current.fields)
    return [
        (arg, lowered(output, current.fields, width))
        for arg, output in zip(part.args, found.outputs, strict=True)
    ]


def _in(current: LogicalNode, part: InSubquery, found: Pulled) -> LogicalNode:
    join = half_join(current, found, JoinKind.SEMI)
    compared = [equal(*pair) for pair in _pairs(current, part, found)]
    return replace(join, condition=all_of([*conjuncts(join.condition), *compared]))


def _not_in(current: LogicalNode, part: InSubquery, found: Pulled) -> LogicalNode | None:
    if found.is_one_row:
        return None
    join = half_join(current, found, JoinKind.ANTI)
    pairs = _pairs(current, part, found)
    nullable = any(side.data_type.nullable for pair in pairs for side in pair)
    if not nullable:
        compared = [equal(*pair) for pair in pairs]
        return replace(join, condition=all_of([*conjuncts(join.condition), *compared]))
    if not found.conditions and len(pairs) == 1:
        return replace(join, condition=equal(*pairs[0]), null_aware=True)
    # A NULL may be equal to anything, so it keeps the row from passing, too.
    open_ = [
        any_of(equal(*pair), *(is_null(side) for side in pair if side.data_type.nullable))
        for pair in pairs
    ]
    return replace(join, condition=all_of([*conjuncts(join.condition), *open_]))


def _join(node: nodes.Join) -> LogicalNode:
    """Conditions with sub-queries are asked of the joined rows, or of the side they are about."""
    assert node.condition is not None
    if node.kind in (JoinKind.INNER, JoinKind.CROSS):
        parts = conjuncts(node.condition)
        kept = all_of(part for part in parts if not has_subquery(part))
        kind = JoinKind.CROSS if kept is None else JoinKind.INNER
        joined = replace(node, condition=kept, kind=kind)
        asked = all_of(part for part in parts if has_subquery(part))
        assert asked is not None
        return nodes.Filter(node.fields, joined, asked)
    width = len(node.left.fields)
    node = _right_filtered(node, width)
    assert node.condition is not None
    if not has_subquery(node.condition):
        return node
    _check_sides(node.condition, width)
    left, (condition,) = _attached(node.left, (node.condition,))
    if len(left.fields) == width:
        return replace(node, left=left, condition=condition)
    added = len(left.fields) - width

    def rule(part: Expression) -> Expression:
        if not isinstance(part, InputRef) or part.index < width:
            return part
        return replace(part, index=part.index + added)

    # The condition's own references to the right side come after the columns that were added;
    # those to added columns are told apart by standing in no original part.
    moved = _with_right_moved(node.condition, condition, rule)
    fields = (*left.fields, *node.fields[width:])
    wide = replace(node, fields=fields, left=left, condition=moved)
    places = [*range(width), *range(width + added, len(fields))]
    outputs = tuple(InputRef(fields[each].data_type, each) for each in places)
    return nodes.Project(node.fields, wide, outputs[: len(node.fields)])


def _right_filtered(node: nodes.Join, width: int) -> nodes.Join:
    """Of LEFT JOIN, conditions with sub-queries about the right side alone are asked before it."""
    parts = conjuncts(node.condition)
    asked = [
        part
        for part in parts
        if has_subquery(part) and min(input_columns(part), default=0) >= width
    ]
    predicate = all_of(shifted(part, -width) for part in asked)
    if node.kind is not JoinKind.LEFT or predicate is None:
        return node
    right = nodes.Filter(node.right.fields, node.right, predicate)
    return replace(node, right=right, condition=all_of(p for p in parts if p not in asked) or TRUE)


def _is_about_right(part: Expression, width: int) -> bool:
    return min(input_columns(part), default=0) >= width and not any(
        refers_outside(each.plan) for each in _subqueries(part)
    )


def _check_sides(condition: Expression, width: int) -> None:
    """Refuse sub-queries about columns that are there once the sides have been joined.

    Raises:
        UnsupportedFeature: There are some.
    """
    for part in _subqueries(condition):
        if any(column >= width for column in input_columns(part)):
            raise UnsupportedFeature(
                "A sub-query about the right side in the condition of an outer join",
                reason="Filter that side in a query of its own before the join.",
            )


def _with_right_moved(original: Expression, changed: Expression, rule: object) -> Expression:
    """``changed`` with ``rule`` applied where it still is as in ``original``."""
    if isinstance(original, ScalarSubquery | ExistsSubquery | InSubquery):
        return changed
    if not has_subquery(original):
        return transform(original, rule)  # type: ignore[arg-type]
    if isinstance(original, Call) and isinstance(changed, Call):
        args = tuple(
            _with_right_moved(one, other, rule)
            for one, other in zip(original.args, changed.args, strict=True)
        )
        return replace(changed, args=args)
    return changed


def _attached(
    current: LogicalNode, expressions: Sequence[Expression]
) -> tuple[LogicalNode, tuple[Expression, ...]]:
    """The node with a column for each sub-query, and the expressions over its columns."""
    values: dict[Expression, Expression] = {}
    for each in expressions:
        for part in _subqueries(each):
            if part not in values:
                current, values[part] = _value(current, part)

    def rule(part: Expression) -> Expression:
        return values.get(part, part)

    return current, tuple(transform(each, rule) for each in expressions)


def _subqueries(
    expression: Expression,
) -> list[ScalarSubquery | InSubquery | ExistsSubquery]:
    kinds = (ScalarSubquery, InSubquery, ExistsSubquery)
    return [part for part in walk(expression) if isinstance(part, kinds)]


def _value(current: LogicalNode, part: Expression) -> tuple[LogicalNode, Expression]:
    if isinstance(part, ScalarSubquery):
        found = _scalar(current, part)
        return found.node, found.values[0]
    if isinstance(part, ExistsSubquery):
        node, value = exists_value(current, pulled(prepared(part.plan), current))
        return node, negated(value) if part.is_negated else value
    assert isinstance(part, InSubquery)
    node, value = in_value(current, part.args, prepared(part.plan))
    return node, negated(value) if part.is_negated else value


def _scalar(current: LogicalNode, part: ScalarSubquery) -> Attached:
    plan = prepared(part.plan)
    if not _has_one_row(plan):
        kind = plan.types[0].nullable_()
        call = AggregateCall(kind, "SINGLE_VALUE", (InputRef(plan.types[0], 0),))
        plan = nodes.Aggregate((Field(plan.fields[0].name, kind),), plan, (), (call,))
    return attach(current, pulled(plan, current))


def _has_one_row(node: LogicalNode) -> bool:
    """Whether ``node`` cannot have more than one row for each outer row."""
    match node:
        case nodes.Aggregate():
            return not node.keys and not node.grouping_sets
        case nodes.Values():
            return len(node.rows) <= 1
        case nodes.Project() | nodes.Filter():
            return _has_one_row(node.input)
        case nodes.Sort() | nodes.TopN():
            fetch = node.fetch if isinstance(node, nodes.Sort) else None
            return fetch == 1 or _has_one_row(node.input)
    return False
