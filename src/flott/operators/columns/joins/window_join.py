"""Window joins: rows of both sides that share a window and the keys.

Rows wait until their window closes; then all of it is joined at once and let go. Results are final.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.expression import Predicate
from flott.core.operator import LATE_RECORDS_METRIC, Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels.columns.time_buffer import TimeBuffer
from flott.operators.columns.changes import time_us, until_us
from flott.operators.columns.joins import sides as s
from flott.operators.columns.waiting_rows import drop_late

_US: Final = 1000
_LEFT_ROW: Final = "left row"
_RIGHT_ROW: Final = "right row"
#: Rows that are joined in one go, of however many windows.
_ROWS_AT_ONCE: Final = 1 << 17


@dataclass(frozen=True)
class WindowJoinSpec(OperatorSpec):
    """Joins insert-only inputs whose rows have a window.

    Attributes:
        join_kind: INNER, LEFT, RIGHT, FULL, SEMI or ANTI.
        left_keys: Columns that must equal ...
        right_keys: ... these, pair by pair, besides the window.
        null_safe: For each pair of keys, whether NULL equals NULL.
        left_window: The columns window_start and window_end of the left side.
        right_window: The same of the right side.
        condition: What a pair must fulfil besides, over the left, then the right columns.
        left_types: Types of the left columns.
        right_types: Types of the right columns.
        is_event_time: Whether the watermark closes windows, or the clock.
        zone: The time zone in which the window's borders are given; ``None`` if they are in UTC.
        final_only: Join when the inputs end; for bounded inputs without watermarks.
    """

    join_kind: str
    left_keys: tuple[int, ...]
    right_keys: tuple[int, ...]
    null_safe: tuple[bool, ...]
    left_window: tuple[int, int]
    right_window: tuple[int, int]
    condition: Predicate | None
    left_types: tuple[DataType, ...]
    right_types: tuple[DataType, ...]
    is_event_time: bool = True
    zone: str | None = None
    final_only: bool = False
    description: str = ""

    def build(self) -> Operator:
        assert self.join_kind in s.KINDS, self.join_kind
        return _WindowJoin(self)

    @property
    def meaning(self) -> str:
        return self.description


class _WindowJoin(Operator):
    def __init__(self, spec: WindowJoinSpec) -> None:
        self._spec = spec
        self._windows = (spec.left_window, spec.right_window)
        self._closed_us = MIN_WATERMARK
        self._timer_ms: int | None = None
        self._pairs = PairFinder(spec)

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        if spec.condition is not None:
            spec.condition.open(context)
        sides = ((spec.left_types, spec.left_keys), (spec.right_types, spec.right_keys))
        self._buffers = tuple(
            TimeBuffer(polars_schema(types), keys, context.max_parallelism) for types, keys in sides
        )
        for name, buffer in zip(("left", "right"), self._buffers, strict=True):
            context.keyed_store.attach(name, buffer)
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)
        self._set_timer()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        frame = batch.frame
        ends = self._closing_times(frame, self._windows[input_index][1])
        if self._spec.final_only:
            ends = constant(0, frame.height, pl.Int64)
        frame, ends = drop_late(frame, ends, self._closed_us, self._late)
        if frame.height:
            self._buffers[input_index].add(frame, ends)
        self._set_timer()

    def _closing_times(self, frame: pl.DataFrame, end_column: int) -> pl.Series:
        """The last millisecond of each row's window."""
        if self._spec.zone is not None:
            local = frame.to_series(end_column).dt.replace_time_zone(
                self._spec.zone, ambiguous="latest", non_existent="null"
            )
            frame = frame.with_columns(local.dt.convert_time_zone("UTC"))
        return time_us(frame, end_column) - _US

    def process_watermark(self, timestamp: int) -> None:
        if self._spec.is_event_time and not self._spec.final_only:
            self._close_until(until_us(timestamp))
        self.output.emit_watermark(timestamp)

    def finish(self) -> None:
        if self._spec.final_only:
            self._close_until(MAX_WATERMARK)

    def _close_until(self, limit_us: int) -> None:
        self._closed_us = max(self._closed_us, limit_us)
        # Rows of different windows never meet: where they are many, one window at a time.
        while sum(each.row_count for each in self._buffers) > _ROWS_AT_ONCE:
            earliest = self._earliest_us()
            if earliest is None or earliest > limit_us:
                return
            self._close(earliest)
        self._close(limit_us)

    def _close(self, limit_us: int) -> None:
        left, right = (
            buffer.take(limit_us)
            if buffer.earliest is not None and buffer.earliest <= limit_us
            else None
            for buffer in self._buffers
        )
        if left is None and right is None:
            return
        joined = self._pairs.join(left, right)
        if joined.height:
            self.output.emit(ColumnBatch(joined))

    # -- processing time

    def _earliest_us(self) -> int | None:
        found = [each.earliest for each in self._buffers if each.earliest is not None]
        return min(found, default=None)

    def _earliest_ms(self) -> int | None:
        earliest = self._earliest_us()
        return None if earliest is None else earliest // _US

    def _set_timer(self) -> None:
        if self._spec.is_event_time or self._spec.final_only:
            return
        due_ms = self._earliest_ms()
        if due_ms is None or (self._timer_ms is not None and self._timer_ms <= due_ms):
            return
        self._timer_ms = due_ms
        self.context.schedule(due_ms, self._on_timer)

    def _on_timer(self) -> None:
        self._timer_ms = None
        self._close_until(until_us(self.context.clock.now_ms()))
        self._set_timer()

    def pending_output(self) -> PendingOutput | None:
        if self._spec.is_event_time:
            earliest = self._earliest_ms()
            return None if earliest is None else PendingOutput(earliest, is_window=True)
        return None if self._timer_ms is None else PendingOutput(None, self._timer_ms, True)


class PairFinder:
    """Joins two frames that are there as a whole, as a window join spec says."""

    def __init__(self, spec: WindowJoinSpec) -> None:
        self._spec = spec
        self._never_null = [2 + i for i in s.never_null(spec.null_safe)]
        self._empty = (
            pl.DataFrame(schema=polars_schema(spec.left_types)),
            pl.DataFrame(schema=polars_schema(spec.right_types)),
        )
        width = len(spec.left_types)
        self._right_names = list(column_names(width + len(spec.right_types))[width:])
        self._left = [column_name(i) for i in (*spec.left_window, *spec.left_keys)]
        self._right = [self._right_names[i] for i in (*spec.right_window, *spec.right_keys)]

    def join(self, left: pl.DataFrame | None, right: pl.DataFrame | None) -> pl.DataFrame:
        """The rows of the join."""
        left = self._empty[s.LEFT] if left is None else left
        right = (self._empty[s.RIGHT] if right is None else right).rename(
            dict(zip(self._empty[s.RIGHT].columns, self._right_names, strict=True))
        )
        pairs = self._pairs(left, right)
        if self._spec.condition is not None and pairs.height:
            candidates = left[pairs[_LEFT_ROW]].hstack(right[pairs[_RIGHT_ROW]])
            pairs = pairs.filter(self._spec.condition.evaluate(candidates))
        return self._result(left, right, pairs)

    def _pairs(self, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
        """Row numbers of rows with equal windows and keys."""
        sides = []
        for frame, names, row in ((left, self._left, _LEFT_ROW), (right, self._right, _RIGHT_ROW)):
            keys = frame.select(pl.col(name).alias(f"k{i}") for i, name in enumerate(names))
            keys = keys.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias(row))
            sides.append(keys.drop_nulls([f"k{i}" for i in self._never_null]))
        on = [f"k{i}" for i in range(len(self._left))]
        pairs = sides[0].join(sides[1], on=on, nulls_equal=True, maintain_order="left_right")
        return pairs.select(_LEFT_ROW, _RIGHT_ROW)

    def _result(self, left: pl.DataFrame, right: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
        kind = self._spec.join_kind
        has_partner = _marked(left.height, pairs[_LEFT_ROW])
        if kind == "SEMI":
            return left.filter(has_partner)
        if kind == "ANTI":
            return left.filter(~has_partner)
        parts = [left[pairs[_LEFT_ROW]].hstack(right[pairs[_RIGHT_ROW]])]
        if s.pads(kind, s.LEFT):
            alone = left.filter(~has_partner)
            parts.append(alone.hstack(right.clear(alone.height)))
        if s.pads(kind, s.RIGHT):
            alone = right.filter(~_marked(right.height, pairs[_RIGHT_ROW]))
            parts.append(left.clear(alone.height).hstack(alone))
        return pl.concat([part for part in parts if part.height] or parts[:1])


def _marked(count: int, rows: pl.Series) -> pl.Series:
    """Which of 0 .. count - 1 are among ``rows``."""
    return pl.int_range(count, dtype=pl.UInt32, eager=True).is_in(rows.implode())
