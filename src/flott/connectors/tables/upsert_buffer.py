"""Keeps rows back for a while before they are written, the last of each key: a key that changes
many times a second is written once.

Nothing is kept over a checkpoint, so there is no state.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from flott.common.physical_types import column_name
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, INSERT, UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter

_KIND = "kind"


class UpsertBufferSink(Sink):
    """Writes to ``sink`` the last change of each key.

    Args:
        sink: What is written to.
        keys: The key's columns.
        rows_max: How many keys are kept back at most.
        interval_ms: How long.
    """

    def __init__(self, sink: Sink, keys: tuple[int, ...], rows_max: int, interval_ms: int) -> None:
        self._sink = sink
        self._keys = keys
        self._rows_max = rows_max
        self._interval_ms = interval_ms

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        writer = self._sink.create_writer(context, restored, committer)
        return _BufferedWriter(writer, context, self._keys, self._rows_max, self._interval_ms)

    def create_committer(self, context: OperatorContext) -> Committer | None:
        return self._sink.create_committer(context)


class _BufferedWriter(SinkWriter):
    def __init__(
        self,
        writer: SinkWriter,
        context: OperatorContext,
        keys: tuple[int, ...],
        rows_max: int,
        interval_ms: int,
    ) -> None:
        self._writer = writer
        self._context = context
        self._keys = [column_name(each) for each in keys]
        self._rows_max = rows_max
        self._interval_ms = interval_ms
        self._kept: list[pl.DataFrame] = []
        self._rows = 0
        self._is_closed = False
        self._schedule()

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, ColumnBatch)
        kinds = pl.lit(INSERT, pl.Int8) if batch.kinds is None else batch.kinds
        self._kept.append(batch.frame.with_columns(kinds.alias(_KIND)))
        self._rows += batch.row_count
        if self._rows < self._rows_max:
            return
        last = self._last()
        self._kept, self._rows = [last], last.height
        if self._rows >= self._rows_max:
            self._write_kept()

    def _last(self) -> pl.DataFrame:
        """The last change of each key."""
        return pl.concat(self._kept).unique(self._keys, keep="last", maintain_order=True)

    def _write_kept(self) -> None:
        if not self._kept:
            return
        frame = self._last()
        self._kept, self._rows = [], 0
        kinds = frame.drop_in_place(_KIND)
        gone = kinds.is_in([UPDATE_BEFORE, DELETE])
        if gone.any():
            self._writer.write(ColumnBatch(frame, gone.cast(pl.Int8) * DELETE))
        else:
            self._writer.write(ColumnBatch(frame))

    def _schedule(self) -> None:
        now_ms = self._context.clock.now_ms()
        self._context.schedule(now_ms + self._interval_ms, self._tick)

    def _tick(self) -> None:
        if self._is_closed:
            return
        self._write_kept()
        self._schedule()

    def flush(self, end_of_input: bool) -> None:
        self._write_kept()
        self._writer.flush(end_of_input)

    def prepare_commit(self, checkpoint_id: int) -> list[Any]:
        return self._writer.prepare_commit(checkpoint_id)

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return self._writer.snapshot(checkpoint_id)

    def close(self) -> None:
        self._is_closed = True
        self._writer.close()
