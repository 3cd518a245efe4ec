"""The timer service as user functions see it: times of the current key.

The engine's own service (``flott.core.timer``) takes the key with each call; here it is the key
of the record or timer in hand.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from operator import index
from typing import Any

from flott.common.errors import ProgramError, StateAccessError
from flott.core.clock import Clock
from flott.core.element import MIN_WATERMARK
from flott.core.keyed_store import KeyedStore
from flott.core.timer import TimerService as EngineTimerService

__all__ = ["NonKeyedTimerService", "TimerService", "TimerServiceImpl"]


class TimerService(ABC):
    """Asks for the time, and to be called back at a time.

    For one key there is one timer for each time and clock: registering it again has no effect.
    All times are milliseconds since the epoch.
    """

    __slots__ = ()

    @abstractmethod
    def current_processing_time(self) -> int:
        """Return the time of the machine's clock."""

    @abstractmethod
    def current_watermark(self) -> int:
        """Return how far event time has come; ``MIN_LONG_VALUE`` before the first watermark."""

    @abstractmethod
    def register_processing_time_timer(self, timestamp: int) -> None:
        """Call ``on_timer`` for the current key once the clock reaches ``timestamp``.

        Raises:
            StateAccessError: if the stream is not keyed.
        """

    @abstractmethod
    def register_event_time_timer(self, timestamp: int) -> None:
        """Call ``on_timer`` for the current key once the watermark reaches ``timestamp``.

        A timer for a time that has passed fires with the next watermark.

        Raises:
            StateAccessError: if the stream is not keyed.
        """

    @abstractmethod
    def delete_processing_time_timer(self, timestamp: int) -> None:
        """Forget such a timer of the current key; without effect if there is none."""

    @abstractmethod
    def delete_event_time_timer(self, timestamp: int) -> None:
        """Forget such a timer of the current key; without effect if there is none."""


class TimerServiceImpl(TimerService):
    """Timers of a keyed operator."""

    __slots__ = ("_engine", "_store")

    def __init__(self, engine: EngineTimerService, store: KeyedStore) -> None:
        self._engine = engine
        self._store = store

    def current_processing_time(self) -> int:
        return self._engine.current_processing_time()

    def current_watermark(self) -> int:
        return self._engine.current_watermark

    def register_processing_time_timer(self, timestamp: int) -> None:
        if type(timestamp) is not int:
            timestamp = _whole(timestamp)
        self._engine.register_processing_time(timestamp, self._store.current_key)

    def register_event_time_timer(self, timestamp: int) -> None:
        if type(timestamp) is not int:
            timestamp = _whole(timestamp)
        self._engine.register_event_time(timestamp, self._store.current_key)

    def delete_processing_time_timer(self, timestamp: int) -> None:
        self._engine.delete_processing_time(_whole(timestamp), self._store.current_key)

    def delete_event_time_timer(self, timestamp: int) -> None:
        self._engine.delete_event_time(_whole(timestamp), self._store.current_key)


class NonKeyedTimerService(TimerService):
    """Tells the time where there is no key; refuses timers."""

    __slots__ = ("_clock", "_operator_name", "watermark")

    def __init__(self, clock: Clock, operator_name: str) -> None:
        self._clock = clock
        self._operator_name = operator_name
        self.watermark = MIN_WATERMARK

    def current_processing_time(self) -> int:
        return self._clock.now_ms()

    def current_watermark(self) -> int:
        return self.watermark

    def register_processing_time_timer(self, timestamp: int) -> None:
        self._refuse()

    def register_event_time_timer(self, timestamp: int) -> None:
        self._refuse()

    def delete_processing_time_timer(self, timestamp: int) -> None:
        self._refuse()

    def delete_event_time_timer(self, timestamp: int) -> None:
        self._refuse()

    def _refuse(self) -> None:
        raise StateAccessError(
            f"A timer belongs to a key, but operator '{self._operator_name}' has none here. "
            "Call key_by() before it, and use timers on the keyed side only."
        )


def _whole(timestamp: Any) -> int:
    """Take integers of other libraries as well, and refuse fractions and None."""
    try:
        return index(timestamp)
    except TypeError:
        raise ProgramError(
            f"A timer needs a time in whole milliseconds, found {timestamp!r}. "
            "Where records have no timestamp, ctx.timestamp() gives None."
        ) from None
