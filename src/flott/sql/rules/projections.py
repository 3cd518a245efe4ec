"""Projections: neighbours become one, and those that change nothing go."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from flott.sql.expressions import Expression, InputRef, walk
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.conditions import has_over, is_simple, substitute


def merge_projects(node: LogicalNode) -> LogicalNode | None:
    """A projection over a projection becomes one, unless that computes something twice."""
    if not isinstance(node, nodes.Project) or not isinstance(node.input, nodes.Project):
        return None
    inner = node.input.expressions
    if any(has_over(each) for each in (*node.expressions, *inner)):
        return None
    if computes_twice(node.expressions, inner):
        return None
    merged = tuple(substitute(each, inner) for each in node.expressions)
    return replace(node, input=node.input.input, expressions=merged)


def computes_twice(outer: tuple[Expression, ...], inner: tuple[Expression, ...]) -> bool:
    """Whether ``outer`` uses a column of ``inner`` twice that has to be computed."""
    uses = Counter(
        part.index for each in outer for part in walk(each) if isinstance(part, InputRef)
    )
    return any(count > 1 and not is_simple(inner[index]) for index, count in uses.items())


def drop_identity(node: LogicalNode) -> LogicalNode | None:
    """A projection to the input's own columns goes."""
    if not isinstance(node, nodes.Project) or node.fields != node.input.fields:
        return None
    if all(
        isinstance(each, InputRef) and each.index == place
        for place, each in enumerate(node.expressions)
    ):
        return node.input
    return None
