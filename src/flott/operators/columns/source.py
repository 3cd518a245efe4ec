"""Event time of SQL inside a source: a watermark for each split, the lowest of them for all.

The partitions of a topic are each in order, but not with one another: read together they look out
of order by as much as one is ahead. So the watermark of a table is computed for each split, from
every row that is read, and the source sends the lowest of those that are not idle. What stands
above, filters too, cannot keep a split from telling the time.

As in ``watermark.py`` a batch is divided only before a row that is late against the rows before
it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from flott.common.physical_types import column_name
from flott.common.watermark_generators import WatermarkGenerator, WatermarkOutput
from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.expression import Projection
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.core.source import Source
from flott.operators.columns.changes import time_us
from flott.operators.columns.watermark import LOWEST_MARK, row_marks_ms, row_times_ms
from flott.operators.columns.watermark_options import WatermarkOptions
from flott.operators.event_time import WatermarkTracker, watermark_interval_ms
from flott.operators.source import ReaderOperator

_DEFAULTS: Final = WatermarkOptions()


@dataclass(frozen=True, slots=True)
class ColumnSourceSpec(OperatorSpec):
    """Reads ``source`` and makes a column event time, by split.

    Attributes:
        source: The source.
        time_column: The column; that behind all of the source's if ``time`` is given.
        watermark: Computes the watermark of each row, one column; NULL for none.
        time: Computes the time column from those of the source, where it is none of them.
        options: When watermarks are sent.
        description: What it does, for plans.
    """

    source: Source = field()  # a slot of its own hides the property of the base
    time_column: int
    watermark: Projection
    time: Projection | None = None
    options: WatermarkOptions = _DEFAULTS
    description: str = ""

    def build(self) -> Operator:
        return _ColumnSource(self)

    @property
    def kind(self) -> str:
        return "Source"

    @property
    def meaning(self) -> str:
        return self.description or self.source.name


class _ToldWatermarks(WatermarkGenerator):
    """Makes none: the operator tells each split's tracker what it has computed."""

    def on_event(self, event: object, event_timestamp: int, output: WatermarkOutput) -> None:
        raise AssertionError("records of columns are not shown one by one")

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        pass


def _strategy(options: WatermarkOptions) -> WatermarkStrategy:
    strategy = WatermarkStrategy.for_generator(_ToldWatermarks)
    strategy.idle_timeout_ms = options.idle_timeout_ms or None
    strategy.alignment = options.alignment
    return strategy


class _ColumnSource(ReaderOperator):
    def __init__(self, spec: ColumnSourceSpec) -> None:
        super().__init__(spec.source, _strategy(spec.options), None)
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        spec = self._spec
        spec.watermark.open(context)
        if spec.time is not None:
            spec.time.open(context)
        self._rise_ms = 0 if spec.options.on_event else watermark_interval_ms(context)
        self._gap = spec.options.gap if spec.options.on_event else 1
        self._rows_since = 0
        super().open(context, output)

    def _emit_parts(self, batch: Batch, parts: Sequence[tuple[str, int]]) -> None:
        assert isinstance(batch, ColumnBatch)
        self.records_read += batch.row_count
        if self._spec.time is not None:
            batch = self._with_time(batch, self._spec.time)
        if self._watermarks is None:
            self.output.emit(batch)
            return
        trackers = [self._watermarks.tracker(split_id) for split_id, _ in parts]
        for tracker in trackers:
            tracker.note_records()
        self._watermarks.update()
        if self._is_idle:
            self._tell()
        times = self._times(batch)
        marks = row_marks_ms(self._spec.watermark, batch.frame)
        sizes = [rows for _, rows in parts]
        start = 0
        for stop, watermark in self._cuts(times, marks, sizes, trackers):
            if stop > start:
                self.output.emit(batch.slice(start, stop))
            self._emitted = watermark
            self._rows_since = -stop
            self.output.emit_watermark(watermark)
            start = stop
        self.output.emit(batch.slice(start, batch.row_count) if start else batch)
        self._rows_since += batch.row_count
        self._watermarks.update()
        if self._is_due(self._watermarks.watermark, self._rows_since):
            self._rows_since = 0
            self._tell()

    def _times(self, batch: ColumnBatch) -> pl.Series:
        """The time of each row; a delete that holds only a key has none."""
        column = self._spec.time_column
        if batch.kinds is None or not batch.frame.to_series(column).null_count():
            return row_times_ms(batch.frame, column)
        row_times_ms(batch.frame.filter(batch.kinds != DELETE), column)
        return time_us(batch.frame, column) // 1000

    def _is_due(self, watermark: int, rows: int) -> bool:
        return watermark - self._emitted > self._rise_ms and rows >= self._gap

    def _with_time(self, batch: ColumnBatch, time: Projection) -> ColumnBatch:
        """The batch with its time as the last column."""
        name = column_name(batch.frame.width)
        column = time.evaluate(batch.frame).to_series(0).alias(name)
        return ColumnBatch(batch.frame.with_columns(column), batch.kinds)

    def _cuts(
        self,
        times: pl.Series,
        marks: pl.Series,
        sizes: Sequence[int],
        trackers: Sequence[WatermarkTracker],
    ) -> Iterator[tuple[int, int]]:
        """Raise the watermarks of the splits; where one of the source must come between rows,
        give the place and its value."""
        assert self._watermarks is not None
        reached = _highest(marks, sizes, trackers)
        before = [tracker.watermark for tracker in trackers]
        for tracker, watermark in zip(trackers, reached, strict=True):
            tracker.emit_watermark(watermark)
        end = self._watermarks.lowest()
        late = end is not None and end > self._emitted + self._rise_ms and (times <= end).any()
        if not late:
            return
        passed = self._watermarks.lowest(but=trackers)
        limits = _lowest_behind(before)
        start = 0
        for rows, top, floor, limit in zip(sizes, reached, before, limits, strict=True):
            span = slice(start, start + rows)
            limit = limit if passed is None else min(limit, passed)
            yield from self._part_cuts(times[span], marks[span], start, floor, limit)
            passed = top if passed is None else min(passed, top)
            start += rows

    def _part_cuts(
        self, times: pl.Series, marks: pl.Series, start: int, floor: int, limit: int
    ) -> Iterator[tuple[int, int]]:
        """The cuts within the rows of one split, whose watermark has reached ``floor``, while the
        lowest of the others stands at ``limit``."""
        floor = max(floor, LOWEST_MARK)
        reached = marks.fill_null(LOWEST_MARK).cum_max().clip(lower_bound=floor)
        before = reached.shift(1, fill_value=floor).clip(upper_bound=max(limit, LOWEST_MARK))
        behind = (times <= before).arg_true()
        for row, mark in zip(behind, before.gather(behind), strict=True):
            if self._is_due(mark, self._rows_since + start + row):
                yield start + row, mark


def _highest(
    marks: pl.Series, sizes: Sequence[int], trackers: Sequence[WatermarkTracker]
) -> list[int]:
    """How far the watermark of each split has come with its rows."""
    found = []
    start = 0
    for rows, tracker in zip(sizes, trackers, strict=True):
        top = marks.slice(start, rows).max()
        found.append(tracker.watermark if top is None else max(tracker.watermark, int(top)))  # type: ignore[arg-type]
        start += rows
    return found


def _lowest_behind(before: Sequence[int]) -> list[int]:
    """For each split of a batch the lowest watermark of those that come behind it."""
    lowest = MAX_WATERMARK
    found = []
    for watermark in reversed(before):
        found.append(lowest)
        lowest = min(lowest, watermark)
    return found[::-1]
