"""The whole numbers from one to another: the source for tests, benchmarks and counting.

The range is divided into one part per reader; each part comes in order, so at parallelism one the
whole sequence does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flott.common.typeinfo import TypeInformation, Types
from flott.connectors.split_reader import SequentialReader, SplitCursor
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


@dataclass(frozen=True, slots=True)
class NumberSplit:
    """The numbers from ``start`` up to, but not including, ``stop``."""

    split_id: str
    start: int
    stop: int


def divide_range(start: int, stop: int, parts: int) -> list[NumberSplit]:
    """Divide a range into ``parts`` ranges of nearly equal length, leaving out empty ones.

    >>> [(split.start, split.stop) for split in divide_range(0, 10, 3)]
    [(0, 4), (4, 7), (7, 10)]
    """
    size, rest = divmod(stop - start, parts)
    splits = []
    for index in range(parts):
        length = size + (index < rest)
        if length:
            splits.append(NumberSplit(str(index), start, start + length))
            start += length
    return splits


class NumberSequenceSource(Source):
    """Produces the whole numbers from ``start`` to ``end``, both included.

    Args:
        start: The first number.
        end: The last number.

    Raises:
        ValueError: If ``end`` is less than ``start``.
        TypeError: If one of them is not a whole number.

    >>> NumberSequenceSource(1, 3).boundedness.value
    'bounded'
    """

    def __init__(self, start: int, end: int) -> None:
        if not isinstance(start, int) or not isinstance(end, int):
            raise TypeError(f"The bounds must be whole numbers, found {start!r} and {end!r}")
        if end < start:
            raise ValueError(f"The end of the sequence, {end}, is less than its start, {start}")
        self._start = start
        self._end = end

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.LONG()

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        if restored is None:
            restored = divide_range(self._start, self._end + 1, context.parallelism)
        return NumberSplitEnumerator(context, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return SequentialReader(_NumberCursor, context.wake)

    def record_count(self) -> int:
        return self._end - self._start + 1


class NumberSplitEnumerator(SplitEnumerator):
    """Gives each reader the splits whose number falls to it, whoever asks first: which subtask gets
    which record is then the same in every run and on every target.

    Its snapshot is the list of the splits left.
    """

    def __init__(self, context: EnumeratorContext, splits: Iterable[NumberSplit]) -> None:
        self._context = context
        self._splits = list(splits)

    def start(self) -> None:
        pass

    def handle_split_request(self, subtask: int) -> None:
        for split in self._splits:
            if int(split.split_id) % self._context.parallelism == subtask:
                self._splits.remove(split)
                self._context.assign({subtask: [split]})
                return
        self._context.no_more_splits(subtask)

    def snapshot(self, checkpoint_id: int) -> list[NumberSplit]:
        return list(self._splits)


class _NumberCursor(SplitCursor):
    def __init__(self, split: NumberSplit) -> None:
        self._split_id = split.split_id
        self._next = split.start
        self._stop = split.stop

    def read(self, rows_max: int) -> SplitBatch:
        start = self._next
        stop = self._next = min(start + rows_max, self._stop)
        return SplitBatch(self._split_id, RowBatch(list(range(start, stop))), stop == self._stop)

    def split(self) -> NumberSplit:
        return NumberSplit(self._split_id, self._next, self._stop)
