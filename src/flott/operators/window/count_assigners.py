"""Windows that do not depend on time: so many records each, or everything in one.

The windows of a key are numbered from 0; how many records have come for the key is keyed state. A
window fires when it is full, and only then: what is incomplete at the end of the input is never
computed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from flott.common.serializer import TypeSerializer
from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.operators.window.assigner import WindowAssigner
from flott.operators.window.lengths import positive_count
from flott.operators.window.serializer import CountWindowSerializer, GlobalWindowSerializer
from flott.operators.window.trigger import Trigger
from flott.operators.window.triggers import (
    CountTrigger,
    EndOfStreamTrigger,
    NeverTrigger,
    PurgingTrigger,
)
from flott.operators.window.windows import CountWindow, GlobalWindow

__all__ = [
    "CountSlidingWindowAssigner",
    "CountTumblingWindowAssigner",
    "CountWindowAssigner",
    "GlobalWindows",
]

T = TypeVar("T")


class CountWindowAssigner(WindowAssigner[T, CountWindow]):
    """What count windows share: window i of a key holds records i * slide to i * slide + size - 1.

    ``size`` and ``slide`` are numbers of records.
    """

    def __init__(self, size: int, slide: int) -> None:
        self.size = positive_count(size, "size of a count window")
        self.slide = positive_count(slide, "slide of a count window")
        self._count = ValueStateDescriptor("window-assigner-count", Types.LONG())

    def ids_of(self, index: int) -> range:
        """Return the ids of the windows that hold record ``index`` of a key, the latest first.

        >>> list(CountSlidingWindowAssigner.of(4, 2).ids_of(5))
        [2, 1]
        """
        first = max(0, -(-(index - self.size + 1) // self.slide))
        return range(index // self.slide, first - 1, -1)

    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[CountWindow]:
        """Count the record for its key, and give its windows."""
        count = context.get_runtime_context().get_state(self._count)
        index = count.value() or 0
        count.update(index + 1)
        return [CountWindow(id) for id in self.ids_of(index)]

    def get_default_trigger(self, env: Any) -> Trigger[T, CountWindow]:
        """Fire when the window is full, and drop its records."""
        return PurgingTrigger(CountTrigger(self.size))

    def get_window_serializer(self) -> TypeSerializer[CountWindow]:
        """Return a serializer of count windows."""
        return CountWindowSerializer()

    def is_event_time(self) -> bool:
        """No."""
        return False


class CountTumblingWindowAssigner(CountWindowAssigner[T]):
    """Windows of so many records of a key, one after another.

    >>> CountTumblingWindowAssigner.of(100)
    CountTumblingWindowAssigner(100)
    """

    def __init__(self, window_size: int) -> None:
        super().__init__(window_size, window_size)

    @staticmethod
    def of(window_size: int) -> CountTumblingWindowAssigner[Any]:
        """Make the assigner.

        Raises:
            ValueError: if the size is not positive.
        """
        return CountTumblingWindowAssigner(window_size)

    def __repr__(self) -> str:
        return f"CountTumblingWindowAssigner({self.size})"


class CountSlidingWindowAssigner(CountWindowAssigner[T]):
    """Windows of ``window_size`` records of a key, one starting every ``window_slide`` records.

    >>> CountSlidingWindowAssigner.of(4, 2)
    CountSlidingWindowAssigner(4, 2)
    """

    def __init__(self, window_size: int, window_slide: int) -> None:
        super().__init__(window_size, window_slide)

    @staticmethod
    def of(window_size: int, window_slide: int) -> CountSlidingWindowAssigner[Any]:
        """Make the assigner.

        Raises:
            ValueError: if size or slide is not positive.
        """
        return CountSlidingWindowAssigner(window_size, window_slide)

    def __repr__(self) -> str:
        return f"CountSlidingWindowAssigner({self.size}, {self.slide})"


class GlobalWindows(WindowAssigner[T, GlobalWindow]):
    """One window for everything; without a trigger of your own it never fires.

    >>> GlobalWindows.create()
    GlobalWindows()
    """

    def __init__(self, default_trigger: Trigger[Any, Any] | None = None) -> None:
        self._default_trigger: Trigger[Any, Any] = default_trigger or NeverTrigger()

    @staticmethod
    def create() -> GlobalWindows[Any]:
        """Make the assigner."""
        return GlobalWindows()

    @staticmethod
    def create_with_end_of_stream_trigger() -> GlobalWindows[Any]:
        """Make an assigner whose window fires once, at the end of the input."""
        return GlobalWindows(EndOfStreamTrigger())

    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssigner.WindowAssignerContext
    ) -> Collection[GlobalWindow]:
        """Return the global window."""
        return [GlobalWindow.get()]

    def get_default_trigger(self, env: Any) -> Trigger[T, GlobalWindow]:
        """Never fire."""
        return self._default_trigger

    def get_window_serializer(self) -> TypeSerializer[GlobalWindow]:
        """Return a serializer of the global window."""
        return GlobalWindowSerializer()

    def is_event_time(self) -> bool:
        """No."""
        return False

    def __repr__(self) -> str:
        return "GlobalWindows()"
