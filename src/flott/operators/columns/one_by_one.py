"""Hands an operator one row at a time, so that it sends every change instead of net changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output


@dataclass(frozen=True)
class OneByOneSpec(OperatorSpec):
    """An operator whose batches have one row.

    Operators of columns consolidate: of several changes to a result that one batch makes, only
    the first state and the last are sent. Where the changes themselves are the data, each counts.

    Attributes:
        inner: The operator.
    """

    inner: OperatorSpec
    description: str = ""

    def build(self) -> Operator:
        return _OneByOne(self.inner.build())

    @property
    def kind(self) -> str:
        return self.inner.kind

    @property
    def meaning(self) -> str:
        return self.inner.meaning


class _OneByOne(Operator):
    def __init__(self, inner: Operator) -> None:
        self._inner = inner

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._inner.open(context, output)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        process = self._inner.process_batch
        for row in range(batch.row_count):
            process(batch.slice(row, row + 1), input_index)

    def process_watermark(self, timestamp: int) -> None:
        self._inner.process_watermark(timestamp)

    def process_status(self, idle: bool) -> None:
        self._inner.process_status(idle)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._inner.prepare_snapshot(barrier)

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._inner.notify_checkpoint_complete(checkpoint_id)

    def notify_checkpoint_aborted(self, checkpoint_id: int) -> None:
        self._inner.notify_checkpoint_aborted(checkpoint_id)

    def end_input(self, input_index: int) -> None:
        self._inner.end_input(input_index)

    def finish(self) -> None:
        self._inner.finish()

    def handle_coordinator_event(self, event: Any) -> None:
        self._inner.handle_coordinator_event(event)

    def has_pending_work(self) -> bool:
        return self._inner.has_pending_work()

    def is_blocked(self) -> bool:
        return self._inner.is_blocked()

    def pending_output(self) -> PendingOutput | None:
        return self._inner.pending_output()

    def close(self) -> None:
        self._inner.close()
