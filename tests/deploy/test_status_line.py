"""The text of the status line and of the last line."""

from dataclasses import replace

import pytest

from flott.common.job_status import JobStatus
from flott.deploy.progress import JobProgress
from flott.deploy.status_line import (
    RateMeter,
    Status,
    format_count,
    render_line,
    render_summary,
)

PROGRESS = JobProgress(JobStatus.RUNNING, 5_000, 70, 43_390_000, 7, None, 0, ())
STATUS = Status("count", PROGRESS, 1_234.5, 7.0, 43_400_000, 65_000)


def test_the_line_tells_rates_watermark_and_time() -> None:
    line = render_line(STATUS, 120)
    assert line == "count · 1.23 k/s in · 7/s out · watermark 12:03:10 · 1 min 5 s"


def test_the_line_tells_the_age_of_the_last_checkpoint() -> None:
    progress = replace(PROGRESS, checkpoint_ms=43_397_000, checkpoints_failed=2)
    line = render_line(replace(STATUS, progress=progress), 120)
    assert " · checkpoint 7, 3 s ago (2 failed) · " in line


def test_a_job_that_waits_for_its_first_checkpoint_says_so() -> None:
    progress = replace(PROGRESS, checkpoint_id=None, takes_checkpoints=True)
    assert " · no checkpoint yet · " in render_line(replace(STATUS, progress=progress), 120)


def test_a_bounded_job_tells_how_much_is_done() -> None:
    progress = replace(PROGRESS, done=0.426)
    assert " · 43% · " in render_line(replace(STATUS, progress=progress), 120)


@pytest.mark.parametrize(("restarts", "text"), [(1, "restarted once"), (3, "restarted 3 times")])
def test_restarts_are_counted(restarts: int, text: str) -> None:
    progress = replace(PROGRESS, restarts=restarts)
    assert f" · {text} · " in render_line(replace(STATUS, progress=progress), 120)


def test_a_job_that_does_not_run_says_what_it_does() -> None:
    progress = replace(PROGRESS, status=JobStatus.RESTARTING)
    assert render_line(replace(STATUS, progress=progress), 120).startswith("count · restarting · ")


def test_the_line_fits_a_narrow_terminal() -> None:
    assert render_line(STATUS, 20) == "count · 1.23 k/s in…"


def test_the_last_line_sums_up() -> None:
    progress = replace(PROGRESS, status=JobStatus.FINISHED, restarts=1)
    text = render_summary(replace(STATUS, progress=progress, elapsed_ms=2_000))
    assert text == "count finished: 5,000 records in, 70 out in 2 s (2.50 k/s), restarts: 1"


def test_rates_are_those_of_the_last_seconds() -> None:
    meter = RateMeter()
    for second in range(10):
        meter.see(second * 1000.0, 0, 0)
    for second in range(10, 14):
        rates = meter.see(second * 1000.0, (second - 9) * 300, second - 9)
    assert rates == (300.0, 1.0)


def test_a_job_that_begins_again_has_no_negative_rate() -> None:
    meter = RateMeter()
    meter.see(0, 1_000, 10)
    assert meter.see(1_000, 50, 0) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1_000, "1.00 k"), (2.5e9, "2.50 G")]
)
def test_counts_have_three_digits(number: float, text: str) -> None:
    assert format_count(number) == text
