"""A source that replays the departures, with the clock marks from which watermarks follow.

It has one split, the file; the position in it is a row number. Whenever the feed passes a full
hour, and at the beginning of each attempt, it sends a mark first. So event time depends on the
position alone: after a failure the same records are late as without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from records import HOUR_MS, Clock, Departure

from flott.common import WatermarkStrategy
from flott.common.watermark_strategy import WatermarkGenerator, WatermarkOutput
from flott.datastream.connectors.base import (
    Boundedness,
    EnumeratorContext,
    OperatorContext,
    RowBatch,
    SequentialReader,
    Source,
    SourceReader,
    SplitBatch,
    SplitCursor,
    SplitEnumerator,
    SplitQueueEnumerator,
)

#: Departures that are delayed by more than this count as late.
PATIENCE_MS = 2 * HOUR_MS


@dataclass(frozen=True)
class FeedSplit:
    """The file from row ``position`` on."""

    split_id: str
    position: int = 0


class DepartureFeed(Source):
    """Reads the file that ``data.write_feed`` wrote."""

    boundedness = Boundedness.BOUNDED

    def __init__(self, path: str) -> None:
        self._path = path

    def create_enumerator(self, context: EnumeratorContext, restored: Any) -> SplitEnumerator:
        splits = [FeedSplit(self._path)] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return SequentialReader(FeedCursor, context.wake)


class FeedCursor(SplitCursor):
    """Reads the file on from a position."""

    def __init__(self, split: FeedSplit) -> None:
        self._path = split.split_id
        self._position = split.position
        self._table = pl.read_parquet(self._path)
        self._hour_ms = -1

    def read(self, rows_max: int) -> SplitBatch:
        rows = self._table.slice(self._position, rows_max).rows()
        records: list[Departure | Clock] = []
        for departure in map(Departure._make, rows):
            hour_ms = departure.left_ms // HOUR_MS * HOUR_MS
            if hour_ms != self._hour_ms:
                self._hour_ms = hour_ms
                records.append(Clock(hour_ms))
            records.append(departure)
        self._position += len(rows)
        return SplitBatch(self._path, RowBatch(records), self._position >= self._table.height)

    def split(self) -> FeedSplit:
        return FeedSplit(self._path, self._position)

    def describe_position(self, value: Any) -> str:
        return f"{self._path}, before row {self._position}"


class ClockMarks(WatermarkGenerator):
    """Event time is two hours behind the clock: who is delayed by more has missed it."""

    def on_event(self, event: Any, event_timestamp: int, output: WatermarkOutput) -> None:
        if type(event) is Clock:
            output.emit_watermark(event.time_ms - PATIENCE_MS - 1)

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        """Only marks count."""


def scheduled_time(record: Departure | Clock) -> int:
    """The event time of a departure: when it should have left."""
    return record[0]


def departure_times() -> WatermarkStrategy:
    """Event time by schedule, watermarks by the clock."""
    return WatermarkStrategy.for_generator(ClockMarks).with_timestamp_assigner(scheduled_time)
