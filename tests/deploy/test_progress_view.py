"""When a running job shows what: driven by reports and a clock that stands still."""

import io
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from flott.common import Configuration
from flott.core.clock import Clock
from flott.deploy.progress_view import QUIET_MS, ProgressView
from flott.deploy.screen import Screen
from flott.runtime.coordinator.status import JobPhase
from flott.runtime.messages import TaskId, TaskReport
from tests.deploy.reports import COUNT, SOURCES, count_report, sample_plan, source_report


class HandClock(Clock):
    def __init__(self) -> None:
        self.time_ms = 43_400_000

    def now_ms(self) -> int:
        return self.time_ms

    def monotonic_ms(self) -> float:
        return float(self.time_ms)


class Job:
    """What a view sees of a driver, moved by hand."""

    def __init__(self, screen: Screen | None, is_table: bool = False, **options: str) -> None:
        checkpoints = SimpleNamespace(last=None, failed_count=0, enabled=False)
        self.clock = HandClock()
        self.plan = sample_plan()
        self.configuration = Configuration.from_dict(options)
        self.coordinator = SimpleNamespace(
            attempt=0, restarts=0, phase=JobPhase.RUNNING, checkpoints=checkpoints
        )
        self.reports: dict[TaskId, TaskReport] = {}
        self.report_listeners: list[Any] = []
        self.phase_listeners: list[Any] = []
        self.close_listeners: list[Any] = []
        ProgressView(self, screen, is_table)  # type: ignore[arg-type]

    def run(self, milliseconds: int, records: int, written: int = 0) -> None:
        """Let time pass, then have all tasks report."""
        self.clock.time_ms += milliseconds
        self.reports = {
            SOURCES[0]: source_report(SOURCES[0], "orders", records),
            COUNT: count_report(records, written),
        }
        for report in self.reports.values():
            for listener in self.report_listeners:
                listener(report)

    def end(self, phase: JobPhase) -> None:
        self.coordinator.phase = phase
        for listener in self.close_listeners:
            listener()


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


def test_the_first_second_is_quiet(shown: io.StringIO) -> None:
    job = Job(Screen(shown))
    job.run(QUIET_MS - 1, 100)
    assert shown.getvalue() == ""
    job.run(500, 200)
    assert "/s in · " in shown.getvalue()


def test_reports_of_one_moment_draw_once(shown: io.StringIO) -> None:
    job = Job(Screen(shown))
    job.run(1_000, 100)
    before = shown.getvalue()
    job.run(10, 110)
    assert shown.getvalue() == before


def test_a_job_that_has_shown_something_sums_up(shown: io.StringIO) -> None:
    job = Job(Screen(shown))
    job.run(1_000, 100, 7)
    job.end(JobPhase.FINISHED)
    assert shown.getvalue().endswith("finished: 100 records in, 7 out in 1 s (100/s)\n")


def test_a_job_that_failed_leaves_no_line(shown: io.StringIO) -> None:
    job = Job(Screen(shown))
    job.run(1_000, 100)
    job.end(JobPhase.FAILED)
    assert shown.getvalue().endswith("\r\x1b[K")


def test_the_table_stands_above_the_line(shown: io.StringIO) -> None:
    Job(Screen(shown), is_table=True).run(1_000, 100)
    lines = shown.getvalue().splitlines()
    assert lines[0].startswith("operator")
    assert "/s in · " in lines[-1]


def test_input_without_output_is_explained(shown: io.StringIO) -> None:
    job = Job(Screen(shown), **{"flott.no-output-hint.after": "3 s"})
    for records in (10, 20):
        job.run(3_000, records)
    assert "count: window closes at 12:05, watermark is 12:03:10" in shown.getvalue()


def test_nothing_is_explained_if_nobody_wants_it(shown: io.StringIO) -> None:
    job = Job(Screen(shown), **{"flott.no-output-hint.after": "0"})
    for records in (10, 20):
        job.run(60_000, records)
    assert "window closes" not in shown.getvalue()


def test_without_a_terminal_the_explanation_goes_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "flott.output")
    job = Job(None)
    for records in (10, 20):
        job.run(10_000, records)
    assert "count: window closes at 12:05" in caplog.text
