"""ORDER BY over everything (BATCH), and by event time as the watermark passes (STREAMING)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.operators.columns.changes import time_us
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.waiting_rows import WaitingRows
from flott.operators.columns.whole_input import WholeInput

#: So many rows are always kept: sorting fewer ones often costs more than keeping them.
_ROWS_LEAST: Final = 1 << 17


def sorted_by(frame: pl.DataFrame, order: Sequence[ColumnOrder]) -> pl.DataFrame:
    """``frame`` in ``order``; equal rows stay as they stand."""
    if not order:
        return frame
    keys = [(key, each) for each in order for key in _keys(frame, each.position)]
    return frame.sort(
        [key for key, _ in keys],
        descending=[not each.ascending for _, each in keys],
        nulls_last=[not each.nulls_first for _, each in keys],
        maintain_order=True,
    )


def _keys(frame: pl.DataFrame, position: int) -> list[pl.Expr]:
    """What a column is sorted by: -0.0, which equals 0.0, stands before it."""
    value = pl.col(column_name(position))
    if not frame.schema[column_name(position)].is_float():
        return [value]
    return [value, pl.when(value == 0).then(1 / value)]


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
        self._input = WholeInput(context, self._spec.input_types)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._input.add(batch)
        # With FETCH there is no need to keep more than can be among the first.
        if self._spec.fetch is not None:
            last = self._spec.offset + self._spec.fetch
            if self._input.row_count > max(2 * last, _ROWS_LEAST):
                self._input.add_rows(self._take_sorted().head(last))

    def finish(self) -> None:
        ordered = self._take_sorted().slice(self._spec.offset, self._spec.fetch)
        if ordered.height:
            self.output.emit(ColumnBatch(ordered))

    def _take_sorted(self) -> pl.DataFrame:
        rows = self._input.take()
        if rows is None:
            return pl.DataFrame(schema=polars_schema(self._spec.input_types))
        return sorted_by(rows, self._spec.order)


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

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._waiting = WaitingRows(context, "rows", self._spec.input_types)
        self._order = (ColumnOrder(self._spec.time_column, True, True), *self._spec.order)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = batch.frame
        if not self._spec.is_event_time:
            self.output.emit(ColumnBatch(sorted_by(frame, self._spec.order)))
            return
        self._waiting.add(frame, time_us(frame, self._spec.time_column))

    def process_watermark(self, timestamp: int) -> None:
        rows = self._waiting.advance(timestamp)
        if rows is not None:
            self.output.emit(ColumnBatch(sorted_by(rows, self._order)))
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        return self._waiting.pending_output()
