"""Records from the program itself: a list, or whatever an iterable gives.

Every attempt of a job must read the same records again, so a collection is taken as it is when
the source is made. Plain values (numbers, strings, bytes) cannot change and are shared; others are
pickled then, in chunks, and unpickled while reading: a function that changes its input changes a
copy of its own, and objects that cannot travel to a worker are refused at once.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import cloudpickle

from flott.common.errors import UnpicklableError
from flott.common.redaction import shorten_record
from flott.connectors.split_reader import SequentialReader, SplitCursor, SplitQueueEnumerator
from flott.core.batch import RowBatch
from flott.core.clock import Clock
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

#: Records pickled together: few enough to unpickle in a millisecond or two.
_CHUNK_ROWS: Final = 4096
#: An iterable is asked for more until this much time of a turn is used.
_TURN_MS_MAX: Final = 2.0
_PLAIN_TYPES: Final = frozenset({int, str, float, bool, bytes, type(None)})


@dataclass(frozen=True, slots=True)
class CollectionSplit:
    """All records from the one at ``position`` on."""

    split_id: str
    position: int


class CollectionSource(Source):
    """Produces the items of a collection, in order, in one subtask.

    Args:
        items: The records; they are copied now, so later changes have no effect.

    Raises:
        UnpicklableError: If an item cannot be pickled; names it.

    >>> CollectionSource(["to", "be"]).boundedness.value
    'bounded'
    """

    def __init__(self, items: Iterable[Any]) -> None:
        self._items: list[Any] | None = list(items)
        self._count = len(self._items)
        self._chunks: list[bytes] = []
        if not _PLAIN_TYPES.issuperset(map(type, self._items)):
            self._chunks = _pickle_chunks(self._items)
            self._items = None

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        splits = [CollectionSplit("collection", 0)] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return SequentialReader(self._open, context.wake)

    def record_count(self) -> int:
        return self._count

    def _open(self, split: CollectionSplit) -> SplitCursor:
        if self._items is not None:
            return _ListCursor(split, self._items)
        return _ChunkCursor(split, self._chunks, self._count)


class IterableSource(Source):
    """Produces what an iterable gives, in one subtask.

    After a failure the iterable is made again and the records already processed are left out, so
    it must give the same records each time.

    Args:
        factory: Makes the iterable; called in the worker.
        boundedness: Whether the iterable ends.

    Raises:
        TypeError: If ``factory`` cannot be called.

    >>> IterableSource(lambda: range(3)).boundedness.value
    'bounded'
    """

    def __init__(
        self,
        factory: Callable[[], Iterable[Any]],
        boundedness: Boundedness = Boundedness.BOUNDED,
    ) -> None:
        if not callable(factory):
            raise TypeError(
                f"Expected a function that makes an iterable, found {shorten_record(factory, 80)}. "
                "For a list use CollectionSource."
            )
        self._factory = factory
        self._boundedness = boundedness

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        splits = [CollectionSplit("iterable", 0)] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        clock = context.clock
        return SequentialReader(
            lambda split: _IteratorCursor(split, self._factory(), clock), context.wake
        )


class _ListCursor(SplitCursor):
    def __init__(self, split: CollectionSplit, items: list[Any]) -> None:
        self._split_id = split.split_id
        self._position = split.position
        self._items = items

    def read(self, rows_max: int) -> SplitBatch:
        items = self._items
        start = self._position
        stop = self._position = min(start + rows_max, len(items))
        batch = RowBatch(items[start:stop]) if stop > start else None
        return SplitBatch(self._split_id, batch, stop == len(items))

    def split(self) -> CollectionSplit:
        return CollectionSplit(self._split_id, self._position)

    def describe_position(self, value: Any) -> str | None:
        return None


class _ChunkCursor(SplitCursor):
    def __init__(self, split: CollectionSplit, chunks: list[bytes], count: int) -> None:
        self._split_id = split.split_id
        self._position = split.position
        self._chunks = chunks
        self._count = count
        self._loaded: tuple[int, list[Any]] = (-1, [])

    def read(self, rows_max: int) -> SplitBatch:
        index, start = divmod(self._position, _CHUNK_ROWS)
        if self._position == self._count:
            return SplitBatch(self._split_id, None, True)
        if self._loaded[0] != index:
            self._loaded = (index, pickle.loads(self._chunks[index]))
        values = self._loaded[1][start : start + rows_max]
        self._position += len(values)
        return SplitBatch(self._split_id, RowBatch(values), self._position == self._count)

    def split(self) -> CollectionSplit:
        return CollectionSplit(self._split_id, self._position)


class _IteratorCursor(SplitCursor):
    def __init__(self, split: CollectionSplit, items: Iterable[Any], clock: Clock) -> None:
        self._split_id = split.split_id
        self._position = split.position
        self._clock = clock
        self._iterator: Iterator[Any] = islice(items, split.position, None)

    def read(self, rows_max: int) -> SplitBatch:
        values: list[Any] = []
        now_ms = self._clock.monotonic_ms
        deadline_ms = now_ms() + _TURN_MS_MAX
        ask = 1
        finished = False
        # Ask for twice as many each time: a slow iterable gives one record a turn, a fast one fills
        # the batch with a dozen looks at the clock.
        while len(values) < rows_max:
            ask = min(ask, rows_max - len(values))
            more = list(islice(self._iterator, ask))
            values += more
            finished = len(more) < ask
            if finished or now_ms() >= deadline_ms:
                break
            ask *= 2
        self._position += len(values)
        return SplitBatch(self._split_id, RowBatch(values) if values else None, finished)

    def split(self) -> CollectionSplit:
        return CollectionSplit(self._split_id, self._position)

    def close(self) -> None:
        close = getattr(self._iterator, "close", None)
        if close is not None:
            close()


def _pickle_chunks(items: list[Any]) -> list[bytes]:
    chunks = []
    for start in range(0, len(items), _CHUNK_ROWS):
        chunk = items[start : start + _CHUNK_ROWS]
        try:
            chunks.append(cloudpickle.dumps(chunk, protocol=5))
        except Exception as error:
            raise _unpicklable(start, chunk) from error
    return chunks


def _unpicklable(start: int, chunk: list[Any]) -> UnpicklableError:
    for index, item in enumerate(chunk, start):
        try:
            cloudpickle.dumps(item, protocol=5)
        except Exception as error:
            return UnpicklableError(
                f"Item {index} of the collection, {shorten_record(item, 80)}, cannot be pickled, "
                f"so it cannot travel to a worker: {error}"
            )
    return UnpicklableError(f"The items from {start} on cannot be pickled together.")
