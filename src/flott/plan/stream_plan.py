"""The stream plan: one node for each operation of the program, changeable while it is written.

The public API appends nodes and sets their names, uids and parallelism; ``derive_job_plan`` turns
the finished plan into a frozen ``JobPlan``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flott.core.operator import OperatorSpec
from flott.core.partitioner import Partitioner


class ChainingStrategy(Enum):
    """Whether an operator may run in one task with its neighbours."""

    ALWAYS = "always"
    HEAD = "head"
    """Begins a new chain; operators after it may join."""
    NEVER = "never"


@dataclass(slots=True)
class StreamEdge:
    """An input of a node.

    Attributes:
        source: The node that sends.
        input_index: Which input of the receiving operator it feeds.
        partitioner: How records are divided; ``None`` means forward where the parallelism of both
            sides is equal, else rebalance.
        side_tag: Id of the side output to read; ``None`` for the main output.
    """

    source: StreamNode
    input_index: int = 0
    partitioner: Partitioner | None = None
    side_tag: str | None = None


@dataclass(slots=True, eq=False)
class StreamNode:
    """An operation of the program.

    Attributes:
        node_id: Rises in the order of creation.
        spec: What it does.
        name: What users see; the spec's kind unless set.
        inputs: Where its records come from; empty for sources.
        parallelism: Number of subtasks; ``None`` for the default of the environment.
        max_parallelism: Number of key groups; ``None`` for the default.
        uid: The user's stable id; decides which state is restored.
        uid_hash: A ready operator id in hexadecimal that overrides ``uid``.
        description: A longer text than the name, for plans.
        chaining: Whether it may run together with its neighbours.
        slot_sharing_group: Name of the group; accepted and shown.
        buffer_timeout_ms: Accepted; batches never wait here.
        output_type: Declared or inferred type of its records, shown in plans.
        type_origin: How ``output_type`` came about: ``declared``, ``hint``, ``first record`` or
            nothing.
        location: ``file:line`` of the statement in the user's program.
        fixed_parallelism: Parallelism cannot be changed (a source that is not parallel).
    """

    node_id: int
    spec: OperatorSpec
    name: str
    inputs: list[StreamEdge] = field(default_factory=list)
    parallelism: int | None = None
    max_parallelism: int | None = None
    uid: str | None = None
    uid_hash: str | None = None
    description: str | None = None
    chaining: ChainingStrategy = ChainingStrategy.ALWAYS
    slot_sharing_group: str | None = None
    buffer_timeout_ms: int | None = None
    output_type: Any = None
    type_origin: str = ""
    location: str = ""
    fixed_parallelism: bool = False


class StreamPlan:
    """All nodes of a program, in order of creation."""

    def __init__(self) -> None:
        self.nodes: list[StreamNode] = []
        self._next_id = 1

    def add(self, spec: OperatorSpec, inputs: list[StreamEdge], **settings: Any) -> StreamNode:
        """Append a node; ``settings`` are fields of ``StreamNode``."""
        settings.setdefault("name", spec.kind)
        node = StreamNode(self._next_id, spec, inputs=inputs, **settings)
        self._next_id += 1
        self.nodes.append(node)
        return node

    def clear(self) -> None:
        """Forget all nodes; ids go on, so that a later job's nodes are told apart."""
        self.nodes.clear()
