"""``JobStatus``: where a job stands."""

from __future__ import annotations

from enum import Enum

__all__ = ["JobStatus"]


class JobStatus(Enum):
    """Where a job stands, from its creation to its end.

    >>> JobStatus.FINISHED.is_terminal_state(), JobStatus.RESTARTING.is_terminal_state()
    (True, False)
    """

    CREATED = 0
    """No task has started."""

    RUNNING = 1
    """Tasks are being started or running; some may have finished."""

    FAILING = 2
    """The job failed and is cleaning up."""

    FAILED = 3
    """The job failed and will not be restarted."""

    CANCELLING = 4
    """The job is being cancelled."""

    CANCELED = 5
    """The job was cancelled."""

    FINISHED = 6
    """All tasks finished."""

    RESTARTING = 7
    """The job failed and is about to begin again from its latest checkpoint."""

    SUSPENDED = 8
    """The job stopped here but may be continued by another coordinator."""

    RECONCILING = 9
    """A new coordinator is finding out how its tasks fare."""

    def is_globally_terminal_state(self) -> bool:
        """Return whether the job has ended for good, so that its recovery data may go."""
        return self in (JobStatus.FAILED, JobStatus.CANCELED, JobStatus.FINISHED)

    def is_terminal_state(self) -> bool:
        """Return whether this coordinator does nothing more for the job."""
        return self is JobStatus.SUSPENDED or self.is_globally_terminal_state()
