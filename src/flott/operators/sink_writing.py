"""The first of two stages of a sink whose subtasks commit together: they only write.

What a writer has prepared goes downstream as rows, ahead of the barrier, to the one subtask that
commits for all (``Sink.create_commit_sink``). So at a barrier that subtask knows what every writer
has written up to there, and its own state is all that a restart needs to commit it.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator
from flott.core.output import Output
from flott.operators.writer_operator import WriterOperator, WriterSpec

__all__ = ["WriteSpec"]


@dataclass(frozen=True)
class WriteSpec(WriterSpec):
    """Writes to ``sink``, and sends committables on."""

    def build(self) -> Operator:
        return _WriteOperator(self.sink)


class _WriteOperator(WriterOperator):
    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._last_id = context.restored_checkpoint_id or 0
        self._is_finished = False
        self._open_writer(None)

    def finish(self) -> None:
        self._writer.flush(True)
        # Nothing can be sent later. The next checkpoint has this number, or a higher one.
        self._prepare_commit(self._last_id + 1)
        self._is_finished = True

    def _flush(self, checkpoint_id: int) -> None:
        if not self._is_finished:
            super()._flush(checkpoint_id)

    def _prepare_commit(self, checkpoint_id: int) -> None:
        assert checkpoint_id > self._last_id, "checkpoints rise"
        self._last_id = checkpoint_id
        prepared = self._writer.prepare_commit(checkpoint_id)
        if prepared:
            self.output.emit(RowBatch([(checkpoint_id, each) for each in prepared], None))
