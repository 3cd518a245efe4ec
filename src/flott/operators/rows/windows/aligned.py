"""Time windows that all keys share, and that fire once when their end has come.

Tumbling and sliding windows with the default trigger. There is no timer for a key: one entry of an
agenda fires a window for all its keys. A batch is sorted into windows and keys first; then each
pane costs one look-up and one update of state.

With allowed lateness a window stays after it fired, and each late record of it fires its pane
again. Which panes have fired is then state too (``window-fired``): after a restore the watermark
begins anew, and what has fired must wait for a late record rather than fire once more.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, Final

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.operator import PendingOutput
from flott.core.output import Output
from flott.operators.rows.windows.grouping import LateRow, group_sliding, group_tumbling
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.rows.windows.panes import FoldedPanes
from flott.operators.window.assigner import check_timestamp
from flott.operators.window.time_assigners import TimeWindowAssigner
from flott.operators.window.windows import TimeWindow

__all__ = ["AlignedWindowOperator", "EventTimeWindowOperator", "ProcessingTimeWindowOperator"]

_FIRE: Final = 0
_CLEAN_UP: Final = 1


class AlignedWindowOperator(WindowOperator):
    """Base of the operators for both clocks: panes of windows known by their start."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        assigner = self._assigner
        assert isinstance(assigner, TimeWindowAssigner)
        self._size = assigner.size_ms
        self._slide = assigner.slide_ms
        self._offset = assigner.offset_ms
        self._panes = self._spec.make_panes(self._store)
        #: Starts of windows that hold records and wait for their end.
        self._waiting: set[int] = set()

    def _last_ms(self, start: int) -> int:
        """The last millisecond of a window, the time of its results."""
        return min(start + self._size - 1, MAX_WATERMARK)

    def _compute_all(self, start: int, skip: Any = ()) -> None:
        """Compute the panes of a window, but for the keys in ``skip``."""
        time = self._last_ms(start)
        panes = self._panes
        if self._call is None and not skip and isinstance(panes, FoldedPanes):
            results = panes.results(start)
            conversion = self._conversion
            if conversion is not None:
                convert, exact = conversion.convert, conversion.exact
                results = [r if type(r) is exact else convert(r) for r in results]
            self._results += results
            self._times += [time] * len(results)
            return
        store, window = self._store, TimeWindow(start, start + self._size)
        clear = None if self._lateness_ms else self._clear_window
        for key, contents in panes.items(start):
            if key in skip:
                continue
            store.current_key = key
            self._evaluate(key, window, contents, time)
            if clear is not None:
                clear(window)

    def _forget(self, start: int) -> None:
        """Drop a window for good; its function's ``clear`` was called."""
        self._panes.drop(start)


class EventTimeWindowOperator(AlignedWindowOperator):
    """Windows by the records' timestamps, fired by the watermark."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._is_tumbling = self._size == self._slide
        #: What is to happen at which watermark: (time, fire or clean up, start of window).
        self._agenda: list[tuple[int, int, int]] = []
        #: Starts of windows of which panes have fired that are kept for late records.
        self._fired: set[int] = set()
        self._fired_panes = self._store.table("window-fired")
        for start in self._panes.namespaces():
            self._wait_for(start)
        for start in self._fired_panes.namespaces():
            self._keep(start)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        values, times = batch.values, batch.timestamps
        if times is None:
            value = values[0]  # noqa: F841 - what the report of the error shows
            check_timestamp(None)
        assert times is not None
        self._add(values, times, self._keys(values, input_index), input_index)
        if self._results or not self._sides.is_empty:
            self._flush()

    def _add(self, values: list[Any], times: list[int], keys: Any, input_index: int) -> None:
        if self._is_tumbling:
            groups, late = group_tumbling(
                values, times, keys, self._size, self._offset, self.watermark
            )
        else:
            groups, late = group_sliding(
                values, times, keys, self._size, self._slide, self._offset, self.watermark
            )
        waiting, add_groups = self._waiting, self._panes.add_groups
        for start, rows in groups.items():
            if start not in waiting:
                self._wait_for(start)
            if start in self._fired:
                for key in rows:
                    self._fired_panes.remove(start, key)
            add_groups(start, rows, input_index)
        for row in late:
            self._add_late(row, input_index)

    def _add_late(self, row: LateRow, input_index: int) -> None:
        """Have a late record fire its panes again, as far as their windows are still there."""
        value, time, key, starts, is_settled = row
        store, panes = self._store, self._panes
        for start in starts:
            if self._gone_at(start) <= self.watermark:
                continue
            is_settled = True
            self._keep(start)
            self._fired_panes.put(start, key, True)
            panes.add(start, key, value, input_index)
            store.current_key = key
            contents = panes.get(start, key)
            window = TimeWindow(start, start + self._size)
            self._evaluate(key, window, contents, self._last_ms(start))
        if not is_settled and time + self._lateness_ms <= self.watermark:
            self._take_late(value, time)

    def pending_output(self) -> PendingOutput:
        fires = (time for time, action, _ in self._agenda if action == _FIRE)
        return PendingOutput(min(fires, default=None), is_window=True)

    def process_watermark(self, timestamp: int) -> None:
        self.watermark = timestamp
        agenda = self._agenda
        if agenda and agenda[0][0] <= timestamp:
            while agenda and agenda[0][0] <= timestamp:
                _, action, start = heappop(agenda)
                if action == _FIRE:
                    self._fire(start)
                else:
                    self._clean_up(start)
            self._flush()
        self.output.emit_watermark(timestamp)

    def _fire(self, start: int) -> None:
        self._waiting.discard(start)
        done = dict(self._fired_panes.items(start)) if start in self._fired else ()
        self._compute_all(start, done)
        if self._lateness_ms:
            self._fired_panes.put_many(start, dict.fromkeys(self._panes.keys(start), True))
            self._keep(start)
        else:
            self._forget(start)

    def _clean_up(self, start: int) -> None:
        self._fired.discard(start)
        clear = self._clear_window
        if clear is not None:
            window = TimeWindow(start, start + self._size)
            for key in self._panes.keys(start):
                self._store.current_key = key
                clear(window)
        self._forget(start)
        self._fired_panes.drop(start)

    def _wait_for(self, start: int) -> None:
        """Fire a window when its end has come."""
        self._waiting.add(start)
        heappush(self._agenda, (self._last_ms(start), _FIRE, start))

    def _keep(self, start: int) -> None:
        """Keep a window that has fired until no late record is allowed any more."""
        if start not in self._fired:
            self._fired.add(start)
            if self._gone_at(start) < MAX_WATERMARK:
                heappush(self._agenda, (self._gone_at(start), _CLEAN_UP, start))

    def _gone_at(self, start: int) -> int:
        """The watermark at which a window is gone for good."""
        return min(start + self._size - 1 + self._lateness_ms, MAX_WATERMARK)


class ProcessingTimeWindowOperator(AlignedWindowOperator):
    """Windows by the clock. What is open when a stream ends is dropped, in BATCH mode computed."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._lateness_ms = 0
        # Windows that end before this have fired. The clock may still show their last
        # millisecond, or have been set back; records go into the next window then.
        self._not_before_ms = 0
        for start in sorted(self._panes.namespaces()):
            self._wait_for(start)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        values = batch.values
        now_ms = max(self.context.clock.now_ms(), self._not_before_ms)
        assert isinstance(self._assigner, TimeWindowAssigner)
        windows = self._assigner.windows_of(now_ms)
        if not windows:
            return
        groups: dict[Any, list[Any]] = {}
        for value, key in zip(values, self._keys(values, input_index)):
            rows = groups.get(key)
            if rows is None:
                groups[key] = [value]
            else:
                rows.append(value)
        for window in windows[1:]:
            copies = {key: rows.copy() for key, rows in groups.items()}
            self._panes.add_groups(window.start, copies, input_index)
        self._panes.add_groups(windows[0].start, groups, input_index)
        for window in windows:
            if window.start not in self._waiting:
                self._wait_for(window.start)

    def pending_output(self) -> PendingOutput:
        closes = min(map(self._last_ms, self._waiting), default=None)
        return PendingOutput(None, closes, is_window=True)

    def process_watermark(self, timestamp: int) -> None:
        self.watermark = timestamp
        self.output.emit_watermark(timestamp)

    def finish(self) -> None:
        if self.context.is_batch:
            self._fire_until(MAX_WATERMARK)

    def _wait_for(self, start: int) -> None:
        self._waiting.add(start)
        self.context.schedule(self._last_ms(start), self._fire_due)

    def _fire_due(self) -> None:
        self._fire_until(self.context.clock.now_ms())

    def _fire_until(self, now_ms: int) -> None:
        for start in sorted(start for start in self._waiting if self._last_ms(start) <= now_ms):
            self._waiting.discard(start)
            self._not_before_ms = max(self._not_before_ms, start + self._size)
            self._compute_all(start)
            self._forget(start)
        self._flush()
