"""Hands an operator one row at a time, so that it sends every change instead of net changes."""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.delegation import DelegatingOperator, DelegatingSpec
from flott.core.operator import Operator


@dataclass(frozen=True)
class OneByOneSpec(DelegatingSpec):
    """An operator whose batches have one row.

    Operators of columns consolidate: of several changes to a result that one batch makes, only
    the first state and the last are sent. Where the changes themselves are the data, each counts.

    Attributes:
        inner: The operator.
    """

    description: str = ""

    def build(self) -> Operator:
        return _OneByOne(self.inner.build())


class _OneByOne(DelegatingOperator):
    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        process = self._inner.process_batch
        for row in range(batch.row_count):
            process(batch.slice(row, row + 1), input_index)
