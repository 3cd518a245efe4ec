"""From physical nodes to the stream plan: operators, edges, parallelism, names and stable ids."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from flott.core.operator import OperatorSpec
from flott.core.partitioner import Global, HashColumns, Partitioner
from flott.plan.stream_plan import StreamEdge, StreamNode, StreamPlan
from flott.sql.physical.changelogs import drop_update_before, emitted_before, needed_before
from flott.sql.physical.node import ALIAS, BeforeNeed, PhysicalNode, upstream_first
from flott.sql.physical.planner import Planner
from flott.sql.physical.traits import Distribution, Placement

#: Nodes that come and go with the parallelism; ids do not depend on them.
_TRANSPARENT: Final = frozenset({"Exchange", ALIAS, "LocalGroupAggregate", "DropUpdateBefore"})
_ID_BYTES: Final = 12


def with_update_before_settled(roots: Sequence[PhysicalNode]) -> tuple[PhysicalNode, ...]:
    """``roots``, those written by key reading no -U any more."""
    ends = tuple(roots)
    emitted = emitted_before(ends, needed_before(ends))
    settled = []
    for root in ends:
        if root.need is BeforeNeed.NEVER and any(emitted[each] for each in root.inputs):
            root = replace(root, inputs=tuple(drop_update_before(each) for each in root.inputs))
        settled.append(root)
    return tuple(settled)


def to_stream_plan(roots: Sequence[PhysicalNode], planner: Planner) -> StreamPlan:
    """The operators of a statement, ready to be deployed."""
    return _StreamPlanner(tuple(roots), planner).build()


class _StreamPlanner:
    def __init__(self, roots: tuple[PhysicalNode, ...], planner: Planner) -> None:
        self._order = upstream_first(roots)
        self._needed = needed_before(roots)
        self._planner = planner
        self._plan = StreamPlan()
        self._made: dict[PhysicalNode, StreamNode] = {}
        self._parallelism: dict[PhysicalNode, int] = {}
        self._ids = operator_uids(self._order)
        self._picks = picked_from_joins(self._order)
        self._by_row = _sending_each_change(self._order, planner)

    def build(self) -> StreamPlan:
        for node in self._order:
            self._parallelism[node] = self._parallelism_of(node)
            if node.spec is not None:
                self._made[node] = self._add(node)
        return self._plan

    def _parallelism_of(self, node: PhysicalNode) -> int:
        if node.parallelism is not None:
            return node.parallelism
        if node.is_single:
            return 1
        if node.is_alias:
            return self._parallelism[node.named]
        if not node.inputs or node.is_exchange:
            return self._planner.settings.parallelism
        # A table may be read by more or fewer; what comes behind it goes on as all others do.
        default = self._planner.settings.parallelism
        return max(
            default if each.named.parallelism else self._parallelism[each] for each in node.inputs
        )

    def _add(self, node: PhysicalNode) -> StreamNode:
        assert node.spec is not None
        parallelism = self._parallelism[node]
        is_union = node.name == "Union"
        edges = [
            self._edge(each, 0 if is_union else index, parallelism)
            for index, each in enumerate(node.inputs)
        ]
        spec = self._spec(node)
        return self._plan.add(
            _one_by_one(spec) if node in self._by_row else spec,
            edges,
            name=_name(node, len(self._plan.nodes) + 1),
            parallelism=parallelism,
            fixed_parallelism=node.is_single,
            uid=self._ids[node],
            description=node.text,
        )

    def _spec(self, node: PhysicalNode) -> OperatorSpec:
        assert node.spec is not None
        spec = node.spec(self._needed[node])
        pick = self._picks.get(node)
        if pick is None:
            return spec
        from flott.operators.columns.calc import CalcSpec
        from flott.operators.columns.joins.regular import JoinSpec

        if isinstance(spec, JoinSpec):
            return replace(spec, outputs=pick)
        assert isinstance(spec, CalcSpec)
        return replace(spec, projection=None)

    def _edge(self, source: PhysicalNode, index: int, parallelism: int) -> StreamEdge:
        exchange: Distribution | None = None
        while source.spec is None:
            if source.is_exchange:
                exchange = exchange or source.traits.distribution
            (source,) = source.inputs
        sender = self._parallelism[source]
        if sender != parallelism:  # rows that met in one subtask are to meet again
            exchange = exchange or source.traits.distribution
        return StreamEdge(
            self._made[source], index, _partitioner(source, exchange, sender, parallelism)
        )


def picked_from_joins(order: Sequence[PhysicalNode]) -> Mapping[PhysicalNode, tuple[int, ...]]:
    """Joins of which one node reads some columns and nothing else, and those nodes, with the
    columns: the join can leave the others out, and the node has nothing to do."""
    readers: dict[PhysicalNode, list[PhysicalNode]] = {}
    for node in order:
        if not node.is_alias:
            for each in node.inputs:
                readers.setdefault(each.named, []).append(node)
    picks: dict[PhysicalNode, tuple[int, ...]] = {}
    for node in order:
        if not node.columns:
            continue
        join = node.inputs[0].named
        if join.name != "Join" or readers[join] != [node]:
            continue
        left, right = (each.fields for each in join.inputs)
        if right and len(join.fields) == len(left) + len(right):
            picks[node] = picks[join] = node.columns
    return picks


def _sending_each_change(
    order: Sequence[PhysicalNode], planner: Planner
) -> frozenset[PhysicalNode]:
    """The nodes of which every change counts: those whose changes TO_CHANGELOG makes into rows.

    With mini-batches only net changes are asked for. Batches of one row ask for each everywhere.
    """
    settings = planner.settings
    if settings.is_batch or settings.mini_batch:
        return frozenset()
    readers = [node for node in order if settings.by_row or node.name == "ToChangelog"]
    return frozenset(
        each
        for each in upstream_first(tuple(readers))
        if each.inputs
        and each.spec is not None
        and not each.traits.changes.is_insert_only
        and (each.is_stateful or each.name == "LocalGroupAggregate")
        and each.name not in ("Collect", "Sink")
    )


def _one_by_one(spec: OperatorSpec) -> OperatorSpec:
    from flott.operators.columns.one_by_one import OneByOneSpec

    return OneByOneSpec(spec)


def _partitioner(
    source: PhysicalNode, exchange: Distribution | None, sender: int, receiver: int
) -> Partitioner | None:
    if receiver == 1:
        return None if sender == 1 else Global()
    if exchange is not None and exchange.placement is Placement.HASHED:
        return HashColumns(exchange.columns)
    if sender == 1 and not source.traits.changes.is_insert_only:
        # Changes of a row must stay in order, so they all go the same way.
        return Global()
    return None


def _name(node: PhysicalNode, number: int) -> str:
    if node.name == "TableSourceScan":
        return f"Source: {node.target}[{number}]"
    if node.name == "Sink":
        return f"Sink: {node.target}[{number}]"
    return f"{node.name}[{number}]"


def operator_uids(order: Sequence[PhysicalNode]) -> Mapping[PhysicalNode, str]:
    """A stable id for each node that becomes an operator: what it does, to what, from where.

    Args:
        order: All nodes, inputs before consumers.
    """
    meanings: dict[PhysicalNode, str] = {}
    uids: dict[PhysicalNode, str] = {}
    counts: dict[str, int] = {}
    for node in order:
        origins = [meanings[each] for each in node.inputs]
        if node.name in _TRANSPARENT:
            meanings[node] = "+".join(origins)
        else:
            # A state's layout depends on the columns that come in.
            types = [str(kind) for each in node.inputs for kind in _origin(each).types]
            parts = [node.name, node.detail, types if node.is_stateful else [], origins]
            meanings[node] = _digest(json.dumps(parts))
        if node.spec is None:
            continue
        text = f"sql-{node.name}-{_digest(meanings[node] + node.name)}"
        counts[text] = counts.get(text, 0) + 1
        uids[node] = text if counts[text] == 1 else f"{text}-{counts[text]}"
    return uids


def _origin(node: PhysicalNode) -> PhysicalNode:
    """The node that decides what ``node`` is."""
    while node.name in _TRANSPARENT:
        (node,) = node.inputs
    return node


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_ID_BYTES).hexdigest()
