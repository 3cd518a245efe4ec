"""Interval joins: partners whose times lie within a window around each other.

Rows are kept, ordered by time, only for as long as the other side can bring partners, and nothing
is ever taken back: a row without a partner gets its NULLs once its window has passed. What goes out
then is older than the watermark, so the watermark that is passed on lags behind by the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.logical_types import BigIntType, DataType
from flott.common.physical_types import column_name, column_names
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.expression import Predicate
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels.columns.frames import to_series
from flott.operators.columns.changes import until_us
from flott.operators.columns.joins import sides as s

_US: Final = 1000


@dataclass(frozen=True)
class IntervalJoinSpec(OperatorSpec):
    """Joins insert-only inputs where right time lies between left time + lower and + upper.

    Attributes:
        join_kind: INNER, LEFT, RIGHT or FULL.
        left_keys: Columns that must equal ...
        right_keys: ... these, pair by pair.
        null_safe: For each pair of keys, whether NULL equals NULL.
        left_time: The left time column; not looked at in processing time.
        right_time: The right time column.
        lower_ms: The earliest right time, from the left one; included.
        upper_ms: The latest right time, from the left one; included.
        condition: What a pair must fulfil besides, over the left, then the right columns.
        left_types: Types of the left columns.
        right_types: Types of the right columns.
        is_event_time: Whether time is a column, or the clock when a row comes.
    """

    join_kind: str
    left_keys: tuple[int, ...]
    right_keys: tuple[int, ...]
    null_safe: tuple[bool, ...]
    left_time: int
    right_time: int
    lower_ms: int
    upper_ms: int
    condition: Predicate | None
    left_types: tuple[DataType, ...]
    right_types: tuple[DataType, ...]
    is_event_time: bool = True
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in ("INNER", "LEFT", "RIGHT", "FULL"), self.join_kind
        return _EventTimeJoin(self) if self.is_event_time else _ProcessingTimeJoin(self)

    @property
    def meaning(self) -> str:
        return self.description


class _IntervalJoin(Operator):
    """What both kinds of time share: all that follows from how far time has come."""

    def __init__(
        self,
        spec: IntervalJoinSpec,
        types: tuple[tuple[DataType, ...], tuple[DataType, ...]],
        times: tuple[int, int],
        condition: Predicate | None,
    ) -> None:
        self._spec = spec
        self._types = types
        self._times = times
        self._condition = condition
        lower, upper = spec.lower_ms * _US, spec.upper_ms * _US
        self._shapes = [
            s.final_shape_of(
                spec.join_kind, s.LEFT, time_column=times[s.LEFT], lower=lower, upper=upper
            ),
            s.final_shape_of(
                spec.join_kind, s.RIGHT, time_column=times[s.RIGHT], lower=-upper, upper=-lower
            ),
        ]
        # How long after its own time a row may find partners.
        self._waits_us = (upper, -lower)

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        if self._condition is not None:
            self._condition.open(context)
        keys = (spec.left_keys, spec.right_keys)
        left, right = (
            s.SideOptions(types, key, sorted_by=time)
            for types, key, time in zip(self._types, keys, self._times, strict=True)
        )
        self._sides = s.Sides(context, left, right, spec.null_safe)

    def _join(self, batch: ColumnBatch, side: int) -> None:
        step = self._sides.step(batch, side, self._shapes[side], 0)
        for changes in s.finished(step, self._condition):
            self._emit(changes)

    def _emit(self, changes: ColumnBatch) -> None:
        self.output.emit(changes)

    def _advance(self, now_us: int) -> None:
        """Let rows go whose window has passed at ``now_us``."""
        for side in (s.LEFT, s.RIGHT):
            limit = _in_range(now_us - self._waits_us[side])
            self._shapes[side].keep_after = limit
            rows = self._sides.rows[side]
            ids = to_series(rows.native.take_until(limit))
            if not ids.len():
                continue
            if s.pads(self._spec.join_kind, side):
                self._emit_padded(side, ids)
            rows.remove(ids, self._sides.rows[1 - side])

    def _emit_padded(self, side: int, ids: pl.Series) -> None:
        matches = to_series(self._sides.rows[side].native.matches(ids))
        for part in s.in_parts(ids.filter(matches == 0)):
            self._emit(ColumnBatch(self._sides.padded(side, part)))

    def _earliest_ms(self) -> int | None:
        """When the window of the first row passes."""
        found = [
            (earliest + self._waits_us[side]) // _US
            for side in (s.LEFT, s.RIGHT)
            if (earliest := self._sides.rows[side].native.earliest_time) is not None
        ]
        return min(found, default=None)


class _EventTimeJoin(_IntervalJoin):
    def __init__(self, spec: IntervalJoinSpec) -> None:
        types = (spec.left_types, spec.right_types)
        times = (spec.left_time, spec.right_time)
        super().__init__(spec, types, times, spec.condition)
        self._lag_ms = max(spec.upper_ms, -spec.lower_ms, 0)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        times = batch.frame.to_series(self._times[input_index])
        if times.null_count():
            self._pass_timeless(batch.filter(times.is_null()), input_index)
            batch = batch.filter(times.is_not_null())
        if batch.row_count:
            self._join(batch, input_index)

    def _pass_timeless(self, batch: ColumnBatch, side: int) -> None:
        """A row without a time has no partner, ever."""
        if s.pads(self._spec.join_kind, side):
            self.output.emit(ColumnBatch(self._sides.with_nulls(side, batch.frame)))

    def process_watermark(self, timestamp: int) -> None:
        self._advance(until_us(timestamp))
        if timestamp not in (MIN_WATERMARK, MAX_WATERMARK):
            timestamp = max(timestamp - self._lag_ms, MIN_WATERMARK)
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        if self._spec.join_kind == "INNER":
            return None
        earliest = self._earliest_ms()
        return None if earliest is None else PendingOutput(earliest)


class _ProcessingTimeJoin(_IntervalJoin):
    """Keeps the time of arrival in a last column of its own on each side."""

    def __init__(self, spec: IntervalJoinSpec) -> None:
        time_type = (BigIntType(nullable=False),)
        widths = (len(spec.left_types), len(spec.right_types))
        self._hidden = [column_name(widths[s.LEFT]), column_name(sum(widths) + 1)]
        self._names = list(column_names(sum(widths)))
        condition = spec.condition
        if condition is not None:
            condition = _Without(self._hidden, self._names, condition)
        types = (spec.left_types + time_type, spec.right_types + time_type)
        super().__init__(spec, types, widths, condition)
        self._timer_ms: int | None = None

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._set_timer()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        now_us = self.context.clock.now_ms() * _US
        self._advance(now_us - 1)
        name = column_name(self._times[input_index])
        frame = batch.frame.with_columns(pl.lit(now_us, dtype=pl.Int64).alias(name))
        self._join(ColumnBatch(frame, batch.kinds), input_index)
        self._set_timer()

    def _emit(self, changes: ColumnBatch) -> None:
        frame = _without(changes.frame, self._hidden, self._names)
        self.output.emit(ColumnBatch(frame, changes.kinds))

    def _set_timer(self) -> None:
        due_ms = self._earliest_ms()
        if due_ms is None or (self._timer_ms is not None and self._timer_ms <= due_ms + 1):
            return
        self._timer_ms = due_ms + 1
        self.context.schedule(self._timer_ms, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_ms = None
        self._advance(self.context.clock.now_ms() * _US - 1)
        self._set_timer()

    def pending_output(self) -> PendingOutput | None:
        return None if self._timer_ms is None else PendingOutput(None, self._timer_ms)


class _Without(Predicate):
    """A condition that knows nothing of the columns kept beside."""

    def __init__(self, hidden: list[str], names: list[str], inner: Predicate) -> None:
        self._hidden = hidden
        self._names = names
        self._inner = inner

    def open(self, context: OperatorContext | None) -> None:
        self._inner.open(context)

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return self._inner.evaluate(_without(frame, self._hidden, self._names))


def _without(frame: pl.DataFrame, hidden: list[str], names: list[str]) -> pl.DataFrame:
    shown = frame.drop(hidden)
    shown.columns = names
    return shown


def _in_range(time: int) -> int:
    return max(min(time, MAX_WATERMARK), MIN_WATERMARK)
