"""Top-N of each window: ranked once, when the window ends, so that nothing is ever taken back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.operators.columns.changes import consolidate, time_us, until_us
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.top_n import RANK, output_columns, ranked
from flott.operators.columns.waiting_rows import WaitingRows


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

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        key = (*spec.partition, spec.window_start, spec.window_end)
        self._partition = [column_name(i) for i in key]
        self._names = list(column_names(len(spec.input_types)))
        self._waiting = WaitingRows(context, "rows", spec.input_types, key)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = consolidate(batch)
        self._waiting.add(frame, time_us(frame, self._spec.window_end) - 1000)
        if not self._spec.is_event_time and not self._spec.final_only:
            self._schedule()

    def process_watermark(self, timestamp: int) -> None:
        if self._spec.is_event_time:
            self._emit(self._waiting.advance(timestamp))
        self.output.emit_watermark(timestamp)

    def finish(self) -> None:
        if self._spec.is_event_time or self._spec.final_only:
            self._emit(self._waiting.take(MAX_WATERMARK))

    def pending_output(self) -> PendingOutput | None:
        return self._waiting.pending_output(is_window=True)

    def _schedule(self) -> None:
        due_ms = self._waiting.earliest_ms
        if due_ms is not None:
            self.context.schedule(due_ms, self._on_clock)

    def _on_clock(self) -> None:
        self._emit(self._waiting.take(until_us(self.context.clock.now_ms())))
        self._schedule()

    def _emit(self, rows: pl.DataFrame | None) -> None:
        """Rank the rows of windows that are over."""
        if rows is None:
            return
        spec = self._spec
        by_rank = ranked(rows, self._partition, spec.order, spec.rank_kind)
        shown = by_rank.filter(pl.col(RANK).is_between(spec.first, spec.last))
        if shown.height:
            self.output.emit(ColumnBatch(output_columns(shown, self._names, spec.has_rank)))
