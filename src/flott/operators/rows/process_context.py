"""What functions of the process family learn about the record or timer in hand.

An operator makes one context of each kind and changes its slots before every call: no object is
made for a record. That is why a context must not be kept after the call.
"""

from __future__ import annotations

from typing import Any

from flott.common.time_domain import TimeDomain
from flott.core.keyed_store import KeyedStore
from flott.operators.rows.timer_service import TimerService

__all__ = ["KeyedProcessContext", "OnTimerContext", "ProcessContext"]


class ProcessContext:
    """The context of functions on streams without keys."""

    __slots__ = ("_timers", "record_timestamp")

    def __init__(self, timers: TimerService) -> None:
        self._timers = timers
        self.record_timestamp: int | None = None

    def timestamp(self) -> int | None:
        """Return the event time of the record, or of the firing timer; None if it has none."""
        return self.record_timestamp

    def timer_service(self) -> TimerService:
        """Return access to the time and, after ``key_by``, to timers."""
        return self._timers


class KeyedProcessContext(ProcessContext):
    """The context of functions on keyed streams."""

    __slots__ = ("_store",)

    def __init__(self, timers: TimerService, store: KeyedStore) -> None:
        super().__init__(timers)
        self._store = store

    def get_current_key(self) -> Any:
        """Return the key of the record or timer."""
        return self._store.current_key


class OnTimerContext(KeyedProcessContext):
    """The context of a firing timer."""

    __slots__ = ("domain",)

    def __init__(self, timers: TimerService, store: KeyedStore) -> None:
        super().__init__(timers, store)
        self.domain = TimeDomain.EVENT_TIME

    def time_domain(self) -> TimeDomain:
        """Return which clock fired the timer."""
        return self.domain
