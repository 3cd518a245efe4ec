"""OVER windows: each row with functions of the rows around it.

By event time rows wait for the watermark and go out once, with their results. By processing time
they go out as they come. By any other order (STREAMING) the results of rows that have gone out
change with later ones: a batch is taken as one change, and the partitions it touches are computed
before and after. In BATCH mode everything is computed when the input ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.operators.columns.changes import time_us
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.over.compute import OverComputation
from flott.operators.columns.sort import sorted_by
from flott.operators.columns.touched_rows import ID, SLOT, TouchedRows, difference
from flott.operators.columns.waiting_rows import WaitingRows
from flott.operators.columns.whole_input import WholeInput


@dataclass(frozen=True)
class OverColumn:
    """One call over the window.

    Attributes:
        function: Its canonical name.
        args: Columns of the arguments.
        arg_types: Their types.
        data_type: Type of the result.
        filter: A Boolean column; rows where it is not true do not count.
        is_distinct: Equal arguments count once.
        settings: Keywords of the call.
        is_rows: Whether bounds count rows; else they are distances in the order column.
        lower: The frame's begin: so far before the row; ``None`` unbounded, negative after it.
        upper: The frame's end, likewise.
    """

    function: str
    args: tuple[int, ...]
    arg_types: tuple[DataType, ...]
    data_type: DataType
    filter: int | None = None
    is_distinct: bool = False
    settings: tuple[tuple[str, Any], ...] = ()
    is_rows: bool = True
    lower: int | None = None
    upper: int | None = 0


@dataclass(frozen=True)
class OverSpec(OperatorSpec):
    """The input's columns, then one for each call; all share partition and order.

    Attributes:
        partition: Columns that make a partition.
        order: The order within it.
        time_column: The time attribute if the order is one.
        is_event_time: Whether that is event time.
        calls: The calls.
        input_types: Types of the input's columns.
        input_retracts: Whether rows may be taken back.
        emits_update_before: Whether the consumer wants -U.
        final_only: Compute when the input ends.
    """

    partition: tuple[int, ...]
    order: tuple[ColumnOrder, ...]
    time_column: int | None
    is_event_time: bool
    calls: tuple[OverColumn, ...]
    input_types: tuple[DataType, ...]
    input_retracts: bool = False
    emits_update_before: bool = True
    ttl_ms: int = 0
    final_only: bool = False
    description: str = ""

    def build(self) -> Operator:
        if self.final_only:
            return _FinalOver(self)
        if self.time_column is None:
            return _UpdatingOver(self)
        return _EventTimeOver(self) if self.is_event_time else _ProcessingTimeOver(self)


class _Over(Operator):
    def __init__(self, spec: OverSpec) -> None:
        self._spec = spec
        self._names = list(column_names(len(spec.input_types)))
        self._partition = [column_name(i) for i in spec.partition]

    def _emit(self, rows: pl.DataFrame, results: pl.DataFrame) -> None:
        if rows.height:
            if rows.columns != self._names:
                rows = rows.select(self._names)
            self.output.emit(ColumnBatch(joined(rows, results)))


def joined(rows: pl.DataFrame, results: pl.DataFrame) -> pl.DataFrame:
    """The input's columns with the results after them."""
    width = rows.width
    renamed = [
        series.alias(column_name(width + at)) for at, series in enumerate(results.get_columns())
    ]
    return rows.hstack(renamed)


class _FinalOver(_Over):
    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._input = WholeInput(context, self._spec.input_types, self._spec.partition)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        self._input.add(batch)

    def finish(self) -> None:
        rows = self._input.take()
        if rows is None:
            return
        ordered = sorted_by(rows, self._spec.order)
        if self._partition:
            ordered = ordered.sort(self._partition, maintain_order=True)
        computation = OverComputation(self._spec)
        self._emit(ordered, computation.whole(ordered, computation.runs(ordered, self._partition)))


class _UpdatingOver(_Over):
    """Every row is kept; the partitions that a batch touches are computed anew."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._rows = TouchedRows(spec.partition, spec.input_types, context, ttl_ms=spec.ttl_ms)
        self._computation = OverComputation(spec)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        touched = self._rows.touch(batch)
        if touched is None:
            return
        self._rows.store(touched.before, touched.after)
        names = list(column_names(len(self._names) + len(self._spec.calls)))
        changes = difference(
            self._computed(touched.before),
            self._computed(touched.after),
            [ID],
            names,
            emits_update_before=self._spec.emits_update_before,
        )
        if changes is not None:
            self.output.emit(changes)

    def _computed(self, rows: pl.DataFrame) -> pl.DataFrame:
        ordered = sorted_by(rows, self._spec.order).sort(SLOT, maintain_order=True)
        results = self._computation.whole(ordered, ordered[SLOT].rle_id())
        return joined(ordered.select(self._names), results).with_columns(ordered[ID])


class _RunningOver(_Over):
    """Rows come in order: aggregates go on from where they stand."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._computation = OverComputation(self._spec)
        self._computation.open(context)

    def _advance(self, rows: pl.DataFrame) -> None:
        ordered, results = self._computation.advance(rows)
        self._emit(ordered, results)


class _ProcessingTimeOver(_RunningOver):
    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._computation.expire(self.context.clock.now_ms())
        self._advance(batch.frame)


class _EventTimeOver(_RunningOver):
    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._waiting = WaitingRows(context, "waiting", spec.input_types, spec.partition)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        assert self._spec.time_column is not None
        self._waiting.add(batch.frame, time_us(batch.frame, self._spec.time_column))

    def process_watermark(self, timestamp: int) -> None:
        self._computation.expire(self.context.clock.now_ms())
        rows = self._waiting.advance(timestamp)
        if rows is not None:
            self._advance(rows)
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        return self._waiting.pending_output()
