"""Correlated queries of any kind: run once for all values the outer query asks with.

The distinct values of the outer columns that a query refers to (its domain) are joined into the
query, carried through it beside its own columns, and joined with the outer query at the end.
Costlier than pulling conditions up, and always possible where there are no cycles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flott.common.errors import UnsupportedFeature
from flott.sql.expressions import (
    Expression,
    InputRef,
    OuterRef,
    SortKey,
    transform,
    walk,
)
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, LogicalNode, RankKind
from flott.sql.rules.conditions import all_of, reference, references, same, shifted
from flott.sql.rules.node_expressions import expressions_of, refers_outside
from flott.sql.rules.set_operations import distinct
from flott.sql.rules.unnesting import Pulled, of_empty


def pull_by_domain(plan: LogicalNode, outer: LogicalNode) -> Pulled:
    """``plan`` without its correlation to ``outer``.

    Raises:
        UnsupportedFeature: It stands under an operator that cannot carry the domain along.
    """
    columns = sorted(
        {
            part.index
            for each in nodes.walk(plan)
            for expression in expressions_of(each)
            for part in walk(expression)
            if isinstance(part, OuterRef) and part.depth == 1
        }
    )
    fields = tuple(outer.fields[each] for each in columns)
    asked = nodes.Project(fields, outer, tuple(reference(outer.fields, each) for each in columns))
    spread = _Domain(distinct(asked), {old: new for new, old in enumerate(columns)})
    found = spread.carry(plan)
    width = len(plan.fields)
    conditions = tuple(
        same(reference(found.fields, width + place), OuterRef(field.data_type, columns[place]))
        for place, field in enumerate(fields)
    )
    return Pulled(found, references(plan.fields), conditions)


@dataclass(frozen=True)
class _Domain:
    """The values asked with, and at which of its columns each outer column is."""

    node: LogicalNode
    places: dict[int, int]

    @property
    def width(self) -> int:
        return len(self.node.fields)

    def carry(self, node: LogicalNode) -> LogicalNode:
        """``node``'s columns, then the domain's: its rows for each value asked with."""
        if not refers_outside(node):
            return self._crossed(node)
        carrier = _CARRIERS.get(type(node))
        if carrier is None:
            raise UnsupportedFeature(
                f"a reference to the outer query below {type(node).__name__} in a sub-query"
            )
        return carrier(self, node)

    def _crossed(self, node: LogicalNode) -> LogicalNode:
        fields = (*node.fields, *self.node.fields)
        return nodes.Join(fields, node, self.node, JoinKind.CROSS, None)

    def inside(self, expression: Expression, width: int) -> Expression:
        """``expression`` with outer columns read from the domain, which begins at ``width``."""

        def rule(part: Expression) -> Expression:
            if isinstance(part, OuterRef) and part.depth == 1:
                return InputRef(part.data_type, width + self.places[part.index])
            return part

        return transform(expression, rule)

    def columns(self, width: int) -> tuple[InputRef, ...]:
        """The domain's columns, where they begin at ``width``."""
        return references(self.node.fields, width)

    def matched(self, left: int, right: int) -> list[Expression]:
        """That two copies of the domain are for the same outer row."""
        return [same(*pair) for pair in zip(self.columns(left), self.columns(right), strict=True)]


def _filter(domain: _Domain, node: nodes.Filter) -> LogicalNode:
    below = domain.carry(node.input)
    predicate = domain.inside(node.predicate, len(node.input.fields))
    return nodes.Filter(below.fields, below, predicate)


def _project(domain: _Domain, node: nodes.Project) -> LogicalNode:
    below = domain.carry(node.input)
    width = len(node.input.fields)
    expressions = tuple(domain.inside(each, width) for each in node.expressions)
    fields = (*node.fields, *domain.node.fields)
    return nodes.Project(fields, below, (*expressions, *domain.columns(width)))


def _aggregate(domain: _Domain, node: nodes.Aggregate) -> LogicalNode:
    if node.grouping_sets:
        raise UnsupportedFeature("a reference to the outer query below grouping sets")
    below = domain.carry(node.input)
    width = len(node.input.fields)
    extra = tuple(range(width, width + domain.width))
    count = len(node.keys)
    grouped = nodes.Aggregate(
        (*node.fields[:count], *domain.node.fields, *node.fields[count:]),
        below,
        (*node.keys, *extra),
        node.calls,
    )
    own = references(grouped.fields)
    order = (*own[:count], *own[count + domain.width :], *own[count : count + domain.width])
    result = nodes.Project((*node.fields, *domain.node.fields), grouped, order)
    return result if count else _with_empty_groups(domain, node, result)


def _with_empty_groups(domain: _Domain, node: nodes.Aggregate, result: LogicalNode) -> LogicalNode:
    """One row for each value asked with: also where nothing was found."""
    width = len(node.fields)
    padded = tuple(replace(each, data_type=each.data_type.nullable_()) for each in result.fields)
    joined = nodes.Join(
        (*domain.node.fields, *padded),
        domain.node,
        result,
        JoinKind.LEFT,
        all_of(domain.matched(0, domain.width + width)),
    )
    values = of_empty(node, references(padded[:width], domain.width))
    return nodes.Project(result.fields, joined, (*values, *domain.columns(0)))


def _join(domain: _Domain, node: nodes.Join) -> LogicalNode:
    left, right = domain.carry(node.left), node.right
    both = refers_outside(node.right)
    if both:
        right = domain.carry(node.right)
    elif node.kind in (JoinKind.RIGHT, JoinKind.FULL):
        raise UnsupportedFeature("a reference to the outer query below a RIGHT or FULL join")
    first, width = len(node.left.fields), len(left.fields)

    def rule(part: Expression) -> Expression:
        if isinstance(part, InputRef) and part.index >= first:
            return replace(part, index=part.index + domain.width)
        return part

    parts: list[Expression] = []
    if node.condition is not None:
        parts.append(domain.inside(transform(node.condition, rule), first))
    if both:
        parts += domain.matched(first, width + len(node.right.fields))
    is_half = node.kind in (JoinKind.SEMI, JoinKind.ANTI)
    fields = left.fields if is_half else (*left.fields, *right.fields)
    kind = JoinKind.INNER if parts and node.kind is JoinKind.CROSS else node.kind
    joined = replace(
        node, fields=fields, left=left, right=right, kind=kind, condition=all_of(parts)
    )
    if is_half:
        return joined
    own = references(fields)
    order = (*own[:first], *own[width : width + len(node.right.fields)], *own[first:width])
    return nodes.Project((*node.fields, *domain.node.fields), joined, order)


def _sort(domain: _Domain, node: nodes.Sort) -> LogicalNode:
    below = domain.carry(node.input)
    if node.fetch is None:
        return below
    width = len(node.input.fields)
    keys = node.keys or (SortKey(reference(below.fields, 0)),)
    partition = tuple(range(width, width + domain.width))
    first, last = node.offset + 1, node.offset + node.fetch
    kind = RankKind.ROW_NUMBER
    return nodes.TopN(below.fields, below, partition, keys, kind, first, last, has_rank=False)


def _set_operation(domain: _Domain, node: nodes.SetOperation) -> LogicalNode:
    inputs = tuple(domain.carry(each) for each in node.inputs)
    return replace(node, fields=(*node.fields, *domain.node.fields), inputs=inputs)


def _correlate(domain: _Domain, node: nodes.Correlate) -> LogicalNode:
    below = domain.carry(node.input)
    width, added = len(node.input.fields), len(node.fields) - len(node.input.fields)
    fields: tuple[Field, ...] = (*below.fields, *node.fields[width:])
    condition = node.condition
    if condition is not None:
        condition = domain.inside(_after_domain(condition, width, domain.width), width)
    spread = replace(
        node,
        fields=fields,
        input=below,
        args=tuple(domain.inside(each, width) for each in node.args),
        condition=condition,
    )
    own = references(fields)
    order = (*own[:width], *own[len(fields) - added :], *own[width : width + domain.width])
    return nodes.Project((*node.fields, *domain.node.fields), spread, order)


def _after_domain(expression: Expression, width: int, by: int) -> Expression:
    def rule(part: Expression) -> Expression:
        if isinstance(part, InputRef) and part.index >= width:
            return shifted(part, by)
        return part

    return transform(expression, rule)


_CARRIERS: dict[type[LogicalNode], Callable[..., LogicalNode]] = {
    nodes.Filter: _filter,
    nodes.Project: _project,
    nodes.Aggregate: _aggregate,
    nodes.Join: _join,
    nodes.Sort: _sort,
    nodes.SetOperation: _set_operation,
    nodes.Correlate: _correlate,
}
