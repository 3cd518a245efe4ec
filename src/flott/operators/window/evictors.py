"""Evictors: take records out of a window before or after its function sees them.

An evictor works on the list of the window's records in order of arrival, and changes it in place.
What it takes out before the function is gone for later firings too. A window with an evictor
keeps all its records, for reduce and aggregate as well.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from flott.common.time import Duration, Time
from flott.metrics import MetricGroup
from flott.operators.window.lengths import positive_length_ms
from flott.operators.window.triggers import delta_of
from flott.operators.window.windows import Window

__all__ = ["CountEvictor", "DeltaEvictor", "Evictor", "TimeEvictor", "TimestampedValue"]

T = TypeVar("T")
W = TypeVar("W")


class TimestampedValue(Generic[T]):
    """A record of a window with its timestamp, ``None`` if it has none.

    ``input_index`` tells the inputs of a window join or coGroup apart.
    """

    __slots__ = ("input_index", "timestamp", "value")

    def __init__(self, value: T, timestamp: int | None = None, input_index: int = 0) -> None:
        self.value = value
        self.timestamp = timestamp
        self.input_index = input_index

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TimestampedValue) and self._parts() == other._parts()

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return TimestampedValue, self._parts()

    def __repr__(self) -> str:
        return f"TimestampedValue({self.value!r}, {self.timestamp})"

    def _parts(self) -> tuple[Any, ...]:
        return self.value, self.timestamp, self.input_index


class Evictor(ABC, Generic[T, W]):
    """Takes records out of a window. Subclass it for an evictor of your own.

    >>> class DropNegative(Evictor):
    ...     def evict_before(self, elements, size, window, ctx):
    ...         elements[:] = [e for e in elements if e.value >= 0]
    ...     def evict_after(self, elements, size, window, ctx):
    ...         pass
    """

    class EvictorContext(ABC):
        """Time and metrics for evictors."""

        @abstractmethod
        def get_current_processing_time(self) -> int:
            """Return the processing time in epoch milliseconds."""

        @abstractmethod
        def get_metric_group(self) -> MetricGroup:
            """Return the metric group of the operator."""

        @abstractmethod
        def get_current_watermark(self) -> int:
            """Return the last watermark, -2**63 before the first."""

    @abstractmethod
    def evict_before(
        self, elements: list[TimestampedValue[T]], size: int, window: W, ctx: EvictorContext
    ) -> None:
        """Take records out of ``elements``, in place, before the window's function is called."""

    @abstractmethod
    def evict_after(
        self, elements: list[TimestampedValue[T]], size: int, window: W, ctx: EvictorContext
    ) -> None:
        """Take records out of ``elements``, in place, after the window's function was called."""


class _OneSidedEvictor(Evictor[T, Window]):
    """An evictor that does the same thing either before or after the function."""

    def __init__(self, do_evict_after: bool) -> None:
        self._after = do_evict_after

    def evict_before(
        self,
        elements: list[TimestampedValue[T]],
        size: int,
        window: Window,
        ctx: Evictor.EvictorContext,
    ) -> None:
        """Evict, unless that is to be done after the function."""
        if not self._after and elements:
            self._evict(elements)

    def evict_after(
        self,
        elements: list[TimestampedValue[T]],
        size: int,
        window: Window,
        ctx: Evictor.EvictorContext,
    ) -> None:
        """Evict, if that is to be done after the function."""
        if self._after and elements:
            self._evict(elements)

    def _evict(self, elements: list[TimestampedValue[T]]) -> None:
        raise NotImplementedError


class CountEvictor(_OneSidedEvictor[T]):
    """Keeps the last so many records.

    >>> CountEvictor.of(10)
    CountEvictor(10)
    """

    def __init__(self, max_count: int, do_evict_after: bool = False) -> None:
        super().__init__(do_evict_after)
        if isinstance(max_count, bool) or not isinstance(max_count, int) or max_count < 0:
            raise ValueError(f"CountEvictor keeps 0 or more records, found {max_count!r}.")
        self._max_count = max_count

    @staticmethod
    def of(max_count: int, do_evict_after: bool = False) -> CountEvictor[Any]:
        """Make the evictor.

        Raises:
            ValueError: if the count is negative.
        """
        return CountEvictor(max_count, do_evict_after)

    def _evict(self, elements: list[TimestampedValue[T]]) -> None:
        del elements[: max(0, len(elements) - self._max_count)]

    def __repr__(self) -> str:
        return f"CountEvictor({self._max_count})"


class TimeEvictor(_OneSidedEvictor[T]):
    """Keeps the records that are younger than the youngest one less a length of time.

    Without timestamps it takes out nothing.

    >>> TimeEvictor.of(Time.seconds(10))
    TimeEvictor(10000)
    """

    def __init__(self, window_size: int, do_evict_after: bool = False) -> None:
        super().__init__(do_evict_after)
        self._size_ms = positive_length_ms(window_size, "size of TimeEvictor")

    @staticmethod
    def of(window_size: Duration | Time | int, do_evict_after: bool = False) -> TimeEvictor[Any]:
        """Make the evictor; a plain number means milliseconds.

        Raises:
            ValueError: if the length is not positive.
        """
        return TimeEvictor(positive_length_ms(window_size, "size of TimeEvictor"), do_evict_after)

    def _evict(self, elements: list[TimestampedValue[T]]) -> None:
        times = [e.timestamp for e in elements if e.timestamp is not None]
        if len(times) == len(elements):
            limit = max(times) - self._size_ms
            elements[:] = [e for e, time in zip(elements, times) if time > limit]

    def __repr__(self) -> str:
        return f"TimeEvictor({self._size_ms})"


class DeltaEvictor(_OneSidedEvictor[T]):
    """Keeps the records whose difference from the last one is less than a threshold.

    >>> DeltaEvictor.of(5, lambda element, last: last - element)
    DeltaEvictor(5)
    """

    def __init__(
        self,
        threshold: float,
        delta_function: Callable[[T, T], float],
        do_evict_after: bool = False,
    ) -> None:
        super().__init__(do_evict_after)
        self._threshold = threshold
        self._delta = delta_of(delta_function)

    @staticmethod
    def of(
        threshold: float, delta_function: Callable[[Any, Any], float], do_evict_after: bool = False
    ) -> DeltaEvictor[Any]:
        """Make the evictor; the function gives the difference of (element, last element)."""
        return DeltaEvictor(threshold, delta_function, do_evict_after)

    def _evict(self, elements: list[TimestampedValue[T]]) -> None:
        last, limit, delta = elements[-1].value, self._threshold, self._delta
        elements[:] = [e for e in elements if delta(e.value, last) < limit]

    def __repr__(self) -> str:
        return f"DeltaEvictor({self._threshold})"
