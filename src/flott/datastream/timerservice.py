"""``TimerService``: time, and call-backs at a time, as a process function sees them."""

from __future__ import annotations

from abc import ABC, abstractmethod

__all__ = ["TimerService"]


class TimerService(ABC):
    """Gives the time and registers timers for the current key.

    There is one timer for a key, a time and a kind of time: registering it again has no effect.
    All times are epoch milliseconds. Timers need a keyed stream.
    """

    @abstractmethod
    def current_processing_time(self) -> int:
        """Return the wall-clock time."""

    @abstractmethod
    def current_watermark(self) -> int:
        """Return the event time reached: no record of this time or before is expected any more."""

    @abstractmethod
    def register_processing_time_timer(self, timestamp: int) -> None:
        """Have ``on_timer`` called once the clock reaches ``timestamp``."""

    @abstractmethod
    def register_event_time_timer(self, timestamp: int) -> None:
        """Have ``on_timer`` called once the watermark reaches ``timestamp``.

        A time already passed fires with the next watermark, not at once.
        """

    @abstractmethod
    def delete_processing_time_timer(self, timestamp: int) -> None:
        """Forget a timer; without effect if there is none."""

    @abstractmethod
    def delete_event_time_timer(self, timestamp: int) -> None:
        """Forget a timer; without effect if there is none."""
