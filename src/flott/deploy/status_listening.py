"""Tells a listener of the user's about the public status of a job, each time it changes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from flott.common.job_id import JobID
from flott.common.job_status import JobStatus
from flott.deploy.driver import JobDriver
from flott.deploy.progress import PUBLIC_STATUS
from flott.runtime.coordinator.status import JobPhase

_LOG: Final = logging.getLogger("flott.deploy")
StatusListener = Callable[[JobID, JobStatus], None]


def tell_status(driver: JobDriver, listener: StatusListener) -> None:
    """Have ``listener`` called with every new status; what it raises is logged.

    Several phases of a job have the same public status; it is told once.
    """
    job_id = JobID(driver.job_id)
    last: JobStatus | None = None

    def on_phase(phase: JobPhase) -> None:
        nonlocal last
        status = PUBLIC_STATUS[phase]
        if status is last:
            return
        last = status
        try:
            listener(job_id, status)
        except Exception:
            _LOG.exception("a listener failed when job %s became %s", job_id, status.name)

    driver.phase_listeners.append(on_phase)
