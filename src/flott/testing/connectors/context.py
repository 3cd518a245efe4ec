"""What a connector sees of task and coordinator, driven by hand: no threads, no real time."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flott.common import Configuration
from flott.core.blocking import BlockingCalls
from flott.core.context import OperatorContext
from flott.core.source import EnumeratorContext, NoSplitsForNow
from flott.metrics.registry import InProcessMetricGroup
from flott.testing.harness.clock import ManualClock

T = TypeVar("T")

#: What a run's clock shows first: a day in 2026, in epoch milliseconds.
START_MS = 1_782_896_400_000


class ImmediateCalls(BlockingCalls):
    """Makes blocking calls, and answers them, where they are asked for."""

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        result: Any
        try:
            result = call()
        except Exception as error:  # belongs to whoever asked for the call
            result = error
        done(result)


class SubtaskContext(OperatorContext):
    """One subtask's context.

    Args:
        subtask: Its number, from 0.
        parallelism: How many there are.
        clock: Its clock; by default one of its own.
        configuration: Options of the job.
        restored: The checkpoint it starts from; None for a first start.

    Attributes:
        wakes: How many turns the connector has asked for.
        events: What it sent to the coordinator.
        scheduled: What it asked to be called for, with the times.
    """

    def __init__(
        self,
        subtask: int = 0,
        parallelism: int = 1,
        clock: ManualClock | None = None,
        configuration: Mapping[str, str] | None = None,
        restored: int | None = None,
    ) -> None:
        self.job_id = "0" * 32
        self.job_name = "job"
        self.operator_id = "operator"
        self.operator_name = "Operator"
        self.subtask_index = subtask
        self.parallelism = parallelism
        self.max_parallelism = 128
        self.attempt = 0
        self._clock = clock or ManualClock(START_MS)
        self.clock = self._clock
        self.configuration = Configuration.from_dict(dict(configuration or {}))
        self.job_parameters = {}
        self.metrics = InProcessMetricGroup("job", "operator")
        self.is_batch = False
        self.checkpoints_enabled = True
        self.restored_checkpoint_id = restored
        self.blocking = ImmediateCalls()
        self.wakes = 0
        self.events: list[Any] = []
        self.scheduled: list[tuple[int, Callable[[], None]]] = []

    @property
    def keyed_store(self) -> Any:
        return None

    @property
    def operator_store(self) -> Any:
        return None

    def timer_service(self, name: str, on_event_time: Any, on_processing_time: Any) -> Any:
        raise NotImplementedError("a connector has no timers; it asks for turns with schedule()")

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self.scheduled.append((timestamp_ms, callback))

    def advance(self, ms: int) -> None:
        """Let time pass and make the calls that are due."""
        now_ms = self._clock.now_ms() + ms
        self._clock.set(now_ms)
        due = [each for each in self.scheduled if each[0] <= now_ms]
        self.scheduled = [each for each in self.scheduled if each[0] > now_ms]
        for _, callback in due:
            callback()

    def run_in_task(self, callback: Callable[[], None]) -> None:
        callback()

    def wake(self) -> None:
        self.wakes += 1

    def send_to_coordinator(self, event: Any) -> None:
        self.events.append(event)

    def request_split(self) -> None:
        raise AssertionError("the source operator asks for splits, not the reader")


class RecordedCoordinator(EnumeratorContext):
    """An enumerator's context that keeps what the enumerator did, in order.

    Attributes:
        outbox: ("assign", subtask, splits), ("end", subtask, None) and ("event", subtask, event).
        calls: Calls to make: the call, what takes its answer, delay and period.
    """

    def __init__(self, parallelism: int = 1) -> None:
        self.parallelism = parallelism
        self.outbox: deque[tuple[str, int, Any]] = deque()
        self.calls: list[tuple[Callable[[], Any], Callable[[Any], None], int, int | None]] = []

    def assign(self, splits: Any) -> None:
        for subtask, each in splits.items():
            self.outbox.append(("assign", subtask, [travel(split) for split in each]))

    def no_more_splits(self, subtask: int) -> None:
        self.outbox.append(("end", subtask, None))

    def send_event(self, subtask: int, event: Any) -> None:
        if not isinstance(event, NoSplitsForNow):  # that is for the operator around the reader
            self.outbox.append(("event", subtask, travel(event)))

    def call_periodically(
        self,
        call: Callable[[], Any],
        done: Callable[[Any], None],
        delay_ms: int,
        period_ms: int | None,
    ) -> None:
        self.calls.append((call, done, delay_ms, period_ms))

    def run_calls(self) -> None:
        """Make every call once; calls without a period are then over."""
        calls, self.calls = self.calls, []
        for call, done, delay_ms, period_ms in calls:
            if period_ms is not None:
                self.calls.append((call, done, delay_ms, period_ms))
            ImmediateCalls().submit(call, done)

    def take(self) -> list[tuple[str, int, Any]]:
        """What has been done since the last call."""
        taken = list(self.outbox)
        self.outbox.clear()
        return taken


def travel(value: T) -> T:
    """A value after its way to another process, or through a checkpoint."""
    copy: T = pickle.loads(pickle.dumps(value))
    return copy
