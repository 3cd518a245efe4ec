"""Aggregates of TUMBLE, HOP and CUMULATE windows, by slices.

Rows are added to the slice of their time. A window that is over is read from its slices; the next
window with any of them becomes pending, and slices of which no window is left are dropped. CUMULATE
moves what it has read into one slice, since its windows of one start only grow.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from flott.common.physical_types import column_name
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.output import Output
from flott.kernels.columns.window_tables import SliceTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.windows.borders import with_window
from flott.operators.columns.windows.operator import WindowOperator
from flott.operators.columns.windows.slices import Slices
from flott.operators.columns.windows.time import WallClock

if TYPE_CHECKING:
    from flott.operators.columns.windows.aggregate import WindowAggregateSpec


class SliceWindowOperator(WindowOperator):
    """See ``WindowAggregateSpec``."""

    def __init__(self, spec: WindowAggregateSpec) -> None:
        super().__init__(spec.is_event_time, spec.final_only)
        self._spec = spec
        self._slices = Slices(spec.window_kind, spec.size_ms, spec.slide_ms, spec.offset_ms)
        self._clock = WallClock(spec.zone)
        self._calls = KernelCalls(spec.calls, spec.input_types, len(spec.keys), spec.input_retracts)
        self._known: set[int] = set()
        self._pending: list[int] = []  # ends of windows, a heap
        self._is_pending: set[int] = set()

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        calls = self._calls
        position = len(calls.input_schema)
        self._slice_name = column_name(position)
        self._table = SliceTable(
            {**calls.input_schema, self._slice_name: pl.Int64()},
            [position, *self._spec.keys],
            calls.result_schema,
            calls.aggregates,
            calls.distinct_sets,
            context.max_parallelism,
        )
        context.keyed_store.attach("slices", self._table)
        self._note_slices()
        self._schedule()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame, kinds = self._with_slices(batch)
        if frame.height:
            self._table.accumulate(frame, kinds)
            self._note_slices()
            self._schedule()

    def _with_slices(self, batch: ColumnBatch) -> tuple[pl.DataFrame, pl.Series | None]:
        """The rows that are not late, each with its slice."""
        if self._final_only:
            batch = self._clock.with_time(batch, self._spec.time_column)
        frame, kinds = self._calls.prepare(batch.frame), batch.kinds
        if self._is_event_time or self._final_only:
            time = self._clock.local_ms(batch.frame, self._spec.time_column)
            slice_end = self._slices.slice_end(time)
        else:
            now_ms = self._clock.to_local(self.context.clock.now_ms())
            slice_end = pl.lit(self._slices.slice_at(now_ms), dtype=pl.Int64)
        frame = frame.with_columns(slice_end.alias(self._slice_name))
        if self._slices.has_gaps:
            frame, kinds = self._without_gaps(frame, kinds)
        if not self._final_only:
            frame, kinds = self._without_late(frame, kinds, self._on_time(frame))
        return frame, kinds

    def _on_time(self, frame: pl.DataFrame) -> pl.Series | None:
        slices = frame[self._slice_name]
        first = slices.min()
        if not isinstance(first, int) or not self._is_over(first):
            return None
        return ~slices.is_in([each for each in slices.unique() if self._is_over(each)])

    def _without_gaps(
        self, frame: pl.DataFrame, kinds: pl.Series | None
    ) -> tuple[pl.DataFrame, pl.Series | None]:
        slices = frame[self._slice_name]
        gaps = [each for each in slices.unique() if self._slices.last_end(each) < each]
        kept = ~slices.is_in(gaps)
        return frame.filter(kept), None if kinds is None else kinds.filter(kept)

    def _is_over(self, slice_end: int) -> bool:
        """Whether no window takes rows of the slice any more."""
        return self._has_fired(self._slices.last_end(slice_end))

    def _has_fired(self, window_end: int) -> bool:
        return self._clock.fires_at(window_end - 1) <= self._progress_ms

    def _note_slices(self) -> None:
        """Windows of slices that are new become pending: the first of each that has not fired."""
        for each in self._table.slices():
            if each in self._known:
                continue
            self._known.add(each)
            end, last = self._slices.first_end(each), self._slices.last_end(each)
            while end < last and self._has_fired(end):
                end += self._slices.interval_ms
            if not self._has_fired(end):
                self._add_pending(end)

    def _add_pending(self, end: int) -> None:
        if end not in self._is_pending:
            self._is_pending.add(end)
            heapq.heappush(self._pending, end)

    def _take_pending(self) -> int:
        end = heapq.heappop(self._pending)
        self._is_pending.discard(end)
        return end

    def _next_firing_ms(self) -> int | None:
        return self._clock.fires_at(self._pending[0] - 1) if self._pending else None

    def _fire(self, until_ms: int) -> None:
        self._emit(self._fired(until_ms))

    def _fired(self, until_ms: int) -> Iterator[pl.DataFrame]:
        while self._pending and self._clock.fires_at(self._pending[0] - 1) <= until_ms:
            end = self._take_pending()
            results = self._calls.finish(self._read(end))
            start = self._slices.start_of(end)
            columns = self._spec.window_columns
            yield with_window(results, columns, self._clock, start, end)
            self._forget(end)

    def _read(self, end: int) -> pl.DataFrame:
        held = [each for each in self._slices.slices_of(end) if each in self._known]
        if self._spec.window_kind == "CUMULATE" and len(held) > 1:
            self._table.merge(held[0], held[1:])
            self._known.difference_update(held[1:])
            held = held[:1]
        return self._table.results(held)

    def _forget(self, end: int) -> None:
        """Drop what no later window has."""
        gone = [each for each in self._known if self._slices.last_end(each) <= end]
        self._table.drop(gone)
        self._known.difference_update(gone)
        self._follow(end)

    def _follow(self, end: int) -> None:
        """The next window becomes pending, if it has any of what is left."""
        following = end + self._slices.interval_ms
        if any(each in self._known for each in self._slices.slices_of(following)):
            self._add_pending(following)
