"""Event time of SQL: watermarks computed from the rows of a table (``WATERMARK FOR``).

A watermark is sent behind the row that raises it by more than the emission interval, and by a
timer else, as in Flink. A batch is divided only where it matters: before a row that is behind the
watermark of the rows before it, so that what counts as late does not depend on how rows were
batched.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from flott.common.sql_errors import RecordError
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.expression import Projection
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.kernels.columns.split_marks import MarkedRows, Sending, mark_splits
from flott.operators.columns.changes import in_microseconds, time_us
from flott.operators.columns.watermark_options import WatermarkOptions
from flott.operators.event_time import watermark_interval_ms


@dataclass(frozen=True)
class WatermarkSpec(OperatorSpec):
    """Makes a column event time.

    Attributes:
        time_column: The column.
        watermark: Computes the watermark of each row, one column; NULL for none. Without, it is
            ``delay_ms`` behind the time.
        strategy: The table's ``scan.watermark.*`` options.
        idle_timeout_ms: After how long without rows the stream is idle; 0 for never.
        delay_ms: See ``watermark``.
        description: What it does, for plans.
    """

    time_column: int
    watermark: Projection | None
    strategy: tuple[tuple[str, str], ...] = ()
    idle_timeout_ms: int = 0
    delay_ms: int = 0
    description: str = ""

    def build(self) -> Operator:
        return _WatermarkAssigner(self)

    @property
    def kind(self) -> str:
        return "WatermarkAssigner"

    @property
    def meaning(self) -> str:
        return self.description

    @property
    def is_stateless(self) -> bool:
        return True


class _WatermarkAssigner(Operator):
    def __init__(self, spec: WatermarkSpec) -> None:
        self._spec = spec
        self._current = MIN_WATERMARK
        self._sent = MIN_WATERMARK
        self._is_idle = False
        self._silent_since_ms: float = 0.0

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        if self._spec.watermark is not None:
            self._spec.watermark.open(context)
        options = WatermarkOptions.read(self._spec.strategy, self._spec.idle_timeout_ms)
        self._timer_ms = watermark_interval_ms(context)
        self._interval_ms = 0 if options.on_event else self._timer_ms
        self._idle_ms = options.idle_timeout_ms
        self._silent_since_ms = context.clock.monotonic_ms()
        if self._timer_ms > 0:
            self._schedule()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._note_activity()
        marked = self._marked(batch.frame)
        start = 0
        for stop, watermark in zip(marked.cut_rows, marked.cut_marks, strict=True):
            if stop > start:
                self.output.emit(batch.slice(start, stop))
                start = stop
            self._send(watermark)
        self.output.emit(batch.slice(start, batch.row_count) if start else batch)
        [self._current] = marked.reached
        if self._current - self._sent > self._interval_ms:
            self._send(self._current)

    def _marked(self, frame: pl.DataFrame) -> MarkedRows:
        """How far the rows take the watermark, and where it must come between them."""
        spec = self._spec
        times, marks = frame.to_series(spec.time_column), None
        if spec.watermark is not None:
            marks = in_microseconds(spec.watermark.evaluate(frame).to_series(0))
        sending = Sending(self._sent, self._interval_ms, since=1)
        marked = mark_splits(
            in_microseconds(times),
            marks,
            spec.delay_ms * 1000,
            [frame.height],
            [self._current],
            MAX_WATERMARK,
            sending,
        )
        if marked.null_time >= 0:
            row_times_ms(frame, spec.time_column)
        return marked

    def process_watermark(self, timestamp: int) -> None:
        """Watermarks of the source do not count, but for its end."""
        if timestamp == MAX_WATERMARK:
            self._send(timestamp)

    def process_status(self, idle: bool) -> None:
        """Whether the stream is idle is decided here."""

    def _send(self, watermark: int) -> None:
        if watermark > self._sent:
            self._sent = self._current = watermark
            self.output.emit_watermark(watermark)

    def _note_activity(self) -> None:
        self._silent_since_ms = self.context.clock.monotonic_ms()
        if self._is_idle:
            self._is_idle = False
            self.output.emit_status(False)

    def _schedule(self) -> None:
        self.context.schedule(self.context.clock.now_ms() + self._timer_ms, self._tick)

    def _tick(self) -> None:
        if self._sent == MAX_WATERMARK:
            return
        if self._current > self._sent:
            self._send(self._current)
        silent_ms = self.context.clock.monotonic_ms() - self._silent_since_ms
        if self._idle_ms and not self._is_idle and silent_ms >= self._idle_ms:
            self._is_idle = True
            self.output.emit_status(True)
        self._schedule()


def row_times_ms(frame: pl.DataFrame, time_column: int) -> pl.Series:
    """The time of each row in milliseconds.

    Raises:
        RecordError: A row has none; says which.
    """
    times = time_us(frame, time_column)
    if times.null_count():
        row = frame.row(times.is_null().arg_true()[0])
        raise RecordError(
            "The time attribute is NULL",
            row=str(row),
            hint="Give the column of the watermark a value, or filter such rows out before.",
        )
    return times // 1000
