"""The expressions of a logical node, to look at or to change, whatever node it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from flott.sql.expressions import Expression, OuterRef, SortKey, transform, walk
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode


def expressions_of(node: LogicalNode) -> Iterator[Expression]:
    """Every expression that stands in ``node`` itself."""
    for each in fields(node):
        yield from _found(getattr(node, each.name))


def _found(value: Any) -> Iterator[Expression]:
    if isinstance(value, Expression):
        yield value
    elif isinstance(value, SortKey):
        yield value.expression
    elif isinstance(value, tuple):
        for part in value:
            yield from _found(part)


def map_expressions(node: LogicalNode, change: Callable[[Expression], Expression]) -> LogicalNode:
    """``node`` with ``change`` applied to every expression that stands in it."""
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        new = _mapped(value, change)
        if new is not value:
            changed[each.name] = new
    return replace(node, **changed) if changed else node


def _mapped(value: Any, change: Callable[[Expression], Expression]) -> Any:
    if isinstance(value, Expression):
        return change(value)
    if isinstance(value, SortKey):
        inner = change(value.expression)
        return value if inner is value.expression else replace(value, expression=inner)
    if isinstance(value, tuple) and value and isinstance(value[0], Expression | SortKey | tuple):
        parts = tuple(_mapped(part, change) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value


def refers_outside(node: LogicalNode, depth: int = 1) -> bool:
    """Whether ``node`` or anything below it refers to the query ``depth`` levels around."""
    return any(
        isinstance(part, OuterRef) and part.depth == depth
        for each in nodes.walk(node)
        for expression in expressions_of(each)
        for part in walk(expression)
    )


def one_level_up(node: LogicalNode) -> LogicalNode:
    """``node`` as a part of the query around it: what it refers to is one level nearer."""

    def rule(part: Expression) -> Expression:
        return replace(part, depth=part.depth - 1) if isinstance(part, OuterRef) else part

    def rewrite(each: LogicalNode) -> LogicalNode:
        return map_expressions(each, lambda expression: transform(expression, rule))

    return nodes.transform(node, rewrite)
