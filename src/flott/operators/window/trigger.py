"""``Trigger``: decides when a window's results are computed.

There is one pane for each key and window. The engine asks the trigger at each record of a pane and
at each timer the trigger has set for it; the answer says whether to compute results (fire), to
drop the records (purge), both or nothing. A trigger object serves all panes and therefore keeps
what it must remember in state that its context gives.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum
from typing import Any, Generic, TypeVar

from flott.common.state import StateDescriptor
from flott.metrics import MetricGroup

__all__ = ["Trigger", "TriggerResult"]

T = TypeVar("T")
W = TypeVar("W")


class TriggerResult(Enum):
    """What becomes of a pane. A pane without records is not computed even if it fires."""

    CONTINUE = (False, False)
    """Nothing."""
    FIRE_AND_PURGE = (True, True)
    """Compute and emit results, then drop the records."""
    FIRE = (True, False)
    """Compute and emit results and keep the records."""
    PURGE = (False, True)
    """Drop the records without results. What the trigger itself remembers stays."""

    def is_fire(self) -> bool:
        """Return whether results are computed."""
        return self.value[0]

    def is_purge(self) -> bool:
        """Return whether the records are dropped."""
        return self.value[1]


class Trigger(ABC, Generic[T, W]):
    """Decides when panes are computed. Subclass it for a trigger of your own.

    A trigger for merging windows (sessions) returns True from ``can_merge`` and implements
    ``on_merge``.

    >>> class FireAtOnce(Trigger):
    ...     def on_element(self, element, timestamp, window, ctx):
    ...         return TriggerResult.FIRE_AND_PURGE
    ...     def on_processing_time(self, time, window, ctx):
    ...         return TriggerResult.CONTINUE
    ...     def on_event_time(self, time, window, ctx):
    ...         return TriggerResult.CONTINUE
    ...     def on_merge(self, window, ctx):
    ...         pass
    ...     def clear(self, window, ctx):
    ...         pass
    """

    class TriggerContext(ABC):
        """Time, timers and state of the pane at hand."""

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
        def register_processing_time_timer(self, time: int) -> None:
            """Have ``on_processing_time`` called once the clock reaches ``time``."""

        @abstractmethod
        def register_event_time_timer(self, time: int) -> None:
            """Have ``on_event_time`` called once the watermark reaches ``time``."""

        @abstractmethod
        def delete_processing_time_timer(self, time: int) -> None:
            """Forget the processing-time timer for ``time``, if there is one."""

        @abstractmethod
        def delete_event_time_timer(self, time: int) -> None:
            """Forget the event-time timer for ``time``, if there is one."""

        @abstractmethod
        def get_partitioned_state(self, state_descriptor: StateDescriptor) -> Any:
            """Return the state of this key and window."""

    class OnMergeContext(TriggerContext):
        """What ``on_merge`` gets: the context of the merged window."""

        @abstractmethod
        def merge_partitioned_state(self, state_descriptor: StateDescriptor) -> None:
            """Merge the state of the windows that were merged into that of the new one.

            Raises:
                StateAccessError: the state is not a list, reducing or aggregating state.
            """

    @abstractmethod
    def on_element(
        self, element: T, timestamp: int, window: W, ctx: TriggerContext
    ) -> TriggerResult:
        """Decide after ``element`` was added to the pane; ``timestamp`` is its time."""

    @abstractmethod
    def on_processing_time(self, time: int, window: W, ctx: TriggerContext) -> TriggerResult:
        """Decide when the processing-time timer for ``time`` fires."""

    @abstractmethod
    def on_event_time(self, time: int, window: W, ctx: TriggerContext) -> TriggerResult:
        """Decide when the event-time timer for ``time`` fires."""

    def can_merge(self) -> bool:
        """Return whether the trigger works with windows that merge."""
        return False

    @abstractmethod
    def on_merge(self, window: W, ctx: OnMergeContext) -> None:
        """Set timers and merge state for ``window``, which several windows were merged into."""

    @abstractmethod
    def clear(self, window: W, ctx: TriggerContext) -> None:
        """Delete timers and state of the pane, for the window is gone for good."""
