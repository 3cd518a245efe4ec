"""Nodes of the physical plan: operators as they will run, with everything inferred of them.

A node is a value that other nodes point to; nodes are told apart by identity, so that a part of
the plan that several consumers read is one node and runs once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from flott.common.logical_types import DataType
from flott.core.operator import OperatorSpec
from flott.sql.logical.nodes import Field
from flott.sql.physical.traits import Traits


class BeforeNeed(Enum):
    """Whether a node needs the row before an update (-U) from its inputs."""

    CONSUMER = "as the consumer does"
    ALWAYS = "always"
    NEVER = "never"


class BeforeOutput(Enum):
    """Where the -U of a node's output come from."""

    INPUT = "those of the input"
    ASKED = "made where a consumer needs them"
    ALWAYS = "always there"


#: The name of nodes that give names.
ALIAS: Final = "Alias"
#: Makes the operator, told whether to emit -U.
SpecFactory = Callable[[bool], OperatorSpec]


@dataclass(frozen=True, eq=False)
class PhysicalNode:
    """An operator of the plan.

    Attributes:
        name: What kind of operator it is, in Flink's words.
        detail: Its parameters as text, with columns by name; part of its stable id.
        fields: The output columns.
        inputs: The nodes it reads.
        traits: What is known of its output.
        spec: Makes its operator; ``None`` for an exchange, which is an edge.
        need: Whether it needs -U.
        output: Where its own -U come from.
        is_stateful: Whether it keeps state, so that its id must be stable.
        is_single: Whether it runs with parallelism 1.
        target: What it reads or writes, shown in names.
        row_count: How many rows a source has, where that is known.
        columns: The columns of its input, where it only picks and names some.
        parallelism: How many subtasks it has, where the table says so.
    """

    name: str
    detail: str
    fields: tuple[Field, ...]
    inputs: tuple[PhysicalNode, ...]
    traits: Traits
    spec: SpecFactory | None
    need: BeforeNeed = BeforeNeed.CONSUMER
    output: BeforeOutput = BeforeOutput.INPUT
    is_stateful: bool = False
    is_single: bool = False
    target: str = ""
    row_count: int | None = None
    columns: tuple[int, ...] | None = None
    parallelism: int | None = None

    @property
    def types(self) -> tuple[DataType, ...]:
        """The types of the output columns."""
        return tuple(each.data_type for each in self.fields)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the output columns."""
        return tuple(each.name for each in self.fields)

    @property
    def text(self) -> str:
        """Name and parameters, as plans show them."""
        return f"{self.name}({self.detail})"

    @property
    def is_exchange(self) -> bool:
        """Whether it only says how rows are divided."""
        return self.spec is None and not self.is_alias

    @property
    def is_alias(self) -> bool:
        """Whether it only gives other names to the columns of its input."""
        return self.name == ALIAS

    @property
    def named(self) -> PhysicalNode:
        """The node itself, or the one it gives names to."""
        return self.inputs[0].named if self.is_alias else self


def upstream_first(roots: tuple[PhysicalNode, ...]) -> list[PhysicalNode]:
    """All nodes that ``roots`` need, each once, inputs before consumers."""
    order: list[PhysicalNode] = []
    seen: set[PhysicalNode] = set()

    def visit(node: PhysicalNode) -> None:
        if node in seen:
            return
        seen.add(node)
        for each in node.inputs:
            visit(each)
        order.append(node)

    for root in roots:
        visit(root)
    return order


def walk(node: PhysicalNode) -> Iterator[PhysicalNode]:
    """``node`` and all that feeds it, each once, consumers first."""
    yield from reversed(upstream_first((node,)))
