"""Stand-ins for the task and the coordinator, driven by hand: no threads, no real time."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable
from typing import Any

from flott.common import Configuration
from flott.core.blocking import BlockingCalls
from flott.core.clock import Clock
from flott.core.context import OperatorContext
from flott.core.source import EnumeratorContext
from flott.metrics.registry import InProcessMetricGroup


class ManualClock(Clock):
    def __init__(self, now_ms: int = 1_782_896_400_000) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def monotonic_ms(self) -> float:
        return float(self.time_ms)


class InlineCalls(BlockingCalls):
    """Runs blocking calls at once."""

    def submit(self, call: Callable[[], Any], done: Callable[[Any], None]) -> None:
        try:
            result = call()
        except Exception as error:
            result = error
        done(result)


class FakeContext(OperatorContext):
    """One subtask of an operator; ``wakes`` counts the turns asked for."""

    def __init__(
        self,
        subtask: int = 0,
        parallelism: int = 1,
        clock: ManualClock | None = None,
        configuration: dict[str, str] | None = None,
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
        self.clock = clock or ManualClock()
        self.configuration = Configuration.from_dict(configuration or {})
        self.job_parameters = {}
        self.metrics = InProcessMetricGroup("job", "operator")
        self.is_batch = False
        self.checkpoints_enabled = True
        self.restored_checkpoint_id = restored
        self.blocking = InlineCalls()
        self.wakes = 0
        self.events: list[Any] = []
        self.scheduled: list[tuple[int, Callable[[], None]]] = []

    keyed_store = operator_store = property(lambda self: None)

    def timer_service(self, name: str, on_event_time: Any, on_processing_time: Any) -> Any:
        raise NotImplementedError

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        self.scheduled.append((timestamp_ms, callback))

    def advance(self, ms: int) -> None:
        """Let time pass and run what is due."""
        self.clock.time_ms += ms
        due = [each for each in self.scheduled if each[0] <= self.clock.time_ms]
        self.scheduled = [each for each in self.scheduled if each[0] > self.clock.time_ms]
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


class FakeCoordinator(EnumeratorContext):
    """What an enumerator did, in order: splits, ends and events for readers; calls to make."""

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
            InlineCalls().submit(call, done)

    def take(self) -> list[tuple[str, int, Any]]:
        taken = list(self.outbox)
        self.outbox.clear()
        return taken


def travel(value: Any) -> Any:
    """A value after its way to another process."""
    return pickle.loads(pickle.dumps(value))
