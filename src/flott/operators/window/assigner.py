"""``WindowAssigner``: decides into which windows a record goes.

An assigner is a description: it is part of the plan, compares by value and keeps no state of its
own. A merging assigner may also decide, after each record, that windows of a key become one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from typing import Any, Generic, TypeVar

from flott.common.constants import MIN_LONG_VALUE
from flott.common.errors import ProgramError
from flott.common.serializer import TypeSerializer
from flott.operators.window.trigger import Trigger

__all__ = ["MergingWindowAssigner", "WindowAssigner"]

T = TypeVar("T")
W = TypeVar("W")
W2 = TypeVar("W2")


class WindowAssigner(ABC, Generic[T, W]):
    """Sorts records into windows. Subclass it for an assigner of your own.

    >>> from flott.operators.window import EventTimeTrigger, TimeWindow, TimeWindowSerializer
    >>> class LastMinuteOnly(WindowAssigner):
    ...     def assign_windows(self, element, timestamp, context):
    ...         return [TimeWindow(timestamp - timestamp % 60_000, timestamp + 1)]
    ...     def get_default_trigger(self, env):
    ...         return EventTimeTrigger.create()
    ...     def get_window_serializer(self):
    ...         return TimeWindowSerializer()
    ...     def is_event_time(self):
    ...         return True
    """

    class WindowAssignerContext(ABC):
        """What an assigner may ask for."""

        @abstractmethod
        def get_current_processing_time(self) -> int:
            """Return the processing time in epoch milliseconds."""

        @abstractmethod
        def get_runtime_context(self) -> Any:
            """Return the runtime context, with state of the current key."""

    @abstractmethod
    def assign_windows(
        self, element: T, timestamp: int, context: WindowAssignerContext
    ) -> Collection[W]:
        """Return the windows of a record; ``timestamp`` is -2**63 for a record without one."""

    @abstractmethod
    def get_default_trigger(self, env: Any) -> Trigger[T, W]:
        """Return the trigger to use where the program sets none."""

    @abstractmethod
    def get_window_serializer(self) -> TypeSerializer[W]:
        """Return a serializer of the windows."""

    @abstractmethod
    def is_event_time(self) -> bool:
        """Return whether windows follow the records' timestamps rather than the clock."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(type(self))


class MergingWindowAssigner(WindowAssigner[T, W]):
    """An assigner whose windows may merge, as sessions do."""

    class MergeCallback(ABC, Generic[W2]):
        """Takes what ``merge_windows`` decides."""

        @abstractmethod
        def merge(self, to_be_merged: Iterable[W2], merge_result: W2) -> None:
            """Have the windows ``to_be_merged`` become the one window ``merge_result``."""

    @abstractmethod
    def merge_windows(self, windows: Iterable[W], callback: MergeCallback[W]) -> None:
        """Decide which of a key's windows merge, and tell ``callback`` each group of them."""


def check_timestamp(timestamp: int | None) -> None:
    """Refuse a record without timestamp where windows need one.

    Raises:
        ProgramError: if there is no timestamp.
    """
    if timestamp is None or timestamp <= MIN_LONG_VALUE:
        raise ProgramError(
            "The record has no timestamp, which event-time windows need. Call "
            "assign_timestamps_and_watermarks() with a timestamp assigner before key_by() or "
            "window_all(), or use processing-time windows."
        )
