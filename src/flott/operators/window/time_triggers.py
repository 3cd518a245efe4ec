"""Triggers that follow a clock: once at the end of the window, or again at every interval.

The time of the next early firing is state of the pane; the end of the window is not, since a
timer is remembered by the timer service. When windows merge, the earliest next firing counts.
"""

from __future__ import annotations

from typing import Any, TypeVar

from flott.common.constants import MAX_LONG_VALUE
from flott.common.state import ReducingStateDescriptor
from flott.common.time import Duration, Time
from flott.common.typeinfo import Types
from flott.operators.window.lengths import positive_length_ms
from flott.operators.window.trigger import Trigger, TriggerResult
from flott.operators.window.windows import Window

__all__ = [
    "ContinuousEventTimeTrigger",
    "ContinuousProcessingTimeTrigger",
    "EventTimeTrigger",
    "ProcessingTimeTrigger",
]

T = TypeVar("T")

_CONTINUE = TriggerResult.CONTINUE
_FIRE = TriggerResult.FIRE


class EventTimeTrigger(Trigger[T, Any]):
    """Fires when the watermark passes the end of the window, and at each late record after that.

    The default of event-time windows.
    """

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire for a record that is late but allowed, else wait for the end of the window."""
        last = window.max_timestamp()
        if last <= ctx.get_current_watermark():
            return _FIRE
        ctx.register_event_time_timer(last)
        return _CONTINUE

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire at the end of the window."""
        return _FIRE if time == window.max_timestamp() else _CONTINUE

    def can_merge(self) -> bool:
        """Sessions may use this trigger."""
        return True

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Wait for the end of the merged window, unless the watermark is past it."""
        last = window.max_timestamp()
        if last > ctx.get_current_watermark():
            ctx.register_event_time_timer(last)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Delete the timer."""
        ctx.delete_event_time_timer(window.max_timestamp())

    @staticmethod
    def create() -> EventTimeTrigger[Any]:
        """Make the trigger."""
        return EventTimeTrigger()

    def __repr__(self) -> str:
        return "EventTimeTrigger()"


class ProcessingTimeTrigger(Trigger[T, Any]):
    """Fires when the clock passes the end of the window; the default of processing-time windows."""

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Wait for the end of the window."""
        ctx.register_processing_time_timer(window.max_timestamp())
        return _CONTINUE

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire."""
        return _FIRE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def can_merge(self) -> bool:
        """Sessions may use this trigger."""
        return True

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Wait for the end of the merged window."""
        last = window.max_timestamp()
        if last > ctx.get_current_processing_time():
            ctx.register_processing_time_timer(last)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Delete the timer."""
        ctx.delete_processing_time_timer(window.max_timestamp())

    @staticmethod
    def create() -> ProcessingTimeTrigger[Any]:
        """Make the trigger."""
        return ProcessingTimeTrigger()

    def __repr__(self) -> str:
        return "ProcessingTimeTrigger()"


class _ContinuousTrigger(Trigger[T, Any]):
    """What the two continuous triggers share: the state that holds the next early firing."""

    def __init__(self, interval: int) -> None:
        self.interval = positive_length_ms(interval, f"interval of {type(self).__name__}")
        self.state_desc = ReducingStateDescriptor("trigger-next-fire-time", min, Types.LONG())

    def can_merge(self) -> bool:
        """Sessions may use this trigger."""
        return True

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Go on with the earliest next firing of the merged windows."""
        ctx.merge_partitioned_state(self.state_desc)
        next_fire = ctx.get_partitioned_state(self.state_desc).get()
        if next_fire is not None:
            self._register(next_fire, ctx)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Delete the timer of the next early firing and forget it."""
        state = ctx.get_partitioned_state(self.state_desc)
        next_fire = state.get()
        if next_fire is not None:
            self._delete(next_fire, ctx)
            state.clear()

    def _register(self, time: int, ctx: Trigger.TriggerContext) -> None:
        raise NotImplementedError

    def _delete(self, time: int, ctx: Trigger.TriggerContext) -> None:
        raise NotImplementedError

    def _schedule_first(self, now: int, window: Window, ctx: Trigger.TriggerContext) -> None:
        state = ctx.get_partitioned_state(self.state_desc)
        if state.get() is None:
            self._schedule_after(now - now % self.interval, window, ctx, state)

    def _schedule_after(
        self, time: int, window: Window, ctx: Trigger.TriggerContext, state: Any
    ) -> None:
        last = window.max_timestamp()
        next_fire = min(time + self.interval, last)
        if last == MAX_LONG_VALUE == ctx.get_current_watermark():
            next_fire = last  # else the end of input would fire each interval until the year 292 M
        state.add(next_fire)
        self._register(next_fire, ctx)

    def _fire_if_due(self, time: int, window: Window, ctx: Trigger.TriggerContext) -> TriggerResult:
        state = ctx.get_partitioned_state(self.state_desc)
        if state.get() != time:
            return _CONTINUE
        state.clear()
        if time < window.max_timestamp():  # else a window of the past would fire without end
            self._schedule_after(time, window, ctx, state)
        return _FIRE

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.interval})"


class ContinuousEventTimeTrigger(_ContinuousTrigger[T]):
    """Fires each time the watermark passes another ``interval``, and at the end of the window.

    >>> ContinuousEventTimeTrigger.of(Time.seconds(2))
    ContinuousEventTimeTrigger(2000)
    """

    @staticmethod
    def of(interval: Time | Duration | int) -> ContinuousEventTimeTrigger[Any]:
        """Make the trigger; a plain number means milliseconds.

        Raises:
            ValueError: if the interval is not positive.
        """
        return ContinuousEventTimeTrigger(positive_length_ms(interval, "interval"))

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire for a record that is late but allowed, else wait for the next interval."""
        last = window.max_timestamp()
        if last <= ctx.get_current_watermark():
            return _FIRE
        ctx.register_event_time_timer(last)
        self._schedule_first(timestamp, window, ctx)
        return _CONTINUE

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire at the end of the window, and early if an interval has passed."""
        if time == window.max_timestamp():
            return _FIRE
        return self._fire_if_due(time, window, ctx)

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Go on with the earliest next firing, and wait for the end of the merged window."""
        super().on_merge(window, ctx)
        last = window.max_timestamp()
        if last > ctx.get_current_watermark():
            ctx.register_event_time_timer(last)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Delete both timers."""
        super().clear(window, ctx)
        ctx.delete_event_time_timer(window.max_timestamp())

    def _register(self, time: int, ctx: Trigger.TriggerContext) -> None:
        ctx.register_event_time_timer(time)

    def _delete(self, time: int, ctx: Trigger.TriggerContext) -> None:
        ctx.delete_event_time_timer(time)


class ContinuousProcessingTimeTrigger(_ContinuousTrigger[T]):
    """Fires each time the clock passes another ``interval``.

    >>> ContinuousProcessingTimeTrigger.of(Duration.of_seconds(2))
    ContinuousProcessingTimeTrigger(2000)
    """

    @staticmethod
    def of(interval: Time | Duration | int) -> ContinuousProcessingTimeTrigger[Any]:
        """Make the trigger; a plain number means milliseconds.

        Raises:
            ValueError: if the interval is not positive.
        """
        return ContinuousProcessingTimeTrigger(positive_length_ms(interval, "interval"))

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Wait for the next interval."""
        self._schedule_first(ctx.get_current_processing_time(), window, ctx)
        return _CONTINUE

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire if an interval has passed."""
        return self._fire_if_due(time, window, ctx)

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def _register(self, time: int, ctx: Trigger.TriggerContext) -> None:
        ctx.register_processing_time_timer(time)

    def _delete(self, time: int, ctx: Trigger.TriggerContext) -> None:
        ctx.delete_processing_time_timer(time)
