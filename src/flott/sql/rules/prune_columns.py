"""Projection pruning: nobody computes, keeps or reads a column that nobody uses.

What is needed of a node is what all its consumers need together, so that shared parts of a plan
stay shared. The roots keep all their columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from flott.common.logical_types import ArrayType, MapType, MultisetType, RowType
from flott.core.table import ChangelogMode
from flott.sql.expressions import Expression, SortKey
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode, inputs_of, with_inputs
from flott.sql.rules.column_demand import LEFT_ONLY, Columns, demanded
from flott.sql.rules.conditions import reference, renumbered

#: Where each column of a node that is left now stands.
Places = dict[int, int]


def prune_columns(roots: Sequence[LogicalNode]) -> list[LogicalNode]:
    """``roots`` and all below them without the columns that nothing needs."""
    order = _upstream_first(roots)
    needed: dict[LogicalNode, Columns] = {node: frozenset() for node in order}
    for root in roots:
        needed[root] = frozenset(range(len(root.fields)))
    for node in reversed(order):
        needed[node] = _at_least_one(node, needed[node])
        for each, columns in zip(inputs_of(node), demanded(node, needed[node]), strict=True):
            needed[each] |= columns
    made: dict[LogicalNode, tuple[LogicalNode, Places]] = {}
    for node in order:
        made[node] = _rebuilt(node, needed[node], [made[each] for each in inputs_of(node)])
    return [made[root][0] for root in roots]


def _upstream_first(roots: Sequence[LogicalNode]) -> list[LogicalNode]:
    order: dict[LogicalNode, None] = {}

    def visit(node: LogicalNode) -> None:
        if node not in order:
            for each in inputs_of(node):
                visit(each)
            order[node] = None

    for root in roots:
        visit(root)
    return list(order)


def _at_least_one(node: LogicalNode, needed: Columns) -> Columns:
    """Rows without columns would still be rows, but few operators know them."""
    if needed or not node.fields:
        return needed
    nested = (ArrayType, MapType, MultisetType, RowType)
    places = range(len(node.fields))
    return frozenset({min(places, key=lambda each: isinstance(node.types[each], nested))})


def _rebuilt(
    node: LogicalNode, needed: Columns, inputs: list[tuple[LogicalNode, Places]]
) -> tuple[LogicalNode, Places]:
    rebuild = _REBUILDERS.get(type(node))
    if rebuild is None:
        whole = {place: place for place in range(len(node.fields))}
        return with_inputs(node, tuple(_whole(*each) for each in inputs)), whole
    return rebuild(node, needed, inputs)


def _whole(node: LogicalNode, places: Places) -> LogicalNode:
    assert all(old == new for old, new in places.items()), "a column was lost that is needed"
    return node


def _kept(needed: Columns) -> tuple[list[int], Places]:
    order = sorted(needed)
    return order, {old: new for new, old in enumerate(order)}


def _moved(expression: Expression, places: Places) -> Expression:
    return renumbered(expression, lambda index: places[index])


def _moved_keys(keys: Sequence[SortKey], places: Places) -> tuple[SortKey, ...]:
    return tuple(replace(key, expression=_moved(key.expression, places)) for key in keys)


def _scan(node: nodes.Scan, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    if node.source.changelog_mode is not ChangelogMode.INSERT_ONLY:
        needed |= frozenset(node.primary_key)
    order, places = _kept(needed)
    names = (*node.columns, *node.metadata)
    physical = len(node.columns)
    keeps_key = all(each in places for each in node.primary_key)
    scan = replace(
        node,
        fields=tuple(node.fields[each] for each in order),
        columns=tuple(names[each] for each in order if each < physical),
        metadata=tuple(names[each] for each in order if each >= physical),
        primary_key=tuple(places[each] for each in node.primary_key) if keeps_key else (),
    )
    return scan, places


def _values(node: nodes.Values, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    order, places = _kept(needed)
    rows = tuple(tuple(row[each] for each in order) for row in node.rows)
    return nodes.Values(tuple(node.fields[each] for each in order), rows), places


def _project(node: nodes.Project, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    order, places = _kept(needed)
    expressions = tuple(_moved(node.expressions[each], before) for each in order)
    fields = tuple(node.fields[each] for each in order)
    if not fields and source.fields:
        # Rows without columns would be lost, so one is taken along.
        fields, expressions = source.fields[:1], (reference(source.fields, 0),)
    return replace(node, fields=fields, input=source, expressions=expressions), places


def _same_columns(node: Any, source: LogicalNode, before: Places, **changed: Any) -> LogicalNode:
    """A node that passes its input's columns."""
    fields = list(source.fields)
    for old, new in before.items():
        fields[new] = node.fields[old]
    result: LogicalNode = replace(node, fields=tuple(fields), input=source, **changed)
    return result


def _filter(node: nodes.Filter, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    predicate = _moved(node.predicate, before)
    return _same_columns(node, source, before, predicate=predicate), before


def _watermark(
    node: nodes.WatermarkAssigner, needed: Columns, inputs: Any
) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    changed = {
        "time_column": before[node.time_column],
        "watermark": _moved(node.watermark, before),
    }
    return _same_columns(node, source, before, **changed), before


def _sort(node: nodes.Sort, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    return _same_columns(node, source, before, keys=_moved_keys(node.keys, before)), before


def _deduplicate(
    node: nodes.Deduplicate, needed: Columns, inputs: Any
) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    changed = {
        "keys": tuple(before[each] for each in node.keys),
        "time_column": before[node.time_column],
    }
    return _same_columns(node, source, before, **changed), before


def _top_n(node: nodes.TopN, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    rank = len(node.input.fields)
    keeps_rank = node.has_rank and rank in needed
    fields = list(source.fields)
    for old, new in before.items():
        fields[new] = node.fields[old]
    places = dict(before)
    if keeps_rank:
        places[rank] = len(fields)
        fields.append(node.fields[rank])
    changed = replace(
        node,
        fields=tuple(fields),
        input=source,
        partition=tuple(before[each] for each in node.partition),
        keys=_moved_keys(node.keys, before),
        has_rank=keeps_rank,
    )
    return changed, places


def _appended(
    node: Any, source: LogicalNode, before: Places, kept: Sequence[int]
) -> tuple[tuple[nodes.Field, ...], Places]:
    """The input's columns, then those of the node's own that are ``kept``."""
    fields = list(source.fields)
    for old, new in before.items():
        fields[new] = node.fields[old]
    places = dict(before)
    for old in kept:
        places[old] = len(fields)
        fields.append(node.fields[old])
    return tuple(fields), places


def _over(node: nodes.Over, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    width = len(node.input.fields)
    kept = [place for place in range(width, len(node.fields)) if place in needed]
    if not kept:
        return source, before
    fields, places = _appended(node, source, before, kept)
    calls: Any = tuple(_moved(node.calls[place - width], before) for place in kept)
    return replace(node, fields=fields, input=source, calls=calls), places


def _window(
    node: nodes.WindowTableFunction, needed: Columns, inputs: Any
) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    width = len(node.input.fields)
    fields, places = _appended(node, source, before, range(width, len(node.fields)))
    changed = replace(
        node,
        fields=fields,
        input=source,
        time_column=before[node.time_column],
        partition_keys=tuple(before[each] for each in node.partition_keys),
    )
    return changed, places


def _correlate(node: nodes.Correlate, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    width = len(node.input.fields)
    fields, places = _appended(node, source, before, range(width, len(node.fields)))
    changed = replace(
        node,
        fields=fields,
        input=source,
        args=tuple(_moved(each, before) for each in node.args),
        condition=None if node.condition is None else _moved(node.condition, places),
    )
    return changed, places


def _aggregate(node: nodes.Aggregate, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    width = len(node.keys)
    kept = [place for place in range(width, len(node.fields)) if place in needed]
    order = [*range(width), *kept]
    calls: Any = tuple(_moved(node.calls[place - width], before) for place in kept)
    changed = replace(
        node,
        fields=tuple(node.fields[each] for each in order),
        input=source,
        keys=tuple(before[each] for each in node.keys),
        calls=calls,
        grouping_sets=tuple(tuple(before[each] for each in one) for one in node.grouping_sets),
    )
    return changed, {old: new for new, old in enumerate(order)}


def _expand(node: nodes.Expand, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    ((source, before),) = inputs
    order, places = _kept(needed)
    projections = tuple(
        tuple(before[row[each]] if isinstance(row[each], int) else row[each] for each in order)
        for row in node.projections
    )
    fields = tuple(node.fields[each] for each in order)
    return replace(node, fields=fields, input=source, projections=projections), places


def _joined_places(node: Any, left: Places, right: Places, new_width: int) -> Places:
    width = len(node.left.fields)
    places = dict(left)
    places.update({old + width: new + new_width for old, new in right.items()})
    return places


def _join(node: Any, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    (left, left_places), (right, right_places) = inputs
    places = _joined_places(node, left_places, right_places, len(left.fields))
    both = (*left.fields, *right.fields)
    if getattr(node, "kind", None) in LEFT_ONLY:
        both = left.fields
    fields = list(both)
    for old, new in places.items():
        if old < len(node.fields) and new < len(fields):
            fields[new] = node.fields[old]
    condition = None if node.condition is None else _moved(node.condition, places)
    changed = {"time_column": places[node.time_column]} if hasattr(node, "time_column") else {}
    joined = replace(
        node, fields=tuple(fields), left=left, right=right, condition=condition, **changed
    )
    return joined, {old: new for old, new in places.items() if new < len(fields)}


def _union(node: nodes.SetOperation, needed: Columns, inputs: Any) -> tuple[LogicalNode, Places]:
    if node.kind is not nodes.SetKind.UNION or not node.is_all:
        whole = {place: place for place in range(len(node.fields))}
        return with_inputs(node, tuple(_whole(*each) for each in inputs)), whole
    order, places = _kept(needed)
    branches = tuple(_exactly(source, before, order) for source, before in inputs)
    fields = tuple(node.fields[each] for each in order)
    return replace(node, fields=fields, inputs=branches), places


def _exactly(source: LogicalNode, before: Places, order: Sequence[int]) -> LogicalNode:
    """``source`` with just the columns of ``order``, in this order."""
    columns = [before[each] for each in order]
    if columns == list(range(len(source.fields))):
        return source
    fields = tuple(source.fields[each] for each in columns)
    return nodes.Project(fields, source, tuple(reference(source.fields, each) for each in columns))


_REBUILDERS: dict[type[LogicalNode], Callable[..., tuple[LogicalNode, Places]]] = {
    nodes.Scan: _scan,
    nodes.Values: _values,
    nodes.Project: _project,
    nodes.Filter: _filter,
    nodes.WatermarkAssigner: _watermark,
    nodes.Sort: _sort,
    nodes.Deduplicate: _deduplicate,
    nodes.TopN: _top_n,
    nodes.Over: _over,
    nodes.WindowTableFunction: _window,
    nodes.Correlate: _correlate,
    nodes.Aggregate: _aggregate,
    nodes.Expand: _expand,
    nodes.Join: _join,
    nodes.SnapshotJoin: _join,
    nodes.SetOperation: _union,
}
