"""Triggers that look at records rather than at clocks, and triggers that wrap another.

``CountTrigger`` and ``DeltaTrigger`` compare what has come, ``PurgingTrigger`` and
``ProcessingTimeoutTrigger`` change how another trigger behaves, ``NeverTrigger`` leaves it to the
end that never comes.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import add
from typing import Any, TypeVar

from flott.common.errors import ProgramError
from flott.common.state import ReducingStateDescriptor, ValueStateDescriptor
from flott.common.time import Duration, Time
from flott.common.typeinfo import Types
from flott.operators.window.lengths import positive_count, positive_length_ms
from flott.operators.window.trigger import Trigger, TriggerResult
from flott.operators.window.windows import Window

__all__ = [
    "CountTrigger",
    "DeltaTrigger",
    "EndOfStreamTrigger",
    "NeverTrigger",
    "ProcessingTimeoutTrigger",
    "PurgingTrigger",
]

T = TypeVar("T")

_CONTINUE = TriggerResult.CONTINUE
_FIRE = TriggerResult.FIRE


class _RecordTrigger(Trigger[T, Any]):
    """A trigger that no timer concerns."""

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Do nothing."""

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Do nothing."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class NeverTrigger(_RecordTrigger[T]):
    """Never fires; the default of ``GlobalWindows``."""

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Do nothing."""
        return _CONTINUE


class EndOfStreamTrigger(_RecordTrigger[T]):
    """Fires once the input has ended."""

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Wait for the last watermark."""
        ctx.register_event_time_timer(window.max_timestamp())
        return _CONTINUE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire at the last watermark."""
        return _FIRE if time == window.max_timestamp() else _CONTINUE


class CountTrigger(_RecordTrigger[T]):
    """Fires when a pane has received so many records, and again after as many more.

    >>> CountTrigger.of(3)
    CountTrigger(3)
    """

    def __init__(self, window_size: int) -> None:
        self._window_size = positive_count(window_size, "count of CountTrigger")
        self._count = ReducingStateDescriptor("trigger-count", add, Types.LONG())

    @staticmethod
    def of(window_size: int) -> CountTrigger[Any]:
        """Make the trigger.

        Raises:
            ValueError: if the count is not positive.
        """
        return CountTrigger(window_size)

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Count, and fire when there are enough."""
        count = ctx.get_partitioned_state(self._count)
        count.add(1)
        if count.get() < self._window_size:
            return _CONTINUE
        count.clear()
        return _FIRE

    def can_merge(self) -> bool:
        """Sessions may use this trigger; the counts of merged windows are added."""
        return True

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Add up the counts."""
        ctx.merge_partitioned_state(self._count)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Forget the count."""
        ctx.get_partitioned_state(self._count).clear()

    def __repr__(self) -> str:
        return f"CountTrigger({self._window_size})"


class DeltaTrigger(_RecordTrigger[T]):
    """Fires when a record differs from the one that fired last by more than a threshold.

    The first record of a pane is the one that the following are compared with.

    Args:
        threshold: what the difference must exceed.
        delta_function: gives the difference of (earlier, new), or has a method ``get_delta``.

    >>> DeltaTrigger.of(100, lambda old, new: new["km"] - old["km"])
    DeltaTrigger(100)
    """

    def __init__(self, threshold: float, delta_function: Callable[[T, T], float]) -> None:
        self._threshold = threshold
        self._delta = delta_of(delta_function)
        self._last = ValueStateDescriptor("trigger-last-element")

    @staticmethod
    def of(threshold: float, delta_function: Callable[[Any, Any], float]) -> DeltaTrigger[Any]:
        """Make the trigger."""
        return DeltaTrigger(threshold, delta_function)

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Compare, and fire when the difference is too large."""
        last = ctx.get_partitioned_state(self._last)
        # Wrapped, for a record may be None, which state takes for nothing.
        earlier = last.value()
        if earlier is None:
            last.update((element,))
            return _CONTINUE
        if self._delta(earlier[0], element) <= self._threshold:
            return _CONTINUE
        last.update((element,))
        return _FIRE

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Forget the record compared with."""
        ctx.get_partitioned_state(self._last).clear()

    def __repr__(self) -> str:
        return f"DeltaTrigger({self._threshold})"


class PurgingTrigger(Trigger[T, Any]):
    """Makes another trigger drop the records of a pane whenever it fires.

    >>> PurgingTrigger.of(CountTrigger.of(3))
    PurgingTrigger(CountTrigger(3))
    """

    def __init__(self, nested_trigger: Trigger[T, Any]) -> None:
        self.nested_trigger = _checked_trigger(nested_trigger)

    @staticmethod
    def of(nested_trigger: Trigger[Any, Any]) -> PurgingTrigger[Any]:
        """Wrap a trigger."""
        return PurgingTrigger(nested_trigger)

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Ask the nested trigger."""
        return _purging(self.nested_trigger.on_element(element, timestamp, window, ctx))

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Ask the nested trigger."""
        return _purging(self.nested_trigger.on_processing_time(time, window, ctx))

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Ask the nested trigger."""
        return _purging(self.nested_trigger.on_event_time(time, window, ctx))

    def can_merge(self) -> bool:
        """Sessions may use this trigger if they may use the nested one."""
        return self.nested_trigger.can_merge()

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Have the nested trigger merge."""
        self.nested_trigger.on_merge(window, ctx)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Have the nested trigger clear."""
        self.nested_trigger.clear(window, ctx)

    def __repr__(self) -> str:
        return f"PurgingTrigger({self.nested_trigger!r})"


class ProcessingTimeoutTrigger(Trigger[T, Any]):
    """Makes another trigger also fire once a time has passed since a record came.

    Args:
        nested_trigger: the trigger that decides otherwise.
        timeout: how long to wait, by the clock.
        reset_timer_on_new_record: start waiting anew at each record, not at the first only.
        should_clear_on_timeout: also clear the nested trigger when the time has passed.

    >>> ProcessingTimeoutTrigger.of(CountTrigger.of(100), Duration.of_seconds(5))
    ProcessingTimeoutTrigger(CountTrigger(100), 5000)
    """

    def __init__(
        self,
        nested_trigger: Trigger[T, Any],
        timeout: Duration | Time | int,
        reset_timer_on_new_record: bool = False,
        should_clear_on_timeout: bool = True,
    ) -> None:
        self.nested_trigger = _checked_trigger(nested_trigger)
        self._timeout_ms = positive_length_ms(timeout, "timeout of ProcessingTimeoutTrigger")
        self._reset_on_record = reset_timer_on_new_record
        self._clear_on_timeout = should_clear_on_timeout
        self._due = ReducingStateDescriptor("trigger-timeout", min, Types.LONG())

    @staticmethod
    def of(
        nested_trigger: Trigger[Any, Any],
        timeout: Duration | Time | int,
        reset_timer_on_new_record: bool = False,
        should_clear_on_timeout: bool = True,
    ) -> ProcessingTimeoutTrigger[Any]:
        """Wrap a trigger.

        Raises:
            ValueError: if the timeout is not positive.
        """
        return ProcessingTimeoutTrigger(
            nested_trigger, timeout, reset_timer_on_new_record, should_clear_on_timeout
        )

    def on_element(
        self, element: T, timestamp: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Ask the nested trigger; start, restart or stop waiting."""
        result = self.nested_trigger.on_element(element, timestamp, window, ctx)
        if result.is_fire():
            self.clear(window, ctx)
            return result
        state = ctx.get_partitioned_state(self._due)
        due = state.get()
        if due is not None and self._reset_on_record:
            ctx.delete_processing_time_timer(due)
            state.clear()
            due = None
        if due is None:
            due = ctx.get_current_processing_time() + self._timeout_ms
            state.add(due)
            ctx.register_processing_time_timer(due)
        return result

    def on_processing_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Fire if the time has passed; other timers are the nested trigger's."""
        if ctx.get_partitioned_state(self._due).get() != time:
            result = self.nested_trigger.on_processing_time(time, window, ctx)
            return self._settle(result, window, ctx)
        if self._clear_on_timeout:
            self.clear(window, ctx)
        else:
            self._stop_waiting(ctx)
        return _FIRE

    def on_event_time(
        self, time: int, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        """Ask the nested trigger."""
        result = self.nested_trigger.on_event_time(time, window, ctx)
        return self._settle(result, window, ctx)

    def can_merge(self) -> bool:
        """Sessions may use this trigger if they may use the nested one."""
        return self.nested_trigger.can_merge()

    def on_merge(self, window: Window, ctx: Trigger.OnMergeContext) -> None:
        """Wait for the earliest of the merged windows' timeouts."""
        self.nested_trigger.on_merge(window, ctx)
        ctx.merge_partitioned_state(self._due)
        due = ctx.get_partitioned_state(self._due).get()
        if due is not None:
            ctx.register_processing_time_timer(due)

    def clear(self, window: Window, ctx: Trigger.TriggerContext) -> None:
        """Stop waiting, and clear the nested trigger."""
        self._stop_waiting(ctx)
        self.nested_trigger.clear(window, ctx)

    def _settle(
        self, result: TriggerResult, window: Window, ctx: Trigger.TriggerContext
    ) -> TriggerResult:
        if result.is_fire():
            self.clear(window, ctx)
        return result

    def _stop_waiting(self, ctx: Trigger.TriggerContext) -> None:
        state = ctx.get_partitioned_state(self._due)
        due = state.get()
        if due is not None:
            ctx.delete_processing_time_timer(due)
            state.clear()

    def __repr__(self) -> str:
        return f"ProcessingTimeoutTrigger({self.nested_trigger!r}, {self._timeout_ms})"


def delta_of(delta_function: Any) -> Callable[[Any, Any], float]:
    """Return the function of (earlier, new) that a delta function is or has."""
    method = getattr(delta_function, "get_delta", None)
    if callable(method):
        return method  # type: ignore[no-any-return]
    if callable(delta_function):
        return delta_function  # type: ignore[no-any-return]
    raise ProgramError(
        "A delta function is a function of two records, or an object with the method "
        f"get_delta(), found {delta_function!r}."
    )


def _purging(result: TriggerResult) -> TriggerResult:
    return TriggerResult.FIRE_AND_PURGE if result.is_fire() else result


def _checked_trigger(trigger: Any) -> Trigger[Any, Any]:
    if not isinstance(trigger, Trigger):
        raise TypeError(f"Expected a Trigger to wrap, found {trigger!r}.")
    return trigger
