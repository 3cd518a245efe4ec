"""Timers: a call back for a key at a time.

One timer per (key, namespace, time, kind): registering it again has no effect. Timers are kept
in the keyed store, so they are in snapshots and move with their key group.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from typing import Any

#: Called with (timestamp in epoch milliseconds, key, namespace) when a timer fires.
TimerCallback = Callable[[int, Any, Any], None]


class TimerService(ABC):
    """Timers of one operator subtask under one name."""

    #: The last watermark seen; ``MIN_WATERMARK`` before the first and after a restore.
    current_watermark: int

    @abstractmethod
    def current_processing_time(self) -> int:
        """Processing time in epoch milliseconds."""

    @abstractmethod
    def register_event_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        """Fire once the watermark reaches ``timestamp``; at the next watermark if it has."""

    @abstractmethod
    def delete_event_time(self, timestamp: int, key: Hashable, namespace: Hashable = None) -> None:
        """Forget the timer, if there is one."""

    @abstractmethod
    def register_processing_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        """Fire once the clock reaches ``timestamp``; at once (in a turn of its own) if it has."""

    @abstractmethod
    def delete_processing_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        """Forget the timer, if there is one."""

    @abstractmethod
    def advance_watermark(self, timestamp: int) -> None:
        """Set the watermark and fire every event-time timer up to it, in order of time.

        Timers that a callback registers at or before ``timestamp`` fire in the same call.
        """

    @abstractmethod
    def has_timers(self) -> bool:
        """Whether a timer of either kind is pending."""

    def earliest_event_time(self) -> int | None:
        """When the earliest event-time timer is due, if the service can tell."""
        return None

    def earliest_processing_time(self) -> int | None:
        """When the earliest processing-time timer is due, if the service can tell."""
        return None

    @abstractmethod
    def fire_all_processing_time(self) -> None:
        """Fire every pending processing-time timer in order of time (end of bounded input in
        BATCH mode)."""
