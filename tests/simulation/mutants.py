"""Broken parts, to see whether the simulator notices them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from flott.core.blocking import BlockingCalls
from flott.core.context import OperatorContext
from flott.core.key_group import KeyGroupRange
from flott.core.keyed_store import KeyedStore
from flott.core.transport import ChannelKey
from flott.progress.watermark_merge import NOTHING, Progress, WatermarkMerge
from flott.runtime.coordinator.checkpoints import Checkpoints
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.messages import ToCoordinator
from flott.runtime.services import RuntimeServices
from flott.runtime.task.task import Task
from flott.runtime.worker.worker import Worker
from flott.state.timer_queue import key_of_timer
from flott.state.timer_service import MemoryTimerService
from flott.testing.simulation.faults import FaultPlan
from flott.testing.simulation.variants import Variant

T = TypeVar("T")


class HastyCalls(BlockingCalls):
    """Says that a call is done before it has begun."""

    def __init__(self, calls: BlockingCalls) -> None:
        self._calls = calls

    def submit(self, call: Callable[[], T], done: Callable[[T | BaseException], None]) -> None:
        self._calls.submit(lambda: None, done)  # type: ignore[arg-type]
        self._calls.submit(call, lambda result: None)


class ForgetfulTimers(MemoryTimerService):
    """Begins without the timers of the snapshot."""

    def __init__(self, store: Any, name: str, *rest: Any) -> None:
        table = store.table(f"{name}/event-time", key_of_timer)
        for namespace in list(table.namespaces()):
            table.drop(namespace)
        super().__init__(store, name, *rest)


class ShiftedContext:
    """A context whose key groups are off by one."""

    def __init__(self, context: OperatorContext) -> None:
        self._context = context
        groups = context.key_groups
        self.key_groups = KeyGroupRange(groups.first + 1, groups.last + 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)


class FastestWatermark(WatermarkMerge):
    """Goes with the channel that is ahead."""

    _reached = -(2**63)

    def advance(self, channel: int, timestamp: int) -> Progress:
        super().advance(channel, timestamp)
        if timestamp <= self._reached:
            return NOTHING
        self._reached = timestamp
        return Progress(timestamp, None)

    def end(self, channel: int) -> Progress:
        super().end(channel)
        return NOTHING


class UnmergedWorker(Worker):
    """Its tasks don't merge watermarks."""

    def _build_task(self, *args: Any) -> Task:
        task = super()._build_task(*args)
        task._merge = FastestWatermark([c.input_index for c in task.gate.channels])
        return task


class GenerousWorker(Worker):
    """Takes more credit than it was given."""

    def receive_credits(self, key: ChannelKey, credits: int) -> None:
        sender = self._channels.remote_senders.get(key)
        if sender is not None:
            sender._credits += 10 * credits


class RepeatingWorker(Worker):
    """Takes the data of former attempts for its own."""

    def receive(self, key: ChannelKey, element: Any) -> None:
        super().receive(replace(key, attempt=self._attempt), element)


class CredulousCoordinator(JobCoordinator):
    """Believes what workers of former attempts say."""

    def handle(self, worker: int, message: ToCoordinator) -> None:
        super().handle(worker, replace(message, attempt=self.attempt))


class RestlessCheckpoints(Checkpoints):
    """Takes checkpoints while the job drains."""

    def begin_drain(self) -> None:
        pass


class RestlessCoordinator(JobCoordinator):
    """Does not stop its checkpoints when the job is to drain."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.checkpoints.__class__ = RestlessCheckpoints


def _hasty_uploads(services: RuntimeServices) -> RuntimeServices:
    return replace(services, blocking=HastyCalls(services.blocking))


def _forgetful_timers(services: RuntimeServices) -> RuntimeServices:
    return replace(services, timer_service=ForgetfulTimers)


def _shifted_key_groups(services: RuntimeServices) -> RuntimeServices:
    make = services.keyed_store

    def keyed_store(context: OperatorContext) -> KeyedStore:
        return make(ShiftedContext(context))  # type: ignore[arg-type]

    return replace(services, keyed_store=keyed_store)


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken engine.

    Attributes:
        variant: What it is made of.
        faults: Those that show it best; ``None`` for those of the seed.
        seeds: Within how many seeds it must be noticed.
    """

    variant: Variant
    faults: FaultPlan | None = None
    seeds: int = 25


_CRASHES = FaultPlan(horizon_ms=600, worker_crash_ms=60)
_RESCALES = FaultPlan(horizon_ms=600, coordinator_crash_ms=80, rescale_share=1.0)
_ZOMBIES = FaultPlan(
    horizon_ms=900, worker_crash_ms=50, zombie_share=1.0, control_delay_ms=10, data_delay_ms=15
)
_DRAINS = FaultPlan(horizon_ms=900, stop_ms=60, drain_share=1.0, worker_crash_ms=40)
_SLOW = FaultPlan(horizon_ms=2000, stall_ms=30, slow_turn_share=0.1)
_ONLY_FILES = {"execution.checkpointing.data-inline-threshold": "0 b"}

MUTANTS: dict[str, Mutant] = {
    "alignment off": Mutant(Variant(options={"execution.checkpointing.mode": "AT_LEAST_ONCE"})),
    "commit before manifest": Mutant(Variant(coordinator_calls=HastyCalls)),
    "ack before upload": Mutant(Variant(services=_hasty_uploads, options=_ONLY_FILES)),
    "timer dropped on restore": Mutant(Variant(services=_forgetful_timers), _CRASHES),
    "key group off by one": Mutant(Variant(services=_shifted_key_groups), _RESCALES),
    "watermark not merged": Mutant(Variant(worker=UnmergedWorker)),
    "credit ignored": Mutant(Variant(worker=GenerousWorker), _SLOW),
    "messages without fencing": Mutant(Variant(coordinator=CredulousCoordinator), _ZOMBIES),
    "checkpoints while draining": Mutant(Variant(coordinator=RestlessCoordinator), _DRAINS, 60),
    "data without fencing": Mutant(Variant(worker=RepeatingWorker), _ZOMBIES),
}
