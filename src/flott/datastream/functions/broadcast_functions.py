"""Functions of a stream and of a broadcast stream, whose records every subtask receives.

The broadcast side fills maps (broadcast state) that the other side reads. Since every subtask
must come to the same maps by itself, only the broadcast side may change them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Generic, TypeVar

from flott.common.state import BroadcastState, MapStateDescriptor, ReadOnlyBroadcastState
from flott.datastream.functions.function import Function
from flott.datastream.time_domain import TimeDomain
from flott.datastream.timerservice import TimerService

__all__ = [
    "BaseBroadcastProcessFunction",
    "BroadcastProcessFunction",
    "KeyedBroadcastProcessFunction",
]

KEY = TypeVar("KEY")
IN1 = TypeVar("IN1")
IN2 = TypeVar("IN2")
OUT = TypeVar("OUT")


class BaseBroadcastProcessFunction(Function):
    """What both kinds of broadcast function share."""

    class BaseContext(ABC):
        """What all their methods may ask."""

        @abstractmethod
        def timestamp(self) -> int | None:
            """Return the event time of the record in epoch milliseconds; None if it has none."""

        @abstractmethod
        def current_processing_time(self) -> int:
            """Return the wall-clock time in epoch milliseconds."""

        @abstractmethod
        def current_watermark(self) -> int:
            """Return the event time reached, in epoch milliseconds."""

    class Context(BaseContext):
        """What ``process_broadcast_element`` may ask."""

        @abstractmethod
        def get_broadcast_state(
            self, state_descriptor: MapStateDescriptor
        ) -> BroadcastState[Any, Any]:
            """Return one of the maps named when the stream was broadcast, for changing."""

    class ReadOnlyContext(BaseContext):
        """What ``process_element`` may ask."""

        @abstractmethod
        def get_broadcast_state(
            self, state_descriptor: MapStateDescriptor
        ) -> ReadOnlyBroadcastState[Any, Any]:
            """Return one of the maps named when the stream was broadcast, for reading."""


class BroadcastProcessFunction(BaseBroadcastProcessFunction, Generic[IN1, IN2, OUT]):
    """Processes a stream without keys together with a broadcast stream."""

    class Context(BaseBroadcastProcessFunction.Context, ABC):
        """What ``process_broadcast_element`` may ask."""

    class ReadOnlyContext(BaseBroadcastProcessFunction.ReadOnlyContext, ABC):
        """What ``process_element`` may ask."""

    @abstractmethod
    def process_element(self, value: IN1, ctx: BroadcastProcessFunction.ReadOnlyContext) -> Any:
        """Process a record of the stream: yield or return its results, or nothing."""

    @abstractmethod
    def process_broadcast_element(self, value: IN2, ctx: BroadcastProcessFunction.Context) -> Any:
        """Process a broadcast record; every subtask is called with it and must do the same."""


class KeyedBroadcastProcessFunction(BaseBroadcastProcessFunction, Generic[KEY, IN1, IN2, OUT]):
    """Processes a keyed stream together with a broadcast stream."""

    class Context(BaseBroadcastProcessFunction.Context, ABC):
        """What ``process_broadcast_element`` may ask; no key is current there."""

    class ReadOnlyContext(BaseBroadcastProcessFunction.ReadOnlyContext, ABC):
        """What ``process_element`` may ask."""

        @abstractmethod
        def timer_service(self) -> TimerService:
            """Return access to time and timers."""

        @abstractmethod
        def get_current_key(self) -> Any:
            """Return the key of the record at hand."""

    class OnTimerContext(ReadOnlyContext, ABC):
        """What ``on_timer`` may ask."""

        @abstractmethod
        def time_domain(self) -> TimeDomain:
            """Return whether the timer was one of event time or of processing time."""

    @abstractmethod
    def process_element(
        self, value: IN1, ctx: KeyedBroadcastProcessFunction.ReadOnlyContext
    ) -> Any:
        """Process a record of the keyed stream: yield or return its results, or nothing."""

    @abstractmethod
    def process_broadcast_element(
        self, value: IN2, ctx: KeyedBroadcastProcessFunction.Context
    ) -> Any:
        """Process a broadcast record; every subtask is called with it and must do the same."""

    def on_timer(self, timestamp: int, ctx: KeyedBroadcastProcessFunction.OnTimerContext) -> Any:
        """React to a timer, registered in epoch milliseconds: yield or return results."""
