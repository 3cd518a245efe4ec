"""ORDER BY over everything (BATCH), and by event time as the watermark passes (STREAMING)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels.columns.time_buffer import TimeBuffer
from flott.operators.columns.changes import consolidate, time_us, until_us
from flott.operators.columns.description import ColumnOrder

#: Counter of rows dropped for being behind the watermark; Flink's name.
LATE_RECORDS_METRIC = "numLateRecordsDropped"


def sorted_by(frame: pl.DataFrame, order: Sequence[ColumnOrder]) -> pl.DataFrame:
    """``frame`` in ``order``; equal rows stay as they stand."""
    if not order:
        return frame
    return frame.sort(
        [column_name(each.position) for each in order],
        descending=[not each.ascending for each in order],
        nulls_last=[not each.nulls_first for each in order],
        maintain_order=True,
    )


@dataclass(frozen=True)
class SortSpec(OperatorSpec):
    """Sorts a bounded input when it ends.

    Attributes:
        order: Sort columns, the first one decides first.
        input_types: Types of the input's columns.
        offset: Rows to leave out at the beginning.
        fetch: Rows to emit at most; ``None`` for all.
    """

    order: tuple[ColumnOrder, ...]
    input_types: tuple[DataType, ...]
    offset: int = 0
    fetch: int | None = None
    description: str = ""

    def build(self) -> Operator:
        return _Sort(self)


class _Sort(Operator):
    def __init__(self, spec: SortSpec) -> None:
        self._spec = spec

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._buffer = TimeBuffer(polars_schema(self._spec.input_types))
        context.keyed_store.attach("rows", self._buffer)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = consolidate(batch)
        self._buffer.add(frame, constant(0, frame.height, pl.Int64))

    def finish(self) -> None:
        rows = self._buffer.take(0)
        if rows is None:
            return
        ordered = sorted_by(rows, self._spec.order).slice(self._spec.offset, self._spec.fetch)
        if ordered.height:
            self.output.emit(ColumnBatch(ordered))


@dataclass(frozen=True)
class TemporalSortSpec(OperatorSpec):
    """Sorts by a time attribute, then by further columns; late rows are dropped and counted.

    Attributes:
        order: Sort columns after the time.
        time_column: The time attribute.
        is_event_time: False passes rows in order of arrival, sorted within a batch: all that
            processing time allows.
        input_types: Types of the input's columns.
    """

    order: tuple[ColumnOrder, ...]
    time_column: int
    is_event_time: bool
    input_types: tuple[DataType, ...]
    description: str = ""

    def build(self) -> Operator:
        return _TemporalSort(self)


class _TemporalSort(Operator):
    def __init__(self, spec: TemporalSortSpec) -> None:
        self._spec = spec
        self._watermark = MIN_WATERMARK

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._buffer = TimeBuffer(polars_schema(self._spec.input_types))
        context.keyed_store.attach("rows", self._buffer)
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)
        self._order = (ColumnOrder(self._spec.time_column, True, True), *self._spec.order)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = batch.frame
        if not self._spec.is_event_time:
            self.output.emit(ColumnBatch(sorted_by(frame, self._spec.order)))
            return
        times = time_us(frame, self._spec.time_column)
        on_time = (times > until_us(self._watermark)).fill_null(False)
        if not on_time.all():
            self._late.inc(frame.height - int(on_time.sum()))
            frame, times = frame.filter(on_time), times.filter(on_time)
        self._buffer.add(frame, times)

    def process_watermark(self, timestamp: int) -> None:
        self._watermark = timestamp
        rows = self._buffer.take(until_us(timestamp))
        if rows is not None:
            self.output.emit(ColumnBatch(sorted_by(rows, self._order)))
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        earliest = self._buffer.earliest
        return None if earliest is None else PendingOutput(earliest // 1000)
