"""Coordinator and all tasks in one loop of the calling process.

Messages between the two are queues in memory. Tasks are copied as if they went to another
process, so that a program behaves the same on every target.
"""

from __future__ import annotations

import shutil
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from flott.common.configuration import Configuration
from flott.core.element import Element
from flott.core.transport import ChannelKey, DataTransport
from flott.deploy.composition import checkpoint_root, open_storage, runtime_services
from flott.deploy.driver import JobDriver
from flott.deploy.garbage import collecting_rarely
from flott.io.thread_calls import ThreadCalls
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.messages import StopWorker, ToCoordinator, ToWorker
from flott.runtime.worker.worker import Worker

#: Turns of the worker between two looks at messages and commands.
TURNS_MAX: Final = 16


class _NoPeers(DataTransport):
    """There is only one worker."""

    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        raise AssertionError("an embedded job has one worker")

    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        raise AssertionError("an embedded job has one worker")


class EmbeddedDriver(JobDriver):
    """Runs a job in the process that started it."""

    def __init__(self, job_id: str, plan: JobPlan, configuration: Configuration) -> None:
        super().__init__(job_id, plan, configuration)
        self._woken = threading.Event()
        self._to_worker: deque[ToWorker] = deque()
        self._to_coordinator: deque[ToCoordinator] = deque()
        self._root, self._is_temporary = checkpoint_root(configuration, job_id)
        storage = open_storage(self._root)
        self._blocking = ThreadCalls(self.wake)
        self._worker = Worker(
            0,
            runtime_services(configuration, self.clock, self._blocking, storage, self.wake),
            _NoPeers(),
            self._to_coordinator.append,
        )
        services = CoordinatorServices(
            start_id=self.start_id,
            clock=self.clock,
            blocking=self._blocking,
            storage=storage,
            open_storage=open_storage,
            workers=1,
            send=lambda _, message: self._to_worker.append(message),
            stop_worker=self._stop_worker,
            start_worker=lambda worker: self.coordinator.worker_ready(worker),
            on_phase=self._note_phase,
            on_event=self.results.on_event,
            on_report=self._note_report,
        )
        self.coordinator = JobCoordinator(job_id, plan, configuration, services)
        self.call(lambda: self.coordinator.worker_ready(0))

    def wake(self) -> None:
        self._woken.set()

    def run_until(self, condition: Callable[[], bool]) -> None:
        with collecting_rarely():
            super().run_until(condition)

    def step(self, sleep: bool = True) -> None:
        self._woken.clear()
        worked = self._exchange()
        for _ in range(TURNS_MAX):
            if not self._worker.turn():
                break
            worked = True
            # A checkpoint's next step should not wait for so many turns.
            if self._to_coordinator or self._commands or self._blocking.has_results:
                break
        worked |= self._exchange()
        if not worked and sleep and not self.is_over:
            self._woken.wait(self._idle_ms() / 1000.0)

    def release(self) -> None:
        self._worker.handle(StopWorker())
        self._blocking.close()
        if self._is_temporary:
            shutil.rmtree(self._root, ignore_errors=True)

    def _exchange(self) -> bool:
        worked = self._run_commands() | self._blocking.deliver() | self.coordinator.advance()
        while self._to_coordinator:
            self.coordinator.handle(0, self._to_coordinator.popleft())
            worked = True
        while self._to_worker:
            self._worker.handle(self._to_worker.popleft())
            worked = True
        return worked

    def _idle_ms(self) -> float:
        timer = self._worker.next_deadline_ms
        until_timer = None
        if timer is not None:
            until_timer = self.clock.monotonic_ms() + (timer - self.clock.now_ms())
        return self._sleep_ms(until_timer)

    def _stop_worker(self, worker: int) -> None:
        raise AssertionError("the embedded worker closes its tasks at once")
