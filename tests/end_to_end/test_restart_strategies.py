"""Failing jobs restart as they are told, in virtual time."""

from typing import Any

import pytest

from flott.common import WatermarkStrategy
from flott.common.errors import ConfigurationError, JobExecutionError
from flott.common.job_status import JobStatus
from flott.testing import JobHarness, ManualSource, RecordingSink, run
from tests.end_to_end.support import environment

#: What happened in all attempts of a job, and which calls shall fail: they outlive the attempts.
CALLS: list[int] = []
FAILING: set[int] = set()


def fails_at(*calls: int) -> Any:
    CALLS.clear()
    FAILING.clear()
    FAILING.update(calls)
    return function


def function(value: int) -> int:
    """At module level, so that it is not copied with what it refers to."""
    CALLS.append(value)
    if len(CALLS) in FAILING:
        raise RuntimeError(f"call {len(CALLS)}")
    return value


def harness(function: Any, **options: Any) -> JobHarness:
    env = environment(1, **options)
    values = env.from_source(ManualSource("in"), WatermarkStrategy.no_watermarks(), "in")
    values.map(function).sink_to(RecordingSink("out"))
    return JobHarness(env)


def test_without_checkpoints_the_first_failure_is_the_last() -> None:
    with harness(fails_at(1)) as job, pytest.raises(JobExecutionError, match="call 1") as caught:
        job.push("in", 1)
    assert "restarts" not in str(caught.value).splitlines()[0]


def test_none_gives_up_at_once() -> None:
    job = harness(
        fails_at(1), restart_strategy__type="none", execution__checkpointing__interval="1 s"
    )
    with job, pytest.raises(JobExecutionError, match="call 1"):
        job.push("in", 1)


def test_fixed_delay_restarts_so_many_times() -> None:
    options = {
        "restart_strategy__type": "fixed-delay",
        "restart_strategy__fixed_delay__attempts": 2,
        "restart_strategy__fixed_delay__delay": "5 s",
    }
    with harness(fails_at(1, 2, 3), **options) as job:
        job.push("in", 7)
        assert job.status is JobStatus.RESTARTING
        job.advance_time(4999)
        assert len(CALLS) == 1
        job.advance_time(1)
        assert len(CALLS) == 2
        with pytest.raises(JobExecutionError, match=r"after 2 restarts.*call 3"):
            job.advance_time(5000)


def test_fixed_delay_goes_on_after_the_failures() -> None:
    options = {
        "restart_strategy__type": "fixed-delay",
        "restart_strategy__fixed_delay__attempts": 2,
        "restart_strategy__fixed_delay__delay": "1 s",
    }
    with harness(fails_at(1, 2), **options) as job:
        job.push("in", 7)
        job.advance_time(2000)
        assert job.output("out").values == [7]
        assert job.restarts == 2


def test_failure_rate_gives_up_when_failures_come_too_fast() -> None:
    options = {
        "restart_strategy__type": "failure-rate",
        "restart_strategy__failure_rate__max_failures_per_interval": 2,
        "restart_strategy__failure_rate__failure_rate_interval": "10 s",
        "restart_strategy__failure_rate__delay": "1 s",
    }
    with harness(fails_at(1, 2, 3), **options) as job:
        job.push("in", 7)
        job.advance_time(1000)
        with pytest.raises(JobExecutionError, match="call 3"):
            job.advance_time(1000)


def test_failure_rate_forgets_old_failures() -> None:
    options = {
        "restart_strategy__type": "failure-rate",
        "restart_strategy__failure_rate__max_failures_per_interval": 1,
        "restart_strategy__failure_rate__failure_rate_interval": "10 s",
        "restart_strategy__failure_rate__delay": "1 s",
    }
    with harness(fails_at(1, 3), **options) as job:
        job.push("in", 7)
        job.advance_time(20_000)
        job.push("in", 8)
        job.advance_time(20_000)
        assert (job.restarts, job.status) == (2, JobStatus.RUNNING)


def test_exponential_delay_waits_longer_each_time() -> None:
    options = {
        "restart_strategy__type": "exponential-delay",
        "restart_strategy__exponential_delay__initial_backoff": "1 s",
        "restart_strategy__exponential_delay__backoff_multiplier": 2.0,
        "restart_strategy__exponential_delay__max_backoff": "4 s",
        "restart_strategy__exponential_delay__jitter_factor": 0.0,
    }
    with harness(fails_at(1, 2, 3, 4), **options) as job:
        job.push("in", 7)
        for calls, delay_ms in enumerate((1000, 2000, 4000, 4000), 1):
            job.advance_time(delay_ms - 1)
            assert len(CALLS) == calls
            job.advance_time(1)
            assert len(CALLS) == calls + 1
        assert job.output("out").values == [7]


def test_checkpoints_alone_make_exponential_delay_the_default() -> None:
    with harness(fails_at(1), execution__checkpointing__interval="1 s") as job:
        job.push("in", 7)
        assert job.status is JobStatus.RESTARTING
        job.advance_time(2000)
        assert job.output("out").values == [7]


def test_bounded_job_restarts_by_itself() -> None:
    env = environment(2, execution__checkpointing__interval="5 ms")
    out = RecordingSink("out")
    env.from_sequence(1, 2000).map(fails_at(500, 1500)).sink_to(out)
    assert run(env, parallelism=(2,)).restarts == 2
    assert sorted(out.values) == list(range(1, 2001))


def test_unknown_strategy_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="exponential-delay"):
        harness(fails_at(), restart_strategy__type="often")
