"""Process functions: each record together with time, timers, state and side outputs.

They yield (or return an iterable of) results; a pair ``(OutputTag, value)`` goes to that side
output. Timers and keyed state belong to the current key, so they need a keyed stream.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from flott.datastream.functions.function import Function
from flott.datastream.time_domain import TimeDomain
from flott.datastream.timerservice import TimerService

__all__ = [
    "CoProcessFunction",
    "KeyedCoProcessFunction",
    "KeyedProcessFunction",
    "ProcessFunction",
]


class _Context(ABC):
    """What every process function may ask while it is called."""

    @abstractmethod
    def timer_service(self) -> TimerService:
        """Return access to time and, on keyed streams, to timers."""

    @abstractmethod
    def timestamp(self) -> int | None:
        """Return the event time of the record, or the time of the timer, in epoch milliseconds.

        None if the record has no timestamp.
        """


class _KeyedContext(_Context):
    """The same where a key is current."""

    @abstractmethod
    def get_current_key(self) -> Any:
        """Return the key of the record or timer at hand."""


class _TimerContext(_KeyedContext):
    """The same while a timer fires."""

    @abstractmethod
    def time_domain(self) -> TimeDomain:
        """Return whether the timer was one of event time or of processing time."""


class ProcessFunction(Function):
    """Processes the records of a stream that has no keys.

    >>> class Positive(ProcessFunction):
    ...     def process_element(self, value, ctx):
    ...         if value > 0:
    ...             yield value
    >>> list(Positive().process_element(3, None))
    [3]
    """

    class Context(_Context):
        """What ``process_element`` may ask."""

    @abstractmethod
    def process_element(self, value: Any, ctx: ProcessFunction.Context) -> Any:
        """Process one record: yield or return its results, or nothing.

        Args:
            value: the record.
            ctx: its timestamp and access to time; valid during this call only.
        """


class KeyedProcessFunction(Function):
    """Processes the records of a keyed stream, with state and timers of their key.

    >>> class Number(KeyedProcessFunction):
    ...     def open(self, runtime_context):
    ...         self.count = runtime_context.get_state(ValueStateDescriptor("count", int))
    ...     def process_element(self, value, ctx):
    ...         seen = (self.count.value() or 0) + 1
    ...         self.count.update(seen)
    ...         yield ctx.get_current_key(), seen, value
    """

    class Context(_KeyedContext):
        """What ``process_element`` may ask."""

    class OnTimerContext(_TimerContext):
        """What ``on_timer`` may ask."""

    @abstractmethod
    def process_element(self, value: Any, ctx: KeyedProcessFunction.Context) -> Any:
        """Process one record: yield or return its results, or nothing."""

    def on_timer(self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext) -> Any:
        """React to a timer: yield or return results, or nothing.

        Args:
            timestamp: the time for which it was registered, in epoch milliseconds.
            ctx: the key and the kind of time; valid during this call only.
        """


class CoProcessFunction(Function):
    """Processes the records of two connected streams that have no keys."""

    class Context(_Context):
        """What the two methods may ask."""

    @abstractmethod
    def process_element1(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
        """Process a record of the first stream: yield or return its results, or nothing."""

    @abstractmethod
    def process_element2(self, value: Any, ctx: CoProcessFunction.Context) -> Any:
        """Process a record of the second stream: yield or return its results, or nothing."""


class KeyedCoProcessFunction(Function):
    """Processes the records of two connected keyed streams, which share the state of a key."""

    class Context(_KeyedContext):
        """What ``process_element1`` and ``process_element2`` may ask."""

    class OnTimerContext(_TimerContext):
        """What ``on_timer`` may ask."""

    @abstractmethod
    def process_element1(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> Any:
        """Process a record of the first stream: yield or return its results, or nothing."""

    @abstractmethod
    def process_element2(self, value: Any, ctx: KeyedCoProcessFunction.Context) -> Any:
        """Process a record of the second stream: yield or return its results, or nothing."""

    def on_timer(self, timestamp: int, ctx: KeyedCoProcessFunction.OnTimerContext) -> Any:
        """React to a timer, registered in epoch milliseconds: yield or return results."""
