"""LATERAL queries: each row with the rows of a query about it."""

from __future__ import annotations

from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode
from flott.sql.rules.conditions import all_of, conjuncts, references, substitute
from flott.sql.rules.subquery_joins import attach, inner_side, lowered, pulled
from flott.sql.rules.unnesting import Pulled


def rewrite_lateral(node: LogicalNode) -> LogicalNode | None:
    """A lateral join becomes a join, its correlation the condition."""
    if not isinstance(node, nodes.LateralJoin):
        return None
    left = node.left
    found = pulled(node.right, left)
    if node.kind is JoinKind.LEFT or found.is_one_row:
        return _left(node, found)
    width = len(left.fields)
    values = tuple(lowered(each, left.fields, width) for each in found.outputs)
    columns = (*references(left.fields), *values)
    conditions = [lowered(each, left.fields, width) for each in found.conditions]
    if node.condition is not None:
        conditions += conjuncts(substitute(node.condition, columns))
    kind = JoinKind.INNER if conditions else JoinKind.CROSS
    right = inner_side(found)
    join = nodes.Join((*left.fields, *right.fields), left, right, kind, all_of(conditions))
    return nodes.Project(node.fields, join, columns)


def _left(node: nodes.LateralJoin, found: Pulled) -> LogicalNode:
    left = node.left
    attached = attach(left, found)
    columns = (*references(left.fields), *attached.values)
    joined = attached.node
    parts = [] if node.condition is None else conjuncts(node.condition)
    if not parts:
        return nodes.Project(node.fields, joined, columns)
    condition = all_of(substitute(part, columns) for part in parts)
    assert isinstance(joined, nodes.Join)
    assert condition is not None
    if node.kind is not JoinKind.LEFT:
        filtered = nodes.Filter(joined.fields, joined, condition)
        return nodes.Project(node.fields, filtered, columns)
    # The condition decides whether the rows match, as the correlation does.
    every = all_of([*conjuncts(joined.condition), condition])
    wide = nodes.Join(joined.fields, joined.left, joined.right, joined.kind, every)
    return nodes.Project(node.fields, wide, columns)
