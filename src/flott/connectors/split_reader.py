"""What most sources share: a queue of splits handed out one by one, and a reader that reads one
split after the other.

A connector built on this writes a ``SplitCursor``, which reads one split and knows how far it is.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flott.core.source import (
    EnumeratorContext,
    SourceReader,
    SplitBatch,
    SplitEnumerator,
)


class SplitCursor(ABC):
    """Reads one split from its position on."""

    @abstractmethod
    def read(self, rows_max: int) -> SplitBatch | None:
        """The next records; ``None`` if there are none now. Not called again once finished."""

    @abstractmethod
    def split(self) -> Any:
        """The split with the position reached."""

    def describe_position(self, value: Any) -> str | None:
        """Where a record of the last batch came from; ``None`` if it is not from here."""
        return None

    def close(self) -> None:  # noqa: B027
        """Release resources."""


class SequentialReader(SourceReader):
    """Reads its splits in the order they were added, each to its end.

    A paused split lets those behind it pass.

    Args:
        open_cursor: Makes the cursor of a split, when its turn comes.
        wake: Makes the task take a turn; called when a pause ends.
    """

    def __init__(self, open_cursor: Callable[[Any], SplitCursor], wake: Callable[[], None]) -> None:
        self._open_cursor = open_cursor
        self._wake = wake
        self._splits: dict[str, Any] = {}
        self._cursors: dict[str, SplitCursor] = {}
        self._paused: set[str] = set()
        self._last: SplitCursor | None = None

    def add_splits(self, splits: Sequence[Any]) -> None:
        for split in splits:
            self._splits[split.split_id] = split

    def poll(self, rows_max: int) -> SplitBatch | None:
        split_id = self._first_ready()
        if split_id is None:
            return None
        cursor = self._cursors.get(split_id)
        if cursor is None:
            cursor = self._cursors[split_id] = self._open_cursor(self._splits[split_id])
        result = cursor.read(rows_max)
        if result is not None:
            self._last = cursor
            if result.finished:
                self._finish(split_id)
        return result

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        cursors = self._cursors
        return [
            cursors[split_id].split() if split_id in cursors else split
            for split_id, split in self._splits.items()
        ]

    def pause_splits(self, pause: Sequence[str], resume: Sequence[str]) -> None:
        self._paused.difference_update(resume)
        self._paused.update(pause)
        if resume:
            self._wake()

    def describe_position(self, value: Any) -> str | None:
        return None if self._last is None else self._last.describe_position(value)

    def close(self) -> None:
        for cursor in self._cursors.values():
            cursor.close()
        self._cursors.clear()

    def _first_ready(self) -> str | None:
        if not self._paused:
            return next(iter(self._splits), None)
        return next((each for each in self._splits if each not in self._paused), None)

    def _finish(self, split_id: str) -> None:
        del self._splits[split_id]
        self._cursors.pop(split_id).close()
        self._paused.discard(split_id)


class SplitQueueEnumerator(SplitEnumerator):
    """Gives each reader that asks the next split of a list known from the start.

    Its snapshot is the list of the splits left.
    """

    def __init__(self, context: EnumeratorContext, splits: Iterable[Any]) -> None:
        self._context = context
        self._splits = deque(splits)

    def start(self) -> None:
        pass

    def handle_split_request(self, subtask: int) -> None:
        if self._splits:
            self._context.assign({subtask: [self._splits.popleft()]})
        else:
            self._context.no_more_splits(subtask)

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        return list(self._splits)
