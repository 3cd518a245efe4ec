"""The context a task gives to each of its operators."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flott.core.context import OperatorContext
from flott.core.key_group import key_group_range
from flott.core.keyed_store import KeyedStore
from flott.core.operator_store import OperatorStore
from flott.core.snapshot import OperatorRestore, StatePart
from flott.core.timer import TimerCallback, TimerService
from flott.plan.job_plan import ChainedOperator

if TYPE_CHECKING:
    from flott.metrics.registry import InProcessMetricGroup
    from flott.runtime.task.task import Task


class TaskOperatorContext(OperatorContext):
    """Serves one operator of one task; makes its stores at first use, from restored state."""

    def __init__(self, task: Task, operator: ChainedOperator, restore: OperatorRestore) -> None:
        deployment, services = task.deployment, task.services
        self._task = task
        self._services = services
        self._restore = restore
        self._keyed_store: KeyedStore | None = None
        self._operator_store: OperatorStore | None = None
        self.job_id = deployment.job_id
        self.job_name = deployment.job_name
        self.operator_id = operator.operator_id
        self.operator_name = operator.name
        self.subtask_index = deployment.task.subtask
        self.parallelism = deployment.vertex.parallelism
        self.max_parallelism = deployment.vertex.max_parallelism
        self.attempt = deployment.attempt
        self.key_groups = key_group_range(
            self.max_parallelism, self.parallelism, self.subtask_index
        )
        self.clock = services.clock
        self.configuration = deployment.configuration
        self.job_parameters = deployment.job_parameters
        self.is_batch = deployment.is_batch
        self.checkpoints_enabled = deployment.checkpoints_enabled
        self.restored_checkpoint_id = deployment.restored_checkpoint_id
        self.blocking = services.blocking
        self.metrics: InProcessMetricGroup = services.metric_group(self)
        if restore.keyed:
            self._open_keyed_store()
        if restore.operator:
            self._open_operator_store()

    @property
    def keyed_store(self) -> KeyedStore:
        return self._keyed_store or self._open_keyed_store()

    @property
    def operator_store(self) -> OperatorStore:
        return self._operator_store or self._open_operator_store()

    def timer_service(
        self, name: str, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> TimerService:
        return self._services.timer_service(
            self.keyed_store, name, self.clock, on_event_time, on_processing_time, self.schedule
        )

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self._task.schedule.add(timestamp_ms, callback)

    def run_in_task(self, callback: Callable[[], None]) -> None:
        self._task.mailbox.append(callback)
        self._services.wake()

    def wake(self) -> None:
        self._services.wake()

    def send_to_coordinator(self, event: Any) -> None:
        self._task.send_operator_event(self.operator_id, event)

    def request_split(self) -> None:
        self._task.request_split()

    def snapshot(self, full: bool, detached: bool) -> list[StatePart]:
        """The operator's state as parts; see ``KeyedStore.snapshot``."""
        parts = []
        if self._keyed_store is not None:
            parts.append(self._keyed_store.snapshot(full, detached))
        if self._operator_store is not None:
            parts.append(self._operator_store.snapshot())
        return [part for part in parts if part is not None]

    @property
    def state_bytes(self) -> int:
        """A rough size of the operator's keyed state."""
        return 0 if self._keyed_store is None else self._keyed_store.state_bytes

    def _open_keyed_store(self) -> KeyedStore:
        assert self._keyed_store is None
        store = self._services.keyed_store(self)
        store.restore(self._restore.keyed)
        self._keyed_store = store
        return store

    def _open_operator_store(self) -> OperatorStore:
        assert self._operator_store is None
        store = self._services.operator_store(self)
        store.restore(self._restore.operator, self.subtask_index, self.parallelism)
        self._operator_store = store
        return store
