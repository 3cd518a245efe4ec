"""``JobListener``: hears of the jobs an environment starts. Beyond PyFlink, named as in Java."""

from __future__ import annotations

from abc import ABC, abstractmethod

from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus

__all__ = ["JobListener"]


class JobListener(ABC):
    """Called in the program that starts the job; an exception raised here goes to it, but for
    those of ``on_job_status_changed``, which are logged."""

    @abstractmethod
    def on_job_submitted(self, job_client: JobClient | None, error: BaseException | None) -> None:
        """A job was handed over; exactly one of the two is given."""

    @abstractmethod
    def on_job_executed(
        self, result: JobExecutionResult | None, error: BaseException | None
    ) -> None:
        """A job started by ``execute`` has ended; exactly one of the two is given."""

    def on_job_status_changed(self, job_id: JobID, job_status: JobStatus) -> None:  # noqa: B027
        """A job has a new status. Called between two steps of the job, so it should be quick."""
