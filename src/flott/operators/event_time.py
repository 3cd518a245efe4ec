"""Timestamps and watermarks from a ``WatermarkStrategy``: what sources and TimestampsSpec share.

A *tracker* runs one generator and remembers how far it has come and whether it is idle. Silence is
measured in time during which the operator could have received records: the caller says at each
tick how much of that there was, so time spent blocked by a slow consumer or paused by alignment
never makes an input idle.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import repeat
from operator import index
from typing import Any

from flott.common.errors import ProgramError
from flott.common.redaction import shorten_record
from flott.common.time import Duration
from flott.common.watermark_generators import NoWatermarks, WatermarkGenerator, WatermarkOutput
from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.core.operator import Operator

__all__ = ["TimestampAssignment", "WatermarkTracker", "watermark_interval_ms"]

_LOG = logging.getLogger("flott.watermarks")

#: Further ahead of the clock than this a timestamp is more likely wrong (another unit, a broken
#: device) than early; one of them can end event time for everything after it.
FUTURE_MS_MAX = 24 * 3600 * 1000


def watermark_interval_ms(context: OperatorContext) -> int:
    """How often generators are asked for a watermark; 0 for never."""
    text = context.configuration.get_string("pipeline.auto-watermark-interval", "200 ms")
    return Duration.parse(text).to_millis()


class WatermarkTracker(WatermarkOutput):
    """One generator, the watermark it has reached, and whether its input is idle."""

    __slots__ = (
        "_generator",
        "_had_records",
        "_idle_timeout_ms",
        "_silent_ms",
        "is_idle",
        "watermark",
    )

    def __init__(self, generator: WatermarkGenerator, idle_timeout_ms: int | None) -> None:
        self._generator = generator
        self._idle_timeout_ms = idle_timeout_ms
        self._silent_ms = 0.0
        self._had_records = False
        self.is_idle = False
        self.watermark = MIN_WATERMARK

    @staticmethod
    def of(strategy: WatermarkStrategy | None) -> WatermarkTracker | None:
        """A tracker for one input; None if the strategy makes no watermarks."""
        if strategy is None:
            return None
        generator = strategy.create_generator()
        if type(generator) is NoWatermarks and strategy.idle_timeout_ms is None:
            return None
        return WatermarkTracker(generator, strategy.idle_timeout_ms)

    @property
    def emits_on_event(self) -> bool:
        """Whether the place of a watermark between two records matters."""
        return self._generator.emits_on_event

    def note_records(self) -> None:
        """Records have come: the input is not silent."""
        self._had_records = True
        self._silent_ms = 0.0
        self.is_idle = False

    def see_batch(self, batch: RowBatch) -> None:
        """Show a batch to a generator that emits when asked only."""
        times = batch.timestamps
        if times is None:
            times = [MIN_WATERMARK] * len(batch.values)
        self._generator.on_batch(times, batch.values, self)

    def see_record(self, value: Any, timestamp: int) -> None:
        """Show one record to a generator that may emit at any."""
        self._generator.on_event(value, timestamp, self)

    def tick(self, running_ms: float) -> None:
        """Ask for a watermark, unless the input has become idle.

        Args:
            running_ms: time since the last tick during which records could have come.
        """
        if self._idle_timeout_ms is not None and not self._had_records:
            self._silent_ms += running_ms
            if self._silent_ms >= self._idle_timeout_ms:
                self.is_idle = True
        self._had_records = False
        if not self.is_idle:
            self._generator.on_periodic_emit(self)

    def emit_watermark(self, timestamp: int) -> None:
        timestamp = min(timestamp, MAX_WATERMARK - 1)  # the last one is for the end of the input
        if timestamp > self.watermark:
            self.watermark = timestamp
            self.is_idle = False

    def mark_idle(self) -> None:
        self.is_idle = True

    def mark_active(self) -> None:
        self.is_idle = False
        self._silent_ms = 0.0


class TimestampAssignment(Operator):
    """Part of an operator that takes timestamps from records."""

    _has_warned = False

    def bind_strategy(self, strategy: WatermarkStrategy | None) -> None:
        """Remember how ``strategy`` finds timestamps."""
        found = None if strategy is None else strategy.timestamp_function()
        self._timestamp_of: Callable[..., int] | None = None if found is None else found[0]
        self._arity = 0 if found is None else found[1]

    def assign_timestamps(self, batch: RowBatch) -> RowBatch:
        """Return the batch with the timestamps its records say.

        Raises:
            ProgramError: if the assigner gives something that is not a whole number.
        """
        timestamp_of = self._timestamp_of
        if timestamp_of is None:
            return batch
        times: list[int] = []
        append = times.append
        if self._arity == 1:
            for value in batch.values:
                timestamp = timestamp_of(value)
                append(timestamp if type(timestamp) is int else self._whole(timestamp, value))
        else:
            before_times = batch.timestamps or repeat(MIN_WATERMARK)
            for value, before in zip(batch.values, before_times):
                timestamp = timestamp_of(value, before)
                append(timestamp if type(timestamp) is int else self._whole(timestamp, value))
        if times:
            self._check_future(batch.values, times)
        return RowBatch(batch.values, times)

    def _whole(self, timestamp: Any, value: Any) -> int:
        try:
            if isinstance(timestamp, bool):
                raise TypeError
            return index(timestamp)
        except TypeError:
            raise ProgramError(
                f"The timestamp assigner of operator '{self.context.operator_name}' gave "
                f"{timestamp!r}; a timestamp is a whole number of milliseconds since the epoch."
            ) from None

    def _check_future(self, values: list[Any], times: list[int]) -> None:
        newest = max(times)
        if newest < self.context.clock.now_ms() + FUTURE_MS_MAX:
            return
        value = values[times.index(newest)]
        if newest >= MAX_WATERMARK:
            raise ProgramError(
                f"The timestamp assigner of operator '{self.context.operator_name}' gave "
                f"{newest}, which is beyond the largest timestamp, {MAX_WATERMARK - 1}."
            )
        if self._has_warned:
            return
        self._has_warned = True
        _LOG.warning(
            "Operator '%s': a record has the timestamp %d, %.1f days ahead of the clock. If it is "
            "wrong, all that come after it may count as late (are these microseconds?). Record: %s",
            self.context.operator_name,
            newest,
            (newest - self.context.clock.now_ms()) / 86_400_000,
            shorten_record(value),
        )
