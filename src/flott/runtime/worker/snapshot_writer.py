"""Brings the snapshots of one task to storage and acknowledges them.

State is turned into bytes at the barrier, while the task stands still; everything slower, checksums
too, happens beside the loop. What could not be stored is declined: the job goes on, and the
coordinator counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from flott.checkpoint.ledger import Compaction, TaskLedger
from flott.checkpoint.paths import checkpoint_folder, savepoint_folder, task_file_path
from flott.checkpoint.task_file import encode_task_file, read_parts, write_task_file
from flott.common.options.checkpointing import DATA_INLINE_THRESHOLD
from flott.core.element import Barrier, SnapshotKind
from flott.core.key_group import key_group_range
from flott.core.snapshot import StateHandle, StatePart
from flott.core.storage import CheckpointStorage
from flott.runtime.messages import CheckpointAcknowledged, CheckpointDeclined, ToCoordinator
from flott.runtime.services import RuntimeServices
from flott.runtime.task.context import TaskOperatorContext
from flott.runtime.task.deployment import TaskDeployment


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is reported about a snapshot."""

    aligned_ms: float
    snapshot_ms: float
    stored_bytes: int


class SnapshotWriter:
    """Stores the snapshots of one task.

    Args:
        deployment: The task.
        run: Names this execution in file names.
        own_chains: Keyed chains that incremental checkpoints may build on, by operator.
        services: Storage and blocking calls.
        report: Sends a message to the coordinator.
    """

    def __init__(
        self,
        deployment: TaskDeployment,
        run: str,
        own_chains: Mapping[str, Sequence[StateHandle]],
        services: RuntimeServices,
        report: Callable[[ToCoordinator], None],
    ) -> None:
        self._deployment = deployment
        self._run = run
        self._services = services
        self._report = report
        self._inline_bytes_max = deployment.configuration.get(DATA_INLINE_THRESHOLD).get_bytes()
        operator_ids = [operator.operator_id for operator in deployment.vertex.chain]
        self._ledger = TaskLedger(operator_ids, restored=own_chains)
        self._figures: dict[int, _Figures] = {}

    def take(
        self,
        barrier: Barrier,
        contexts: Sequence[TaskOperatorContext],
        aligned_ms: float,
        started_ms: float,
    ) -> None:
        """Take the state of ``contexts`` as it is now and store it."""
        try:
            parts = self._take_parts(barrier, contexts)
        except Exception as error:  # state of the user's that cannot be written
            self._ledger.forget_changes()
            self._decline(barrier.checkpoint_id, f"{type(error).__name__}: {error}")
            return
        uploads = self._ledger.begin(barrier.checkpoint_id, barrier.kind, parts)
        elapsed = self._services.clock.monotonic_ms() - started_ms
        stored_bytes = sum(part.size for part in uploads)
        self._figures[barrier.checkpoint_id] = _Figures(aligned_ms, elapsed, stored_bytes)
        self._upload(barrier, uploads)

    def _take_parts(
        self, barrier: Barrier, contexts: Sequence[TaskOperatorContext]
    ) -> list[StatePart]:
        parts = []
        for context in contexts:
            mode = self._ledger.mode(context.operator_id, barrier.kind)
            parts.extend(context.snapshot(mode.full, mode.detached))
        return parts

    def _upload(self, barrier: Barrier, uploads: Sequence[StatePart]) -> None:
        storage, folder = self._place(barrier)
        task = self._deployment.task
        vertex = self._deployment.vertex

        def store() -> Sequence[StateHandle]:
            groups = key_group_range(vertex.max_parallelism, vertex.parallelism, task.subtask)
            file = encode_task_file(
                uploads,
                path=task_file_path(folder, self._run, task.vertex_id, task.subtask),
                checkpoint_id=barrier.checkpoint_id,
                subtask=task.subtask,
                parallelism=vertex.parallelism,
                key_groups=groups,
                inline_bytes_max=self._inline_bytes_max,
            )
            write_task_file(storage, file)
            return file.handles

        def done(result: Sequence[StateHandle] | BaseException) -> None:
            if isinstance(result, BaseException):
                self._failed(barrier.checkpoint_id, result)
            else:
                self._stored(barrier.checkpoint_id, result)

        if all(part.size <= self._inline_bytes_max for part in uploads):
            done(store())  # all of it goes with the acknowledgement
        else:
            self._services.blocking.submit(store, done)

    def _place(self, barrier: Barrier) -> tuple[CheckpointStorage, str]:
        if barrier.kind is SnapshotKind.CHECKPOINT:
            return self._services.storage, checkpoint_folder(barrier.checkpoint_id)
        assert barrier.location is not None, "a savepoint has a place of its own"
        storage = self._services.open_storage(barrier.location)
        return storage, savepoint_folder(barrier.checkpoint_id, self._run)

    def _stored(self, checkpoint_id: int, handles: Sequence[StateHandle]) -> None:
        for ready in self._ledger.stored(checkpoint_id, handles):
            figures = self._figures.pop(ready.checkpoint_id)
            self._report(
                CheckpointAcknowledged(
                    self._deployment.attempt,
                    ready.checkpoint_id,
                    self._deployment.task,
                    ready.handles,
                    figures.aligned_ms,
                    figures.snapshot_ms,
                    figures.stored_bytes,
                )
            )
        compaction = self._ledger.next_compaction()
        if compaction is not None:
            self._compact(compaction)

    def _failed(self, checkpoint_id: int, error: BaseException) -> None:
        for lost in self._ledger.failed(checkpoint_id):
            self._decline(lost, f"{type(error).__name__}: {error}")

    def _decline(self, checkpoint_id: int, reason: str) -> None:
        self._figures.pop(checkpoint_id, None)
        deployment = self._deployment
        text = f"task {deployment.name} could not store its state ({reason})"
        self._report(CheckpointDeclined(deployment.attempt, checkpoint_id, deployment.task, text))

    def _compact(self, compaction: Compaction) -> None:
        storage, now_ms = self._services.storage, self._services.clock.now_ms()

        def merge() -> StatePart:
            return self._services.compact(read_parts(storage, compaction.handles), now_ms)

        def done(result: StatePart | BaseException) -> None:
            if isinstance(result, BaseException):
                self._ledger.compaction_failed()  # the chain stays as it is
            else:
                self._ledger.compacted(result)

        self._services.blocking.submit(merge, done)
