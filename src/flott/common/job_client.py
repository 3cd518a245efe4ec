"""``JobClient``: what the starter of a job can ask of it while it runs.

Each way of running jobs (in the calling process, in worker processes, on a cluster) has its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from flott.common.completable_future import CompletableFuture
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus

__all__ = ["JobClient"]


class JobClient(ABC):
    """Speaks for one job. Every request is answered by a future."""

    @abstractmethod
    def get_job_id(self) -> JobID:
        """Return the id of the job."""

    @abstractmethod
    def get_start_time_ms(self) -> int:
        """Return when the job was started, in epoch milliseconds. Beyond PyFlink."""

    @abstractmethod
    def get_job_status(self) -> CompletableFuture[JobStatus]:
        """Ask where the job stands."""

    @abstractmethod
    def cancel(self) -> CompletableFuture[None]:
        """Cancel the job; answered when it has ended."""

    @abstractmethod
    def stop_with_savepoint(
        self, advance_to_end_of_event_time: bool, savepoint_directory: str | None = None
    ) -> CompletableFuture[str]:
        """Stop the job in good order, after a savepoint; answered with the savepoint's path.

        Args:
            advance_to_end_of_event_time: let all windows and event timers fire first, which makes
                the results final.
            savepoint_directory: where to write; ``execution.checkpointing.savepoint-dir`` if not
                given.
        """

    @abstractmethod
    def trigger_savepoint(self, savepoint_directory: str | None = None) -> CompletableFuture[str]:
        """Write a savepoint while the job goes on; answered with its path."""

    @abstractmethod
    def get_accumulators(self) -> CompletableFuture[dict[str, Any]]:
        """Ask for the totals the job keeps, by name."""

    @abstractmethod
    def get_job_execution_result(self) -> CompletableFuture[JobExecutionResult]:
        """Ask for the result; answered when the job has ended."""
