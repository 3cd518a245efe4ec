"""Sliding windows that share their slices: each record is folded once for all its windows.

A slice is as long as the slide. It is kept until the last window it is part of, the one that
starts where it starts, is gone. A window's contents are its slices merged, which needs a fold of
which two kept values can be merged, and an order of records that does not matter between slices:
records are folded slice by slice, not strictly in order of arrival.

Slices don't tell which of their windows have fired. So a snapshot also holds how far the watermark
had come, for each range of key groups; after a restore, windows up to there fire again only for
keys that have received another record.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any, Final

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK, Barrier
from flott.core.key_group import KeyGroupRange
from flott.core.operator import PendingOutput
from flott.core.output import Output
from flott.kernels.partition import key_groups
from flott.operators.rows.windows.grouping import LateRow, group_tumbling
from flott.operators.rows.windows.operator import WindowOperator
from flott.operators.rows.windows.panes import FoldedPanes
from flott.operators.rows.windows.slices import SliceMerger
from flott.operators.window.assigner import check_timestamp
from flott.operators.window.time_assigners import SlidingEventTimeWindows
from flott.operators.window.windows import TimeWindow

__all__ = ["SlicedWindowOperator"]

_FIRE: Final = 0
_CLEAN_UP: Final = 1


class SlicedWindowOperator(WindowOperator):
    """Sliding event-time windows of a reduce or aggregate function."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        assigner = self._assigner
        assert isinstance(assigner, SlidingEventTimeWindows)
        self._size, self._slide = assigner.size_ms, assigner.slide_ms
        self._offset = assigner.offset_ms
        assert self._size % self._slide == 0
        fold = self._spec.fold
        assert fold is not None
        self._fold = fold
        self._panes = FoldedPanes(self._store, fold, "window-slices")
        self._merger = SliceMerger(self._panes.table, fold)
        self._slices: set[int] = set()
        #: Starts of windows on the agenda.
        self._known: set[int] = set()
        self._agenda: list[tuple[int, int, int]] = []
        for piece in sorted(self._panes.namespaces()):
            self._open_slice(piece)
        self._open_progress(context)

    def _open_progress(self, context: OperatorContext) -> None:
        """Find how far the watermark had come for each restored key."""
        self._progress = context.operator_store.union_list_state("window-progress")
        own = context.key_groups
        #: (first key group, last key group, the watermark there at the last snapshot)
        self._ranges: list[tuple[int, int, int]] = [
            (max(first, own.first), min(last, own.last), watermark)
            for first, last, watermark in self._progress.get()
            if own.intersects(KeyGroupRange(first, last))
        ] or [(own.first, own.last, MIN_WATERMARK)]
        #: key -> windows that end up to there have fired; empty once the watermark is beyond.
        self._fired_until: dict[Any, int] = {}
        self._fired_until_max = max(watermark for _, _, watermark in self._ranges)
        #: start of window -> keys with new records, of windows that had fired
        self._renewed: dict[int, set[Any]] = {}
        if self._fired_until_max > MIN_WATERMARK:
            for piece in self._slices:
                keys = list(self._panes.keys(piece))
                for key, group in zip(keys, key_groups(keys, context.max_parallelism)):
                    for first, last, watermark in self._ranges:
                        if first <= group <= last:
                            self._fired_until[key] = watermark

    def prepare_snapshot(self, barrier: Barrier) -> None:
        now = self.watermark
        self._progress.update([(first, last, max(now, w)) for first, last, w in self._ranges])

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        values, times = batch.values, batch.timestamps
        if times is None:
            value = values[0]  # noqa: F841 - what the report of the error shows
            check_timestamp(None)
        assert times is not None
        keys = self._keys(values, input_index)
        # A record is late for one of its windows if the watermark has passed its slice.
        groups, late = group_tumbling(
            values, times, keys, self._slide, self._offset, self.watermark
        )
        for piece, rows in groups.items():
            self._open_slice(piece)
            if self._fired_until:
                self._renew(piece, rows)
            self._panes.add_groups(piece, rows)
        for row in late:
            self._add_late(row)
        if self._results or not self._sides.is_empty:
            self._flush()

    def _add_late(self, row: LateRow) -> None:
        """Add a record to its slice, and compute those of its windows again that have fired."""
        value, time, key, (piece,), _ = row
        if self._gone_at(piece) <= self.watermark:
            self._take_late(value, time)
            return
        self._open_slice(piece)
        self._panes.add(piece, key, value)
        self._merger.forget(piece, key)
        for start in self._starts_of(piece):
            last = self._last_ms(start)
            if last <= self.watermark < self._gone_at(start):
                kept = self._merger.value_of(key, self._slices_of(start))
                self._compute(start, key, kept, last)

    def pending_output(self) -> PendingOutput:
        fires = (time for time, action, _ in self._agenda if action == _FIRE)
        return PendingOutput(min(fires, default=None), is_window=True)

    def process_watermark(self, timestamp: int) -> None:
        self.watermark = timestamp
        agenda = self._agenda
        if agenda and agenda[0][0] <= timestamp:
            while agenda and agenda[0][0] <= timestamp:
                time, action, start = heappop(agenda)
                if action == _FIRE:
                    self._fire(start, time)
                else:
                    self._clean_up(start)
            self._flush()
        if self._fired_until and timestamp >= self._fired_until_max:
            self._fired_until.clear()
            self._renewed.clear()
        self.output.emit_watermark(timestamp)

    def _fire(self, start: int, last: int) -> None:
        found = self._merger.windows_of(self._slices_of(start), start, start + self._size)
        if self._fired_until:
            until, renewed = self._fired_until, self._renewed.pop(start, ())
            found = (
                (key, kept)
                for key, kept in found
                if until.get(key, MIN_WATERMARK) < last or key in renewed
            )
        if self._call is None:
            conversion = self._conversion
            results = self._fold.results([kept for _, kept in found])
            if conversion is not None:
                convert, exact = conversion.convert, conversion.exact
                results = [r if type(r) is exact else convert(r) for r in results]
            self._results += results
            self._times += [last] * len(results)
        else:
            for key, kept in found:
                self._compute(start, key, kept, last)
        heappush(self._agenda, (self._gone_at(start), _CLEAN_UP, start))

    def _compute(self, start: int, key: Any, kept: Any, last: int) -> None:
        self._store.current_key = key
        window = TimeWindow(start, start + self._size)
        self._evaluate(key, window, [self._fold.result(kept)], last)

    def _clean_up(self, start: int) -> None:
        self._known.discard(start)
        clear = self._clear_window
        if clear is not None:
            window = TimeWindow(start, start + self._size)
            pieces = self._slices_of(start)
            for key in dict.fromkeys(key for piece in pieces for key in self._panes.keys(piece)):
                self._store.current_key = key
                clear(window)
        if start in self._slices:
            self._slices.discard(start)
            self._panes.drop(start)

    def _open_slice(self, piece: int) -> None:
        """Have all windows of a slice fire at their end."""
        if piece in self._slices:
            return
        self._slices.add(piece)
        for start in self._starts_of(piece):
            if start in self._known or self._gone_at(start) <= self.watermark:
                continue
            self._known.add(start)
            if self._last_ms(start) > self.watermark:
                heappush(self._agenda, (self._last_ms(start), _FIRE, start))
            else:
                heappush(self._agenda, (self._gone_at(start), _CLEAN_UP, start))

    def _renew(self, piece: int, keys: Any) -> None:
        for start in self._starts_of(piece):
            if self._last_ms(start) <= self._fired_until_max:
                self._renewed.setdefault(start, set()).update(keys)

    def _starts_of(self, piece: int) -> range:
        """The starts of the windows that a slice is part of, the latest first."""
        return range(piece, piece - self._size, -self._slide)

    def _slices_of(self, start: int) -> list[int]:
        """The slices in state that a window has, in order."""
        pieces = range(start, start + self._size, self._slide)
        return [piece for piece in pieces if piece in self._slices]

    def _last_ms(self, start: int) -> int:
        return min(start + self._size - 1, MAX_WATERMARK)

    def _gone_at(self, start: int) -> int:
        """The watermark at which a window is gone for good."""
        return min(start + self._size - 1 + self._lateness_ms, MAX_WATERMARK)
