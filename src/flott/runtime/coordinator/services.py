"""What the coordinator needs from outside, handed in where a job is put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flott.core.blocking import BlockingCalls
from flott.core.clock import Clock
from flott.core.storage import CheckpointStorage
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import TaskId, TaskReport, ToWorker


@dataclass(frozen=True, slots=True)
class CoordinatorServices:
    """The outside world of a coordinator.

    Attributes:
        start_id: Letters and digits that name this start of the coordinator, unlike any other,
            also of the same job: tasks of a former start may still be writing files.
        clock: Time.
        blocking: Runs blocking calls beside the loop.
        storage: Where this job's checkpoints go.
        open_storage: Opens the storage of a savepoint or of another job by its URI.
        workers: Number of workers of the job.
        send: Sends a message to a worker, in order; lost if the worker is.
        stop_worker: Ends a worker that does not answer; ``worker_lost`` follows.
        start_worker: Starts a worker anew after it was lost; ``worker_ready`` follows.
        on_phase: Told of every change of phase.
        on_event: Told of events of operators that are not sources.
        on_report: Told of every task report.
    """

    start_id: str
    clock: Clock
    blocking: BlockingCalls
    storage: CheckpointStorage
    open_storage: Callable[[str], CheckpointStorage]
    workers: int
    send: Callable[[int, ToWorker], None]
    stop_worker: Callable[[int], None]
    start_worker: Callable[[int], None]
    on_phase: Callable[[JobPhase], None]
    on_event: Callable[[TaskId, str, Any], None]
    on_report: Callable[[TaskReport], None]
