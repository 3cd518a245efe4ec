"""Watermark generators: how far event time has come, judged from the timestamps seen.

A generator sees every record of its split and is asked at regular intervals for a watermark. The
engine hands records over in batches; a generator that emits only when asked needs nothing but the
timestamps, so it can look at a whole batch at once (``on_batch``). A generator that may emit at
any single record (punctuated) says so in ``emits_on_event``, and the engine then goes record by
record to put each watermark in its exact place.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from flott.common.constants import MIN_LONG_VALUE

__all__ = [
    "AscendingTimestampsWatermarks",
    "BoundedOutOfOrdernessWatermarks",
    "NoWatermarks",
    "WatermarkGenerator",
    "WatermarkOutput",
]


class WatermarkOutput(ABC):
    """Where a generator puts its watermarks."""

    @abstractmethod
    def emit_watermark(self, timestamp: int) -> None:
        """Say that no record older than or as old as ``timestamp`` (ms) is expected any more.

        A watermark that does not exceed the one before is ignored.
        """

    @abstractmethod
    def mark_idle(self) -> None:
        """Say that this input is silent and must not hold the others back."""

    @abstractmethod
    def mark_active(self) -> None:
        """Say that this input counts again."""


class WatermarkGenerator(ABC):
    """Judges the progress of event time; subclass it for a rule of your own.

    Example: a generator that trusts marker records only.

    >>> class Markers(WatermarkGenerator):
    ...     def on_event(self, event, event_timestamp, output):
    ...         if event == "marker":
    ...             output.emit_watermark(event_timestamp)
    ...     def on_periodic_emit(self, output):
    ...         pass
    """

    #: Whether on_event may emit. Set it to False in a subclass that emits only periodically, and
    #: the engine may hand over whole batches.
    emits_on_event: bool = True

    @abstractmethod
    def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
        """Look at one record.

        Args:
            event: the record.
            event_timestamp: its timestamp in milliseconds.
            output: takes a watermark, if this record gives reason for one.
        """

    @abstractmethod
    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        """Emit the present watermark, or nothing.

        Called at the interval ``pipeline.auto-watermark-interval``.
        """

    def on_batch(
        self, timestamps: Sequence[int], events: Sequence[Any], output: WatermarkOutput
    ) -> None:
        """Look at many records at once; the default goes through them one by one."""
        on_event = self.on_event
        for event, timestamp in zip(events, timestamps, strict=True):
            on_event(event, timestamp, output)


class BoundedOutOfOrdernessWatermarks(WatermarkGenerator):
    """Expects records to be at most ``delay_ms`` older than the newest one seen.

    The watermark is one millisecond less than that bound, since a record of just that age may
    still come.
    """

    __slots__ = ("_delay_ms", "_max_timestamp")

    emits_on_event = False

    def __init__(self, delay_ms: int) -> None:
        if delay_ms < 0:
            raise ValueError(f"The out-of-orderness must not be negative, found {delay_ms} ms")
        self._delay_ms = delay_ms
        # So that the first watermark, before any record, is the smallest there is.
        self._max_timestamp = MIN_LONG_VALUE + delay_ms + 1

    def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
        if event_timestamp > self._max_timestamp:
            self._max_timestamp = event_timestamp

    def on_batch(
        self, timestamps: Sequence[int], events: Sequence[Any], output: WatermarkOutput
    ) -> None:
        if timestamps:
            newest = max(timestamps)
            if newest > self._max_timestamp:
                self._max_timestamp = newest

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        output.emit_watermark(self._max_timestamp - self._delay_ms - 1)


class AscendingTimestampsWatermarks(BoundedOutOfOrdernessWatermarks):
    """Expects timestamps never to fall; the watermark is one millisecond below the newest."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(0)


class NoWatermarks(WatermarkGenerator):
    """Never emits a watermark, for programs that use processing time only."""

    __slots__ = ()

    emits_on_event = False

    def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
        """Ignore the record."""

    def on_batch(
        self, timestamps: Sequence[int], events: Sequence[Any], output: WatermarkOutput
    ) -> None:
        """Ignore the records."""

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        """Emit nothing."""
