"""Puts streams of equal columns together; the watermark is that of the slowest."""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.operator import Operator, OperatorSpec


@dataclass(frozen=True)
class UnionSpec(OperatorSpec):
    """Everything of all inputs.

    Attributes:
        inputs: How many there are.
        description: What it does, for plans.
    """

    inputs: int
    description: str = ""

    def build(self) -> Operator:
        return _Union()

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _Union(Operator):
    def process_batch(self, batch: Batch, input_index: int) -> None:
        self.output.emit(batch)
