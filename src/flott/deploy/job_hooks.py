"""Who wants to know of the jobs that start in this process, and whether they may start at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from flott.deploy.driver import JobDriver
from flott.plan.job_plan import JobPlan

#: Observers get the driver before the job begins, to show its progress.
Observer = Callable[[JobDriver], None]
PlanReader = Callable[[JobPlan], None]


class JobHooks:
    """What happens beside a job's start.

    Attributes:
        plan_reader: Takes the plans of jobs in place of running them; None to run them.
    """

    def __init__(self) -> None:
        self.plan_reader: PlanReader | None = None
        self._observers: tuple[Observer, ...] = ()

    def add_observer(self, observer: Observer) -> None:
        """Have ``observer`` called with the driver of every job that starts from now on."""
        self._observers = (*self._observers, observer)

    def remove_observer(self, observer: Observer) -> None:
        """Call ``observer`` no more."""
        self._observers = tuple(each for each in self._observers if each is not observer)

    def announce(self, driver: JobDriver) -> None:
        """A job is about to begin."""
        for observer in self._observers:
            observer(driver)


#: The hooks of this process.
HOOKS: Final = JobHooks()
