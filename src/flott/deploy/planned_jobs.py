"""What a program gets in place of a job when only the job's plan is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flott.common.completable_future import CompletableFuture
from flott.common.errors import FlottError
from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus

#: The id of every job that is planned and not run.
_NO_JOB = "0" * 32


def planned_result() -> JobExecutionResult:
    """The result of a job that read nothing and wrote nothing."""
    return JobExecutionResult(JobID(_NO_JOB), 0, records_in=0, records_out=0)


class NoRows(Iterator[Any]):
    """The rows of a job that was not run."""

    def __next__(self) -> Any:
        raise StopIteration

    def close(self) -> None:
        """Nothing to close."""


class PlannedJobClient(JobClient):
    """The client of a job that was not run: it has finished, and wrote nothing."""

    def get_job_id(self) -> JobID:
        return JobID(_NO_JOB)

    def get_start_time_ms(self) -> int:
        return 0

    def get_job_status(self) -> CompletableFuture[JobStatus]:
        return CompletableFuture.completed(JobStatus.FINISHED)

    def cancel(self) -> CompletableFuture[None]:
        return CompletableFuture.completed(None)

    def stop_with_savepoint(
        self, advance_to_end_of_event_time: bool, savepoint_directory: str | None = None
    ) -> CompletableFuture[str]:
        return self.trigger_savepoint(savepoint_directory)

    def trigger_savepoint(self, savepoint_directory: str | None = None) -> CompletableFuture[str]:
        answer: CompletableFuture[str] = CompletableFuture()
        answer.complete_exceptionally(FlottError("the job was planned and not run"))
        return answer

    def get_accumulators(self) -> CompletableFuture[dict[str, Any]]:
        return CompletableFuture.completed({})

    def get_job_execution_result(self) -> CompletableFuture[JobExecutionResult]:
        return CompletableFuture.completed(planned_result())
