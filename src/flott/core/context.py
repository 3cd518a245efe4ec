"""What an operator may ask of the task that runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flott.common.configuration import Configuration
    from flott.core.blocking import BlockingCalls
    from flott.core.clock import Clock
    from flott.core.key_group import KeyGroupRange
    from flott.core.keyed_store import KeyedStore
    from flott.core.operator_store import OperatorStore
    from flott.core.timer import TimerCallback, TimerService
    from flott.metrics import MetricGroup


class OperatorContext(ABC):
    """The surroundings of one operator subtask.

    Attributes:
        job_id: Id of the job, 32 hexadecimal digits.
        job_name: Name of the job.
        operator_id: Stable id of the operator; state is found by it.
        operator_name: The name users gave it or see.
        subtask_index: This subtask, from 0.
        parallelism: Number of subtasks of the operator.
        max_parallelism: Number of key groups.
        attempt: How often the job has been restarted before, from 0.
        key_groups: The key groups of this subtask.
        clock: Processing time.
        configuration: The job's configuration.
        job_parameters: The user's global job parameters.
        metrics: Where the operator registers its metrics.
        is_batch: Whether the job runs in BATCH mode.
        checkpoints_enabled: Whether periodic checkpoints are taken; if not, sinks commit at the
            end.
        restored_checkpoint_id: The checkpoint the state came from; ``None`` on a fresh start.
        blocking: Runs blocking calls away from the loop.
    """

    job_id: str
    job_name: str
    operator_id: str
    operator_name: str
    subtask_index: int
    parallelism: int
    max_parallelism: int
    attempt: int
    key_groups: KeyGroupRange
    clock: Clock
    configuration: Configuration
    job_parameters: Mapping[str, str]
    metrics: MetricGroup
    is_batch: bool
    checkpoints_enabled: bool
    restored_checkpoint_id: int | None
    blocking: BlockingCalls

    @property
    @abstractmethod
    def keyed_store(self) -> KeyedStore:
        """The keyed state of this operator, made at first use."""

    @property
    @abstractmethod
    def operator_store(self) -> OperatorStore:
        """The operator state of this operator, made at first use."""

    @abstractmethod
    def timer_service(
        self, name: str, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> TimerService:
        """Timers under ``name``; pending ones of a restored snapshot are there and overdue
        processing-time timers fire in the next turn."""

    @abstractmethod
    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        """Call ``callback`` in a turn of the task once the clock reaches ``timestamp_ms``.
        Not part of state: gone after a restart."""

    @abstractmethod
    def run_in_task(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` in a coming turn of the task. The one call here that is allowed from
        any thread."""

    @abstractmethod
    def wake(self) -> None:
        """Have the task take a turn soon; allowed from any thread."""

    @abstractmethod
    def send_to_coordinator(self, event: Any) -> None:
        """Send a message to the operator's half at the coordinator: a source's enumerator, or the
        buffer of collected results."""

    @abstractmethod
    def request_split(self) -> None:
        """Sources only: ask the enumerator for another split."""
