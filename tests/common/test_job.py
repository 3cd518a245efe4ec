"""What is said about jobs: id, status, result, client, and names that are gone."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from flott.common import (
    InputDependencyConstraint,
    JobClient,
    JobExecutionResult,
    JobID,
    JobStatus,
    RestartStrategies,
    RestartStrategyConfiguration,
)
from flott.common.errors import UnsupportedFeature
from flott.common.utils import JavaObjectWrapper

JOB_ID = JobID("0123456789abcdef0123456789abcdef")


def test_job_ids_are_random_and_comparable() -> None:
    assert JobID() != JobID()
    assert JobID(str(JOB_ID).upper()) == JOB_ID
    assert len({JOB_ID, JobID(str(JOB_ID)), JobID()}) == 2
    assert pickle.loads(pickle.dumps(JOB_ID)) == JOB_ID
    assert str(JOB_ID) != JOB_ID
    assert repr(JOB_ID) == "JobID('0123456789abcdef0123456789abcdef')"


@pytest.mark.parametrize("text", ["", "x" * 32, "0" * 31, 7])
def test_what_is_no_job_id(text: Any) -> None:
    with pytest.raises(ValueError, match="32 hexadecimal digits"):
        JobID(text)


TERMINAL = {JobStatus.FAILED, JobStatus.CANCELED, JobStatus.FINISHED}


@pytest.mark.parametrize("status", JobStatus)
def test_which_statuses_are_the_end(status: JobStatus) -> None:
    assert status.is_globally_terminal_state() == (status in TERMINAL)
    assert status.is_terminal_state() == (status in TERMINAL | {JobStatus.SUSPENDED})


def test_result() -> None:
    result = JobExecutionResult(JOB_ID, 1500, {"lines": 3}, records_in=5, records_out=4)
    assert result.get_job_id() == JOB_ID
    assert result.get_net_runtime() == 1500
    assert result.get_accumulator_result("lines") == 3
    assert result.get_accumulator_result("other") is None
    assert result.get_all_accumulator_results() == {"lines": 3}
    assert (result.records_in, result.records_out) == (5, 4)


def test_printed_result() -> None:
    text = str(JobExecutionResult(JOB_ID, 1500, {"lines": 3}))
    assert "Job Runtime: 1500 ms" in text
    assert "- lines: 3" in text
    assert "Accumulator" not in str(JobExecutionResult(JOB_ID, 1500))


def test_clients_are_made_by_deployments() -> None:
    with pytest.raises(TypeError, match="abstract"):
        JobClient()  # type: ignore[abstract]


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (RestartStrategies.no_restart, "restart-strategy.type' = 'none'"),
        (RestartStrategies.fall_back_restart, "the default strategy applies"),
        (lambda: RestartStrategies.fixed_delay_restart(3, 1000),
         "'restart-strategy.fixed-delay.attempts' = 3"),
        (lambda: RestartStrategies.failure_rate_restart(2, 1000, 10),
         "'restart-strategy.failure-rate.max-failures-per-interval' = 2"),
        (RestartStrategyConfiguration, "restart-strategy.type"),
        (lambda: RestartStrategies.FixedDelayRestartStrategyConfiguration(1, 2),
         "restart-strategy.type"),
        (lambda: RestartStrategyConfiguration.get_description(None), "restart-strategy.type"),
        (lambda: JavaObjectWrapper(None), "without a JVM"),
        (lambda: JavaObjectWrapper.get_java_object(None), "without a JVM"),
    ],
)  # fmt: skip
def test_names_that_are_gone_say_what_came_after(call: Callable[[], Any], text: str) -> None:
    with pytest.raises(UnsupportedFeature) as info:
        call()
    assert text in str(info.value)


def test_constraints_are_named() -> None:
    assert [each.name for each in InputDependencyConstraint] == ["ANY", "ALL"]
