"""The operator at the end of a job: a sink's writer and, with it, its committer.

Exactly once by two phases. At a barrier the writer flushes and hands over committables; they are
kept in state and committed once that checkpoint, or a later one, is complete. A plain savepoint
completes nothing: what it covers is committed with the next checkpoint. After a restore everything
the restored checkpoint covers is committed first, perhaps for the second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flott.common.errors import SinkError
from flott.core.batch import Batch
from flott.core.context import OperatorContext
from flott.core.element import Barrier, SnapshotKind
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.sink import Sink

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
        self._writer: Any = None
        self._committer: Any = None

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        store = context.operator_store
        self._writer_state = store.list_state("writer")
        self._pending_state = store.list_state("committables")
        self._savepoints: set[int] = set()
        #: (checkpoint id, committable), oldest first; always equal to what is in state.
        self._pending: list[tuple[int, Any]] = self._pending_state.get()
        self._committer = self._sink.create_committer(context)
        if context.restored_checkpoint_id is not None:
            self._commit_all()
        self._writer = self._sink.create_writer(context, self._writer_state.get(), self._committer)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._writer.write(batch)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._writer.flush(False)
        self._prepare_commit(barrier.checkpoint_id)
        self._writer_state.update(self._writer.snapshot(barrier.checkpoint_id))
        if barrier.kind is SnapshotKind.SAVEPOINT:
            self._savepoints.add(barrier.checkpoint_id)

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        if checkpoint_id in self._savepoints:
            return
        self._savepoints = {n for n in self._savepoints if n > checkpoint_id}
        ready = [item for item in self._pending if item[0] <= checkpoint_id]
        if ready:
            self._commit(ready)
            self._keep([item for item in self._pending if item[0] > checkpoint_id])

    def finish(self) -> None:
        self._writer.flush(True)
        if not self.context.checkpoints_enabled:
            # No checkpoint will ever say that it is time.
            self._prepare_commit(self._last_checkpoint_id() + 1)
            self._commit_all()

    def close(self) -> None:
        writer, self._writer = self._writer, None
        committer, self._committer = self._committer, None
        try:
            if writer is not None:
                writer.close()
        finally:
            if committer is not None:
                committer.close()

    def _prepare_commit(self, checkpoint_id: int) -> None:
        committables = self._writer.prepare_commit(checkpoint_id)
        if not committables:
            return
        if self._committer is None:
            raise SinkError(
                f"The writer of {type(self._sink).__name__} prepared {len(committables)} "
                "committables, but the sink has no committer. Return one from create_committer()."
            )
        self._keep(self._pending + [(checkpoint_id, item) for item in committables])

    def _commit_all(self) -> None:
        if self._pending:
            self._commit(self._pending)
            self._keep([])

    def _commit(self, items: list[tuple[int, Any]]) -> None:
        if self._committer is None:
            raise SinkError(
                f"The restored state holds {len(items)} committables, but "
                f"{type(self._sink).__name__} has no committer."
            )
        self._committer.commit([committable for _, committable in items])

    def _keep(self, pending: list[tuple[int, Any]]) -> None:
        self._pending = pending
        self._pending_state.update(pending)

    def _last_checkpoint_id(self) -> int:
        return self._pending[-1][0] if self._pending else self.context.restored_checkpoint_id or 0
