"""Hands jobs over to ``flott.deploy``, which is loaded with the first of them.

Writing a program needs no workers, coordinator, sockets and threads; so importing the API does not
wait for them. This is the one place that does so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from flott.common.configuration import Configuration
from flott.common.job_client import JobClient
from flott.common.job_execution_result import JobExecutionResult
from flott.common.job_id import JobID
from flott.common.job_status import JobStatus
from flott.plan.job_plan import JobPlan

__all__ = ["CollectedRecords", "collect", "run", "submit"]


StatusListener = Callable[[JobID, JobStatus], None]


class CollectedRecords(Protocol):
    """Records of a running job; ``close`` ends it early."""

    def __iter__(self) -> Iterator[Any]:
        """Return itself."""

    def __next__(self) -> Any:
        """Return the next record."""

    def close(self) -> None:
        """Cancel the job if it still runs."""


def run(
    plan: JobPlan, configuration: Configuration, on_status: StatusListener | None = None
) -> JobExecutionResult:
    """Run a job to its end."""
    from flott import deploy

    return deploy.run(plan, configuration, on_status)


def submit(
    plan: JobPlan, configuration: Configuration, on_status: StatusListener | None = None
) -> JobClient:
    """Start a job and give its client."""
    from flott import deploy

    return deploy.submit(plan, configuration, on_status)


def collect(plan: JobPlan, configuration: Configuration, collector_id: str) -> CollectedRecords:
    """Run a job as far as the records of a collector are asked for."""
    from flott import deploy

    return deploy.collect(plan, configuration, collector_id)
