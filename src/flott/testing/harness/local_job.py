"""One life of a job: a coordinator and a worker, with everything outside of them in a test's hand.

The loop is that of the embedded target; only waiting is left out. What there is to do is done by
``settle``; then nothing happens until the test pushes something or moves the clock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.core.context import OperatorContext
from flott.core.element import Element
from flott.core.keyed_store import KeyedStore
from flott.core.operator_store import OperatorStore
from flott.core.transport import ChannelKey, DataTransport
from flott.deploy.composition import runtime_services
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.coordinator.status import TERMINAL
from flott.runtime.messages import StopWorker, TaskReport, ToCoordinator, ToWorker
from flott.runtime.services import RuntimeServices
from flott.runtime.worker.worker import Worker
from flott.testing.harness.calls import InlineCalls
from flott.testing.harness.clock import ManualClock
from flott.testing.harness.memory_storage import MemoryDisk

#: Rounds without rest after which a job is taken for one that never rests.
ROUNDS_MAX: Final = 1_000_000


class LocalJob:
    """Runs a plan.

    Args:
        plan: The job.
        clock: Its time.
        disk: Where checkpoints and savepoints go.
        job_id: 32 hexadecimal digits; names its folder.
        restore_path: The savepoint to start from.

    Attributes:
        coordinator: The job machine.
        reports: The last report of each task.
        stores: Every store of every operator subtask, with its context.
    """

    def __init__(
        self,
        plan: JobPlan,
        clock: ManualClock,
        disk: MemoryDisk,
        job_id: str,
        restore_path: str | None = None,
    ) -> None:
        configuration = Configuration.from_dict(dict(plan.configuration))
        if restore_path is not None:
            configuration.set_string("execution.state-recovery.path", restore_path)
        self.clock = clock
        self.woken = threading.Event()
        self.reports: dict[Any, TaskReport] = {}
        self.stores = Stores()
        self._calls = InlineCalls()
        self._to_worker: deque[ToWorker] = deque()
        self._to_coordinator: deque[ToCoordinator] = deque()
        self._commands: deque[Callable[[], None]] = deque()
        storage = disk.open(f"memory:/jobs/{job_id}")
        services = runtime_services(configuration, clock, self._calls, storage, self.woken.set)
        self._services = self.stores.watch(replace(services, open_storage=disk.open))
        self._worker = self._new_worker()
        coordinator_services = CoordinatorServices(
            start_id=job_id[-12:],
            clock=clock,
            blocking=self._calls,
            storage=storage,
            open_storage=disk.open,
            workers=1,
            send=lambda _, message: self._to_worker.append(message),
            stop_worker=lambda _: self.kill_worker("it did not answer"),
            start_worker=self._start_worker,
            on_phase=lambda _: None,
            on_event=lambda task, operator_id, event: None,
            on_report=self._note_report,
        )
        self.coordinator = JobCoordinator(job_id, plan, configuration, coordinator_services)
        self._start_worker(0)

    # --- the loop ------------------------------------------------------------------------------

    def step(self) -> bool:
        """Do what there is to do now; whether there was anything."""
        self.woken.clear()
        worked = self._run_commands() | self._calls.deliver() | self.coordinator.advance()
        worked |= self._exchange() | self._worker.turn()
        return worked | self._exchange()

    def settle(self) -> None:
        """Take steps until there is nothing to do.

        Raises:
            JobExecutionError: The job has failed.
            RuntimeError: The job never rests, as one with an endless source.
        """
        for _ in range(ROUNDS_MAX):
            if not self.step():
                break
        else:
            raise RuntimeError("The job never comes to rest; does it have an endless source?")
        self.raise_error()

    def raise_error(self) -> None:
        """Raise what the job failed with, if it did."""
        error = self.coordinator.error
        if error is not None and self.is_over:
            raise error.with_traceback(None)

    @property
    def is_over(self) -> bool:
        """Whether the job has reached its end."""
        return self.coordinator.phase in TERMINAL

    @property
    def has_pending_work(self) -> bool:
        """Whether asynchronous calls are under way."""
        return self._worker.has_pending_work

    def deadlines_ms(self) -> Iterator[float]:
        """When something is due, by the monotonic clock."""
        timer, now_ms = self._worker.next_deadline_ms, self.clock.monotonic_ms()
        if timer is not None:
            yield now_ms + timer - self.clock.now_ms()
        due = self.coordinator.next_deadline_ms
        if due is not None:
            yield due

    # --- life and death ------------------------------------------------------------------------

    def kill_worker(self, reason: str) -> None:
        """End the worker, with whatever is on its way to or from it."""
        self.abandon()
        self._worker = self._new_worker()
        self._commands.append(lambda: self.coordinator.worker_lost(0, reason))

    def abandon(self) -> None:
        """Leave the job where it is: nothing more is read, written or committed."""
        self._worker.handle(StopWorker())
        self._to_worker.clear()
        self._to_coordinator.clear()
        self.stores.clear()

    def _start_worker(self, worker: int) -> None:
        self._commands.append(lambda: self.coordinator.worker_ready(worker))

    def _new_worker(self) -> Worker:
        return Worker(0, self._services, _NoPeers(), self._to_coordinator.append)

    def _run_commands(self) -> bool:
        worked = bool(self._commands)
        while self._commands:
            self._commands.popleft()()
        return worked

    def _exchange(self) -> bool:
        worked = False
        while self._to_coordinator or self._to_worker:
            worked = True
            while self._to_coordinator:
                self.coordinator.handle(0, self._to_coordinator.popleft())
            while self._to_worker:
                self._worker.handle(self._to_worker.popleft())
        return worked

    def _note_report(self, report: TaskReport) -> None:
        self.reports[report.task] = report


class Stores:
    """The stores that operators have opened, so that a test can look into them."""

    def __init__(self) -> None:
        self.keyed: list[tuple[OperatorContext, KeyedStore]] = []
        self.operator: list[tuple[OperatorContext, OperatorStore]] = []

    def clear(self) -> None:
        """Their worker is gone."""
        self.keyed.clear()
        self.operator.clear()

    def watch(self, services: RuntimeServices) -> RuntimeServices:
        """Services that note every store they make; those of a former attempt are forgotten."""

        def keyed_store(context: OperatorContext) -> KeyedStore:
            store = services.keyed_store(context)
            self._note(self.keyed, context, store)
            return store

        def operator_store(context: OperatorContext) -> OperatorStore:
            store = services.operator_store(context)
            self._note(self.operator, context, store)
            return store

        return replace(services, keyed_store=keyed_store, operator_store=operator_store)

    @staticmethod
    def _note(
        stores: list[tuple[OperatorContext, Any]], context: OperatorContext, store: Any
    ) -> None:
        stores[:] = [entry for entry in stores if entry[0].attempt == context.attempt]
        stores.append((context, store))


class _NoPeers(DataTransport):
    """There is only one worker."""

    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        raise AssertionError("a harness has one worker")

    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        raise AssertionError("a harness has one worker")
