"""What each node inherits or takes by default: parallelism, key groups, partitioners, slots.

The rules are Flink's. An edge without a partitioner is forward between operators of equal
parallelism and rebalance otherwise. An operator is in the slot sharing group of its inputs if
these agree, else in ``default``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flott.common.configuration import Configuration
from flott.core.key_group import default_max_parallelism
from flott.core.partitioner import Forward, Partitioner, Rebalance
from flott.plan.stream_plan import StreamEdge, StreamNode

DEFAULT_SLOT_SHARING_GROUP = "default"


@dataclass(frozen=True, slots=True)
class SettledEdge:
    """An input whose partitioner is known; otherwise as ``StreamEdge``."""

    source: StreamNode
    input_index: int
    partitioner: Partitioner
    side_tag: str | None


@dataclass(frozen=True, slots=True)
class SettledNode:
    """A node with every setting known.

    Attributes:
        node: The node itself.
        inputs: Its inputs, in order.
        parallelism: Number of subtasks.
        max_parallelism: Number of key groups.
        slot_sharing_group: Name of the group.
    """

    node: StreamNode
    inputs: tuple[SettledEdge, ...]
    parallelism: int
    max_parallelism: int
    slot_sharing_group: str


def settle_nodes(
    nodes: Sequence[StreamNode],
    configuration: Configuration,
    overrides: Mapping[StreamNode, int] | None = None,
) -> dict[StreamNode, SettledNode]:
    """Find out the settings of ``nodes``, which stand upstream first.

    Args:
        nodes: The nodes.
        configuration: The job's options.
        overrides: The parallelism of nodes for which that was set aside from the program.
    """
    parallelism_default = configuration.get_integer("parallelism.default", 1)
    max_parallelism_default = configuration.get_integer("pipeline.max-parallelism", -1)
    settled: dict[StreamNode, SettledNode] = {}
    for node in nodes:
        parallelism = (overrides or {}).get(node, node.parallelism)
        if parallelism is None:
            parallelism = 1 if node.fixed_parallelism else parallelism_default
        max_parallelism = node.max_parallelism
        if max_parallelism is None:
            max_parallelism = (
                max_parallelism_default
                if max_parallelism_default > 0
                else default_max_parallelism(parallelism)
            )
        settled[node] = SettledNode(
            node,
            tuple(_settle_edge(edge, settled[edge.source], parallelism) for edge in node.inputs),
            parallelism,
            max_parallelism,
            _slot_sharing_group(node, settled),
        )
    return settled


def _settle_edge(edge: StreamEdge, source: SettledNode, parallelism: int) -> SettledEdge:
    partitioner = edge.partitioner
    if partitioner is None:
        partitioner = Forward() if source.parallelism == parallelism else Rebalance()
    return SettledEdge(edge.source, edge.input_index, partitioner, edge.side_tag)


def _slot_sharing_group(node: StreamNode, settled: dict[StreamNode, SettledNode]) -> str:
    if node.slot_sharing_group is not None:
        return node.slot_sharing_group
    groups = {settled[edge.source].slot_sharing_group for edge in node.inputs}
    return groups.pop() if len(groups) == 1 else DEFAULT_SLOT_SHARING_GROUP
