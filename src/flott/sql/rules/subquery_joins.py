"""Joins of a query with a sub-query of it, once the sub-query is without correlation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flott.common.logical_types import BooleanType
from flott.sql.expressions import Expression, InputRef, Literal, OuterRef, transform
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, LogicalNode
from flott.sql.rules.conditions import TRUE, all_of, case, is_not_null, references
from flott.sql.rules.domains import pull_by_domain
from flott.sql.rules.node_expressions import one_level_up
from flott.sql.rules.unnesting import NotPullable, Pulled, is_outer, pull

_MARK = BooleanType(nullable=True)


def pulled(plan: LogicalNode, outer: LogicalNode) -> Pulled:
    """``plan`` without its correlation to ``outer``, by whatever way there is."""
    try:
        return pull(plan)
    except NotPullable:
        return pull_by_domain(plan, outer)


def inner_side(found: Pulled) -> LogicalNode:
    """The query as a part of the one around it."""
    return one_level_up(found.node)


def lowered(
    expression: Expression, outer: Sequence[Field], shift: int, *, padded: bool = False
) -> Expression:
    """An expression of a ``Pulled`` over the columns of the join: first those of the outer query,
    those of the inner one from ``shift`` on, which may be NULL where it is ``padded``."""

    def rule(part: Expression) -> Expression:
        if isinstance(part, InputRef):
            kind = part.data_type.nullable_() if padded else part.data_type
            return InputRef(kind, part.index + shift)
        if isinstance(part, OuterRef):
            if part.depth == 1:
                return InputRef(outer[part.index].data_type, part.index)
            return replace(part, depth=part.depth - 1)
        return part

    return transform(expression, rule)


def nullable(fields: Sequence[Field]) -> tuple[Field, ...]:
    """Columns of the padded side of a join."""
    return tuple(replace(each, data_type=each.data_type.nullable_()) for each in fields)


def half_join(
    left: LogicalNode,
    right: Pulled,
    kind: JoinKind,
    more: Sequence[Expression] = (),
    *,
    null_aware: bool = False,
) -> nodes.Join:
    """The SEMI or ANTI join of ``left`` with ``right``; ``more`` are conditions like its own."""
    width = len(left.fields)
    every = [lowered(each, left.fields, width) for each in (*right.conditions, *more)]
    return nodes.Join(left.fields, left, inner_side(right), kind, all_of(every), null_aware)


@dataclass(frozen=True)
class Attached:
    """A query with the columns of a sub-query beside its own.

    Attributes:
        node: The join.
        values: The sub-query's columns, NULL where it has no row.
    """

    node: LogicalNode
    values: tuple[Expression, ...]


def attach(left: LogicalNode, right: Pulled, more: Sequence[Expression] = ()) -> Attached:
    """The LEFT join of ``left`` with ``right``."""
    if not right.is_one_row:
        right = _materialized(right)
    width = len(left.fields)
    every = [lowered(each, left.fields, width) for each in (*right.conditions, *more)]
    fields = (*left.fields, *nullable(right.node.fields))
    join = nodes.Join(fields, left, inner_side(right), JoinKind.LEFT, all_of(every))
    return Attached(
        join, tuple(lowered(each, left.fields, width, padded=True) for each in right.outputs)
    )


def _materialized(right: Pulled) -> Pulled:
    """The columns computed inside, so that they are NULL where there is no row."""
    if all(isinstance(each, InputRef) for each in right.outputs):
        return right
    own = references(right.node.fields)
    inside = [each for each in right.outputs if not is_outer(each)]
    mark = len(own) + len(inside)
    fields = (
        *right.node.fields,
        *(Field(f"$v{place}", each.data_type) for place, each in enumerate(inside)),
        Field("$mark", TRUE.data_type),
    )
    wide = nodes.Project(fields, right.node, (*own, *inside, TRUE))
    places = {each: len(own) + place for place, each in enumerate(inside)}
    outputs = tuple(
        InputRef(each.data_type, places[each]) if each in places else _where_matched(each, mark)
        for each in right.outputs
    )
    return replace(right, node=wide, outputs=outputs)


def _where_matched(expression: Expression, mark: int) -> Expression:
    kind = expression.data_type.nullable_()
    return case(kind, is_not_null(InputRef(_MARK, mark)), expression, Literal(kind, None))
