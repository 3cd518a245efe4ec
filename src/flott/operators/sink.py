"""The operator at the end of a job: a sink's writer and, with it, its committer.

Exactly once by two phases. At a barrier the writer flushes and hands over committables; they are
kept in state and committed once that checkpoint, or a later one, is complete. A plain savepoint
completes nothing: what it covers is committed with the next checkpoint. After a restore everything
the restored checkpoint covers is committed first, perhaps for the second time.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.core.context import OperatorContext
from flott.core.element import Barrier, SnapshotKind
from flott.core.operator import Operator
from flott.core.output import Output
from flott.core.sink import Sink
from flott.operators.commits import Commits
from flott.operators.writer_operator import WriterOperator, WriterSpec

__all__ = ["SinkSpec"]


@dataclass(frozen=True)
class SinkSpec(WriterSpec):
    """Writes to ``sink`` and commits."""

    def build(self) -> Operator:
        return _SinkOperator(self.sink)


class _SinkOperator(WriterOperator):
    def __init__(self, sink: Sink) -> None:
        super().__init__(sink)
        self._commits: Commits
        self._savepoints: set[int] = set()

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        committer = self._sink.create_committer(context)
        name = type(self._sink).__name__
        committables = context.operator_store.list_state("committables")
        self._commits = Commits(committer, name, committables, context)
        self._resources.callback(self._commits.close)
        if context.restored_checkpoint_id is not None:
            self._commits.commit_all()
        self._open_writer(committer)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        super().prepare_snapshot(barrier)
        if barrier.kind is SnapshotKind.SAVEPOINT:
            self._savepoints.add(barrier.checkpoint_id)

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        if checkpoint_id in self._savepoints:
            return
        self._savepoints = {n for n in self._savepoints if n > checkpoint_id}
        self._commits.complete(checkpoint_id)

    def has_pending_work(self) -> bool:
        return self._commits.is_under_way

    def finish(self) -> None:
        self._writer.flush(True)
        if not self.context.checkpoints_enabled:
            # No checkpoint will ever say that it is time.
            last = self._commits.newest or self.context.restored_checkpoint_id or 0
            self._prepare_commit(last + 1)
            self._commits.commit_all()

    def _prepare_commit(self, checkpoint_id: int) -> None:
        self._commits.add(checkpoint_id, self._writer.prepare_commit(checkpoint_id))
