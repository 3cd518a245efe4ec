"""Projections: neighbours become one, and those that change nothing go."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from flott.sql.expressions import Expression, InputRef, walk
from flott.sql.functions import is_deterministic
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.conditions import has_over, is_simple, substitute

#: Expressions of more parts than this are not written out several times.
_SIZE_MAX = 60


def merge_projects(node: LogicalNode) -> LogicalNode | None:
    """A projection over a projection becomes one, unless that repeats too much."""
    if not isinstance(node, nodes.Project) or not isinstance(node.input, nodes.Project):
        return None
    inner = node.input.expressions
    if any(has_over(each) for each in (*node.expressions, *inner)):
        return None
    merged = tuple(substitute(each, inner) for each in node.expressions)
    if repeats_too_much(node.expressions, inner):
        return None
    return replace(node, input=node.input.input, expressions=merged)


def repeats_too_much(outer: tuple[Expression, ...], inner: tuple[Expression, ...]) -> bool:
    """Whether ``outer`` uses a column of ``inner`` twice that must be, or had better be, computed
    once: equal parts of one projection are, but deep ones repeat without end."""
    uses = Counter(
        part.index for each in outer for part in walk(each) if isinstance(part, InputRef)
    )
    repeated = [inner[index] for index, count in uses.items() if count > 1]
    return any(
        not is_deterministic(each) or (not is_simple(each) and _size(each) > _SIZE_MAX)
        for each in repeated
    )


def _size(expression: Expression) -> int:
    return sum(1 for _ in walk(expression))


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
