"""The coordinator's half of checkpoints: trigger, collect, complete, release, restore.

    trigger -> acknowledgements of all tasks -> manifest written -> complete: tasks commit,
    older files are released

A checkpoint is complete when its manifest is stored, and only then; what is told to tasks follows
from that. Decisions are those of ``flott.checkpoint``; this object keeps them supplied.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flott.checkpoint.completed import CompletedCheckpoints, derive_disposal
from flott.checkpoint.manifest import Manifest, encode_manifest
from flott.checkpoint.paths import checkpoint_folder, manifest_path, savepoint_folder
from flott.checkpoint.pending import OperatorFacts, PendingCheckpoint
from flott.checkpoint.trigger import (
    CheckpointTrigger,
    TriggerNow,
    TriggerPolicy,
    WaitUntil,
)
from flott.common.checkpointing import ExternalizedCheckpointRetention
from flott.common.configuration import Configuration
from flott.common.errors import CheckpointError, ConfigurationError
from flott.common.options import checkpointing as options
from flott.core.element import Barrier, SnapshotKind
from flott.core.storage import CheckpointStorage
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.ending import Ending, SavepointDone
from flott.runtime.coordinator.recovery import RestoredJob
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.coordinator.splits import SourceCoordinator
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import (
    CheckpointAborted,
    CheckpointAcknowledged,
    CheckpointCompleted,
    CheckpointDeclined,
    TaskId,
    ToWorker,
    TriggerCheckpoint,
)


@dataclass(slots=True)
class _Pending:
    """A checkpoint under way and who waits for it."""

    checkpoint: PendingCheckpoint
    barrier: Barrier
    done: SavepointDone | None
    has_drained: bool


@dataclass(frozen=True, slots=True)
class CheckpointStatistics:
    """What is shown about the last complete checkpoint."""

    checkpoint_id: int
    completed_ms: int
    duration_ms: int
    state_bytes: int


class Checkpoints:
    """Everything about checkpoints of one job.

    Attributes:
        enabled: Whether checkpoints are taken at intervals.
        last: The last complete checkpoint.
        failed_count: How many failed since the job began.
    """

    def __init__(
        self,
        plan: JobPlan,
        configuration: Configuration,
        services: CoordinatorServices,
        send_all: Callable[[ToWorker], None],
        fail: Callable[[BaseException], None],
    ) -> None:
        self._plan = plan
        self._configuration = configuration
        self._services = services
        self._send_all = send_all
        self._fail = fail
        self._policy = _policy(configuration, plan)
        self.enabled = self._policy.interval_ms is not None
        self.last: CheckpointStatistics | None = None
        self.failed_count = 0
        self._trigger = CheckpointTrigger(self._policy, self._now)
        self._pending: dict[int, _Pending] = {}
        self._writing: dict[int, _Pending] = {}
        self._after_writing: list[Callable[[], None]] = []
        self._retained_max = configuration.get(options.MAX_RETAINED_CHECKPOINTS)
        self._completed = CompletedCheckpoints(self._retained_max)
        self._next_id = 1
        self._active = False
        self._attempt = 0
        self._run = ""
        self._tasks: Sequence[TaskId] = ()
        self._drained: set[TaskId] = set()
        self._sources: Mapping[int, SourceCoordinator] = {}
        self._claimed: tuple[str, Manifest] | None = None
        self._ending = Ending(services.clock, self.enabled, self._begin)

    # --- life --------------------------------------------------------------------------------

    def start(
        self,
        attempt: int,
        run: str,
        tasks: Sequence[TaskId],
        sources: Mapping[int, SourceCoordinator],
    ) -> None:
        """The job runs."""
        self._attempt, self._run, self._tasks, self._sources = attempt, run, tasks, sources
        self._drained = set()
        self._active = True
        self._ending.start()
        self._trigger.restarted(self._now)

    def stop(self, finished: bool = False) -> None:
        """The job no longer runs, perhaps because it is ``finished``: what is under way is given
        up, but for manifests being written, which may yet complete a checkpoint."""
        self._active = False
        for checkpoint_id in list(self._pending):
            self._abort(checkpoint_id, "the job stopped running", counts=False)
        self._ending.stop(finished)

    def when_quiet(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` once no manifest is being written, perhaps at once."""
        if self._writing:
            self._after_writing.append(callback)
        else:
            callback()

    def adopt(self, restored: RestoredJob) -> None:
        """The job has restored a checkpoint of its own storage, or of another, or nothing."""
        own, claimed = restored.own, restored.claimed
        self._completed = CompletedCheckpoints(self._retained_max, own)
        self._next_id = max(self._next_id, restored.next_checkpoint_id)
        self._claimed = None if claimed is None else (restored.root or "", claimed)

    def end(self, phase: JobPhase) -> None:
        """The job is over: checkpoints go unless they are to be kept. After a failure they stay,
        for somebody will want to go on from there."""
        self.stop()
        retention = self._configuration.get(options.EXTERNALIZED_CHECKPOINT_RETENTION)
        keep = ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION
        if phase is JobPhase.FAILED or (phase is JobPhase.CANCELED and retention is keep):
            return
        storage = self._services.storage
        try:
            for path in derive_disposal(storage.list_paths("")):
                storage.delete(path)
        except OSError:
            pass  # files that stay behind do no harm

    # --- periodic work -----------------------------------------------------------------------

    def advance(self) -> bool:
        """Trigger or give up what is due; whether there was anything."""
        if not self._active:
            return False
        now, worked = self._now, False
        for checkpoint_id in self._trigger.expired(now):
            timeout = self._policy.timeout_ms
            waiting = self._waiting_text(checkpoint_id)
            self._abort(checkpoint_id, f"not complete within {timeout} ms{waiting}")
            worked = True
        worked |= self._ending.advance(now)
        if not self.is_ending and isinstance(self._trigger.decide(now), TriggerNow):
            self._begin(SnapshotKind.CHECKPOINT)
            worked = True
        return worked

    @property
    def next_due_ms(self) -> float | None:
        """When ``advance`` has something to do next, by the monotonic clock."""
        if not self._active:
            return None
        times = [self._trigger.next_expiry_ms(), self._ending.retry_ms]
        if not self.is_ending:
            decision = self._trigger.decide(self._now)
            if isinstance(decision, WaitUntil):
                times.append(decision.time_ms)
            elif isinstance(decision, TriggerNow):
                times.append(self._now)
        return min((time for time in times if time is not None), default=None)

    @property
    def is_ending(self) -> bool:
        """Whether the job is on its way to the end, by the user's will or because all drained."""
        return self._ending.is_under_way

    def begin_drain(self) -> None:
        """Sources are told to end before their input does: periodic checkpoints stop."""
        self._ending.begin_drain()

    def task_drained(self, task: TaskId) -> None:
        """A task's input has ended: barriers no longer reach it, so it is asked directly."""
        self._drained.add(task)
        for pending in self._pending.values():
            if (task.vertex_id, task.subtask) in pending.checkpoint.waiting_tasks:
                self._send_all(TriggerCheckpoint(self._attempt, pending.barrier, (task,)))

    # --- requests ----------------------------------------------------------------------------

    def trigger_savepoint(self, directory: str | None, done: SavepointDone) -> None:
        """Take a savepoint below ``directory``, or the configured folder."""
        self._with_place(
            directory, done, lambda place: self._begin(SnapshotKind.SAVEPOINT, place, done)
        )

    def trigger_stop(
        self, directory: str | None, finish: Callable[[], None], done: SavepointDone
    ) -> None:
        """Take a savepoint after which tasks do nothing more, then ``finish``; see ``Ending``."""
        self._with_place(directory, done, lambda place: self._ending.stop_into(place, finish, done))

    def trigger_final(self, finish: Callable[[], None]) -> None:
        """All tasks have drained: take the last checkpoint, then ``finish``."""
        self._ending.take_last(finish)

    def _with_place(
        self, directory: str | None, done: SavepointDone, action: Callable[[str], None]
    ) -> None:
        try:
            place = self.savepoint_place(directory)
        except ConfigurationError as error:
            done(error)
        else:
            action(place)

    def savepoint_place(self, directory: str | None) -> str:
        """Where a savepoint goes that is asked for with ``directory``.

        Raises:
            ConfigurationError: Nobody said where.
        """
        place = directory or self._configuration.get(options.SAVEPOINT_DIRECTORY)
        if place is None:
            raise ConfigurationError(
                "Nobody said where the savepoint should go: name a directory, or set "
                "execution.checkpointing.savepoint-dir",
                key="execution.checkpointing.savepoint-dir",
            )
        return place

    # --- a checkpoint's way --------------------------------------------------------------------

    def _begin(
        self, kind: SnapshotKind, location: str | None = None, done: SavepointDone | None = None
    ) -> None:
        checkpoint_id = self._next_id
        self._next_id += 1
        now_ms = self._services.clock.now_ms()
        is_checkpoint = kind is SnapshotKind.CHECKPOINT
        folder = (
            checkpoint_folder(checkpoint_id)
            if is_checkpoint
            else savepoint_folder(checkpoint_id, self._run)
        )
        sources = {source.operator_id: source for source in self._sources.values()}
        tasks = [(task.vertex_id, task.subtask) for task in self._tasks]
        checkpoint = PendingCheckpoint(checkpoint_id, now_ms, kind, folder, tasks, sources)
        barrier = Barrier(checkpoint_id, now_ms, kind, location)
        self._pending[checkpoint_id] = _Pending(
            checkpoint, barrier, done, is_checkpoint and self._ending.is_draining
        )
        self._trigger.started(checkpoint_id, self._now, periodic=is_checkpoint and done is None)
        for operator_id, source in sources.items():
            state = pickle.dumps(source.snapshot(checkpoint_id), protocol=5)
            checkpoint.acknowledge_coordinator(operator_id, state)
        all_stand_still = self._ending.stopped_into is not None
        asked = tuple(
            task
            for task in self._tasks
            if all_stand_still or task.vertex_id in self._sources or task in self._drained
        )
        self._send_all(TriggerCheckpoint(self._attempt, barrier, asked))

    def acknowledge(self, message: CheckpointAcknowledged) -> None:
        """A task has stored its part."""
        pending = self._pending.get(message.checkpoint_id)
        if pending is None:
            return
        task = (message.task.vertex_id, message.task.subtask)
        if pending.checkpoint.acknowledge(task, message.handles):
            self._write_manifest(message.checkpoint_id, pending)

    def decline(self, message: CheckpointDeclined) -> None:
        """A task could not store its part."""
        self._abort(message.checkpoint_id, message.reason)

    def _write_manifest(self, checkpoint_id: int, pending: _Pending) -> None:
        manifest = pending.checkpoint.to_manifest(self._plan.name, _facts(self._plan))
        manifest = replace(manifest, has_drained=pending.has_drained)
        data = encode_manifest(manifest)
        storage = self._storage_of(pending.barrier)
        attempt = self._attempt
        del self._pending[checkpoint_id]
        self._writing[checkpoint_id] = pending

        def done(result: BaseException | None) -> None:
            del self._writing[checkpoint_id]
            if attempt == self._attempt and self._active:
                if result is None:
                    self._complete(manifest, pending)
                else:
                    self._pending[checkpoint_id] = pending
                    reason = f"its manifest could not be written: {result}"
                    # Files of what is overtaken are deleted, even while they are written.
                    self._abort(checkpoint_id, reason, counts=not self._is_overtaken(checkpoint_id))
            elif pending.done is not None:
                pending.done(CheckpointError("the job stopped before the savepoint was complete"))
            if not self._writing:
                waiting, self._after_writing = self._after_writing, []
                for callback in waiting:
                    callback()

        path = manifest_path(manifest.folder)
        self._services.blocking.submit(lambda: storage.write(path, [data]), done)

    def _complete(self, manifest: Manifest, pending: _Pending) -> None:
        checkpoint_id = manifest.checkpoint_id
        self._trigger.completed(checkpoint_id, self._now)
        now_ms = self._services.clock.now_ms()
        if self._is_overtaken(checkpoint_id):
            pass  # its manifest was overtaken by that of a newer one, which covers it
        elif manifest.kind is SnapshotKind.CHECKPOINT:
            duration = now_ms - manifest.timestamp_ms
            self.last = CheckpointStatistics(checkpoint_id, now_ms, duration, manifest.state_bytes)
            self._completed.add(manifest)
            for older in [number for number in self._pending if number < checkpoint_id]:
                self._abort(older, "a newer checkpoint is complete", counts=False)
        is_stop = manifest.kind is SnapshotKind.STOP_SAVEPOINT
        if manifest.kind is SnapshotKind.CHECKPOINT or (is_stop and not self.enabled):
            self._send_all(CheckpointCompleted(self._attempt, checkpoint_id))
            for source in self._sources.values():
                source.notify_complete(checkpoint_id)
        if manifest.kind is SnapshotKind.CHECKPOINT:
            self._release_files()
        if pending.done is not None:
            root = pending.barrier.location or ""
            pending.done(f"{root.rstrip('/')}/{manifest.folder}")

    def _is_overtaken(self, checkpoint_id: int) -> bool:
        newest = self._completed.latest
        return newest is not None and checkpoint_id < newest.checkpoint_id

    def _abort(self, checkpoint_id: int, reason: str, counts: bool = True) -> None:
        pending = self._pending.pop(checkpoint_id, None)
        if pending is None:
            return
        pending.checkpoint.abort(reason)
        is_checkpoint = pending.checkpoint.kind is SnapshotKind.CHECKPOINT
        must_fail = self._trigger.failed(checkpoint_id, self._now, counts=counts and is_checkpoint)
        self.failed_count += counts
        self._send_all(CheckpointAborted(self._attempt, checkpoint_id))
        error = CheckpointError(f"Checkpoint {checkpoint_id} failed: {reason}")
        if pending.done is not None:
            pending.done(error)
        if must_fail:
            tolerable = self._policy.failures_tolerable
            self._fail(
                CheckpointError(
                    f"{error}. More than {tolerable} failures in a row are not tolerated "
                    "(execution.checkpointing.tolerable-failed-checkpoints)"
                )
            )

    def _release_files(self) -> None:
        storage, completed = self._services.storage, self._completed
        claimed, self._claimed = self._claimed, None

        def release() -> None:
            for path in completed.garbage(storage.list_paths("")):
                storage.delete(path)
            if claimed is not None:  # the job no longer needs what it began with
                root, manifest = claimed
                elsewhere = self._services.open_storage(root)
                for path in (manifest_path(manifest.folder), *sorted(manifest.paths())):
                    elsewhere.delete(path)

        self._services.blocking.submit(release, lambda _: None)

    # --- small things ------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        return self._services.clock.monotonic_ms()

    def _storage_of(self, barrier: Barrier) -> CheckpointStorage:
        if barrier.location is None:
            return self._services.storage
        return self._services.open_storage(barrier.location)

    def _waiting_text(self, checkpoint_id: int) -> str:
        pending = self._pending.get(checkpoint_id)
        if pending is None:
            return ""
        names = [
            f"{self._plan.vertices[vertex].name} ({subtask + 1})"
            for vertex, subtask in sorted(pending.checkpoint.waiting_tasks)
        ]
        return "; still waiting for " + ", ".join(names[:5])


def _policy(configuration: Configuration, plan: JobPlan) -> TriggerPolicy:
    interval = configuration.get(options.CHECKPOINTING_INTERVAL)
    return TriggerPolicy(
        interval_ms=None if interval is None or plan.is_batch else interval.to_millis(),
        min_pause_ms=configuration.get(options.MIN_PAUSE_BETWEEN_CHECKPOINTS).to_millis(),
        concurrent_max=configuration.get(options.MAX_CONCURRENT_CHECKPOINTS),
        timeout_ms=configuration.get(options.CHECKPOINTING_TIMEOUT).to_millis(),
        failures_tolerable=configuration.get(options.TOLERABLE_FAILURE_NUMBER),
    )


def _facts(plan: JobPlan) -> list[OperatorFacts]:
    return [
        OperatorFacts(
            operator.operator_id, operator.name, vertex.parallelism, vertex.max_parallelism
        )
        for vertex in plan.vertices
        for operator in vertex.chain
    ]
