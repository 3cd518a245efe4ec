"""What jobs read: numbered records in splits that follow each other in time.

A record's key and time follow from its number, so that any part of the input, and with it the
right answer, can be computed without a run. Times are out of order within a bound.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)


class Record(NamedTuple):
    """A record; ``timestamp`` in milliseconds."""

    key: str
    number: int
    timestamp: int
    split: str


@dataclass(frozen=True, slots=True)
class InputShape:
    """An input.

    Attributes:
        name: Tells it from the others of a job.
        records: How many there are.
        keys: How many keys they have.
        splits: In how many splits they come.
        step_ms: Event time from record to record.
        disorder_ms: How far a record may be behind.
        rows_per_poll: How many come at once, at most.
        pause_ms: Time from one poll to the next.
        unread: The splits that were left when the job drained; they are not part of the answer.
    """

    name: str
    records: int
    keys: int
    splits: int
    step_ms: int = 10
    disorder_ms: int = 40
    rows_per_poll: int = 4
    pause_ms: int = 4
    unread: tuple[NumberedSplit, ...] = ()

    def splits_of(self) -> list[NumberedSplit]:
        """The splits, in order of time."""
        bounds = [self.records * i // self.splits for i in range(self.splits + 1)]
        return [
            NumberedSplit(f"{self.name}{i}", bounds[i], bounds[i + 1])
            for i in range(self.splits)
            if bounds[i] < bounds[i + 1]
        ]

    def record(self, split: str, number: int) -> Record:
        """The record with this number."""
        mixed = (number * 2654435761 + len(self.name) * 40503) % 2**32
        key = f"k{(mixed >> 7) % self.keys}"
        timestamp = number * self.step_ms - (mixed >> 17) % (self.disorder_ms + 1)
        return Record(key, number, timestamp, split)

    def all_records(self) -> Iterator[Record]:
        """Every record that is read."""
        left = {split.split_id: split.position for split in self.unread}
        for split in self.splits_of():
            for number in range(split.position, left.get(split.split_id, split.stop)):
                yield self.record(split.split_id, number)


@dataclass(frozen=True, slots=True)
class NumberedSplit:
    """The records from ``position`` up to, but not including, ``stop``."""

    split_id: str
    position: int
    stop: int


class NumberedSource(Source):
    """Reads an input."""

    def __init__(self, shape: InputShape) -> None:
        self._shape = shape

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        splits = self._shape.splits_of() if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        shape = self._shape
        return SequentialReader(lambda split: _Cursor(shape, split, context), context.wake)


class _Cursor(SplitCursor):
    def __init__(self, shape: InputShape, split: NumberedSplit, context: OperatorContext) -> None:
        self._shape = shape
        self._split = split
        self._context = context
        self._is_pausing = False

    def read(self, rows_max: int) -> SplitBatch | None:
        shape, split = self._shape, self._split
        if self._is_pausing:
            return None
        if shape.pause_ms > 0:
            self._is_pausing = True
            end_ms = self._context.clock.now_ms() + shape.pause_ms
            self._context.schedule(end_ms, self._end_pause)
        rows = min(rows_max, 1 + split.position % shape.rows_per_poll)
        stop = min(split.position + rows, split.stop)
        records = [shape.record(split.split_id, n) for n in range(split.position, stop)]
        self._split = replace(split, position=stop)
        return SplitBatch(split.split_id, RowBatch(records), finished=stop == split.stop)

    def split(self) -> NumberedSplit:
        return self._split

    def _end_pause(self) -> None:
        self._is_pausing = False
        self._context.wake()
