"""Windows: the finite buckets into which assigners sort records.

A window is a small immutable value. It is a namespace of keyed state, so windows compare and hash
by value, and pickle to the numbers they are made of.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from flott.common.constants import MAX_LONG_VALUE

if TYPE_CHECKING:
    from flott.operators.window.assigner import MergingWindowAssigner

__all__ = ["CountWindow", "GlobalWindow", "TimeWindow", "Window"]


class Window(ABC):
    """A bucket of records that will be complete at some moment."""

    __slots__ = ()

    @abstractmethod
    def max_timestamp(self) -> int:
        """Return the last millisecond that belongs to the window, 2**63 - 1 if it never ends."""


class _Bounds(NamedTuple):
    start: int
    end: int


class TimeWindow(_Bounds, Window):
    """The time from ``start``, included, to ``end``, excluded; both in epoch milliseconds.

    A tuple underneath, because windows are looked up in dicts more often than anything else.

    >>> window = TimeWindow(0, 1000)
    >>> window.max_timestamp(), window < TimeWindow(0, 2000)
    (999, True)
    """

    __slots__ = ()

    def max_timestamp(self) -> int:
        """Return ``end - 1``, the time of the window's results."""
        last = self.end - 1
        return last if last < MAX_LONG_VALUE else MAX_LONG_VALUE

    def intersects(self, other: TimeWindow) -> bool:
        """Return whether the windows overlap or touch: sessions that touch are one session.

        >>> TimeWindow(0, 10).intersects(TimeWindow(10, 20))
        True
        """
        return self.start <= other.end and self.end >= other.start

    def cover(self, other: TimeWindow) -> TimeWindow:
        """Return the smallest window that holds both."""
        return TimeWindow(min(self.start, other.start), max(self.end, other.end))

    @staticmethod
    def get_window_start_with_offset(timestamp: int, offset: int, window_size: int) -> int:
        """Find where the window that holds ``timestamp`` starts; all arguments in milliseconds.

        Windows align to the epoch plus ``offset``, before 1970 as well as after.

        >>> TimeWindow.get_window_start_with_offset(-1, 0, 1000)
        -1000
        """
        return timestamp - (timestamp - offset) % window_size

    @staticmethod
    def merge_windows(
        windows: Iterable[TimeWindow], callback: MergingWindowAssigner.MergeCallback[TimeWindow]
    ) -> None:
        """Report to ``callback`` each group of windows that overlap or touch, with its cover."""
        groups: list[tuple[TimeWindow, set[TimeWindow]]] = []
        for window in sorted(windows):
            if groups and groups[-1][0].intersects(window):
                cover, members = groups[-1]
                members.add(window)
                groups[-1] = cover.cover(window), members
            else:
                groups.append((window, {window}))
        for cover, members in groups:
            if len(members) > 1:
                callback.merge(members, cover)


class CountWindow(Window):
    """A window of a fixed number of records; ``id`` counts the windows of a key from 0."""

    __slots__ = ("id",)

    def __init__(self, id: int) -> None:
        self.id = id

    def max_timestamp(self) -> int:
        """Return 2**63 - 1: a count window ends at no time."""
        return MAX_LONG_VALUE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CountWindow) and self.id == other.id

    def __hash__(self) -> int:
        return hash((CountWindow, self.id))

    def __reduce__(self) -> tuple[Any, ...]:
        return CountWindow, (self.id,)

    def __repr__(self) -> str:
        return f"CountWindow(id={self.id})"


class GlobalWindow(Window):
    """The one window that holds everything; all its instances are equal."""

    __slots__ = ()

    @staticmethod
    def get() -> GlobalWindow:
        """Return the global window."""
        return _GLOBAL_WINDOW

    def max_timestamp(self) -> int:
        """Return 2**63 - 1: the global window does not end."""
        return MAX_LONG_VALUE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GlobalWindow)

    def __hash__(self) -> int:
        return hash(GlobalWindow)

    def __reduce__(self) -> tuple[Any, ...]:
        return GlobalWindow.get, ()

    def __repr__(self) -> str:
        return "GlobalWindow"


_GLOBAL_WINDOW = GlobalWindow()
