"""Timers of one key at a time, for BATCH mode.

All records of a key are there before any of its timers fires, and all its timers fire before the
next key begins. Nothing is kept across keys, so a heap in memory is enough.
"""

from __future__ import annotations

import heapq
from collections.abc import Hashable
from itertools import count
from typing import Any

from flott.core.clock import Clock
from flott.core.element import MIN_WATERMARK
from flott.core.timer import TimerCallback, TimerService

__all__ = ["BatchTimerService"]


class _Timers:
    """Timers of one kind, by time; equal times in the order of registration."""

    __slots__ = ("_heap", "_numbers", "_pending")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Any, Any]] = []
        self._pending: set[tuple[int, Any, Any]] = set()
        self._numbers = count()

    def add(self, timestamp: int, key: Hashable, namespace: Hashable) -> None:
        if (timestamp, key, namespace) not in self._pending:
            self._pending.add((timestamp, key, namespace))
            heapq.heappush(self._heap, (timestamp, next(self._numbers), key, namespace))

    def delete(self, timestamp: int, key: Hashable, namespace: Hashable) -> None:
        self._pending.discard((timestamp, key, namespace))

    def pop_until(self, timestamp: int) -> tuple[int, Any, Any] | None:
        """The earliest timer, if it is not after ``timestamp``; it is removed."""
        while self._heap and self._heap[0][0] <= timestamp:
            time, _, key, namespace = heapq.heappop(self._heap)
            # What is no longer pending was deleted, or deleted and registered again (a later
            # entry of the heap then stands for it).
            if (time, key, namespace) in self._pending:
                self._pending.remove((time, key, namespace))
                return time, key, namespace
        return None

    def pop_all(self) -> list[tuple[int, Any, Any]]:
        """All timers by time; they are removed."""
        found = sorted(self._heap)
        entries = [(time, key, space) for time, _, key, space in found]
        present = [entry for entry in dict.fromkeys(entries) if entry in self._pending]
        self.clear()
        return present

    def clear(self) -> None:
        self._heap.clear()
        self._pending.clear()

    def __len__(self) -> int:
        return len(self._pending)


class BatchTimerService(TimerService):
    """The watermark is the smallest while records of a key come, then the largest."""

    def __init__(
        self, clock: Clock, on_event_time: TimerCallback, on_processing_time: TimerCallback
    ) -> None:
        self.current_watermark = MIN_WATERMARK
        self._clock = clock
        self._on_event_time = on_event_time
        self._on_processing_time = on_processing_time
        self._event = _Timers()
        self._processing = _Timers()

    def current_processing_time(self) -> int:
        return self._clock.now_ms()

    def register_event_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        self._event.add(timestamp, key, namespace)

    def delete_event_time(self, timestamp: int, key: Hashable, namespace: Hashable = None) -> None:
        self._event.delete(timestamp, key, namespace)

    def register_processing_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        self._processing.add(timestamp, key, namespace)

    def delete_processing_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        self._processing.delete(timestamp, key, namespace)

    def advance_watermark(self, timestamp: int) -> None:
        self.current_watermark = timestamp
        while (timer := self._event.pop_until(timestamp)) is not None:
            self._on_event_time(*timer)

    def has_timers(self) -> bool:
        return len(self._event) > 0 or len(self._processing) > 0

    def has_event_timers(self) -> bool:
        """Whether an event-time timer is pending."""
        return len(self._event) > 0

    def fire_all_processing_time(self) -> None:
        # Not those that a callback registers: a timer that renews itself would never end.
        for timer in self._processing.pop_all():
            self._on_processing_time(*timer)

    def forget(self) -> None:
        """Drop what is left; the next key begins."""
        self._event.clear()
        self._processing.clear()
