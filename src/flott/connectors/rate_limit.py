"""How fast a source may be: strategies for the whole job, and the limiter of one subtask.

A limiter never waits. It says how many records may go out now and, if there are none, when to ask
again; time is the clock it is handed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

from flott.core.clock import Clock

#: A subtask that was held up catches up with this much of what it missed, not more.
_CATCH_UP_MS_MAX: Final = 100.0


class RateLimiter(ABC):
    """The limit of one subtask."""

    @abstractmethod
    def permits(self) -> int | None:
        """How many records may go out now; ``None`` for any number."""

    @abstractmethod
    def used(self, count: int) -> None:
        """So many have gone out."""

    def wait_ms(self) -> int | None:
        """When to ask again, in milliseconds from now; ``None`` if time does not help."""
        return None

    def notify_checkpoint_complete(self) -> None:  # noqa: B027
        """A checkpoint is complete."""


class RateLimiterStrategy(ABC):
    """The limit of a source, which its subtasks share."""

    @abstractmethod
    def create_rate_limiter(self, parallelism: int, clock: Clock) -> RateLimiter:
        """The limiter of one of ``parallelism`` subtasks."""

    @staticmethod
    def per_second(records_per_second: float) -> RateLimiterStrategy:
        """So many records a second from all subtasks together.

        Raises:
            ValueError: If it is not positive.
        """
        return _PerSecond(_checked(records_per_second))

    @staticmethod
    def per_checkpoint(records_per_checkpoint: int) -> RateLimiterStrategy:
        """So many records between two checkpoints from all subtasks together; then the source waits
        for the checkpoint to complete.

        Raises:
            ValueError: If it is not positive.
        """
        return _PerCheckpoint(int(_checked(records_per_checkpoint)))

    @staticmethod
    def no_op() -> RateLimiterStrategy:
        """No limit."""
        return _Unlimited()


@dataclass(frozen=True)
class _PerSecond(RateLimiterStrategy):
    records_per_second: float

    def create_rate_limiter(self, parallelism: int, clock: Clock) -> RateLimiter:
        return _TimedLimiter(self.records_per_second / parallelism / 1000, clock)


@dataclass(frozen=True)
class _PerCheckpoint(RateLimiterStrategy):
    records_per_checkpoint: int

    def create_rate_limiter(self, parallelism: int, clock: Clock) -> RateLimiter:
        return _GatedLimiter(max(self.records_per_checkpoint // parallelism, 1))


@dataclass(frozen=True)
class _Unlimited(RateLimiterStrategy):
    def create_rate_limiter(self, parallelism: int, clock: Clock) -> RateLimiter:
        return _OpenLimiter()


class _OpenLimiter(RateLimiter):
    def permits(self) -> None:
        return None

    def used(self, count: int) -> None:
        pass


class _TimedLimiter(RateLimiter):
    """A bucket that fills with time; it begins with one permit."""

    def __init__(self, records_per_ms: float, clock: Clock) -> None:
        self._records_per_ms = records_per_ms
        self._clock = clock
        self._filled_ms = clock.monotonic_ms()
        self._available = 1.0
        self._available_max = max(records_per_ms * _CATCH_UP_MS_MAX, 1.0)

    def permits(self) -> int:
        now_ms = self._clock.monotonic_ms()
        gained = (now_ms - self._filled_ms) * self._records_per_ms
        self._available = min(self._available + gained, self._available_max)
        self._filled_ms = now_ms
        return int(self._available)

    def used(self, count: int) -> None:
        self._available -= count

    def wait_ms(self) -> int:
        missing = 1.0 - self._available
        # Rounded up: asked too early there would be none yet.
        return max(int(-(-missing // self._records_per_ms)), 1)


class _GatedLimiter(RateLimiter):
    """So many records, then none until a checkpoint is complete."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._left = count

    def permits(self) -> int:
        return self._left

    def used(self, count: int) -> None:
        self._left -= count

    def notify_checkpoint_complete(self) -> None:
        self._left = self._count


def _checked(rate: float) -> float:
    if not rate > 0:
        raise ValueError(f"A rate must be positive, found {rate!r}")
    return rate
