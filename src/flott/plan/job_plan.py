"""The job plan: chains of operators and the edges between them, frozen and ready to deploy.

A ``JobVertex`` is one chain; each of its subtasks is a task. Inside a chain operators form a tree
rooted at the head: each names the operator that feeds it. A ``JobEdge`` joins two chains.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flott.core.operator import OperatorSpec
from flott.core.partitioner import Partitioner


@dataclass(frozen=True, slots=True)
class ChainedOperator:
    """An operator in its chain.

    Attributes:
        operator_id: Stable id, 32 hexadecimal digits; state is found by it.
        name: What users see.
        spec: What it does.
        parent: Position in the chain of the operator that feeds it; ``None`` for the head.
        side_tag: The parent's side output it reads; ``None`` for the main output.
        location: ``file:line`` in the user's program.
        output_type: Declared or inferred type, for display.
        type_origin: How the type came about.
        uid: The user's id, if set.
        description: A longer text than the name.
    """

    operator_id: str
    name: str
    spec: OperatorSpec
    parent: int | None = None
    side_tag: str | None = None
    location: str = ""
    output_type: Any = None
    type_origin: str = ""
    uid: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class JobVertex:
    """A chain of operators, run by ``parallelism`` tasks.

    Attributes:
        vertex_id: Position in the plan, from 0, upstream before downstream.
        chain: The operators, each after its parent; the head first.
        parallelism: Number of tasks.
        max_parallelism: Number of key groups.
        slot_sharing_group: Accepted and shown.
    """

    vertex_id: int
    chain: tuple[ChainedOperator, ...]
    parallelism: int
    max_parallelism: int
    slot_sharing_group: str = "default"

    @property
    def name(self) -> str:
        """The names of the chain, joined as in Flink: ``Source -> Map -> (Filter, Sink)``."""
        after: dict[int | None, list[str]] = {}
        for position in reversed(range(len(self.chain))):
            below = after.get(position, [])[::-1]
            tail = f"({', '.join(below)})" if len(below) > 1 else "".join(below)
            name = self.chain[position].name
            text = f"{name} -> {tail}" if tail else name
            after.setdefault(self.chain[position].parent, []).append(text)
        return after[None][0]

    @property
    def head(self) -> ChainedOperator:
        """The first operator."""
        return self.chain[0]

    @property
    def is_source(self) -> bool:
        """Whether the head reads from outside."""
        return self.head.spec.source is not None


@dataclass(frozen=True, slots=True)
class JobEdge:
    """All channels between two vertices that serve one input.

    Attributes:
        edge_id: Position in the plan, from 0.
        source_vertex: Sender.
        source_operator: Position in the sender's chain of the operator whose output it is.
        side_tag: The side output; ``None`` for the main output.
        target_vertex: Receiver.
        input_index: Which input of the receiver's head it feeds.
        partitioner: How records are divided.
    """

    edge_id: int
    source_vertex: int
    source_operator: int
    side_tag: str | None
    target_vertex: int
    input_index: int
    partitioner: Partitioner


@dataclass(frozen=True, slots=True)
class JobPlan:
    """Everything that is deployed.

    Attributes:
        name: The job's name.
        vertices: Chains, upstream before downstream.
        edges: What joins them.
        configuration: The job's options as text.
        job_parameters: The user's global job parameters.
        is_batch: Whether the job runs in BATCH mode.
        parallelism: Number of workers it is meant for: the largest parallelism of a vertex.
    """

    name: str
    vertices: tuple[JobVertex, ...]
    edges: tuple[JobEdge, ...]
    configuration: dict[str, str] = field(default_factory=dict)
    job_parameters: dict[str, str] = field(default_factory=dict)
    is_batch: bool = False

    @property
    def parallelism(self) -> int:
        return max((vertex.parallelism for vertex in self.vertices), default=1)

    def inputs_of(self, vertex_id: int) -> tuple[JobEdge, ...]:
        """Edges that end at a vertex, in order of their id."""
        return tuple(edge for edge in self.edges if edge.target_vertex == vertex_id)

    def outputs_of(self, vertex_id: int) -> tuple[JobEdge, ...]:
        """Edges that begin at a vertex, in order of their id."""
        return tuple(edge for edge in self.edges if edge.source_vertex == vertex_id)
