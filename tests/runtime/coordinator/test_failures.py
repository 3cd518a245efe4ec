"""What follows from a failure: try again, for how long, or tell the user."""

import pytest

from flott.common.errors import DamagedCheckpointError, RestoreError
from flott.runtime.coordinator.failures import EARLY_DEATHS_MAX, Failures, lost_report
from flott.runtime.coordinator.restarts import FixedDelay, GiveUp, NoRestart, RestartAfter
from flott.runtime.task.failure import FailureReport, PeerLostError, describe_failure


def failed(error: Exception) -> tuple[Failures, FailureReport]:
    failures, report = Failures(FixedDelay(1, 50)), describe_failure(error, "task")
    failures.note(report, None)
    return failures, report


def test_the_strategy_decides_about_ordinary_failures() -> None:
    failures, _ = failed(ValueError("broken"))
    assert failures.decide(0) == RestartAfter(50)
    assert isinstance(failures.decide(0), GiveUp)


def test_a_damaged_file_is_no_restart_that_counts() -> None:
    failures, report = failed(DamagedCheckpointError("chk-7/a.state", "wrong checksum"))
    assert failures.note_restore(report)
    assert failures.decide(0) == RestartAfter(0)
    assert failures.decide(0) == RestartAfter(50)


def test_state_that_does_not_fit_is_given_up_at_once() -> None:
    failures, report = failed(RestoreError("of another program"))
    assert not failures.note_restore(report)
    assert isinstance(failures.decide(0), GiveUp)


def test_workers_that_cannot_start_are_given_up_in_the_end() -> None:
    failures, _ = failed(ValueError("broken"))
    assert [failures.note_early_death() for _ in range(EARLY_DEATHS_MAX + 1)] == [
        *[False] * EARLY_DEATHS_MAX,
        True,
    ]
    assert isinstance(failures.decide(0), GiveUp)


@pytest.mark.parametrize(
    ("error", "told"), [(PeerLostError("gone"), "WorkerLost"), (ValueError("bad"), "ValueError")]
)
def test_a_lost_worker_explains_broken_connections_and_nothing_else(
    error: Exception, told: str
) -> None:
    failures, _ = failed(error)
    failures.explain_by(lost_report(0, "exit code -9"))
    assert failures.last is not None
    assert failures.last.error_type == told


def test_the_error_names_restarts_and_keeps_its_cause() -> None:
    failures, cause = Failures(NoRestart()), OSError("full")
    failures.note(describe_failure(cause, "job coordinator"), cause)
    error = failures.to_error("orders", 2, shows_engine=False)
    assert "Job 'orders' failed after 2 restarts: OSError: full" in str(error)
    assert error.__cause__ is cause


def test_restart_is_logged_with_its_reason_and_without_secrets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    failures, _ = failed(ValueError("refused: password=enigma\nmore"))
    failures.tell_restart("bills", 50)
    assert caplog.messages == [
        "Job 'bills' starts again in 50 ms: task failed with ValueError: refused: password=******"
    ]
