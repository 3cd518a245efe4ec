"""Callbacks at moments of the wall clock, which may be set back or ahead at any time.

What is due in a minute comes within a minute, whatever is done to the clock meanwhile: set ahead,
what it has reached is due; set back, nothing waits for it to come round again. So moments are kept
on a steady time that goes on with the monotonic clock and jumps ahead with the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil

from flott.core.clock import Clock
from flott.runtime.task.schedule import Schedule


class WallSchedule:
    """A queue of callbacks by wall-clock time; equal times keep their order.

    Args:
        clock: The clock they go by.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._schedule = Schedule()
        # Steady time less monotonic time. The largest difference to the wall clock seen so far, so
        # that rounding of the wall clock does not add up.
        self._offset_ms: float = clock.now_ms() - clock.monotonic_ms()

    def add(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        """Call ``callback`` once the clock reaches ``timestamp_ms``."""
        steady_ms, wall_ms = self._read()
        self._schedule.add(steady_ms + (timestamp_ms - wall_ms), callback)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return self._schedule.next_ms is None

    @property
    def next_ms(self) -> int | None:
        """What the wall clock will show when the earliest callback is due, if nobody sets it."""
        due_ms = self._schedule.next_ms
        if due_ms is None:
            return None
        steady_ms, wall_ms = self._read()
        return wall_ms + ceil(due_ms - steady_ms)

    def run_due(self) -> bool:
        """Run what was due when the call began; whether there was anything."""
        return self._schedule.run_due(self._read()[0])

    def _read(self) -> tuple[float, int]:
        """Steady time and wall-clock time."""
        wall_ms, monotonic_ms = self._clock.now_ms(), self._clock.monotonic_ms()
        self._offset_ms = max(self._offset_ms, wall_ms - monotonic_ms)
        steady_ms = monotonic_ms + self._offset_ms
        assert steady_ms >= wall_ms - 1e-3, "steady time is never behind"
        return steady_ms, wall_ms
