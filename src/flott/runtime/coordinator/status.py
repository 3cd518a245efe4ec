"""Where a job stands, and which way it may go from there.

CREATED -> DEPLOYING -> RUNNING -> FINISHING -> FINISHED
               |           |           |
               +-----------+-----------+--> FAILING -> RESTARTING -> DEPLOYING
               |           |           |        +----> FAILED
               +-----------+-----------+--> CANCELLING -> CANCELED
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class JobPhase(Enum):
    """A finer status than the public ``JobStatus``."""

    CREATED = "created"
    """Waits for its workers."""
    DEPLOYING = "deploying"
    RUNNING = "running"
    FINISHING = "finishing"
    """All tasks have drained; the last checkpoint is taken and committed."""
    FAILING = "failing"
    """Something failed; the other tasks are being cancelled."""
    RESTARTING = "restarting"
    CANCELLING = "cancelling"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELED = "canceled"


_GOING: Final = frozenset({JobPhase.FAILING, JobPhase.CANCELLING})
TRANSITIONS: Final[dict[JobPhase, frozenset[JobPhase]]] = {
    JobPhase.CREATED: _GOING | {JobPhase.DEPLOYING, JobPhase.CANCELED, JobPhase.FAILED},
    JobPhase.DEPLOYING: _GOING | {JobPhase.RUNNING},
    JobPhase.RUNNING: _GOING | {JobPhase.FINISHING},
    JobPhase.FINISHING: _GOING | {JobPhase.FINISHED},
    JobPhase.FAILING: frozenset({JobPhase.RESTARTING, JobPhase.FAILED, JobPhase.CANCELLING}),
    JobPhase.RESTARTING: _GOING | {JobPhase.DEPLOYING, JobPhase.CANCELED},
    JobPhase.CANCELLING: frozenset({JobPhase.CANCELED}),
    JobPhase.FINISHED: frozenset(),
    JobPhase.FAILED: frozenset(),
    JobPhase.CANCELED: frozenset(),
}
TERMINAL: Final = frozenset({JobPhase.FINISHED, JobPhase.FAILED, JobPhase.CANCELED})
