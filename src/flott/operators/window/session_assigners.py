"""Sessions: windows that last as long as records keep coming.

Each record opens a window from its own time to that time plus the gap; windows of a key that
overlap or touch merge. The gap is fixed, or taken from each record by an extractor.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar

from flott.common.errors import ProgramError
from flott.common.serializer import TypeSerializer
from flott.common.time import Duration, Time
from flott.operators.window.assigner import (
    MergingWindowAssigner,
    WindowAssigner,
    check_timestamp,
)
from flott.operators.window.lengths import positive_length_ms
from flott.operators.window.serializer import TimeWindowSerializer
from flott.operators.window.time_triggers import EventTimeTrigger, ProcessingTimeTrigger
from flott.operators.window.trigger import Trigger
from flott.operators.window.windows import TimeWindow

__all__ = [
    "DynamicEventTimeSessionWindows",
    "DynamicProcessingTimeSessionWindows",
    "EventTimeSessionWindows",
    "ProcessingTimeSessionWindows",
    "SessionWindowAssigner",
    "SessionWindowTimeGapExtractor",
]

T = TypeVar("T")
Length = Duration | Time | int


class SessionWindowTimeGapExtractor(ABC):
    """Tells the gap after each record, for sessions with a dynamic gap.

    >>> class Gap(SessionWindowTimeGapExtractor):
    ...     def extract(self, element):
    ...         return 60_000 if element["kind"] == "click" else 600_000
    """

    @abstractmethod
    def extract(self, element: Any) -> int:
        """Return the gap in milliseconds, at least 1."""


class SessionWindowAssigner(MergingWindowAssigner[T, TimeWindow]):
    """What all sessions share. ``gap_of`` gives the gap after a record in milliseconds."""

    def gap_of(self, element: T) -> int:
        """Return the gap after a record in milliseconds."""
        raise NotImplementedError

    def merge_windows(
        self,
        windows: Iterable[TimeWindow],
        callback: MergingWindowAssigner.MergeCallback[TimeWindow],
    ) -> None:
        """Merge windows that overlap or touch."""
        TimeWindow.merge_windows(windows, callback)

    def get_window_serializer(self) -> TypeSerializer[TimeWindow]:
        """Return a serializer of time windows."""
        return TimeWindowSerializer()


class _EventTimeSessions(SessionWindowAssigner[T]):
    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[TimeWindow]:
        """Open a window at the record's timestamp.

        Raises:
            ProgramError: if it has none.
        """
        check_timestamp(timestamp)
        return [TimeWindow(timestamp, timestamp + self.gap_of(element))]

    def get_default_trigger(self, env: Any) -> Trigger[T, TimeWindow]:
        """Fire when the watermark passes the end of the session."""
        return EventTimeTrigger()

    def is_event_time(self) -> bool:
        """Yes."""
        return True


class _ProcessingTimeSessions(SessionWindowAssigner[T]):
    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[TimeWindow]:
        """Open a window now."""
        now = context.get_current_processing_time()
        return [TimeWindow(now, now + self.gap_of(element))]

    def get_default_trigger(self, env: Any) -> Trigger[T, TimeWindow]:
        """Fire when the clock passes the end of the session."""
        return ProcessingTimeTrigger()

    def is_event_time(self) -> bool:
        """No."""
        return False


class _FixedGap(SessionWindowAssigner[T]):
    def __init__(self, session_gap: Length) -> None:
        self.gap_ms = positive_length_ms(session_gap, f"gap of {type(self).__name__}")

    def gap_of(self, element: T) -> int:
        """Return the fixed gap."""
        return self.gap_ms

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.gap_ms})"


class _DynamicGap(SessionWindowAssigner[T]):
    def __init__(
        self,
        session_window_time_gap_extractor: SessionWindowTimeGapExtractor | Callable[[Any], int],
    ) -> None:
        self.extractor = session_window_time_gap_extractor
        extract = getattr(self.extractor, "extract", self.extractor)
        if not callable(extract):
            raise TypeError(
                f"Expected a SessionWindowTimeGapExtractor or a function, found {self.extractor!r}."
            )
        self._extract: Callable[[Any], int] = extract

    def gap_of(self, element: T) -> int:
        """Ask the extractor.

        Raises:
            ProgramError: if the gap is not positive.
        """
        gap = self._extract(element)
        if not isinstance(gap, int):
            gap = positive_length_ms(gap, "dynamic session gap")
        if gap <= 0:
            raise ProgramError(
                f"The gap of a session must be at least 1 ms, but the extractor gave {gap}."
            )
        return gap

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class EventTimeSessionWindows(_FixedGap[T], _EventTimeSessions[T]):
    """Sessions by the records' timestamps.

    >>> EventTimeSessionWindows.with_gap(Time.minutes(1))
    EventTimeSessionWindows(60000)
    """

    @staticmethod
    def with_gap(size: Length) -> EventTimeSessionWindows[Any]:
        """Make sessions that end after ``size`` without a record; a number means milliseconds.

        Raises:
            ValueError: if the gap is not positive.
        """
        return EventTimeSessionWindows(size)

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor | Callable[[Any], int],
    ) -> DynamicEventTimeSessionWindows[Any]:
        """Make sessions whose gap each record tells."""
        return DynamicEventTimeSessionWindows(extractor)


class ProcessingTimeSessionWindows(_FixedGap[T], _ProcessingTimeSessions[T]):
    """Sessions by the clock.

    >>> ProcessingTimeSessionWindows.with_gap(Duration.of_minutes(1))
    ProcessingTimeSessionWindows(60000)
    """

    @staticmethod
    def with_gap(size: Length) -> ProcessingTimeSessionWindows[Any]:
        """Make sessions that end after ``size`` without a record; a number means milliseconds.

        Raises:
            ValueError: if the gap is not positive.
        """
        return ProcessingTimeSessionWindows(size)

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor | Callable[[Any], int],
    ) -> DynamicProcessingTimeSessionWindows[Any]:
        """Make sessions whose gap each record tells."""
        return DynamicProcessingTimeSessionWindows(extractor)


class DynamicEventTimeSessionWindows(_DynamicGap[T], _EventTimeSessions[T]):
    """Sessions by the records' timestamps, whose gap each record tells."""

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor | Callable[[Any], int],
    ) -> DynamicEventTimeSessionWindows[Any]:
        """Make the assigner."""
        return DynamicEventTimeSessionWindows(extractor)


class DynamicProcessingTimeSessionWindows(_DynamicGap[T], _ProcessingTimeSessions[T]):
    """Sessions by the clock, whose gap each record tells."""

    @staticmethod
    def with_dynamic_gap(
        extractor: SessionWindowTimeGapExtractor | Callable[[Any], int],
    ) -> DynamicProcessingTimeSessionWindows[Any]:
        """Make the assigner."""
        return DynamicProcessingTimeSessionWindows(extractor)
