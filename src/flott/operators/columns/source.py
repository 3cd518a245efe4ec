"""Event time of SQL inside a source: a watermark for each split, the lowest of them for all.

The partitions of a topic are each in order, but not with one another: read together they look out
of order by as much as one is ahead. So the watermark of a table is computed for each split, from
every row that is read, and the source sends the lowest of those that are not idle. What stands
above, filters too, cannot keep a split from telling the time.

As in ``watermark.py`` a batch is divided only before a row that is late against the rows before
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

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
from flott.kernels.columns.split_marks import MarkedRows, Sending, mark_splits
from flott.operators.columns.watermark import row_times_ms
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
        watermark: Computes the watermark of each row, one column; NULL for none. Without, it is
            ``delay_ms`` behind the time.
        delay_ms: See ``watermark``.
        time: Computes the time column from those of the source, where it is not one of them.
        options: When watermarks are sent.
        description: What it does, for plans.
    """

    source: Source = field()  # a slot of its own hides the property of the base
    time_column: int
    watermark: Projection | None = None
    delay_ms: int = 0
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
        if spec.watermark is not None:
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
        start = 0
        marked = self._marked(batch, parts, trackers)
        for stop, watermark in zip(marked.cut_rows, marked.cut_marks, strict=True):
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

    def _is_due(self, watermark: int, rows: int) -> bool:
        return watermark - self._emitted > self._rise_ms and rows >= self._gap

    def _with_time(self, batch: ColumnBatch, time: Projection) -> ColumnBatch:
        """The batch with its time as the last column."""
        name = column_name(batch.frame.width)
        column = time.evaluate(batch.frame).to_series(0).alias(name)
        return ColumnBatch(batch.frame.hstack([column]), batch.kinds)

    def _marked(
        self,
        batch: ColumnBatch,
        parts: Sequence[tuple[str, int]],
        trackers: Sequence[WatermarkTracker],
    ) -> MarkedRows:
        """Raise the watermarks of the splits, and find where that of the source must come between
        rows."""
        assert self._watermarks is not None
        spec, frame = self._spec, batch.frame
        others = self._watermarks.lowest(but=trackers)
        marked = mark_splits(
            frame.to_series(spec.time_column),
            None if spec.watermark is None else spec.watermark.evaluate(frame).to_series(0),
            spec.delay_ms * 1000,
            [rows for _, rows in parts],
            [tracker.watermark for tracker in trackers],
            MAX_WATERMARK if others is None else others,
            Sending(self._emitted, self._rise_ms, self._gap, self._rows_since),
        )
        if marked.null_time >= 0:
            # A delete that holds only a key has no time.
            kinds = batch.kinds
            row_times_ms(
                frame if kinds is None else frame.filter(kinds != DELETE), spec.time_column
            )
        for tracker, watermark in zip(trackers, marked.reached, strict=True):
            tracker.emit_watermark(watermark)
        return marked
