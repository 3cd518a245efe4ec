"""Shows a running job in the terminal: the status line or the table, hints, and a last line.

It is fed by the tasks' reports, twice a second, and by changes of the job's phase. Where standard
error is not a terminal nothing is shown; hints go to the log ``flott.output`` in any case.
"""

from __future__ import annotations

from typing import Any, Final

from flott.common.options.flott import NO_OUTPUT_HINT_AFTER, STATUS_LINE
from flott.deploy.driver import JobDriver
from flott.deploy.operator_table import render_table, table_rows
from flott.deploy.output_hint import OutputHint
from flott.deploy.progress import PUBLIC_STATUS, JobProgress, read_progress
from flott.deploy.screen import HINTS_LOG, PlainLines, Screen, shows_status
from flott.deploy.status_line import RateMeter, Status, render_line, render_summary
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import TaskReport

#: Between two looks; reports of a task come as often as that.
_LOOK_MS: Final = 450
#: A job that is over sooner than that shows nothing.
QUIET_MS: Final = 1_000


class ProgressView:
    """Watches one job.

    Args:
        driver: The job's driver.
        screen: Where to show it; None to log hints only.
        is_table: Whether to show a table of operators.
    """

    def __init__(self, driver: JobDriver, screen: Screen | None, is_table: bool = False) -> None:
        self._driver = driver
        self._screen = screen
        self._is_table = is_table
        self._rates = RateMeter()
        self._looked_ms = driver.clock.monotonic_ms()
        self._began_ms = self._looked_ms
        self._running_since_ms = self._looked_ms
        self._was_shown = False
        silence_ms = driver.configuration.get(NO_OUTPUT_HINT_AFTER).to_millis()
        self._hint = OutputHint(driver.plan, silence_ms) if silence_ms > 0 else None
        driver.report_listeners.append(self.on_report)
        driver.phase_listeners.append(self.on_phase)
        driver.close_listeners.append(self.on_close)

    def on_report(self, report: TaskReport) -> None:
        """A task has reported; look at all of them now and then."""
        now = self._driver.clock.monotonic_ms()
        if now - self._looked_ms < _LOOK_MS:
            return
        self._looked_ms = now
        self._say_hint()
        if self._screen is None:
            return
        status = self._status(now)  # also before it is shown: rates need a past
        if now - self._began_ms >= QUIET_MS:
            self._screen.show(self._text(status, now))
            self._was_shown = True

    def on_phase(self, phase: JobPhase) -> None:
        """The job goes on to another phase."""
        if phase is JobPhase.RUNNING:
            self._running_since_ms = self._driver.clock.monotonic_ms()

    def on_close(self) -> None:
        """The job is over and everything it printed has been printed."""
        screen = self._screen
        if screen is None:
            return
        screen.leave()
        if self._was_shown and self._driver.coordinator.phase is JobPhase.FINISHED:
            screen.say(render_summary(self._status(self._driver.clock.monotonic_ms())))

    def _say_hint(self) -> None:
        if self._hint is None or self._driver.coordinator.phase is not JobPhase.RUNNING:
            return
        line = self._hint.look(self._driver.clock.now_ms(), self._reports())
        if line is None:
            return
        if self._screen is not None:
            self._screen.say(line)
        HINTS_LOG.info("%s", line)

    def _text(self, status: Status, now: float) -> str:
        assert self._screen is not None
        width = self._screen.width
        line = render_line(status, width)
        if not self._is_table:
            return line
        running_ms = now - self._running_since_ms
        rows = table_rows(
            self._driver.plan, self._reports(), self._driver.clock.now_ms(), running_ms
        )
        return f"{render_table(rows, width)}\n{line}"

    def _status(self, now: float) -> Status:
        driver = self._driver
        progress = self._progress()
        rate_in, rate_out = self._rates.see(now, progress.records_read, progress.records_written)
        now_ms = driver.clock.now_ms()
        elapsed_ms = int(now - self._began_ms)
        return Status(driver.plan.name, progress, rate_in, rate_out, now_ms, elapsed_ms)

    def _progress(self) -> JobProgress:
        return read_progress(self._driver, PUBLIC_STATUS[self._driver.coordinator.phase], None)

    def _reports(self) -> dict[Any, TaskReport]:
        attempt = self._driver.coordinator.attempt
        reports = list(self._driver.reports.items())
        return {task: report for task, report in reports if report.attempt == attempt}


def watch_in_terminal(driver: JobDriver) -> ProgressView:
    """Watch a job as the option ``flott.status-line`` says."""
    choice = driver.configuration.get(STATUS_LINE)
    screen: Screen | None = None
    if shows_status(driver.configuration):
        screen = Screen()
    elif choice == "on":
        screen = PlainLines()
    return ProgressView(driver, screen, choice == "table")
