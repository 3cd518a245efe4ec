"""The composition root: the one place where contracts meet implementations."""

from __future__ import annotations

import tempfile
from collections.abc import Callable

from flott.common.configuration import Configuration
from flott.common.options.checkpointing import (
    CHECKPOINT_STORAGE,
    CHECKPOINTS_DIRECTORY,
    CREATE_SUBDIR,
)
from flott.core.blocking import BlockingCalls
from flott.core.clock import Clock
from flott.core.context import OperatorContext
from flott.core.keyed_store import KeyedStore
from flott.core.operator_store import OperatorStore
from flott.core.storage import CheckpointStorage
from flott.core.timer import TimerCallback, TimerService
from flott.deploy.programs import isolate
from flott.io.checkpoint_storage import open_checkpoint_storage
from flott.metrics.registry import InProcessMetricGroup
from flott.runtime.services import RuntimeServices, Schedule
from flott.state.backends import keyed_store_factory
from flott.state.compaction import compact
from flott.state.memory_store import MemoryKeyedStore
from flott.state.operator_store import MemoryOperatorStore
from flott.state.timer_service import MemoryTimerService


def runtime_services(
    configuration: Configuration,
    clock: Clock,
    blocking: BlockingCalls,
    storage: CheckpointStorage,
    wake: Callable[[], None],
) -> RuntimeServices:
    """Everything a worker needs from outside."""

    def operator_store(context: OperatorContext) -> OperatorStore:
        return MemoryOperatorStore(
            context.operator_id,
            context.subtask_index,
            context.parallelism,
            context.operator_name,
        )

    return RuntimeServices(
        clock=clock,
        blocking=blocking,
        storage=storage,
        keyed_store=keyed_store_factory(configuration),
        operator_store=operator_store,
        timer_service=_timer_service,
        metric_group=_metric_group,
        open_storage=open_storage,
        compact=compact,
        isolate=isolate,
        wake=wake,
    )


def _timer_service(
    store: KeyedStore,
    name: str,
    clock: Clock,
    on_event_time: TimerCallback,
    on_processing_time: TimerCallback,
    schedule: Schedule,
) -> TimerService:
    assert isinstance(store, MemoryKeyedStore)
    return MemoryTimerService(store, name, clock, on_event_time, on_processing_time, schedule)


def _metric_group(context: OperatorContext) -> InProcessMetricGroup:
    return InProcessMetricGroup(context.operator_name)


def checkpoint_root(configuration: Configuration, job_id: str) -> tuple[str, bool]:
    """Where the job's checkpoints go, and whether the folder is temporary."""
    directory = configuration.get(CHECKPOINTS_DIRECTORY)
    if directory is None or configuration.get(CHECKPOINT_STORAGE) == "jobmanager":
        return tempfile.mkdtemp(prefix="flott-checkpoints-"), True
    if not configuration.get(CREATE_SUBDIR):
        return directory, False
    return directory.rstrip("/") + "/" + job_id, False


def open_storage(root: str) -> CheckpointStorage:
    """The storage at a folder or URI."""
    return open_checkpoint_storage(root)
