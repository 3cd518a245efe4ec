"""Read a split beside the loop, one batch ahead: for stores that answer slowly.

The cursor within is driven by blocking calls, one at a time. Each result is kept together with the
position that belongs to it, so that a snapshot holds what has been handed out, not what was read
ahead.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.connectors.split_reader import SplitCursor
from flott.core.blocking import BlockingCalls
from flott.core.source import SplitBatch

Ahead = tuple[SplitBatch | None, Any]


class ReadAheadCursor(SplitCursor):
    """A cursor whose calls to the store are made elsewhere.

    Args:
        inner: The cursor that reads; touched by one call at a time.
        place: The file, for messages.
        blocking: Makes calls away from the loop.
        wake: Makes the task take a turn.
    """

    def __init__(
        self, inner: SplitCursor, place: str, blocking: BlockingCalls, wake: Callable[[], None]
    ) -> None:
        self._inner = inner
        self._place = place
        self._blocking = blocking
        self._wake = wake
        self._split = inner.split()
        self._ahead: Ahead | BaseException | None = None
        self._is_busy = False
        self._is_closed = False

    def read(self, rows_max: int) -> SplitBatch | None:
        ahead, self._ahead = self._ahead, None
        if isinstance(ahead, BaseException):
            raise ahead
        batch = None
        if ahead is not None:
            batch, self._split = ahead
        is_over = batch is not None and batch.finished
        if not self._is_busy and not is_over:
            self._is_busy = True
            self._blocking.submit(lambda: self._read_inner(rows_max), self._arrived)
        return batch

    def split(self) -> Any:
        return self._split

    def describe_position(self, value: Any) -> str | None:
        # The cursor within is a batch further already and can hardly tell the line any more.
        found = None if self._is_busy else self._inner.describe_position(value)
        return found or self._place

    def close(self) -> None:
        self._is_closed = True
        if not self._is_busy:
            self._inner.close()

    def _read_inner(self, rows_max: int) -> Ahead:
        try:
            return self._inner.read(rows_max), self._inner.split()
        finally:
            if self._is_closed:
                self._inner.close()

    def _arrived(self, result: Ahead | BaseException) -> None:
        self._is_busy = False
        self._ahead = result
        self._wake()
