"""Every message between coordinator and workers, frozen.

Messages carry the attempt they belong to: what arrives from a former attempt is ignored, so a
worker that comes back from the dead can neither acknowledge nor commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flott.core.element import Barrier
from flott.core.snapshot import StateHandle
from flott.plan.job_plan import JobPlan
from flott.progress.output_watch import OperatorReading

if TYPE_CHECKING:
    from flott.runtime.task.failure import FailureReport


@dataclass(frozen=True, slots=True, order=True)
class TaskId:
    """A subtask of a vertex."""

    vertex_id: int
    subtask: int


@dataclass(frozen=True, slots=True)
class RestoreHandles:
    """Where an operator subtask finds the state it starts from, in the order to apply it.

    Attributes:
        keyed: Chains of keyed state.
        operator: Operator state of all former subtasks.
        is_own_chain: Whether ``keyed`` is this subtask's own chain in the job's own storage, so
            that incremental checkpoints may build on it.
    """

    keyed: tuple[StateHandle, ...] = ()
    operator: tuple[StateHandle, ...] = ()
    is_own_chain: bool = False


# --- coordinator to worker ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DeployTasks:
    """Build these tasks, connect them and load their state; answer with ``TasksDeployed``.

    Attributes:
        attempt: Number of the execution, from 0.
        job_id: Id of the job, 32 hexadecimal digits.
        run: Names this execution in file names: never the same for two starts of a job.
        plan: The whole job plan, so that every worker derives the same channels.
        placement: Worker of each task.
        restore: Handles by task and operator id.
        restored_checkpoint_id: What the handles belong to; ``None`` on a fresh start.
        restore_root: Storage of the handles as a URI; ``None`` for the job's own.
    """

    attempt: int
    job_id: str
    run: str
    plan: JobPlan
    placement: Mapping[TaskId, int]
    restore: Mapping[TaskId, Mapping[str, RestoreHandles]]
    restored_checkpoint_id: int | None
    restore_root: str | None = None


@dataclass(frozen=True, slots=True)
class StartTasks:
    """All workers have deployed: begin."""

    attempt: int


@dataclass(frozen=True, slots=True)
class TriggerCheckpoint:
    """Take a snapshot: sources emit the barrier; tasks that have drained snapshot at once."""

    attempt: int
    barrier: Barrier
    tasks: tuple[TaskId, ...]


@dataclass(frozen=True, slots=True)
class CheckpointCompleted:
    """A checkpoint can be restored from now on: commit."""

    attempt: int
    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class CheckpointAborted:
    """A checkpoint will never complete: stop aligning for it."""

    attempt: int
    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class AssignSplits:
    """Source task ``task`` reads these splits too."""

    attempt: int
    task: TaskId
    splits: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class NoMoreSplits:
    """Source task ``task`` gets no further split."""

    attempt: int
    task: TaskId


@dataclass(frozen=True, slots=True)
class CoordinatorEvent:
    """Something for operator ``operator_id`` of ``task`` from its half at the coordinator."""

    attempt: int
    task: TaskId
    operator_id: str
    event: Any


@dataclass(frozen=True, slots=True)
class AlignSources:
    """Splits of source task ``task``, in alignment group ``group``, pause beyond
    ``max_watermark``."""

    attempt: int
    task: TaskId
    group: str
    max_watermark: int


@dataclass(frozen=True, slots=True)
class DrainSources:
    """Sources end now, as if their input had: results become final."""

    attempt: int


@dataclass(frozen=True, slots=True)
class FinishTasks:
    """All tasks have drained and what had to be committed is: close."""

    attempt: int


@dataclass(frozen=True, slots=True)
class CancelTasks:
    """Close all tasks of the attempt at once; answer with ``TasksCancelled``."""

    attempt: int


@dataclass(frozen=True, slots=True)
class StopWorker:
    """End the worker."""


# --- worker to coordinator ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TasksDeployed:
    """All tasks of ``worker`` are ready to start."""

    attempt: int
    worker: int


@dataclass(frozen=True, slots=True)
class TaskDrained:
    """All input is processed and nothing is left to emit; the task waits for its release."""

    attempt: int
    task: TaskId


@dataclass(frozen=True, slots=True)
class TaskFinished:
    """The task is closed."""

    attempt: int
    task: TaskId


@dataclass(frozen=True, slots=True)
class TaskFailed:
    """The task cannot go on."""

    attempt: int
    task: TaskId | None
    failure: FailureReport


@dataclass(frozen=True, slots=True)
class TasksCancelled:
    """``worker`` has closed all its tasks of the attempt."""

    attempt: int
    worker: int


@dataclass(frozen=True, slots=True)
class CheckpointAcknowledged:
    """A task's part of a checkpoint is stored.

    Attributes:
        handles: Everything needed to restore the task, also what earlier checkpoints stored.
        aligned_ms: From the first barrier to the last.
        snapshot_ms: Time the task stood still to take its snapshot.
        stored_bytes: What was written for this checkpoint.
    """

    attempt: int
    checkpoint_id: int
    task: TaskId
    handles: tuple[StateHandle, ...]
    aligned_ms: float
    snapshot_ms: float
    stored_bytes: int


@dataclass(frozen=True, slots=True)
class CheckpointDeclined:
    """A task could not take its part of a checkpoint; the job goes on."""

    attempt: int
    checkpoint_id: int
    task: TaskId
    reason: str


@dataclass(frozen=True, slots=True)
class SplitRequested:
    """A source task has no split left and wants another."""

    attempt: int
    task: TaskId


@dataclass(frozen=True, slots=True)
class OperatorEvent:
    """Something from an operator to its half at the coordinator."""

    attempt: int
    task: TaskId
    operator_id: str
    event: Any


@dataclass(frozen=True, slots=True)
class SourceWatermark:
    """How far a source task of an alignment group is (``None`` while idle), and how far it may be
    ahead of the slowest."""

    attempt: int
    task: TaskId
    group: str
    watermark: int | None
    max_drift_ms: int


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Counters of a task, sent regularly.

    Attributes:
        records_in: Records taken from inputs, or read if it is a source.
        records_out: Records sent.
        operators: What each operator, or run of fused operators, has counted.
        held_by: The task whose channel keeps the watermark from rising, if one does.
        held_since_ms: When that channel had a record last, epoch milliseconds.
        slowest_split: If it is a source, the split that keeps its watermark from rising.
        watermark: Last combined watermark of the inputs.
        input_watermarks: Last watermark of each input channel, by its name.
        blocked_ms: How long in all the task waited for room in its outputs.
        busy_ms: How long in all the task worked.
        state_bytes: Rough size of keyed state.
        metrics: The metrics of each operator, by its name.
    """

    attempt: int
    task: TaskId
    records_in: int
    records_out: int
    watermark: int
    input_watermarks: Mapping[str, int]
    blocked_ms: float
    busy_ms: float
    state_bytes: int
    metrics: Mapping[str, Any]
    operators: tuple[OperatorReading, ...] = ()
    held_by: TaskId | None = None
    held_since_ms: int | None = None
    slowest_split: str | None = None


ToWorker = (
    DeployTasks
    | StartTasks
    | TriggerCheckpoint
    | CheckpointCompleted
    | CheckpointAborted
    | AssignSplits
    | NoMoreSplits
    | CoordinatorEvent
    | AlignSources
    | DrainSources
    | FinishTasks
    | CancelTasks
    | StopWorker
)
ToCoordinator = (
    TasksDeployed
    | TaskDrained
    | TaskFinished
    | TaskFailed
    | TasksCancelled
    | CheckpointAcknowledged
    | CheckpointDeclined
    | SplitRequested
    | OperatorEvent
    | SourceWatermark
    | TaskReport
)
