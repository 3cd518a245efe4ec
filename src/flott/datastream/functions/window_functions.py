"""Functions of the contents of a window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from flott.datastream.functions.function import Function
from flott.datastream.functions.keyed_state_store import KeyedStateStore

__all__ = [
    "AllWindowFunction",
    "PassThroughAllWindowFunction",
    "PassThroughWindowFunction",
    "ProcessAllWindowFunction",
    "ProcessWindowFunction",
    "WindowFunction",
]

IN = TypeVar("IN")
OUT = TypeVar("OUT")
KEY = TypeVar("KEY")
W = TypeVar("W")
W2 = TypeVar("W2")


class WindowFunction(Function, Generic[IN, OUT, KEY, W]):
    """Computes the results of a keyed window."""

    @abstractmethod
    def apply(self, key: KEY, window: W, inputs: Iterable[IN]) -> Iterable[OUT] | None:
        """Yield or return the results of a window that fires.

        Args:
            key: the key of the window.
            window: the window, for example a TimeWindow with ``start`` and ``end``.
            inputs: its records; one only, if they were reduced or aggregated before.
        """


class AllWindowFunction(Function, Generic[IN, OUT, W]):
    """Computes the results of a window over all records."""

    @abstractmethod
    def apply(self, window: W, inputs: Iterable[IN]) -> Iterable[OUT] | None:
        """Yield or return the results of a window that fires."""


class _WindowContext(ABC, Generic[W2]):
    """What all process functions of windows may ask."""

    @abstractmethod
    def window(self) -> W2:
        """Return the window."""

    @abstractmethod
    def window_state(self) -> KeyedStateStore:
        """Return the state of this key in this window; ``clear`` must clear what was stored."""

    @abstractmethod
    def global_state(self) -> KeyedStateStore:
        """Return the state of this key that all its windows share."""


class ProcessWindowFunction(Function, Generic[IN, OUT, KEY, W]):
    """Computes the results of a keyed window, with access to time and state."""

    class Context(_WindowContext[W2]):
        """What ``process`` and ``clear`` may ask."""

        @abstractmethod
        def current_processing_time(self) -> int:
            """Return the wall-clock time in epoch milliseconds."""

        @abstractmethod
        def current_watermark(self) -> int:
            """Return the event time reached, in epoch milliseconds."""

    @abstractmethod
    def process(
        self, key: KEY, context: ProcessWindowFunction.Context[Any], elements: Iterable[IN]
    ) -> Iterable[OUT] | None:
        """Yield or return the results of a window that fires."""

    def clear(self, context: ProcessWindowFunction.Context[Any]) -> None:
        """Clear what was stored in ``context.window_state()``: the window goes away."""


class ProcessAllWindowFunction(Function, Generic[IN, OUT, W]):
    """Computes the results of a window over all records, with access to state."""

    class Context(_WindowContext[W2]):
        """What ``process`` and ``clear`` may ask."""

    @abstractmethod
    def process(
        self, context: ProcessAllWindowFunction.Context[Any], elements: Iterable[IN]
    ) -> Iterable[OUT] | None:
        """Yield or return the results of a window that fires."""

    def clear(self, context: ProcessAllWindowFunction.Context[Any]) -> None:
        """Clear what was stored in ``context.window_state()``: the window goes away."""


class PassThroughWindowFunction(WindowFunction[IN, IN, KEY, W]):
    """Gives the records of a window as they are."""

    def apply(self, key: KEY, window: W, inputs: Iterable[IN]) -> Iterable[IN]:
        """Return the records."""
        return inputs


class PassThroughAllWindowFunction(AllWindowFunction[IN, IN, W]):
    """Gives the records of a window as they are."""

    def apply(self, window: W, inputs: Iterable[IN]) -> Iterable[IN]:
        """Return the records."""
        return inputs
