"""Aggregates of session windows: rows of a key that follow each other within a gap."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.output import Output
from flott.kernels.columns.window_tables import SessionTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.windows.borders import with_windows
from flott.operators.columns.windows.operator import END_OF_TIME_MS, WindowOperator
from flott.operators.columns.windows.time import WallClock


class SessionWindowOperator(WindowOperator):
    """Sessions by ``keys``; the output has the keys, the calls and ``window_columns``.

    Sessions are runs of instants; only their borders are told in the time zone.
    """

    def __init__(
        self,
        keys: Sequence[int],
        calls: Sequence[AggregateColumn],
        input_types: Sequence[DataType],
        time_column: int,
        gap_ms: int,
        window_columns: Sequence[str],
        zone: str | None,
        is_event_time: bool,
        input_retracts: bool,
        final_only: bool,
    ) -> None:
        super().__init__(is_event_time, final_only)
        self._keys = keys
        self._time_column = time_column
        self._gap_ms = gap_ms
        self._window_columns = window_columns
        self._clock = WallClock(zone)
        self._calls = KernelCalls(calls, input_types, len(keys), input_retracts)

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        calls = self._calls
        position = len(calls.input_schema)
        self._time_name = column_name(position)
        self._table = SessionTable(
            {**calls.input_schema, self._time_name: pl.Int64()},
            [position, *self._keys],
            calls.result_schema,
            calls.aggregates,
            self._gap_ms,
            calls.distinct_sets,
            context.max_parallelism,
        )
        context.keyed_store.attach("sessions", self._table)
        self._schedule()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        if self._final_only:
            batch = WallClock.with_time(batch, self._time_column)
        if self._is_event_time or self._final_only:
            time = WallClock().local_ms(batch.frame, self._time_column)
        else:
            time = pl.lit(self.context.clock.now_ms(), dtype=pl.Int64)
        frame = self._calls.prepare(batch.frame).with_columns(time.alias(self._time_name))
        progress_ms = max(self._progress_ms, -END_OF_TIME_MS)
        late = self._table.accumulate(frame, batch.kinds, progress_ms)
        if late:
            self._late.inc(late)
        self._schedule()

    def _next_firing_ms(self) -> int | None:
        end = self._table.next_end()
        return None if end is None else end - 1

    def _fire(self, until_ms: int) -> None:
        closed = self._table.close(until_ms + 1)
        if not closed.height:
            return
        start, end = closed.columns[-2:]
        borders = closed[start], closed[end]
        results = self._calls.finish(closed.select(closed.columns[:-2]))
        self._emit([with_windows(results, self._window_columns, self._clock, *borders)])
