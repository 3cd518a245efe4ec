"""Tumbling and sliding windows of time, by the records' timestamps or by the clock.

All windows of one assigner have the same size and start at multiples of one period (``slide``; a
tumbling window slides by its size), shifted by the offset, counted from the epoch in both
directions. ``size_ms``, ``slide_ms`` and ``offset_ms`` are what operators read that handle such
windows without asking for each record.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from enum import Enum
from typing import Any, TypeVar

from flott.common.serializer import TypeSerializer
from flott.common.time import Duration, Time
from flott.operators.window.assigner import WindowAssigner, check_timestamp
from flott.operators.window.lengths import offset_ms, positive_length_ms
from flott.operators.window.serializer import TimeWindowSerializer
from flott.operators.window.time_triggers import EventTimeTrigger, ProcessingTimeTrigger
from flott.operators.window.trigger import Trigger
from flott.operators.window.windows import TimeWindow

__all__ = [
    "SlidingEventTimeWindows",
    "SlidingProcessingTimeWindows",
    "TimeWindowAssigner",
    "TumblingEventTimeWindows",
    "TumblingProcessingTimeWindows",
    "WindowStagger",
]

T = TypeVar("T")
Length = Duration | Time | int


class WindowStagger(Enum):
    """Whether the windows of different subtasks end at different times, to spread the load."""

    ALIGNED = "aligned"
    """All windows end together."""
    RANDOM = "random"
    """Each subtask shifts its windows by an amount of its own, the same after a restart."""
    NATURAL = "natural"
    """Each subtask shifts its windows by the time its first record came."""

    def get_stagger_offset(self, current_processing_time: int, size: int, subtask: int = 0) -> int:
        """Return the shift in milliseconds, 0 to ``size`` - 1."""
        if self is WindowStagger.RANDOM:
            return zlib.crc32(b"window-stagger-%d" % subtask) % size
        if self is WindowStagger.NATURAL:
            return current_processing_time % size
        return 0


class TimeWindowAssigner(WindowAssigner[T, TimeWindow]):
    """What tumbling and sliding windows share: size, period, offset, and the windows of a time."""

    def __init__(self, size: Length, slide: Length, offset: Length | None) -> None:
        name = type(self).__name__
        self.size_ms = positive_length_ms(size, f"size of {name}")
        self.slide_ms = positive_length_ms(slide, f"slide of {name}")
        self.offset_ms = offset_ms(offset, self.slide_ms, name)

    def windows_of(self, timestamp: int) -> list[TimeWindow]:
        """Return the windows that hold a time, the latest first.

        >>> SlidingEventTimeWindows.of(Time(10), Time(5)).windows_of(12)
        [TimeWindow(start=10, end=20), TimeWindow(start=5, end=15)]
        """
        size, slide = self.size_ms, self.slide_ms
        last_start = timestamp - (timestamp - self.offset_ms) % slide
        return [
            TimeWindow(start, start + size) for start in range(last_start, timestamp - size, -slide)
        ]

    def get_window_serializer(self) -> TypeSerializer[TimeWindow]:
        """Return a serializer of time windows."""
        return TimeWindowSerializer()


class _EventTimeWindows(TimeWindowAssigner[T]):
    """Time windows by the records' timestamps."""

    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[TimeWindow]:
        """Return the windows that hold the record's timestamp.

        Raises:
            ProgramError: if it has none.
        """
        check_timestamp(timestamp)
        return self.windows_of(timestamp)

    def get_default_trigger(self, env: Any) -> Trigger[T, TimeWindow]:
        """Fire when the watermark passes the end of the window."""
        return EventTimeTrigger()

    def is_event_time(self) -> bool:
        """Yes."""
        return True


class _ProcessingTimeWindows(TimeWindowAssigner[T]):
    """Time windows by the clock."""

    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[TimeWindow]:
        """Return the windows that hold the present."""
        return self.windows_of(context.get_current_processing_time())

    def get_default_trigger(self, env: Any) -> Trigger[T, TimeWindow]:
        """Fire when the clock passes the end of the window."""
        return ProcessingTimeTrigger()

    def is_event_time(self) -> bool:
        """No."""
        return False


class _TumblingWindows(TimeWindowAssigner[T]):
    """Windows that follow one another without gap or overlap."""

    def __init__(
        self,
        size: Length,
        offset: Length | None = None,
        window_stagger: WindowStagger | None = None,
    ) -> None:
        super().__init__(size, size, offset)
        self.stagger = window_stagger or WindowStagger.ALIGNED
        if not isinstance(self.stagger, WindowStagger):
            raise TypeError(f"Expected a WindowStagger, found {window_stagger!r}.")

    def with_stagger(self, current_processing_time: int, subtask: int) -> _TumblingWindows[T]:
        """Return the windows of one subtask, which no longer differ from its own idea of them."""
        shift = self.stagger.get_stagger_offset(current_processing_time, self.size_ms, subtask)
        return type(self)(self.size_ms, (self.offset_ms + shift) % self.size_ms)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size_ms}, {self.offset_ms})"


class _SlidingWindows(TimeWindowAssigner[T]):
    """Windows that overlap, or leave gaps where the slide is longer than the size."""

    def __init__(self, size: Length, slide: Length, offset: Length | None = None) -> None:
        super().__init__(size, slide, offset)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size_ms}, {self.slide_ms}, {self.offset_ms})"


class TumblingEventTimeWindows(_TumblingWindows[T], _EventTimeWindows[T]):
    """Windows of one size that follow one another, by the records' timestamps.

    >>> TumblingEventTimeWindows.of(Time.hours(1), Time.minutes(15))
    TumblingEventTimeWindows(3600000, 900000)
    """

    @staticmethod
    def of(
        size: Length, offset: Length | None = None, window_stagger: WindowStagger | None = None
    ) -> TumblingEventTimeWindows[Any]:
        """Make the assigner.

        Args:
            size: how long each window is; a plain number means milliseconds.
            offset: what the windows' starts are shifted by, for example ``Time.hours(-8)`` for
                days that begin at midnight in China.
            window_stagger: whether subtasks shift their windows further, each for itself.

        Raises:
            ValueError: if the size is not positive, or the offset not shorter than the size.
        """
        return TumblingEventTimeWindows(size, offset, window_stagger)


class TumblingProcessingTimeWindows(_TumblingWindows[T], _ProcessingTimeWindows[T]):
    """Windows of one size that follow one another, by the clock.

    >>> TumblingProcessingTimeWindows.of(Duration.of_seconds(5))
    TumblingProcessingTimeWindows(5000, 0)
    """

    @staticmethod
    def of(
        size: Length, offset: Length | None = None, window_stagger: WindowStagger | None = None
    ) -> TumblingProcessingTimeWindows[Any]:
        """Make the assigner; arguments and errors as for ``TumblingEventTimeWindows.of``."""
        return TumblingProcessingTimeWindows(size, offset, window_stagger)


class SlidingEventTimeWindows(_SlidingWindows[T], _EventTimeWindows[T]):
    """Windows of one size, one starting each ``slide``, by the records' timestamps.

    >>> SlidingEventTimeWindows.of(Time.minutes(1), Time.seconds(10))
    SlidingEventTimeWindows(60000, 10000, 0)
    """

    @staticmethod
    def of(
        size: Length, slide: Length, offset: Length | None = None
    ) -> SlidingEventTimeWindows[Any]:
        """Make the assigner.

        Args:
            size: how long each window is; a plain number means milliseconds.
            slide: how long after one window the next one starts.
            offset: what the windows' starts are shifted by.

        Raises:
            ValueError: if size or slide is not positive, or the offset not shorter than the slide.
        """
        return SlidingEventTimeWindows(size, slide, offset)


class SlidingProcessingTimeWindows(_SlidingWindows[T], _ProcessingTimeWindows[T]):
    """Windows of one size, one starting each ``slide``, by the clock.

    >>> SlidingProcessingTimeWindows.of(Time.minutes(1), Time.seconds(10))
    SlidingProcessingTimeWindows(60000, 10000, 0)
    """

    @staticmethod
    def of(
        size: Length, slide: Length, offset: Length | None = None
    ) -> SlidingProcessingTimeWindows[Any]:
        """Make the assigner; arguments and errors as for ``SlidingEventTimeWindows.of``."""
        return SlidingProcessingTimeWindows(size, slide, offset)
