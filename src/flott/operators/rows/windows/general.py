"""Windows of any assigner, trigger and evictor: the operator that asks them about every record.

Contents, trigger state and timers belong to a pane, which is a key and a window. Where windows
merge, contents stay under the state window of ``MergingWindows`` while timers and trigger state
follow the window itself. A timer of a window that has been merged into another finds no such
window any more and is passed over.

A window is cleaned up, with its trigger state and the function's ``clear``, at its last
millisecond plus the allowed lateness; one that does not end in time is never cleaned up.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

from flott.common.constants import MAX_LONG_VALUE, MIN_LONG_VALUE
from flott.common.errors import ProgramError
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.operator import PendingOutput
from flott.core.output import Output
from flott.operators.rows.windows.context import AssignerContext, PaneContext
from flott.operators.rows.windows.fold import ABSENT
from flott.operators.rows.windows.merging import MergingWindows
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.rows.windows.panes import ListPanes, Panes
from flott.operators.window.assigner import MergingWindowAssigner
from flott.operators.window.evictors import TimestampedValue
from flott.operators.window.trigger import TriggerResult

__all__ = ["GeneralWindowOperator"]

_CONTINUE = TriggerResult.CONTINUE


class GeneralWindowOperator(WindowOperator):
    """Does what the assigner, the trigger and the evictor say."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._timers = context.timer_service(
            "window-timers", self._on_event_time, self._on_processing_time
        )
        self._trigger = spec.effective_trigger
        self._evictor = spec.evictor
        self._pane = PaneContext(self._store, self._timers, context.metrics)
        self._assigner_context = AssignerContext(self._timers, self._runtime_context)
        self._is_event_time = self._assigner.is_event_time()
        self._panes: Panes = (
            spec.make_panes(self._store) if spec.evictor is None else ListPanes(self._store)
        )
        self._merging = (
            MergingWindows(self._assigner, self._store.table("window-merging"))
            if isinstance(self._assigner, MergingWindowAssigner)
            else None
        )

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        values = batch.values
        times: Iterable[int] = batch.timestamps or repeat(MIN_LONG_VALUE)
        store, assign, ctx = self._store, self._assigner.assign_windows, self._assigner_context
        add = self._add if self._merging is None else self._add_merging
        for value, key, time in zip(values, self._keys(values, input_index), times):
            store.current_key = key
            windows = assign(value, time, ctx)
            is_settled = add(value, time, key, windows, input_index)
            if not is_settled and self._is_late(time):
                self._take_late(value, time)
        self._flush()

    def _add(
        self, value: Any, time: int, key: Any, windows: Iterable[Any], input_index: int
    ) -> bool:
        """Add a record to its windows; tell whether one of them was not too late."""
        is_settled = False
        for window in windows:
            if self._is_gone(window):
                continue
            is_settled = True
            is_new = self._put(window, key, value, time, input_index)
            self._ask_trigger(value, time, key, window, window)
            if is_new:
                self._register_clean_up(window)
        return is_settled

    def _add_merging(
        self, value: Any, time: int, key: Any, windows: Iterable[Any], input_index: int
    ) -> bool:
        merging = self._merging
        assert merging is not None
        is_settled = False
        merging.load(key)
        for new_window in windows:
            window = merging.add(new_window, self._merge)
            if self._is_gone(window):
                merging.retire(window)
                continue
            is_settled = True
            state_window = merging.state_window(window)
            self._put(state_window, key, value, time, input_index)
            self._ask_trigger(value, time, key, window, state_window)
            self._register_clean_up(window)
        merging.save()
        return is_settled

    def _put(self, state_window: Any, key: Any, value: Any, time: int, input_index: int) -> bool:
        if self._evictor is not None:
            value = TimestampedValue(value, None if time == MIN_LONG_VALUE else time, input_index)
        return self._panes.add(state_window, key, value, input_index)

    def _ask_trigger(self, value: Any, time: int, key: Any, window: Any, state_window: Any) -> None:
        pane = self._pane
        pane.window = window
        result = self._trigger.on_element(value, time, window, pane)
        if result is not _CONTINUE:
            self._act(result, key, window, state_window)

    def _register_clean_up(self, window: Any) -> None:
        clean_up_at = self._clean_up_at(window)
        if clean_up_at == MAX_LONG_VALUE:
            return
        pane = self._pane
        pane.window = window
        if self._is_event_time:
            pane.register_event_time_timer(clean_up_at)
        else:
            pane.register_processing_time_timer(clean_up_at)

    def _act(self, result: TriggerResult, key: Any, window: Any, state_window: Any) -> None:
        """Do what the trigger decided."""
        if result.is_fire():
            contents = self._panes.get(state_window, key)
            if contents is not ABSENT:
                time = window.max_timestamp()
                if self._evictor is None:
                    self._evaluate(key, window, contents, time)
                else:
                    self._evaluate_evicting(key, window, state_window, contents, time)
        if result.is_purge():
            self._panes.remove(state_window, key)

    def _evaluate_evicting(
        self, key: Any, window: Any, state_window: Any, elements: list[Any], time: int
    ) -> None:
        evictor, pane = self._evictor, self._pane
        assert evictor is not None
        assert isinstance(self._panes, ListPanes)
        evictor.evict_before(elements, len(elements), window, pane)
        contents = self._spec.contents_of(elements)
        if contents is not None:
            self._evaluate(key, window, contents, time)
        evictor.evict_after(elements, len(elements), window, pane)
        self._panes.replace(state_window, key, elements)

    def _merge(
        self, merged: Any, parts: list[Any], state_window: Any, moved_windows: list[Any]
    ) -> None:
        """Several windows of the current key have become one."""
        if self._is_gone(merged):
            raise ProgramError(
                f"Merging gave {merged!r}, which the watermark {self.watermark} has passed "
                "already: a merged window must not end before the windows it is made of."
            )
        pane, key = self._pane, self._store.current_key
        pane.window = merged
        pane.merged_windows = parts
        self._trigger.on_merge(merged, pane)
        for window in parts:
            if window == merged:
                continue
            pane.window = window
            self._trigger.clear(window, pane)
            clean_up_at = self._clean_up_at(window)
            if self._is_event_time:
                pane.delete_event_time_timer(clean_up_at)
            else:
                pane.delete_processing_time_timer(clean_up_at)
        self._panes.merge(key, state_window, moved_windows)

    def _on_event_time(self, timestamp: int, key: Any, namespace: Any) -> None:
        self._on_timer(timestamp, key, namespace, is_event_time=True)

    def _on_processing_time(self, timestamp: int, key: Any, namespace: Any) -> None:
        context = self._assigner_context
        context.not_before_ms = max(context.not_before_ms, timestamp + 1)
        self._on_timer(timestamp, key, namespace, is_event_time=False)
        self._flush()

    def _on_timer(self, timestamp: int, key: Any, window: Any, is_event_time: bool) -> None:
        self._store.current_key = key
        state_window, merging = window, self._merging
        if merging is not None:
            merging.load(key)
            state_window = merging.state_window(window)
            if state_window is None:
                return
        pane, trigger = self._pane, self._trigger
        pane.window = window
        if is_event_time:
            result = trigger.on_event_time(timestamp, window, pane)
        else:
            result = trigger.on_processing_time(timestamp, window, pane)
        if result is not _CONTINUE:
            self._act(result, key, window, state_window)
        if is_event_time == self._is_event_time and timestamp == self._clean_up_at(window):
            self._clean_up(key, window, state_window)
        if merging is not None:
            merging.save()

    def _clean_up(self, key: Any, window: Any, state_window: Any) -> None:
        """The window is gone for good."""
        self._panes.remove(state_window, key)
        self._pane.window = window
        self._trigger.clear(window, self._pane)
        if self._clear_window is not None:
            self._clear_window(window)
        if self._merging is not None:
            self._merging.retire(window)

    def process_watermark(self, timestamp: int) -> None:
        self.watermark = timestamp
        self._timers.advance_watermark(timestamp)
        self._flush()
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput:
        timers = self._timers
        return PendingOutput(
            timers.earliest_event_time(), timers.earliest_processing_time(), is_window=True
        )

    def finish(self) -> None:
        # At the end of a stream, what waits for the clock is dropped.
        if self.context.is_batch:
            self._timers.fire_all_processing_time()
            self._flush()

    def _clean_up_at(self, window: Any) -> int:
        """When a window is gone for good, on the clock of the assigner; 2**63 - 1 for never."""
        last: int = window.max_timestamp()
        if self._is_event_time:
            return min(last + self._lateness_ms, MAX_LONG_VALUE)
        return last

    def _is_gone(self, window: Any) -> bool:
        return self._is_event_time and self._clean_up_at(window) <= self.watermark

    def _is_late(self, time: int) -> bool:
        return self._is_event_time and time + self._lateness_ms <= self.watermark
