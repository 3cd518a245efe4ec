"""Which columns a node needs of its inputs, given which of its own are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flott.sql.expressions import Expression, SortKey, input_columns
from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode, inputs_of

Columns = frozenset[int]


def demanded(node: LogicalNode, needed: Columns) -> list[Columns]:
    """The columns needed of each input of ``node``."""
    demand = _DEMANDS.get(type(node))
    if demand is None:
        return [frozenset(range(len(each.fields))) for each in inputs_of(node)]
    return demand(node, needed)


def used_by(expressions: Iterable[Expression | None]) -> Columns:
    """All columns that any of ``expressions`` reads."""
    found: Columns = frozenset()
    for each in expressions:
        if each is not None:
            found |= input_columns(each)
    return found


def used_by_keys(keys: Sequence[SortKey]) -> Columns:
    """All columns that sort keys read."""
    return used_by(key.expression for key in keys)


def _project(node: nodes.Project, needed: Columns) -> list[Columns]:
    return [used_by(node.expressions[each] for each in needed)]


def _filter(node: nodes.Filter, needed: Columns) -> list[Columns]:
    return [needed | input_columns(node.predicate)]


def _watermark(node: nodes.WatermarkAssigner, needed: Columns) -> list[Columns]:
    return [needed | {node.time_column} | input_columns(node.watermark)]


def _aggregate(node: nodes.Aggregate, needed: Columns) -> list[Columns]:
    calls = [call for place, call in enumerate(node.calls, len(node.keys)) if place in needed]
    return [frozenset(node.keys) | used_by(calls)]


def _window(node: nodes.WindowTableFunction, needed: Columns) -> list[Columns]:
    own = frozenset(each for each in needed if each < len(node.input.fields))
    return [own | {node.time_column} | frozenset(node.partition_keys)]


def _sides(left: int, needed: Columns) -> list[Columns]:
    return [
        frozenset(each for each in needed if each < left),
        frozenset(each - left for each in needed if each >= left),
    ]


def _join(node: nodes.Join, needed: Columns) -> list[Columns]:
    return _sides(len(node.left.fields), needed | used_by([node.condition]))


def _snapshot_join(node: nodes.SnapshotJoin, needed: Columns) -> list[Columns]:
    every = needed | input_columns(node.condition) | {node.time_column}
    left, right = _sides(len(node.left.fields), every)
    # The right side's key and time decide its versions.
    times = frozenset(
        place for place, each in enumerate(node.right.fields) if each.time is not None
    )
    return [left, right | times]


def _correlate(node: nodes.Correlate, needed: Columns) -> list[Columns]:
    width = len(node.input.fields)
    every = needed | used_by([node.condition])
    return [frozenset(each for each in every if each < width) | used_by(node.args)]


def _set_operation(node: nodes.SetOperation, needed: Columns) -> list[Columns]:
    if node.kind is nodes.SetKind.UNION and node.is_all:
        return [needed for _ in node.inputs]
    return [frozenset(range(len(node.fields))) for _ in node.inputs]


def _over(node: nodes.Over, needed: Columns) -> list[Columns]:
    width = len(node.input.fields)
    kept = [call for place, call in enumerate(node.calls, width) if place in needed]
    return [frozenset(each for each in needed if each < width) | used_by(kept)]


def _sort(node: nodes.Sort, needed: Columns) -> list[Columns]:
    return [needed | used_by_keys(node.keys)]


def _top_n(node: nodes.TopN, needed: Columns) -> list[Columns]:
    width = len(node.input.fields)
    own = frozenset(each for each in needed if each < width)
    return [own | frozenset(node.partition) | used_by_keys(node.keys)]


def _deduplicate(node: nodes.Deduplicate, needed: Columns) -> list[Columns]:
    return [needed | frozenset(node.keys) | {node.time_column}]


def _expand(node: nodes.Expand, needed: Columns) -> list[Columns]:
    sources = [row[place] for row in node.projections for place in needed]
    return [frozenset(each for each in sources if isinstance(each, int))]


_DEMANDS: dict[type[LogicalNode], Callable[[Any, Columns], list[Columns]]] = {
    nodes.Project: _project,
    nodes.Filter: _filter,
    nodes.WatermarkAssigner: _watermark,
    nodes.Aggregate: _aggregate,
    nodes.WindowTableFunction: _window,
    nodes.Join: _join,
    nodes.SnapshotJoin: _snapshot_join,
    nodes.Correlate: _correlate,
    nodes.SetOperation: _set_operation,
    nodes.Over: _over,
    nodes.Sort: _sort,
    nodes.TopN: _top_n,
    nodes.Deduplicate: _deduplicate,
    nodes.Expand: _expand,
}

#: Joins whose right columns are not part of the result.
LEFT_ONLY = frozenset({JoinKind.SEMI, JoinKind.ANTI})
