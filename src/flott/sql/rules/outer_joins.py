"""Outer joins become inner ones where the padded rows would be filtered away."""

from __future__ import annotations

from dataclasses import replace

from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode
from flott.sql.rules.conditions import conjuncts, rejects_null


def simplify_outer_join(node: LogicalNode) -> LogicalNode | None:
    """A filter that no padded row passes makes its outer join a simpler one."""
    if not isinstance(node, nodes.Filter) or not isinstance(node.input, nodes.Join):
        return None
    join = node.input
    width = len(join.left.fields)
    left = frozenset(range(width))
    right = frozenset(range(width, width + len(join.right.fields)))
    parts = conjuncts(node.predicate)
    # A condition on the right side rejects rows whose right side is padded, and those are what a
    # LEFT join has more than an INNER one; a FULL join loses them and so is a RIGHT one.
    loses_right_padded = any(rejects_null(part, right) for part in parts)
    loses_left_padded = any(rejects_null(part, left) for part in parts)
    kind = _kind(join.kind, loses_right_padded, loses_left_padded)
    if kind is join.kind:
        return None
    return replace(node, input=replace(join, kind=kind))


def _kind(kind: JoinKind, right_padded_gone: bool, left_padded_gone: bool) -> JoinKind:
    if kind is JoinKind.FULL and right_padded_gone != left_padded_gone:
        return JoinKind.RIGHT if right_padded_gone else JoinKind.LEFT
    if kind is JoinKind.FULL:
        return JoinKind.INNER if right_padded_gone else kind
    if kind is JoinKind.LEFT:
        return JoinKind.INNER if right_padded_gone else kind
    if kind is JoinKind.RIGHT:
        return JoinKind.INNER if left_padded_gone else kind
    return kind
