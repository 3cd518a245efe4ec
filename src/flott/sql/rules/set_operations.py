"""UNION, INTERSECT and EXCEPT in terms of union of all rows, grouping and joins."""

from __future__ import annotations

from dataclasses import replace

from flott.common.logical_types import BigIntType, BooleanType
from flott.sql.expressions import AggregateCall, Call, Expression, InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, LogicalNode, SetKind
from flott.sql.rules.conditions import all_of, bigint, case, references, same

_COUNT = BigIntType(nullable=False)
_BOOLEAN = BooleanType(nullable=False)


def rewrite_union(node: LogicalNode) -> LogicalNode | None:
    """UNION is UNION ALL of which each row is taken once; unions of unions become one."""
    if not isinstance(node, nodes.SetOperation) or node.kind is not SetKind.UNION:
        return None
    if not node.is_all:
        return distinct(replace(node, is_all=True))
    if len(node.inputs) == 1:
        return node.inputs[0]
    flat: list[LogicalNode] = []
    for each in node.inputs:
        if isinstance(each, nodes.SetOperation) and each.kind is SetKind.UNION and each.is_all:
            flat.extend(each.inputs)
        else:
            flat.append(each)
    return None if len(flat) == len(node.inputs) else replace(node, inputs=tuple(flat))


def distinct(node: LogicalNode) -> LogicalNode:
    """Each row of ``node`` once."""
    return nodes.Aggregate(node.fields, node, tuple(range(len(node.fields))), ())


def rewrite_distinct_sets(node: LogicalNode) -> LogicalNode | None:
    """INTERSECT is the distinct rows that the other input has too, EXCEPT those it has not."""
    if not isinstance(node, nodes.SetOperation) or node.kind is SetKind.UNION or node.is_all:
        return None
    kind = JoinKind.SEMI if node.kind is SetKind.INTERSECT else JoinKind.ANTI
    result = node.inputs[0]
    for other in node.inputs[1:]:
        pairs = zip(
            references(result.fields), references(other.fields, len(result.fields)), strict=True
        )
        condition = all_of(same(left, right) for left, right in pairs)
        result = nodes.Join(result.fields, result, other, kind, condition)
    return distinct(replace(result, fields=node.fields))


def rewrite_counted_sets(node: LogicalNode) -> LogicalNode | None:
    """INTERSECT ALL and EXCEPT ALL count each row on both sides and repeat it so often."""
    if not isinstance(node, nodes.SetOperation) or node.kind is SetKind.UNION or not node.is_all:
        return None
    if len(node.inputs) > 2:
        first = replace(node, inputs=node.inputs[:2])
        return replace(node, inputs=(first, *node.inputs[2:]))
    left, right = node.inputs
    width = len(node.fields)
    marks = Field("l$count", _COUNT), Field("r$count", _COUNT)
    union = nodes.SetOperation(
        (*node.fields, *marks),
        (_marked(left, (1, 0), marks), _marked(right, (0, 1), marks)),
        SetKind.UNION,
        True,
    )
    sums = tuple(AggregateCall(_COUNT, "SUM", (InputRef(_COUNT, width + side),)) for side in (0, 1))
    counted = nodes.Aggregate(union.fields, union, tuple(range(width)), sums)
    times = _times(node.kind, InputRef(_COUNT, width), InputRef(_COUNT, width + 1))
    own = references(node.fields)
    repeated = nodes.Correlate(
        (*counted.fields, *node.fields), counted, "REPLICATE_ROWS", (times, *own), JoinKind.INNER
    )
    last = references(node.fields, width + 2)
    return nodes.Project(node.fields, repeated, last)


def _marked(
    source: LogicalNode, marks: tuple[int, int], fields: tuple[Field, Field]
) -> LogicalNode:
    own = references(source.fields)
    literals = tuple(bigint(each) for each in marks)
    return nodes.Project((*source.fields, *fields), source, (*own, *literals))


def _times(kind: SetKind, left: Expression, right: Expression) -> Expression:
    """How often a row is in the result."""
    more = Call(_BOOLEAN, ">", (left, right))
    if kind is SetKind.INTERSECT:
        return case(_COUNT, more, right, left)
    return case(_COUNT, more, Call(_COUNT, "-", (left, right)), bigint(0))
