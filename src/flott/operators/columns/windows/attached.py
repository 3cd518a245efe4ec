"""Aggregates over rows that have their window as columns: GROUP BY window_start, window_end, ..."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, polars_type
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.window_tables import SliceTable
from flott.operators.columns.aggregate_calls import KernelCalls
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.windows.operator import WindowOperator
from flott.operators.columns.windows.time import WallClock


@dataclass(frozen=True)
class WindowAttachedAggregateSpec(OperatorSpec):
    """Aggregates by key and the window that a row has; the output has keys, calls, window columns.

    Attributes:
        window_start: Position of the window's start.
        window_end: Position of its end, which says when the window is over.
        window_time: Position of its last millisecond, which then says so; ``None`` if not there.
        keys: Positions of the other key columns.
        calls: The aggregates.
        input_types: Types of the input's columns.
        window_columns: Of window_start, window_end and window_time those that are put out.
        is_event_time: Whether watermarks, not the clock, say what is over.
        input_retracts: Whether the input has -U or -D.
        final_only: BATCH: everything at the end.
        zone: Time zone of the borders; ``None`` for times without a zone.
        description: Text for plans.
    """

    window_start: int
    window_end: int
    window_time: int | None
    keys: tuple[int, ...]
    calls: tuple[AggregateColumn, ...]
    input_types: tuple[DataType, ...]
    window_columns: tuple[str, ...]
    is_event_time: bool = True
    input_retracts: bool = False
    final_only: bool = False
    zone: str | None = None
    description: str = ""

    def build(self) -> Operator:
        return AttachedWindowOperator(self)

    @property
    def kind(self) -> str:
        return "WindowAggregate"

    @property
    def meaning(self) -> str:
        return self.description


class AttachedWindowOperator(WindowOperator):
    """See ``WindowAttachedAggregateSpec``. A slice is the instant after the window's last one."""

    def __init__(self, spec: WindowAttachedAggregateSpec) -> None:
        super().__init__(spec.is_event_time, spec.final_only)
        self._spec = spec
        self._clock = WallClock(spec.zone)
        self._borders = [spec.window_start, spec.window_end]
        if spec.window_time is not None:
            self._borders.append(spec.window_time)
        self._calls = KernelCalls(
            spec.calls,
            spec.input_types,
            len(self._borders) + len(spec.keys),
            spec.input_retracts,
        )

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        calls = self._calls
        position = len(calls.input_schema)
        self._slice_name = column_name(position)
        self._table = SliceTable(
            {**calls.input_schema, self._slice_name: pl.Int64()},
            [position, *self._borders, *self._spec.keys],
            calls.result_schema,
            calls.aggregates,
            calls.distinct_sets,
            context.max_parallelism,
            group_from=1 + len(self._borders),
        )
        context.keyed_store.attach("windows", self._table)
        self._schedule()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame, kinds = self._calls.prepare(batch.frame), batch.kinds
        frame = frame.with_columns(self._over_at(batch.frame).alias(self._slice_name))
        if not self._final_only:
            kept = frame[self._slice_name] - 1 > self._progress_ms
            frame, kinds = self._without_late(frame, kinds, kept)
        if frame.height:
            self._table.accumulate(frame, kinds)
            self._schedule()

    def _over_at(self, frame: pl.DataFrame) -> pl.Series:
        """One more than the instant at which each row's window is over."""
        if self._spec.window_time is not None:
            return frame.to_series(self._spec.window_time).to_physical() // 1000 + 1
        ends = frame.to_series(self._spec.window_end).to_physical() // 1000
        if self._spec.zone is None:
            return ends
        instants = {end: self._clock.fires_at(end - 1) + 1 for end in ends.unique()}
        return ends.replace_strict(instants, return_dtype=pl.Int64)

    def _next_firing_ms(self) -> int | None:
        slices = self._table.slices()
        return slices[0] - 1 if slices else None

    def _fire(self, until_ms: int) -> None:
        over = [each for each in self._table.slices() if each - 1 <= until_ms]
        self._emit(self._results(each) for each in over)
        self._table.drop(over)

    def _results(self, over_at: int) -> pl.DataFrame:
        results = self._calls.finish(self._table.results([over_at]))
        count, spec = len(self._borders), self._spec
        names = results.columns
        borders = dict(zip(("window_start", "window_end", "window_time"), names[:count]))
        if count == 2 and "window_time" in spec.window_columns:
            results = results.with_columns(_window_time(spec, self._clock, results[names[1]]))
            borders["window_time"] = "window_time"
        columns = [*names[count:], *(borders[name] for name in spec.window_columns)]
        return results.select(
            pl.col(name).alias(column_name(number)) for number, name in enumerate(columns)
        )


def _window_time(spec: WindowAttachedAggregateSpec, clock: WallClock, ends: pl.Series) -> pl.Series:
    last = ends.to_physical() // 1000 - 1
    if spec.zone is not None:
        instants = {each: clock.instant(each) for each in last.unique()}
        last = last.replace_strict(instants, return_dtype=pl.Int64)
    dtype = polars_type(spec.input_types[spec.window_end])
    return (last * 1000).cast(dtype).alias("window_time")
