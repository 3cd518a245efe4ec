"""Rows that wait for the watermark to pass them; those it has passed already are late."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.operator import LATE_RECORDS_METRIC, PendingOutput
from flott.kernels.columns.time_buffer import TimeBuffer
from flott.metrics import Counter
from flott.operators.columns.changes import until_us


def drop_late(
    frame: pl.DataFrame, times: pl.Series, passed: int, late: Counter
) -> tuple[pl.DataFrame, pl.Series]:
    """The rows whose time is after ``passed``, with their times; the others are counted.

    A row without a time is late: nothing will ever pass it.
    """
    on_time = (times > passed).fill_null(False)
    if on_time.all():
        return frame, times
    late.inc(frame.height - int(on_time.sum()))
    return frame.filter(on_time), times.filter(on_time)


class WaitingRows:
    """Rows by time, kept as keyed state.

    Args:
        context: The operator's.
        name: Of the state.
        types: Of the rows' columns.
        key: Positions of the columns that decide the key group; empty for rows without a key.
    """

    def __init__(
        self,
        context: OperatorContext,
        name: str,
        types: Sequence[DataType],
        key: tuple[int, ...] = (),
    ) -> None:
        self._buffer = TimeBuffer(polars_schema(types), key, context.max_parallelism)
        context.keyed_store.attach(name, self._buffer)
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)
        self._passed_us = MIN_WATERMARK

    def add(self, frame: pl.DataFrame, times_us: pl.Series) -> None:
        """Keep the rows that are not late."""
        self._buffer.add(*drop_late(frame, times_us, self._passed_us, self._late))

    def advance(self, watermark_ms: int) -> pl.DataFrame | None:
        """Remove and return the rows that the watermark has passed, by time; ``None`` for none."""
        self._passed_us = until_us(watermark_ms)
        return self._buffer.take(self._passed_us)

    def take(self, until: int) -> pl.DataFrame | None:
        """The same by another clock: rows up to ``until``, in microseconds, that come later are not
        late."""
        return self._buffer.take(until)

    @property
    def earliest_ms(self) -> int | None:
        """When the first row is due."""
        earliest = self._buffer.earliest
        return None if earliest is None else earliest // 1000

    def pending_output(self, *, is_window: bool = False) -> PendingOutput | None:
        """See `flott.core.operator.Operator`."""
        due_ms = self.earliest_ms
        return None if due_ms is None else PendingOutput(due_ms, is_window=is_window)
