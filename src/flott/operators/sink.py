"""The operator at the end of a job: a sink's writer and, with it, its committer.

Exactly once by two phases. At a barrier the writer flushes and hands over committables; they are
kept in state and committed once that checkpoint, or a later one, is complete. A plain savepoint
completes nothing: what it covers is committed with the next checkpoint. After a restore everything
the restored checkpoint covers is committed first, perhaps for the second time.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.element import Barrier, SnapshotKind
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.sink import Sink, SinkWriter
from flott.operators.commits import Commits

__all__ = ["SinkSpec"]


@dataclass(frozen=True)
class SinkSpec(OperatorSpec):
    """Writes to ``sink``."""

    sink: Sink

    def build(self) -> Operator:
        return _SinkOperator(self.sink)

    @property
    def meaning(self) -> str:
        return type(self.sink).__name__


class _SinkOperator(Operator):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._writer: SinkWriter | None = None
        self._commits: Commits | None = None

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        store = context.operator_store
        self._writer_state = store.list_state("writer")
        self._savepoints: set[int] = set()
        committer = self._sink.create_committer(context)
        name = type(self._sink).__name__
        self._commits = Commits(committer, name, store.list_state("committables"), context)
        if context.restored_checkpoint_id is not None:
            self._commits.commit_all()
        self._writer = self._sink.create_writer(context, self._writer_state.get(), committer)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._writer.write(batch)  # type: ignore[union-attr]

    def process_watermark(self, timestamp: int) -> None:
        assert self._writer is not None
        self._writer.advance_watermark(timestamp)
        self.output.emit_watermark(timestamp)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        assert self._writer is not None
        self._writer.flush(False)
        self._prepare_commit(barrier.checkpoint_id)
        self._writer_state.update(self._writer.snapshot(barrier.checkpoint_id))
        if barrier.kind is SnapshotKind.SAVEPOINT:
            self._savepoints.add(barrier.checkpoint_id)

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        if checkpoint_id in self._savepoints:
            return
        assert self._commits is not None
        self._savepoints = {n for n in self._savepoints if n > checkpoint_id}
        self._commits.complete(checkpoint_id)

    def has_pending_work(self) -> bool:
        return self._commits is not None and self._commits.is_under_way

    def finish(self) -> None:
        assert self._writer is not None
        assert self._commits is not None
        self._writer.flush(True)
        if not self.context.checkpoints_enabled:
            # No checkpoint will ever say that it is time.
            last = self._commits.newest or self.context.restored_checkpoint_id or 0
            self._prepare_commit(last + 1)
            self._commits.commit_all()

    def close(self) -> None:
        writer, self._writer = self._writer, None
        commits, self._commits = self._commits, None
        try:
            if writer is not None:
                writer.close()
        finally:
            if commits is not None:
                commits.close()

    def _prepare_commit(self, checkpoint_id: int) -> None:
        assert self._writer is not None
        assert self._commits is not None
        self._commits.add(checkpoint_id, self._writer.prepare_commit(checkpoint_id))
