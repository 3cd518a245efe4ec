"""Jobs that the shell starts: how far they are, and how to end them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flott.deploy.driver import JobDriver
from flott.deploy.job_hooks import HOOKS
from flott.deploy.progress import PUBLIC_STATUS, read_progress
from flott.deploy.status_line import RateMeter, Status, render_line, render_summary


class Run:
    """A job, seen from the shell.

    Args:
        driver: what drives it.
    """

    def __init__(self, driver: JobDriver) -> None:
        self._driver = driver
        self._meter = RateMeter()

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self._driver.is_over

    def line(self, width: int) -> str:
        """How far it is, in one line."""
        return render_line(self._status(), width)

    def summary(self) -> str:
        """What it did, in one line."""
        return render_summary(self._status())

    def cancel(self) -> None:
        """End it soon; may be called from any thread."""
        self._driver.call(self._driver.coordinator.cancel)

    def _status(self) -> Status:
        driver = self._driver
        progress = read_progress(driver, PUBLIC_STATUS[driver.coordinator.phase], None)
        now = driver.clock.now_ms()
        rates = self._meter.see(now, progress.records_read, progress.records_written)
        return Status(driver.plan.name, progress, *rates, now, now - driver.started_ms)


@contextmanager
def watched_runs() -> Iterator[list[Run]]:
    """The jobs that start while the block runs."""
    found: list[Run] = []

    def observe(driver: JobDriver) -> None:
        found.append(Run(driver))

    HOOKS.add_observer(observer=observe)
    try:
        yield found
    finally:
        HOOKS.remove_observer(observe)
