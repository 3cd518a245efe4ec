"""Window table functions: every row with its windows as columns."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.logical_types import DataType, RowType
from flott.common.physical_types import column_name, column_names
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.columns.description import AggregateColumn
from flott.operators.columns.windows.borders import BORDERS
from flott.operators.columns.windows.session_operator import SessionWindowOperator
from flott.operators.columns.windows.slices import Slices
from flott.operators.columns.windows.time import WallClock


@dataclass(frozen=True)
class WindowAssignSpec(OperatorSpec):
    """Adds window_start, window_end and window_time; a row of several windows comes several times.

    SESSION holds rows back until their session is over.

    Attributes:
        window_kind: TUMBLE, HOP, CUMULATE or SESSION.
        time_column: The time attribute; not looked at for processing time.
        size_ms: Length of a window; the gap of SESSION.
        slide_ms: Time between windows of HOP; the step of CUMULATE.
        offset_ms: Shifts all borders.
        partition: Columns by which sessions are told apart.
        input_types: Types of the input's columns.
        is_event_time: Whether watermarks, not the clock, say what is over.
        zone: Time zone of the borders; ``None`` for times without a zone.
        final_only: BATCH.
        description: Text for plans.
    """

    window_kind: str
    time_column: int
    size_ms: int
    slide_ms: int
    offset_ms: int
    partition: tuple[int, ...]
    input_types: tuple[DataType, ...]
    is_event_time: bool = True
    zone: str | None = None
    final_only: bool = False
    description: str = ""

    def build(self) -> Operator:
        if self.window_kind == "SESSION":
            return SessionAssignOperator(self)
        return WindowAssignOperator(self)

    @property
    def kind(self) -> str:
        return "WindowTableFunction"

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return self.window_kind != "SESSION"


class WindowAssignOperator(Operator):
    """See ``WindowAssignSpec``; windows of fixed length need no state."""

    def __init__(self, spec: WindowAssignSpec) -> None:
        self._spec = spec
        self._slices = Slices(spec.window_kind, spec.size_ms, spec.slide_ms, spec.offset_ms)
        self._clock = WallClock(spec.zone)

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        slices, spec = self._slices, self._spec
        if spec.final_only:
            batch = self._clock.with_time(batch, spec.time_column)
        if spec.is_event_time or spec.final_only:
            first = slices.slice_end(self._clock.local_ms(batch.frame, spec.time_column))
        else:
            now_ms = self._clock.to_local(self.context.clock.now_ms())
            first = pl.lit(slices.slice_at(now_ms), dtype=pl.Int64)
        frame = batch.frame.with_columns(first.alias("end"))
        if batch.kinds is not None:
            frame = frame.with_columns(batch.kinds.alias("kind"))
        if spec.window_kind != "TUMBLE":
            frame = self._multiplied(frame)
        results = frame.select(
            *column_names(batch.frame.width), *self._borders(batch.frame.width, frame)
        )
        kinds = None if batch.kinds is None else frame["kind"]
        self.output.emit(ColumnBatch(results, kinds))

    def _multiplied(self, frame: pl.DataFrame) -> pl.DataFrame:
        """A row for each window that has the slice ``end``; none where there is a gap."""
        slices, end = self._slices, pl.col("end")
        size, offset, distance = slices.size_ms, slices.offset_ms, slices.slide_ms
        if slices.window_kind == "HOP":
            last = (end - slices.step_ms - offset) // distance * distance + offset + size
        else:
            last = (end - 1 - offset) // size * size + offset + size
        first = last - (last - end) // distance * distance
        frame = frame.with_columns(pl.int_ranges(first, last + 1, distance).alias("end"))
        if slices.has_gaps:
            frame = frame.filter(pl.col("end").list.len() > 0)
        return frame.explode("end")

    def _borders(self, width: int, frame: pl.DataFrame) -> list[pl.Expr]:
        slices, end = self._slices, pl.col("end")
        if slices.window_kind == "CUMULATE":
            size, offset = slices.size_ms, slices.offset_ms
            start = (end - 1 - offset) // size * size + offset
        else:
            start = end - slices.size_ms
        last = end - 1
        if self._spec.zone not in (None, "UTC"):
            instants = {each: self._clock.instant(each - 1) for each in frame["end"].unique()}
            last = end.replace_strict(instants, return_dtype=pl.Int64)
        return [
            (each * 1000).cast(pl.Datetime("us")).alias(column_name(width + number))
            for number, each in enumerate((start, end, last))
        ]


class SessionAssignOperator(SessionWindowOperator):
    """See ``WindowAssignSpec``: sessions that collect their rows."""

    def __init__(self, spec: WindowAssignSpec) -> None:
        self._width = len(spec.input_types)
        row = RowType.of(*zip(column_names(self._width), spec.input_types))
        collected = AggregateColumn("ROWS", tuple(range(self._width)), tuple(spec.input_types), row)
        super().__init__(
            spec.partition,
            (collected,),
            spec.input_types,
            spec.time_column,
            spec.size_ms,
            BORDERS,
            spec.zone,
            spec.is_event_time,
            False,
            spec.final_only,
        )
        self._partition = len(spec.partition)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        assert batch.kinds is None
        super().process_batch(batch, input_index)

    def _emit(self, frames: object) -> None:
        assert isinstance(frames, list)
        super()._emit([self._rows(frame) for frame in frames])

    def _rows(self, closed: pl.DataFrame) -> pl.DataFrame:
        """A row for each row of each session, its borders behind."""
        names = closed.columns[self._partition :]
        rows = closed.select(names).explode(names[0])
        fields = [
            pl.col(names[0]).struct.field(name).alias(f"row {name}")
            for name in column_names(self._width)
        ]
        results = rows.select(*fields, *names[1:])
        results.columns = list(column_names(results.width))
        return results
