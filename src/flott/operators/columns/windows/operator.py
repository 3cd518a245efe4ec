"""What operators with windows share: progress of time, lateness, firing by watermark or clock."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK, Barrier
from flott.core.operator import LATE_RECORDS_METRIC, Operator, PendingOutput
from flott.core.output import Output

#: Later than every window, with room for arithmetic.
END_OF_TIME_MS = 2**60
#: Results of so many rows are a batch of their own.
_BATCH_ROWS: Final = 1 << 14


class WindowOperator(Operator):
    """Fires windows when time has passed their end.

    Progress is the watermark, or the clock for windows in processing time. It is part of the state,
    so that windows that have fired stay fired after a restore.

    Args:
        is_event_time: Whether watermarks, not the clock, say what is over.
        final_only: BATCH: windows fire at the end of the input.
    """

    def __init__(self, is_event_time: bool, final_only: bool) -> None:
        self._is_event_time = is_event_time
        self._final_only = final_only
        self._progress_ms = MIN_WATERMARK
        self._scheduled_ms: set[int] = set()

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._late = context.metrics.counter(LATE_RECORDS_METRIC)
        restored = context.operator_store.union_list_state("progress").get()
        if restored:
            self._progress_ms = min(restored)

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self.context.operator_store.union_list_state("progress").update([self._progress_ms])

    def process_watermark(self, timestamp: int) -> None:
        if self._is_event_time and timestamp > self._progress_ms:
            self._progress_ms = timestamp
            self._fire(min(timestamp, END_OF_TIME_MS))
        super().process_watermark(timestamp)

    def finish(self) -> None:
        if self._final_only:
            self._fire(END_OF_TIME_MS)

    def pending_output(self) -> PendingOutput | None:
        due_ms = self._next_firing_ms()
        if due_ms is None:
            return None
        if self._is_event_time:
            return PendingOutput(due_ms, is_window=True)
        return PendingOutput(None, due_ms, is_window=True)

    def _schedule(self) -> None:
        """Have the clock call when the next window is over."""
        due_ms = None if self._is_event_time or self._final_only else self._next_firing_ms()
        if due_ms is not None and due_ms not in self._scheduled_ms:
            self._scheduled_ms.add(due_ms)
            self.context.schedule(due_ms, lambda: self._on_clock(due_ms))

    def _on_clock(self, due_ms: int) -> None:
        self._scheduled_ms.discard(due_ms)
        self._progress_ms = max(self._progress_ms, due_ms, self.context.clock.now_ms())
        self._fire(self._progress_ms)
        self._schedule()

    def _without_late(
        self, frame: pl.DataFrame, kinds: pl.Series | None, on_time: pl.Series | None
    ) -> tuple[pl.DataFrame, pl.Series | None]:
        """Count and drop the rows that are not ``on_time``; ``None`` if all are."""
        if on_time is None or on_time.all():
            return frame, kinds
        self._late.inc(frame.height - int(on_time.sum()))
        return frame.filter(on_time), None if kinds is None else kinds.filter(on_time)

    def _emit(self, frames: Iterable[pl.DataFrame]) -> None:
        """Small results together; large ones one by one, for each may be as large as the state."""
        parts: list[pl.DataFrame] = []
        for frame in frames:
            if frame.height >= _BATCH_ROWS:
                self._emit_together(parts)
                self.output.emit(ColumnBatch(frame))
                parts = []
            elif frame.height:
                parts.append(frame)
        self._emit_together(parts)

    def _emit_together(self, frames: Sequence[pl.DataFrame]) -> None:
        if frames:
            self.output.emit(ColumnBatch(pl.concat(frames) if len(frames) > 1 else frames[0]))

    @abstractmethod
    def _fire(self, until_ms: int) -> None:
        """Emit the windows that are over at ``until_ms``."""

    @abstractmethod
    def _next_firing_ms(self) -> int | None:
        """When the next window is over."""
