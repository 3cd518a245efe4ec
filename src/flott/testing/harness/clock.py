"""Clocks that show what a test says."""

from __future__ import annotations

from flott.core.clock import Clock


class ManualClock(Clock):
    """A clock that stands still until it is moved.

    Args:
        now_ms: What it shows first, in epoch milliseconds.

    >>> clock = ManualClock(1000)
    >>> clock.set(1500)
    >>> clock.now_ms(), clock.monotonic_ms()
    (1500, 500.0)
    """

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms
        self._elapsed_ms = 0.0

    def now_ms(self) -> int:
        return self._now_ms

    def monotonic_ms(self) -> float:
        return self._elapsed_ms

    def set(self, now_ms: int) -> None:
        """Show ``now_ms``. Setting it back is what a clock that is corrected does: the monotonic
        clock stands still then."""
        self._elapsed_ms += max(0, now_ms - self._now_ms)
        self._now_ms = now_ms


class SteppingClock(ManualClock):
    """A clock that moves by a little with every look at it, so that a job which runs by itself
    sees time pass, and the same time in each run."""

    #: Between half and one and a half of the default latency target: batches keep their size.
    STEP_MS = 0.75

    def monotonic_ms(self) -> float:
        self._elapsed_ms += self.STEP_MS
        return self._elapsed_ms

    def now_ms(self) -> int:
        return self._now_ms + int(self._elapsed_ms)

    def set(self, now_ms: int) -> None:
        """Move on to ``now_ms``, if that is ahead."""
        self._elapsed_ms += max(0, now_ms - self.now_ms())

    def advance_monotonic(self, monotonic_ms: float) -> None:
        """Move on until the monotonic clock shows ``monotonic_ms``, if that is ahead."""
        self._elapsed_ms = max(self._elapsed_ms, monotonic_ms)
