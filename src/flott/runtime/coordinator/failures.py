"""What has gone wrong in a job: whether to try again, and what the user is told in the end."""

from __future__ import annotations

import logging
from typing import Final

from flott.common.errors import DamagedCheckpointError, JobExecutionError, RestoreError
from flott.common.redaction import mask_text
from flott.runtime.coordinator.restarts import (
    GiveUp,
    RestartAfter,
    RestartDecision,
    RestartStrategy,
)
from flott.runtime.task.failure import FailureReport, PeerLostError

_log = logging.getLogger("flott.job")

#: Workers that end in a row before they are ready; more means that they cannot start at all.
EARLY_DEATHS_MAX: Final = 5


class Failures:
    """Keeps the last failure and what follows from it.

    Args:
        strategy: Decides about ordinary failures.

    Attributes:
        last: The last failure, if any.
        early_deaths: How many workers in a row ended before they were ready.
    """

    def __init__(self, strategy: RestartStrategy) -> None:
        self.last: FailureReport | None = None
        self.early_deaths = 0
        self._strategy = strategy
        self._cause: BaseException | None = None
        self._is_damaged = False
        self._is_hopeless = False

    def note(self, failure: FailureReport, cause: BaseException | None) -> None:
        """The job fails."""
        self.last, self._cause = failure, cause

    def note_early_death(self) -> bool:
        """A worker ended before it was ready; whether there is no sense in starting another."""
        self.early_deaths += 1
        self._is_hopeless |= self.early_deaths > EARLY_DEATHS_MAX
        return self._is_hopeless

    def note_restore(self, failure: FailureReport) -> bool:
        """A task could not be deployed; whether a file of the checkpoint is damaged."""
        self._is_damaged = failure.error_type == DamagedCheckpointError.__name__
        self._is_hopeless = failure.error_type == RestoreError.__name__
        return self._is_damaged

    def note_refusal(self, error: Exception) -> None:
        """The coordinator itself could not begin with what was stored."""
        self._is_hopeless = isinstance(error, RestoreError)

    def explain_by(self, lost: FailureReport) -> None:
        """A worker turned out to be lost: if its connections broke first, that is why."""
        if self.last is not None and self.last.error_type == PeerLostError.__name__:
            self.last = lost

    def decide(self, now_ms: float) -> RestartDecision:
        """Whether to restart, once all tasks are closed."""
        assert self.last is not None, "something failed"
        is_damaged, self._is_damaged = self._is_damaged, False
        if self._is_hopeless:
            return GiveUp("the state cannot be restored")
        if is_damaged:  # there may be an older checkpoint; that is not a restart that counts
            return RestartAfter(0)
        return self._strategy.decide(now_ms)

    def tell_restart(self, job: str, delay_ms: int) -> None:
        """Log why the job starts again: who looks for the reason later finds it there."""
        assert self.last is not None, "something failed"
        text = mask_text(self.last.message.partition("\n")[0])
        _log.warning(
            "Job %r starts again in %d ms: %s failed with %s: %s",
            job,
            delay_ms,
            self.last.operator or self.last.task,
            self.last.error_type,
            text,
        )

    def to_error(self, job: str, restarts: int, *, shows_engine: bool) -> JobExecutionError:
        """The last failure as the user's error."""
        assert self.last is not None, "something failed"
        error = _execution_error(job, self.last, restarts, shows_engine=shows_engine)
        error.__cause__ = self._cause
        return error


def lost_report(worker: int, reason: str) -> FailureReport:
    """The loss of a worker as a failure."""
    assert worker >= 0
    text = f"worker {worker} was lost: {reason}"
    return FailureReport(f"worker {worker}", None, "", "WorkerLost", text, None, None, text, text)


def _execution_error(
    job: str, failure: FailureReport, restarts: int, *, shows_engine: bool
) -> JobExecutionError:
    again = f" after {restarts} restart{'s' * (restarts > 1)}" if restarts else ""
    text = failure.message.partition("\n")[0]
    what = f"{failure.error_type}: {text}" if text else failure.error_type
    return JobExecutionError(
        f"Job {job!r} failed{again}: {what}",
        job_name=job,
        operator=failure.operator,
        record=failure.record,
        position=failure.position,
        user_traceback=failure.user_trace,
        engine_traceback=failure.engine_trace if shows_engine else None,
        subtask=failure.subtask,
        location=failure.location or None,
    )
