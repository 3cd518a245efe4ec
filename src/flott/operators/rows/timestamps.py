"""``assign_timestamps_and_watermarks`` in the middle of a program.

Watermarks and idleness that come from before end here, except the last watermark, which closes
everything. New ones are emitted at ``pipeline.auto-watermark-interval``; a small bounded input
therefore sees none before its end. In BATCH mode only the last one counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output
from flott.operators.event_time import (
    TimestampAssignment,
    WatermarkTracker,
    watermark_interval_ms,
)
from flott.operators.rows.functions import describe_function

__all__ = ["TimestampsSpec"]


@dataclass(frozen=True)
class TimestampsSpec(OperatorSpec):
    """Timestamps and watermarks by ``strategy``."""

    strategy: WatermarkStrategy

    def build(self) -> Operator:
        return _Timestamps(self.strategy)

    @property
    def kind(self) -> str:
        return "Timestamps/Watermarks"

    @property
    def meaning(self) -> str:
        return describe_function(self.strategy.timestamp_assigner)

    @property
    def is_stateless(self) -> bool:
        return True


class _Timestamps(TimestampAssignment):
    def __init__(self, strategy: WatermarkStrategy) -> None:
        self._strategy = strategy

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self.bind_strategy(self._strategy)
        self._emitted = MIN_WATERMARK
        self._is_idle = False
        self._tracker = None if context.is_batch else WatermarkTracker.of(self._strategy)
        self._interval_ms = watermark_interval_ms(context)
        self._last_tick_ms = context.clock.monotonic_ms()
        if self._tracker is not None and self._interval_ms > 0:
            self._schedule()

    def process_batch(self, batch: Batch, input_index: int) -> None:
        assert isinstance(batch, RowBatch)
        batch = self.assign_timestamps(batch)
        tracker = self._tracker
        if tracker is None:
            self.output.emit(batch)
            return
        tracker.note_records()
        self._tell()
        if tracker.emits_on_event:
            self._process_punctuated(batch, tracker)
        else:
            tracker.see_batch(batch)
            self.output.emit(batch)
        self._tell()

    def _process_punctuated(self, batch: RowBatch, tracker: WatermarkTracker) -> None:
        """Put each watermark right after the record that caused it."""
        start = 0
        times = batch.timestamps or [MIN_WATERMARK] * len(batch.values)
        for position, value in enumerate(batch.values):
            tracker.see_record(value, times[position])
            if tracker.watermark > self._emitted:
                self.output.emit(batch.slice(start, position + 1))
                start = position + 1
                self._tell()
        if start == 0:
            self.output.emit(batch)
        elif start < len(batch.values):
            self.output.emit(batch.slice(start, len(batch.values)))

    def process_watermark(self, timestamp: int) -> None:
        if timestamp == MAX_WATERMARK:
            self._tracker = None
            self._emitted = MAX_WATERMARK
            self.output.emit_watermark(MAX_WATERMARK)

    def process_status(self, idle: bool) -> None:
        """Whether this input is idle is for the strategy here to say."""

    def close(self) -> None:
        self._tracker = None

    def _schedule(self) -> None:
        self.context.schedule(self.context.clock.now_ms() + self._interval_ms, self._tick)

    def _tick(self) -> None:
        if self._tracker is None:
            return
        now = self.context.clock.monotonic_ms()
        # A tick that comes late means that the task was held up; that is not silence.
        running_ms = min(now - self._last_tick_ms, self._interval_ms)
        self._last_tick_ms = now
        self._tracker.tick(running_ms)
        self._tell()
        self._schedule()

    def _tell(self) -> None:
        """Emit what the tracker has come to: activity, watermark, idleness, in this order."""
        tracker = self._tracker
        assert tracker is not None
        if self._is_idle and not tracker.is_idle:
            self._is_idle = False
            self.output.emit_status(False)
        if tracker.watermark > self._emitted:
            self._emitted = tracker.watermark
            self.output.emit_watermark(self._emitted)
        if tracker.is_idle and not self._is_idle:
            self._is_idle = True
            self.output.emit_status(True)
