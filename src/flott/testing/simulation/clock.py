"""The clock of one process: virtual time, with a wall clock that may jump."""

from __future__ import annotations

from typing import Final

from flott.core.clock import Clock
from flott.testing.simulation.scheduler import Scheduler

#: What the wall clock shows when a run begins.
EPOCH_MS: Final = 1_700_000_000_000


class SimulatedClock(Clock):
    """Shows the scheduler's time.

    Attributes:
        offset_ms: How far the wall clock is off; a jump changes it.
    """

    def __init__(self, scheduler: Scheduler, offset_ms: int = 0) -> None:
        self._scheduler = scheduler
        self.offset_ms = offset_ms

    def now_ms(self) -> int:
        return EPOCH_MS + self._scheduler.now_us // 1000 + self.offset_ms

    def monotonic_ms(self) -> float:
        return self._scheduler.now_us / 1000
