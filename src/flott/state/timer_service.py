"""The timer service of the memory backend: two queues, the watermark, and one armed alarm."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

from flott.core.clock import Clock
from flott.core.element import MIN_WATERMARK
from flott.core.timer import TimerCallback, TimerService
from flott.state.memory_store import MemoryKeyedStore
from flott.state.timer_queue import TimerQueue, key_of_timer


class MemoryTimerService(TimerService):
    """Timers of one operator subtask under one name.

    Args:
        store: Where they are kept, already restored.
        name: Tells the services of an operator apart; part of what is stored.
        clock: Processing time.
        on_event_time: Called when an event-time timer fires.
        on_processing_time: Called when a processing-time timer fires.
        schedule: Has a function called in a turn of the task once the clock reaches a time; at
            once if it has. It is asked for the earliest timer only.
    """

    def __init__(
        self,
        store: MemoryKeyedStore,
        name: str,
        clock: Clock,
        on_event_time: TimerCallback,
        on_processing_time: TimerCallback,
        schedule: Callable[[int, Callable[[], None]], None],
    ) -> None:
        self.current_watermark = MIN_WATERMARK
        self._clock = clock
        self._schedule = schedule
        self._armed_ms: int | None = None
        self._is_firing = False
        event_table = store.table(f"{name}/event-time", key_of_timer)
        processing_table = store.table(f"{name}/processing-time", key_of_timer)
        self._event = TimerQueue(store, event_table, on_event_time)
        self._processing = TimerQueue(store, processing_table, on_processing_time)
        self._arm()

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
        if self._armed_ms is None or timestamp < self._armed_ms:
            self._arm()

    def delete_processing_time(
        self, timestamp: int, key: Hashable, namespace: Hashable = None
    ) -> None:
        self._processing.delete(timestamp, key, namespace)

    def advance_watermark(self, timestamp: int) -> None:
        assert timestamp >= self.current_watermark, "watermarks never go back"
        self.current_watermark = timestamp
        self._event.fire_until(timestamp)

    def has_timers(self) -> bool:
        return self._event.peek() is not None or self._processing.peek() is not None

    def earliest_event_time(self) -> int | None:
        return self._event.peek()

    def earliest_processing_time(self) -> int | None:
        return self._processing.peek()

    def fire_all_processing_time(self) -> None:
        self._is_firing = True
        self._processing.fire_present()
        self._is_firing = False

    def _arm(self) -> None:
        """Have the earliest processing-time timer wake the task."""
        if self._is_firing:
            return  # what callbacks register is looked at once after the last of them
        earliest = self._processing.peek()
        if earliest is not None and (self._armed_ms is None or earliest < self._armed_ms):
            self._armed_ms = earliest
            self._schedule(earliest, partial(self._wake, earliest))

    def _wake(self, armed_ms: int) -> None:
        if armed_ms != self._armed_ms:
            return  # an earlier timer came and armed the alarm anew
        self._armed_ms = None
        self._is_firing = True
        # The alarm says that the clock has been there, even if it was set back since.
        self._processing.fire_once_until(max(armed_ms, self._clock.now_ms()))
        self._is_firing = False
        self._arm()
