"""Decide which operators run together in one task.

Two operators are joined if nothing happens on the way between them: the edge is forward, it is
the only input of the second one, both have the same parallelism, key groups and slot sharing
group, and neither asks to be left alone. A chain is a tree: an operator may feed several others
of its chain, and edges besides. Only the head of a chain has inputs from outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flott.core.partitioner import Forward
from flott.plan.settings import SettledNode
from flott.plan.stream_plan import ChainingStrategy, StreamNode


@dataclass(frozen=True, slots=True)
class Chain:
    """Nodes of one task, the head first, each after the one that feeds it.

    Attributes:
        nodes: The members; branches stand one after the other.
        parents: For each member, the position of the one that feeds it; ``None`` for the head.
    """

    nodes: tuple[SettledNode, ...]
    parents: tuple[int | None, ...]

    @property
    def head(self) -> SettledNode:
        return self.nodes[0]


def derive_chains(
    settled: Mapping[StreamNode, SettledNode],
    enabled: bool = True,
    mixed_max_parallelism: bool = True,
) -> list[Chain]:
    """Divide nodes into chains; chains stand in the order of their heads, upstream first.

    Args:
        settled: The nodes, upstream first.
        enabled: False to give each node a chain of its own.
        mixed_max_parallelism: Whether operators of different max parallelism may share a chain.
            It then has that of its head, as in Flink: only a head can have keyed state.
    """
    heads: list[SettledNode] = []
    members: dict[StreamNode, list[SettledNode]] = {node: [] for node in settled}
    for each in settled.values():
        if enabled and is_chainable(each, settled, mixed_max_parallelism):
            members[each.inputs[0].source].append(each)
        else:
            heads.append(each)
    return [_grow(head, members) for head in heads]


def is_chainable(
    target: SettledNode, settled: Mapping[StreamNode, SettledNode], mixed_max_parallelism: bool
) -> bool:
    """Whether ``target`` may run in the task of the node that feeds it."""
    if len(target.inputs) != 1:
        return False
    edge = target.inputs[0]
    source = settled[edge.source]
    return (
        isinstance(edge.partitioner, Forward)
        and target.node.chaining is ChainingStrategy.ALWAYS
        and source.node.chaining is not ChainingStrategy.NEVER
        and source.parallelism == target.parallelism
        and (mixed_max_parallelism or source.max_parallelism == target.max_parallelism)
        and source.slot_sharing_group == target.slot_sharing_group
    )


def _grow(head: SettledNode, members: Mapping[StreamNode, Sequence[SettledNode]]) -> Chain:
    nodes: list[SettledNode] = []
    parents: list[int | None] = []
    pending: list[tuple[SettledNode, int | None]] = [(head, None)]
    while pending:
        each, parent = pending.pop()
        position = len(nodes)
        nodes.append(each)
        parents.append(parent)
        pending.extend((child, position) for child in reversed(members[each.node]))
    return Chain(tuple(nodes), tuple(parents))
