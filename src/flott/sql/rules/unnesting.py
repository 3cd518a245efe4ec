"""Correlated queries without their correlation: what they ask of the query around them is pulled
up, to become the condition of a join.

Only equalities can be pulled out of groups and limits, where they become keys; what cannot be
pulled is for ``domains``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flott.sql.expressions import (
    AggregateCall,
    Call,
    Expression,
    InputRef,
    OuterRef,
    SortKey,
    input_columns,
    walk,
)
from flott.sql.functions import empty_is_null
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field, JoinKind, LogicalNode, RankKind
from flott.sql.rules.conditions import (
    all_of,
    bigint,
    conjuncts,
    references,
    shifted,
    substitute,
)
from flott.sql.rules.node_expressions import refers_outside


class NotPullable(Exception):
    """The correlation stands where it cannot be pulled up."""


@dataclass(frozen=True)
class Pulled:
    """A query without correlation.

    Attributes:
        node: The query.
        outputs: Its former columns, over those of ``node`` and of the query around it.
        conditions: What else must hold between both.
        is_one_row: Whether there is a row for every outer row, also where ``node`` has none:
            ``outputs`` then give its values from NULLs.
    """

    node: LogicalNode
    outputs: tuple[Expression, ...]
    conditions: tuple[Expression, ...] = ()
    is_one_row: bool = False


def pull(node: LogicalNode) -> Pulled:
    """``node`` with what refers to the query around it pulled up.

    Raises:
        NotPullable: It refers to it where that is not possible.
    """
    if isinstance(node, nodes.Aggregate) and not node.keys and not node.grouping_sets:
        return _aggregate(node)
    if isinstance(node, nodes.Project):
        return _project(node)
    if not refers_outside(node):
        return Pulled(node, references(node.fields))
    puller = _PULLERS.get(type(node))
    if puller is None:
        raise NotPullable
    return puller(node)


def is_outer(expression: Expression) -> bool:
    """Whether ``expression`` refers to the query right around."""
    return any(isinstance(part, OuterRef) and part.depth == 1 for part in walk(expression))


def _filter(node: nodes.Filter) -> Pulled:
    below = pull(node.input)
    if below.is_one_row:
        raise NotPullable
    parts = conjuncts(substitute(node.predicate, below.outputs))
    kept = all_of(part for part in parts if not is_outer(part))
    filtered = below.node
    if kept is not None:
        filtered = nodes.Filter(below.node.fields, below.node, kept)
    pulled = tuple(part for part in parts if is_outer(part))
    return replace(below, node=filtered, conditions=(*below.conditions, *pulled))


def _project(node: nodes.Project) -> Pulled:
    below = pull(node.input)
    return replace(
        below, outputs=tuple(substitute(each, below.outputs) for each in node.expressions)
    )


def split_equalities(
    conditions: tuple[Expression, ...],
) -> tuple[list[Expression], list[Expression]]:
    """The two sides, inner and outer, of conditions that are all equalities between them.

    Raises:
        NotPullable: One of them is something else.
    """
    inner, outer = [], []
    for each in conditions:
        if not isinstance(each, Call) or each.function != "=":
            raise NotPullable
        left, right = each.args
        if is_outer(left):
            left, right = right, left
        if is_outer(left) or input_columns(right) or not is_outer(right):
            raise NotPullable
        inner.append(left)
        outer.append(right)
    return inner, outer


def _keyed(below: Pulled) -> tuple[LogicalNode, int, tuple[Expression, ...]]:
    """The input with the inner sides of its conditions as first columns, how many these are, and
    the conditions over them. The former columns follow."""
    inner, outer = split_equalities(below.conditions)
    if any(is_outer(each) for each in below.outputs):
        raise NotPullable
    fields = (
        *(Field(f"$k{place}", each.data_type) for place, each in enumerate(inner)),
        *(Field(f"$c{place}", each.data_type) for place, each in enumerate(below.outputs)),
    )
    wide = nodes.Project(fields, below.node, (*inner, *below.outputs))
    conditions = tuple(
        replace(condition, args=(InputRef(each.data_type, place), other))  # type: ignore[call-arg]
        for place, (condition, each, other) in enumerate(
            zip(below.conditions, inner, outer, strict=True)
        )
    )
    return wide, len(inner), conditions


def _aggregate(node: nodes.Aggregate) -> Pulled:
    if not refers_outside(node):
        return Pulled(node, of_empty(node, references(node.fields)), is_one_row=not node.keys)
    below = pull(node.input)
    if node.grouping_sets or below.is_one_row:
        raise NotPullable
    wide, count, conditions = _keyed(below)
    keys = (*range(count), *(key + count for key in node.keys))
    calls = tuple(shifted(call, count) for call in node.calls)
    grouped = nodes.Aggregate(
        (*wide.fields[:count], *node.fields),
        wide,
        keys,
        calls,  # type: ignore[arg-type]
        state_ttl_ms=node.state_ttl_ms,
    )
    outputs = references(grouped.fields)[count:]
    if node.keys:
        return Pulled(grouped, outputs, conditions)
    return Pulled(grouped, of_empty(node, outputs), conditions, is_one_row=True)


def of_empty(node: nodes.Aggregate, outputs: tuple[Expression, ...]) -> tuple[Expression, ...]:
    """What the calls give, also where there is no group."""
    if node.keys:
        return outputs
    return tuple(_or_empty(*each) for each in zip(outputs, node.calls, strict=True))


def _or_empty(column: Expression, call: AggregateCall) -> Expression:
    """The call's value, also where there was no row."""
    if call.function != "COUNT" or empty_is_null(call.function):
        return column
    return Call(call.data_type, "COALESCE", (column, bigint(0)))


def _join(node: nodes.Join) -> Pulled:
    left = pull(node.left)
    if node.kind in (JoinKind.LEFT, JoinKind.SEMI, JoinKind.ANTI):
        if refers_outside(node.right):
            raise NotPullable
        right = Pulled(node.right, references(node.right.fields))
    elif node.kind in (JoinKind.INNER, JoinKind.CROSS):
        right = pull(node.right)
    else:
        raise NotPullable
    if left.is_one_row or right.is_one_row:
        raise NotPullable
    width = len(left.node.fields)
    columns = (*left.outputs, *(shifted(each, width) for each in right.outputs))
    parts = [] if node.condition is None else conjuncts(substitute(node.condition, columns))
    inner = node.kind in (JoinKind.INNER, JoinKind.CROSS)
    pulled = [part for part in parts if is_outer(part)]
    if pulled and not inner:
        raise NotPullable
    both = (*left.node.fields, *right.node.fields)
    is_wide = node.kind in (JoinKind.INNER, JoinKind.CROSS, JoinKind.LEFT)
    kept = all_of(part for part in parts if not is_outer(part))
    joined = replace(
        node,
        fields=both if is_wide else left.node.fields,
        left=left.node,
        right=right.node,
        condition=kept,
    )
    conditions = (*left.conditions, *(shifted(each, width) for each in right.conditions), *pulled)
    return Pulled(joined, columns if is_wide else left.outputs, conditions)


def _sort(node: nodes.Sort) -> Pulled:
    below = pull(node.input)
    if node.fetch is None and not node.offset:
        return below
    if node.fetch is None or below.is_one_row:
        raise NotPullable
    wide, count, conditions = _keyed(below)
    keys = tuple(replace(key, expression=shifted(key.expression, count)) for key in node.keys)
    if not keys:
        # Any rows will do; an order makes it the same ones every time.
        keys = (SortKey(InputRef(wide.fields[count].data_type, count)),)
    top = nodes.TopN(
        wide.fields,
        wide,
        tuple(range(count)),
        keys,
        RankKind.ROW_NUMBER,
        node.offset + 1,
        node.offset + node.fetch,
        has_rank=False,
    )
    return Pulled(top, references(wide.fields)[count:], conditions)


def _over(node: nodes.Over) -> Pulled:
    """Windows of a correlated query are divided by what it is correlated by, too."""
    below = pull(node.input)
    if below.is_one_row:
        raise NotPullable
    wide, count, conditions = _keyed(below)
    keys = references(wide.fields)[:count]
    calls = tuple(_partitioned(shifted(call, count), keys) for call in node.calls)
    fields = (*wide.fields, *node.fields[len(node.input.fields) :])
    over = nodes.Over(fields, wide, calls)  # type: ignore[arg-type]
    return Pulled(over, references(fields)[count:], conditions)


def _partitioned(call: Expression, keys: tuple[Expression, ...]) -> Expression:
    window = call.window  # type: ignore[attr-defined]
    return replace(
        call,
        window=replace(window, partition_by=(*keys, *window.partition_by)),  # type: ignore[call-arg]
    )


_PULLERS: dict[type[LogicalNode], Callable[..., Pulled]] = {
    nodes.Filter: _filter,
    nodes.Aggregate: _aggregate,
    nodes.Join: _join,
    nodes.Sort: _sort,
    nodes.Over: _over,
}
