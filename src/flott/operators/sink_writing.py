"""The first of two stages of a sink whose subtasks commit together: they only write.

What a writer has prepared goes downstream as rows, ahead of the barrier, to the one subtask that
commits for all (``Sink.create_commit_sink``). So at a barrier that subtask knows what every writer
has written up to there, and its own state is all that a restart needs to commit it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.sink import Sink, SinkWriter

__all__ = ["WriteSpec"]


@dataclass(frozen=True)
class WriteSpec(OperatorSpec):
    """Writes to ``sink``, and sends committables on."""

    sink: Sink

    def build(self) -> Operator:
        return _WriteOperator(self.sink)

    @property
    def meaning(self) -> str:
        return type(self.sink).__name__


class _WriteOperator(Operator):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._writer: SinkWriter | None = None

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._writer_state = context.operator_store.list_state("writer")
        self._last_id = context.restored_checkpoint_id or 0
        self._is_finished = False
        self._writer = self._sink.create_writer(context, self._writer_state.get(), None)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._writer.write(batch)  # type: ignore[union-attr]

    def process_watermark(self, timestamp: int) -> None:
        assert self._writer is not None
        self._writer.advance_watermark(timestamp)
        self.output.emit_watermark(timestamp)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        assert self._writer is not None
        if not self._is_finished:
            self._writer.flush(False)
            self._send(barrier.checkpoint_id)
        self._writer_state.update(self._writer.snapshot(barrier.checkpoint_id))

    def finish(self) -> None:
        assert self._writer is not None
        self._writer.flush(True)
        # Nothing can be sent later. The next checkpoint has this number, or a higher one.
        self._send(self._last_id + 1)
        self._is_finished = True

    def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    def _send(self, checkpoint_id: int) -> None:
        assert self._writer is not None
        assert checkpoint_id > self._last_id, "checkpoints rise"
        self._last_id = checkpoint_id
        prepared = self._writer.prepare_commit(checkpoint_id)
        if prepared:
            self.output.emit(RowBatch([(checkpoint_id, each) for each in prepared], None))
