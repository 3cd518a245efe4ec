"""The operator that runs a source's reader: splits in, batches and watermarks out.

It asks for a split whenever it has none, gives each split a watermark generator of its own, keeps
the positions of unfinished splits in its state, and ends when there are no more splits. Splits
that run ahead of their alignment group are paused, not dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flott.common.watermark_strategy import WatermarkAlignment, WatermarkStrategy
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK, Barrier
from flott.core.operator import Operator, OperatorSpec, SourceOperator, SourcePoll
from flott.core.output import Output
from flott.core.source import REJECTED_RECORDS_TAG, NoSplitsForNow, Source
from flott.operators.event_time import (
    TimestampAssignment,
    WatermarkTracker,
    watermark_interval_ms,
)
from flott.operators.rows.conversions import conversion_of
from flott.operators.rows.row_operator import convert_results
from flott.operators.split_watermarks import SplitWatermarks

__all__ = ["ReaderOperator", "SourceSpec"]


@dataclass(frozen=True, slots=True)
class SourceSpec(OperatorSpec):
    """Reads ``source``.

    Attributes:
        source: the source.
        watermark_strategy: how timestamps and watermarks arise; None for neither.
        output_type: the declared type of the records; None lets any object pass.
    """

    source: Source = field()  # a slot of its own hides the property of the base
    watermark_strategy: WatermarkStrategy | None = None
    output_type: Any = None

    def build(self) -> Operator:
        return ReaderOperator(self.source, self.watermark_strategy, self.output_type)

    @property
    def kind(self) -> str:
        return "Source"

    @property
    def meaning(self) -> str:
        return self.source.name


class ReaderOperator(TimestampAssignment, SourceOperator):
    """Runs a reader for rows; the operator for columns overrides how batches are emitted."""

    def __init__(
        self, source: Source, strategy: WatermarkStrategy | None, output_type: Any
    ) -> None:
        self._source = source
        self._strategy = strategy
        self._output_type = output_type
        self._reader: Any = None

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self.bind_strategy(self._strategy)
        self._conversion = conversion_of(self._output_type)
        self._split_ids: set[str] = set()
        self._paused: frozenset[str] = frozenset()
        self._is_held = False
        self._has_asked = False
        self._no_more_splits = False
        self._open_watermarks(context)
        self._reader = self._source.create_reader(context)
        self._state = context.operator_store.list_state("splits")
        restored = self._state.get()
        if restored:
            self.add_splits(restored)

    def _open_watermarks(self, context: OperatorContext) -> None:
        self._emitted = MIN_WATERMARK
        self._is_idle = False
        self._was_polled = False
        self._is_waiting = False
        strategy = self._strategy
        makes_none = context.is_batch or WatermarkTracker.of(strategy) is None
        self._watermarks = None if makes_none or strategy is None else SplitWatermarks(strategy)
        self._interval_ms = watermark_interval_ms(context)
        self._last_tick_ms = context.clock.monotonic_ms()
        if self._watermarks is None:
            return
        if self._interval_ms > 0:
            self._schedule_tick()

    def add_splits(self, splits: list[Any]) -> None:
        self._has_asked = False
        for split in splits:
            self._split_ids.add(split.split_id)
            if self._watermarks is not None:
                self._watermarks.add(split.split_id)
        self._reader.add_splits(splits)

    def no_more_splits(self) -> None:
        self._no_more_splits = True

    def poll(self, rows_max: int) -> SourcePoll:
        self._was_polled = True
        self._is_waiting = False
        if not self._split_ids:
            if self._no_more_splits:
                return SourcePoll.END
            if not self._has_asked:
                self._has_asked = True
                self.context.request_split()
        found = None if self._is_held else self._reader.poll(rows_max)
        if found is None:
            self._is_waiting = True
            return SourcePoll.NOTHING_YET
        if found.rejected:
            self.output.emit_side(REJECTED_RECORDS_TAG, RowBatch(list(found.rejected)))
        if found.batch is not None and found.batch.row_count:
            self._emit_parts(found.batch, found.parts or ((found.split_id, found.batch.row_count),))
        if found.finished:
            self._finish_split(found.split_id)
        return SourcePoll.EMITTED

    def _emit_parts(self, batch: Batch, parts: Sequence[tuple[str, int]]) -> None:
        """Emit a batch that holds records of several splits, one after the other."""
        self.records_read += batch.row_count
        if self._watermarks is None or not isinstance(batch, RowBatch):
            self._emit_batch(parts[0][0], batch)
            return
        start = 0
        for split_id, rows in parts:
            whole = rows == batch.row_count
            self._emit_batch(split_id, batch if whole else batch.slice(start, start + rows))
            start += rows
        assert start == batch.row_count, "the parts make up the batch"

    def _emit_batch(self, split_id: str, batch: Batch) -> None:
        if not isinstance(batch, RowBatch):
            self.output.emit(batch)
            return
        if self._conversion is not None:
            converted = convert_results(self._conversion, batch.values)
            if converted is not batch.values:
                batch = RowBatch(converted, batch.timestamps)
        batch = self.assign_timestamps(batch)
        if self._watermarks is None:
            self.output.emit(batch)
            return
        tracker = self._watermarks.tracker(split_id)
        self._watermarks.note_records(tracker)
        self._tell()
        if tracker.emits_on_event:
            self._emit_punctuated(batch, tracker)
        else:
            tracker.see_batch(batch)
            self.output.emit(batch)

    def _emit_punctuated(self, batch: RowBatch, tracker: WatermarkTracker) -> None:
        """Put each watermark right after the record that caused it."""
        assert self._watermarks is not None
        start = 0
        times = batch.timestamps or [MIN_WATERMARK] * len(batch.values)
        before = tracker.watermark
        for position, value in enumerate(batch.values):
            tracker.see_record(value, times[position])
            if tracker.watermark > before:
                before = tracker.watermark
                if self._watermarks.update():
                    self.output.emit(batch.slice(start, position + 1))
                    start = position + 1
                    self._tell()
        if start == 0:
            self.output.emit(batch)
        elif start < len(batch.values):
            self.output.emit(batch.slice(start, len(batch.values)))

    def _finish_split(self, split_id: str) -> None:
        self._split_ids.discard(split_id)
        if self._watermarks is not None:
            self._watermarks.remove(split_id)

    def process_watermark(self, timestamp: int) -> None:
        assert timestamp == MAX_WATERMARK, "only the end of input makes a watermark for a source"
        self._watermarks = None
        self.output.emit_watermark(timestamp)

    def align_watermark(self, group: str, max_watermark: int) -> None:
        strategy = self._strategy
        if self._watermarks is None or strategy is None or strategy.alignment is None:
            return
        if strategy.alignment.group != group:
            return
        ahead = self._watermarks.ahead_of(max_watermark)
        pause, resume = sorted(ahead - self._paused), sorted(self._paused - ahead)
        try:
            if pause or resume:
                self._reader.pause_splits(pause, resume)
            self._paused = ahead
        except NotImplementedError:
            # A reader that cannot pause single splits is held as a whole, once all are ahead.
            self._is_held = bool(ahead) and self._watermarks.watermark > max_watermark
            self._paused = frozenset(self._split_ids) if self._is_held else frozenset()
        self.context.wake()

    @property
    def alignment_progress(self) -> tuple[WatermarkAlignment, int | None] | None:
        """The alignment group, if there is one, and the watermark reached; None while idle."""
        watermarks, strategy = self._watermarks, self._strategy
        if watermarks is None or strategy is None or strategy.alignment is None:
            return None
        return strategy.alignment, None if watermarks.is_idle else watermarks.watermark

    def slowest_split(self) -> str | None:
        return None if self._watermarks is None else self._watermarks.slowest()

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._state.update(self._reader.snapshot(barrier.checkpoint_id))

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._reader.notify_checkpoint_complete(checkpoint_id)

    def handle_coordinator_event(self, event: Any) -> None:
        if isinstance(event, NoSplitsForNow):
            if self._watermarks is not None:
                self._watermarks.stand_by()
                self._tell()
        else:
            self._reader.handle_source_event(event)

    def describe_position(self, value: Any) -> str | None:
        return None if self._reader is None else self._reader.describe_position(value)

    def close(self) -> None:
        self._watermarks = None
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def _schedule_tick(self) -> None:
        self.context.schedule(self.context.clock.now_ms() + self._interval_ms, self._tick)

    def _tick(self) -> None:
        if self._watermarks is None:
            return
        now = self.context.clock.monotonic_ms()
        elapsed_ms, self._last_tick_ms = now - self._last_tick_ms, now
        if self._is_waiting:
            running_ms = elapsed_ms
        elif self._was_polled:
            # Some of this time consumers may have been full; count no more than one interval.
            running_ms = min(elapsed_ms, self._interval_ms)
        else:
            running_ms = 0.0
        self._was_polled = False
        self._watermarks.tick(running_ms, self._paused)
        self._tell()
        self._schedule_tick()

    def _tell(self) -> None:
        """Emit what the splits have come to: activity, watermark, idleness, in this order."""
        watermarks = self._watermarks
        assert watermarks is not None
        if self._is_idle and not watermarks.is_idle:
            self._is_idle = False
            self.output.emit_status(False)
        if watermarks.watermark > self._emitted:
            self._emitted = watermarks.watermark
            self.output.emit_watermark(self._emitted)
        if watermarks.is_idle and not self._is_idle:
            self._is_idle = True
            self.output.emit_status(True)
