"""A sink's writer as an operator: what sinks of one stage and of two have in common.

They differ in where the things go that a writer has prepared for commit: a sink of one stage
commits them itself, the first of two stages sends them on.
"""

from __future__ import annotations

from abc import abstractmethod
from contextlib import ExitStack
from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec
from flott.core.sink import Committer, Sink, SinkWriter

__all__ = ["WriterOperator", "WriterSpec"]


@dataclass(frozen=True)
class WriterSpec(OperatorSpec):
    """Writes to ``sink``."""

    sink: Sink

    @property
    def meaning(self) -> str:
        return type(self.sink).__name__


class WriterOperator(Operator):
    """Writes batches; asks for what is to be committed at each barrier."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._writer: SinkWriter
        #: What `close` closes, the last first; there may be nothing yet if opening has failed.
        self._resources = ExitStack()

    def _open_writer(self, committer: Committer | None) -> None:
        self._writer_state = self.context.operator_store.list_state("writer")
        self._writer = self._sink.create_writer(self.context, self._writer_state.get(), committer)
        self._resources.callback(self._writer.close)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._writer.write(batch)

    def process_watermark(self, timestamp: int) -> None:
        self._writer.advance_watermark(timestamp)
        self.output.emit_watermark(timestamp)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._flush(barrier.checkpoint_id)
        self._writer_state.update(self._writer.snapshot(barrier.checkpoint_id))

    def close(self) -> None:
        self._resources.close()

    def _flush(self, checkpoint_id: int) -> None:
        """Have the writer write what it holds, and take from it what this checkpoint commits."""
        self._writer.flush(False)
        self._prepare_commit(checkpoint_id)

    @abstractmethod
    def _prepare_commit(self, checkpoint_id: int) -> None:
        """Ask the writer what there is to commit, and see to it."""
