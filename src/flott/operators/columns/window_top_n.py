"""Top-N of each window: ranked once, when the window ends, so that nothing is ever taken back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels.columns.time_buffer import TimeBuffer
from flott.operators.columns.changes import consolidate, time_us, until_us
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.sort import LATE_RECORDS_METRIC
from flott.operators.columns.top_n import RANK, output_columns, ranked


@dataclass(frozen=True)
class WindowTopNSpec(OperatorSpec):
    """Top-N of each window, emitted once when the window ends.

    Attributes:
        partition: Columns that make a partition, besides the window.
        order: What rows are ranked by.
        rank_kind: ``ROW_NUMBER``, ``RANK`` or ``DENSE_RANK``.
        first: The first rank to show, from 1.
        last: The last one.
        has_rank: Whether the rank follows the columns, as BIGINT.
        window_start: Column of the window's begin.
        window_end: Column of the window's end.
        input_types: Types of the input's columns.
        is_event_time: Whether the watermark closes windows; else the clock does.
        final_only: The input is bounded: windows close when it ends.
    """

    partition: tuple[int, ...]
    order: tuple[ColumnOrder, ...]
    rank_kind: str
    first: int
    last: int
    has_rank: bool
    window_start: int
    window_end: int
    input_types: tuple[DataType, ...]
    is_event_time: bool = True
    final_only: bool = False
    description: str = ""

    def build(self) -> Operator:
        return _WindowTopN(self)


class _WindowTopN(Operator):
    def __init__(self, spec: WindowTopNSpec) -> None:
        self._spec = spec
        self._watermark = MIN_WATERMARK

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        key = (*spec.partition, spec.window_start, spec.window_end)
        self._partition = [column_name(i) for i in key]
        self._names = list(column_names(len(spec.input_types)))
        self._buffer = TimeBuffer(polars_schema(spec.input_types), key, context.max_parallelism)
        context.keyed_store.attach("rows", self._buffer)
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = consolidate(batch)
        last = time_us(frame, self._spec.window_end) - 1000
        is_late = last <= until_us(self._watermark)
        if is_late.any():
            self._late.inc(int(is_late.sum()))
            frame, last = frame.filter(~is_late), last.filter(~is_late)
        self._buffer.add(frame, last)
        if not self._spec.is_event_time and not self._spec.final_only:
            self._schedule()

    def process_watermark(self, timestamp: int) -> None:
        if self._spec.is_event_time:
            self._watermark = timestamp
            self._close(until_us(timestamp))
        self.output.emit_watermark(timestamp)

    def finish(self) -> None:
        if self._spec.is_event_time or self._spec.final_only:
            self._close(MAX_WATERMARK)

    def pending_output(self) -> PendingOutput | None:
        earliest = self._buffer.earliest
        return None if earliest is None else PendingOutput(earliest // 1000, is_window=True)

    def _schedule(self) -> None:
        earliest = self._buffer.earliest
        if earliest is not None:
            self.context.schedule(earliest // 1000, self._on_clock)

    def _on_clock(self) -> None:
        self._close(until_us(self.context.clock.now_ms()))
        self._schedule()

    def _close(self, until: int) -> None:
        rows = self._buffer.take(until)
        if rows is None:
            return
        spec = self._spec
        by_rank = ranked(rows, self._partition, spec.order, spec.rank_kind)
        shown = by_rank.filter(pl.col(RANK).is_between(spec.first, spec.last))
        if shown.height:
            self.output.emit(ColumnBatch(output_columns(shown, self._names, spec.has_rank)))
