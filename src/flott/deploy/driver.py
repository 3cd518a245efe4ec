"""Drives one job: a loop around the coordinator that deployers fill in.

The loop belongs to whichever thread calls ``step``: the caller's own in ``execute``, the iterator's
in ``execute_and_collect``, a thread of its own in ``execute_async``. Other threads put commands
into a queue.
"""

from __future__ import annotations

import threading
import uuid
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from flott.common.configuration import Configuration
from flott.deploy.results import ResultBuffers
from flott.io.system_clock import SystemClock
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.job import JobCoordinator
from flott.runtime.coordinator.status import TERMINAL, JobPhase
from flott.runtime.messages import CoordinatorEvent, TaskReport

#: A sleeping loop looks around this often even if nobody wakes it.
SLEEP_MAX_MS: Final = 1000.0
#: How long a job that the user interrupts has to close its tasks.
INTERRUPT_GRACE_MS: Final = 5000.0

PhaseListener = Callable[[JobPhase], None]
ReportListener = Callable[[TaskReport], None]


class JobDriver(ABC):
    """Runs a job's coordinator and whatever its deployer adds.

    Attributes:
        start_id: Names this start of the job in the names of checkpoint files.
        coordinator: The job machine; touched only by the loop.
        results: Rows collected for the client, by collector.
        reports: The last report of each task in the present attempt.
    """

    coordinator: JobCoordinator

    def __init__(self, job_id: str, plan: JobPlan, configuration: Configuration) -> None:
        self.job_id = job_id
        self.start_id = uuid.uuid4().hex[:12]
        self.plan = plan
        self.configuration = configuration
        self.clock = SystemClock()
        self.started_ms = self.clock.now_ms()
        self.results = ResultBuffers(self._acknowledge_rows)
        self.reports: dict[Any, TaskReport] = {}
        self.phase_listeners: list[PhaseListener] = []
        self.report_listeners: list[ReportListener] = []
        self.close_listeners: list[Callable[[], None]] = []
        self.ended = threading.Event()
        self._commands: deque[Callable[[], None]] = deque()
        self._closed = False

    # --- for any thread ----------------------------------------------------------------------

    def call(self, command: Callable[[], None]) -> None:
        """Have the loop run ``command``."""
        self._commands.append(command)
        self.wake()

    @abstractmethod
    def wake(self) -> None:
        """Have the loop look around soon."""

    # --- for the loop ------------------------------------------------------------------------

    @abstractmethod
    def step(self, sleep: bool = True) -> None:
        """Do what there is to do; if there was nothing and ``sleep``, wait for something."""

    @abstractmethod
    def release(self) -> None:
        """Let go of workers, sockets and threads; the job has ended."""

    @property
    def is_over(self) -> bool:
        """Whether the job has reached its end."""
        return self.coordinator.phase in TERMINAL

    def run_until(self, condition: Callable[[], bool]) -> None:
        """Take steps until ``condition`` or the end of the job.

        Ctrl-C cancels the job in good order, then goes on as ``KeyboardInterrupt``.
        """
        try:
            while not self.is_over and not condition():
                self.step()
        except KeyboardInterrupt:
            self._cancel_in_order()
            raise
        except BaseException:
            self.close()
            raise
        if self.is_over:
            self.close()

    def run_to_end(self) -> None:
        """Take steps until the job is over."""
        self.run_until(lambda: False)

    def close(self) -> None:
        """Release everything, once."""
        if not self._closed:
            self._closed = True
            self.release()
            for listener in self.close_listeners:
                listener()
            self.ended.set()

    def _cancel_in_order(self) -> None:
        deadline = self.clock.monotonic_ms() + INTERRUPT_GRACE_MS
        try:
            self.coordinator.cancel()
            while not self.is_over and self.clock.monotonic_ms() < deadline:
                self.step()
        finally:
            self.close()

    def _run_commands(self) -> bool:
        worked = False
        while self._commands:
            self._commands.popleft()()
            worked = True
        return worked

    def _sleep_ms(self, *deadlines_ms: float | None) -> float:
        """How long the loop may sleep, given deadlines by the monotonic clock."""
        now = self.clock.monotonic_ms()
        times = [t for t in (*deadlines_ms, self.coordinator.next_deadline_ms) if t is not None]
        return max(0.0, min((*(t - now for t in times), SLEEP_MAX_MS)))

    def _note_report(self, report: TaskReport) -> None:
        self.reports[report.task] = report
        for listener in self.report_listeners:
            listener(report)

    def _note_phase(self, phase: JobPhase) -> None:
        if phase is JobPhase.DEPLOYING:
            self.reports = {}  # those of a former attempt say nothing about this one
        for listener in self.phase_listeners:
            listener(phase)

    def _acknowledge_rows(self, task: Any, operator_id: str, rows: int) -> None:
        if not self.is_over:
            message = CoordinatorEvent(self.coordinator.attempt, task, operator_id, rows)
            self.coordinator.send_event(task, message)
