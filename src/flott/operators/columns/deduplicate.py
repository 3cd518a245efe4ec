"""Deduplication: the first or the last row of each key, by a time attribute.

Keeping the first by event time waits until the watermark tells that no earlier row comes, and so
never takes anything back. Keeping the last shows every later row at once, as an update. By
processing time the order is that of arrival.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import column_name, column_names, polars_schema
from flott.core.batch import Batch
from flott.core.column_batch import UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.operator import Operator, OperatorSpec, PendingOutput
from flott.core.output import Output
from flott.kernels.columns.row_store import KeyedRows
from flott.operators.columns.changes import time_us
from flott.operators.columns.waiting_rows import WaitingRows

_SLOT: Final = "slot"
_TIME: Final = "time"


@dataclass(frozen=True)
class DeduplicateSpec(OperatorSpec):
    """Keeps one row of each key; the input is insert-only.

    Attributes:
        keys: Columns of the key.
        time_column: The time attribute; not looked at in processing time.
        keeps_last: The last row rather than the first.
        is_event_time: Whether time is a column, or the order of arrival.
        input_types: Types of the input's columns.
        emits_update_before: Whether the consumer wants -U.
        ttl_ms: How long a key is remembered after its last row; 0 for ever.
    """

    keys: tuple[int, ...]
    time_column: int
    keeps_last: bool
    is_event_time: bool
    input_types: tuple[DataType, ...]
    emits_update_before: bool = True
    ttl_ms: int = 0
    description: str = ""

    def build(self) -> Operator:
        if self.keeps_last:
            return _KeepLast(self)
        return _KeepFirstByTime(self) if self.is_event_time else _KeepFirst(self)


class _Deduplicate(Operator):
    def __init__(self, spec: DeduplicateSpec) -> None:
        self._spec = spec
        self._names = list(column_names(len(spec.input_types)))

    def _kept_rows(
        self, context: OperatorContext, columns: tuple[int, ...], newest_by: int | None = None
    ) -> KeyedRows:
        """One row a key, of the columns given, which begin with the key's."""
        types = [self._spec.input_types[i] for i in columns]
        key = tuple(columns.index(i) for i in self._spec.keys)
        rows = KeyedRows(
            polars_schema(types),
            key,
            context.max_parallelism,
            unique=(),
            newest_by=newest_by,
            ttl_ms=self._spec.ttl_ms,
        )
        context.keyed_store.attach("kept", rows)
        return rows


class _KeepLast(_Deduplicate):
    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        newest_by = self._spec.time_column if self._spec.is_event_time else None
        columns = tuple(range(len(self._spec.input_types)))
        self._rows = self._kept_rows(context, columns, newest_by)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._rows.expire(self.context.clock.now_ms())
        frame = batch.frame
        changed, kinds = self._rows.apply(self._rows.slots(frame), frame, None)
        if not self._spec.emits_update_before and kinds is not None:
            mask = kinds != UPDATE_BEFORE
            changed, kinds = changed.filter(mask), kinds.filter(mask)
        if changed.height:
            self.output.emit(ColumnBatch(changed, kinds))


class _KeepFirst(_Deduplicate):
    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._rows = self._kept_rows(context, self._spec.keys)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._rows.expire(self.context.clock.now_ms())
        fresh = self._unseen(batch.frame)
        if fresh.height:
            self.output.emit(ColumnBatch(fresh))

    def _unseen(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The first row of each key that has not been seen, which it is from now on."""
        first = frame.unique(
            [column_name(i) for i in self._spec.keys], keep="first", maintain_order=True
        )
        keys = first.select(
            pl.col(column_name(i)).alias(column_name(at)) for at, i in enumerate(self._spec.keys)
        )
        slots = self._rows.slots(keys)
        seen, _ = self._rows.of(slots)
        is_new = pl.select(
            ~pl.int_range(slots.len(), dtype=pl.UInt32).is_in(seen.implode())
        ).to_series()
        self._rows.append(slots.filter(is_new), keys.filter(is_new))
        return first.filter(is_new)


class _KeepFirstByTime(_KeepFirst):
    """Rows wait for the watermark; then the first of each new key goes out."""

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        spec = self._spec
        self._waiting = WaitingRows(context, "waiting", spec.input_types, spec.keys)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, ColumnBatch)
        self._waiting.add(batch.frame, time_us(batch.frame, self._spec.time_column))

    def process_watermark(self, timestamp: int) -> None:
        self._rows.expire(self.context.clock.now_ms())
        due = self._waiting.advance(timestamp)
        if due is not None:
            fresh = self._unseen(due)
            if fresh.height:
                self.output.emit(ColumnBatch(fresh))
        self.output.emit_watermark(timestamp)

    def pending_output(self) -> PendingOutput | None:
        return self._waiting.pending_output()
