"""``ManualSource``: a source whose records and watermarks a test pushes.

What was pushed is kept, so that a job can be restored and read some of it again. Reader 0 reads
everything, in the order in which it was pushed; the others end at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakValueDictionary

from flott.connectors.split_reader import SplitQueueEnumerator
from flott.core.batch import RowBatch
from flott.core.context import OperatorContext
from flott.core.element import MIN_WATERMARK
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)

_sources: WeakValueDictionary[str, ManualSource] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class ManualWatermark:
    """A watermark that a test pushed."""

    timestamp: int


@dataclass(frozen=True, slots=True)
class ManualIdle:
    """The input was told to be idle."""


@dataclass(frozen=True, slots=True)
class ManualEnd:
    """The input was told to end."""


#: What a test may push.
Entry = RowBatch | ManualWatermark | ManualIdle | ManualEnd


@dataclass(frozen=True, slots=True)
class ManualSplit:
    """How far the entries have been read.

    Attributes:
        position: Index of the next entry.
        watermark: The last pushed watermark that was read; said again after a restore.
    """

    position: int = 0
    watermark: int = MIN_WATERMARK
    split_id: str = "manual"


class ManualSource(Source):
    """A source for programs that run under a ``JobHarness``, in this process.

    Args:
        name: How the harness speaks of it.
        is_bounded: Whether it counts as a source that ends, so that BATCH mode is allowed.

    >>> clicks = ManualSource("clicks")
    >>> clicks.push("a", "b", at=1000)
    >>> clicks.entries
    [RowBatch(['a', 'b'], [1000, 1000])]
    """

    def __init__(self, name: str, is_bounded: bool = False) -> None:
        self.entries: list[Entry] = []
        self._name = name
        self._is_bounded = is_bounded
        self._id = uuid.uuid4().hex
        _sources[self._id] = self

    def __reduce__(self) -> tuple[Callable[[str], ManualSource], tuple[str]]:
        return find_source, (self._id,)

    @property
    def name(self) -> str:
        return self._name

    @property
    def boundedness(self) -> Boundedness:
        bounded = self._is_bounded
        return Boundedness.BOUNDED if bounded else Boundedness.CONTINUOUS_UNBOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        return _ManualEnumerator(context, [ManualSplit()] if restored is None else restored)

    def create_reader(self, context: OperatorContext) -> ManualReader:
        return ManualReader(self)

    # --- for tests -----------------------------------------------------------------------------

    def push(self, *values: Any, at: int | Sequence[int] | None = None) -> None:
        """Append records.

        Args:
            values: the records.
            at: their timestamps in epoch ms: one for all, or one for each; None for none.

        Raises:
            ValueError: there are not as many timestamps as records.
        """
        times = [at] * len(values) if isinstance(at, int) else at
        if times is not None and len(times) != len(values):
            raise ValueError(f"{len(values)} records with {len(times)} timestamps")
        if values:
            self.entries.append(RowBatch(list(values), None if times is None else list(times)))

    def watermark(self, timestamp: int) -> None:
        """Append a watermark, in epoch ms."""
        self.entries.append(ManualWatermark(timestamp))

    def idle(self) -> None:
        """Append that the source is silent, until the next record."""
        self.entries.append(ManualIdle())

    def end(self) -> None:
        """Append that nothing follows."""
        self.entries.append(ManualEnd())


def find_source(source_id: str) -> ManualSource:
    """The source of this process that has an id: unpickling gives the very same object.

    Raises:
        RuntimeError: it is another process's.
    """
    found = _sources.get(source_id)
    if found is None:
        raise RuntimeError("A ManualSource works in the process that made it, under a JobHarness")
    return found


class _ManualEnumerator(SplitQueueEnumerator):
    """Gives the one split to reader 0, whoever asks first."""

    def handle_split_request(self, subtask: int) -> None:
        if subtask == 0:
            super().handle_split_request(subtask)
        else:
            self._context.no_more_splits(subtask)


class ManualReader(SourceReader):
    """Reads the pushed records; whatever else was pushed is for the operator around it.

    Attributes:
        split: How far it is; None before the split has come and after the end.
    """

    def __init__(self, source: ManualSource) -> None:
        self.split: ManualSplit | None = None
        self._entries = source.entries

    def add_splits(self, splits: Sequence[Any]) -> None:
        assert len(splits) == 1
        self.split = splits[0]

    def poll(self, rows_max: int) -> SplitBatch | None:
        entry = self.peek()
        if isinstance(entry, RowBatch):
            split_id = self.advance().split_id
            return SplitBatch(split_id, entry)
        if isinstance(entry, ManualEnd):
            split_id = self.advance().split_id
            self.split = None
            return SplitBatch(split_id, None, finished=True)
        return None

    def peek(self) -> Entry | None:
        """The next entry, if there is one."""
        split = self.split
        if split is None or split.position >= len(self._entries):
            return None
        return self._entries[split.position]

    def advance(self, watermark: int | None = None) -> ManualSplit:
        """Leave the next entry behind."""
        assert self.split is not None
        if watermark is None:
            watermark = self.split.watermark
        self.split = replace(self.split, position=self.split.position + 1, watermark=watermark)
        return self.split

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return [] if self.split is None else [self.split]
