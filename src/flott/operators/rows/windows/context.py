"""What assigners, triggers, evictors and window functions learn about the pane in hand.

An operator makes one context of each kind and sets ``window`` before every call, so a context
must not be kept after the call. The key is the store's current key.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, NoReturn

from flott.common.errors import StateAccessError
from flott.common.state import (
    AggregatingState,
    AggregatingStateDescriptor,
    ListStateDescriptor,
    ReducingStateDescriptor,
    StateDescriptor,
)
from flott.core.keyed_store import KeyedStore, KeyedTable
from flott.core.timer import TimerService
from flott.metrics import MetricGroup
from flott.operators.runtime_context import RuntimeContext
from flott.operators.window.assigner import WindowAssigner
from flott.operators.window.evictors import Evictor
from flott.operators.window.trigger import Trigger

__all__ = ["AssignerContext", "PaneContext", "ProcessWindowContext", "WindowStateStore"]


class AssignerContext(WindowAssigner.WindowAssignerContext):
    """What an assigner may ask for.

    ``not_before_ms`` keeps the time an assigner sees from falling back behind windows that have
    fired: in the millisecond in which a window fires, and after the clock was set back, records
    would otherwise open it again and have it fire for each of them.
    """

    __slots__ = ("_runtime_context", "_timers", "not_before_ms")

    def __init__(self, timers: TimerService, runtime_context: RuntimeContext) -> None:
        self._timers = timers
        self._runtime_context = runtime_context
        self.not_before_ms = 0

    def get_current_processing_time(self) -> int:
        return max(self._timers.current_processing_time(), self.not_before_ms)

    def get_runtime_context(self) -> RuntimeContext:
        return self._runtime_context


class PaneContext(Trigger.OnMergeContext, Evictor.EvictorContext):
    """The context of triggers and evictors."""

    __slots__ = ("_metrics", "_store", "_timers", "merged_windows", "window")

    def __init__(self, store: KeyedStore, timers: TimerService, metrics: MetricGroup) -> None:
        self._store = store
        self._timers = timers
        self._metrics = metrics
        self.window: Any = None
        self.merged_windows: Iterable[Any] = ()

    def get_current_processing_time(self) -> int:
        return self._timers.current_processing_time()

    def get_metric_group(self) -> MetricGroup:
        return self._metrics

    def get_current_watermark(self) -> int:
        return self._timers.current_watermark

    def register_processing_time_timer(self, time: int) -> None:
        self._timers.register_processing_time(time, self._store.current_key, self.window)

    def register_event_time_timer(self, time: int) -> None:
        self._timers.register_event_time(time, self._store.current_key, self.window)

    def delete_processing_time_timer(self, time: int) -> None:
        self._timers.delete_processing_time(time, self._store.current_key, self.window)

    def delete_event_time_timer(self, time: int) -> None:
        self._timers.delete_event_time(time, self._store.current_key, self.window)

    def get_partitioned_state(self, state_descriptor: StateDescriptor) -> Any:
        if isinstance(state_descriptor, AggregatingStateDescriptor):
            return PaneAggregatingState(self._store, state_descriptor, self.window)
        return self._store.state(state_descriptor, self.window)

    def merge_partitioned_state(self, state_descriptor: StateDescriptor) -> None:
        target = self.get_partitioned_state(state_descriptor)
        for window in self.merged_windows:
            if window == self.window:
                continue
            if isinstance(state_descriptor, AggregatingStateDescriptor):
                target.take(PaneAggregatingState(self._store, state_descriptor, window))
            else:
                self._move(state_descriptor, self._store.state(state_descriptor, window), target)

    def _move(self, descriptor: StateDescriptor, source: Any, target: Any) -> None:
        if isinstance(descriptor, ReducingStateDescriptor):
            value = source.get()
            if value is not None:
                target.add(value)
        elif isinstance(descriptor, ListStateDescriptor):
            target.add_all(list(source.get()))
        else:
            raise StateAccessError(
                f"Trigger state '{descriptor.name}' cannot be merged: only list, reducing and "
                "aggregating state can. Use one of these for windows that merge."
            )
        source.clear()


class PaneAggregatingState(AggregatingState[Any, Any]):
    """Aggregating state of a trigger, of which two can be merged."""

    __slots__ = ("_function", "_store", "_table", "_window")

    def __init__(
        self, store: KeyedStore, descriptor: AggregatingStateDescriptor, window: Hashable
    ) -> None:
        self._store = store
        self._table: KeyedTable = store.table(f"trigger-{descriptor.name}")
        self._window = window
        self._function = descriptor.get_agg_function()

    def get(self) -> Any:
        kept = self._table.get(self._window, self._store.current_key)
        return None if kept is None else self._function.get_result(kept)

    def add(self, value: Any) -> None:
        kept = self._table.get(self._window, self._store.current_key)
        if kept is None:
            kept = self._function.create_accumulator()
        self._table.put(self._window, self._store.current_key, self._function.add(value, kept))

    def clear(self) -> None:
        self._table.remove(self._window, self._store.current_key)

    def take(self, source: PaneAggregatingState) -> None:
        """Merge another window's state into this one's."""
        key = self._store.current_key
        kept, more = self._table.get(self._window, key), self._table.get(source._window, key)
        if more is not None:
            source.clear()
            merged = more if kept is None else self._function.merge(kept, more)
            self._table.put(self._window, key, merged)


class WindowStateStore:
    """State of the key and the window in hand."""

    __slots__ = ("_store", "_window")

    def __init__(self, store: KeyedStore, window: Hashable) -> None:
        self._store = store
        self._window = window

    def get_state(self, state_descriptor: StateDescriptor) -> Any:
        """Return the value kept for this key and window."""
        return self._store.state(state_descriptor, self._window)

    get_list_state = get_state
    get_map_state = get_state
    get_reducing_state = get_state
    get_aggregating_state = get_state


class _NoWindowState:
    """Refuses state of windows that may merge: nobody could say how it should."""

    __slots__ = ()

    def get_state(self, state_descriptor: StateDescriptor) -> NoReturn:
        """Refuse."""
        raise StateAccessError(
            f"State '{state_descriptor.name}' of a single window is not possible with windows that "
            "merge. Use context.global_state(), which belongs to the key."
        )

    get_list_state = get_state
    get_map_state = get_state
    get_reducing_state = get_state
    get_aggregating_state = get_state


class ProcessWindowContext:
    """The context of process window functions, keyed or not."""

    __slots__ = ("_merging", "_operator", "_runtime_context", "_store", "current_window")

    def __init__(
        self, operator: Any, store: KeyedStore, runtime_context: RuntimeContext, merging: bool
    ) -> None:
        self._operator = operator
        self._store = store
        self._runtime_context = runtime_context
        self._merging = merging
        self.current_window: Any = None

    def window(self) -> Any:
        """Return the window that is computed."""
        return self.current_window

    def current_processing_time(self) -> int:
        """Return the processing time in epoch milliseconds."""
        return self._operator.context.clock.now_ms()  # type: ignore[no-any-return]

    def current_watermark(self) -> int:
        """Return the watermark, -2**63 before the first."""
        return self._operator.watermark  # type: ignore[no-any-return]

    def window_state(self) -> WindowStateStore | _NoWindowState:
        """Return access to state of this key and window; clear it in the function's ``clear``."""
        if self._merging:
            return _NoWindowState()
        return WindowStateStore(self._store, self.current_window)

    def global_state(self) -> RuntimeContext:
        """Return access to state of this key, shared by all its windows."""
        return self._runtime_context
