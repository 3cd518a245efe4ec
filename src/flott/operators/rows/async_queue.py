"""The order in which results of asynchronous calls go out.

Both queues hold records and, between them, signals: watermarks and changes of idleness. Ordered:
everything goes out as it came in. Unordered: records between two signals go out as they are
completed, but none of them passes a signal, in either direction; so a record that was in time
before the operator is in time after it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["AsyncQueue", "Entry", "OrderedQueue", "Signal", "UnorderedQueue"]


class Entry:
    """A record on its way.

    Attributes:
        value: the record.
        timestamp: its event time; None if it has none.
        results: what the call gave; None until it is complete.
        attempts: calls begun so far.
        call: the call under way.
        deadline_ms: when it times out, by the clock; None for never.
    """

    __slots__ = (
        "attempts",
        "call",
        "deadline_ms",
        "number",
        "results",
        "segment",
        "timestamp",
        "value",
    )

    def __init__(self, value: Any, timestamp: int | None) -> None:
        self.value = value
        self.timestamp = timestamp
        self.results: list[Any] | None = None
        self.attempts = 0
        self.call: Any = None
        self.deadline_ms: int | None = None
        self.number = 0
        self.segment: _Segment | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """A watermark, or, where that is None, a change of idleness."""

    watermark: int | None = None
    idle: bool = False


class AsyncQueue(ABC):
    """Records and signals that have come in and not gone out."""

    @abstractmethod
    def add(self, entry: Entry) -> None:
        """A record came in."""

    @abstractmethod
    def add_signal(self, signal: Signal) -> None:
        """A signal came in. A watermark right after a watermark replaces it."""

    @abstractmethod
    def complete(self, entry: Entry) -> None:
        """The record has its results."""

    @abstractmethod
    def take_ready(self) -> Iterator[Entry | Signal]:
        """Take out, in order, what may go out now."""

    @abstractmethod
    def entries(self) -> list[Entry]:
        """The records within, as they came in."""

    @abstractmethod
    def __len__(self) -> int:
        """Number of records and signals within."""


class OrderedQueue(AsyncQueue):
    """First in, first out.

    >>> queue, first, second = OrderedQueue(), Entry("a", None), Entry("b", None)
    >>> queue.add(first); queue.add(second)
    >>> second.results = ["B"]; queue.complete(second); list(queue.take_ready())
    []
    """

    def __init__(self) -> None:
        self._items: deque[Entry | Signal] = deque()

    def add(self, entry: Entry) -> None:
        self._items.append(entry)

    def add_signal(self, signal: Signal) -> None:
        if self._items and _replaces(signal, self._items[-1]):
            self._items[-1] = signal
        else:
            self._items.append(signal)

    def complete(self, entry: Entry) -> None:
        """Results are looked for when the record's turn has come."""

    def take_ready(self) -> Iterator[Entry | Signal]:
        items = self._items
        while items:
            first = items[0]
            if isinstance(first, Entry) and first.results is None:
                return
            yield items.popleft()

    def entries(self) -> list[Entry]:
        return [item for item in self._items if isinstance(item, Entry)]

    def __len__(self) -> int:
        return len(self._items)


class _Segment:
    """Records between two signals; ``signal`` is the one after them."""

    __slots__ = ("done", "pending", "signal")

    def __init__(self) -> None:
        self.pending: dict[Entry, None] = {}
        self.done: deque[Entry] = deque()
        self.signal: Signal | None = None


class UnorderedQueue(AsyncQueue):
    """First completed, first out, between signals."""

    def __init__(self) -> None:
        self._segments: deque[_Segment] = deque([_Segment()])
        self._count = 0
        self._numbers = 0

    def add(self, entry: Entry) -> None:
        segment = self._segments[-1]
        segment.pending[entry] = None
        entry.segment = segment
        entry.number = self._numbers
        self._numbers += 1
        self._count += 1

    def add_signal(self, signal: Signal) -> None:
        last = self._segments[-1]
        if len(self._segments) > 1 and not last.pending and not last.done:
            before = self._segments[-2]
            if _replaces(signal, before.signal):
                before.signal = signal
                return
        last.signal = signal
        self._segments.append(_Segment())
        self._count += 1

    def complete(self, entry: Entry) -> None:
        assert entry.segment is not None
        del entry.segment.pending[entry]
        entry.segment.done.append(entry)

    def take_ready(self) -> Iterator[Entry | Signal]:
        while True:
            first = self._segments[0]
            while first.done:
                self._count -= 1
                yield first.done.popleft()
            if first.pending or first.signal is None:
                return
            self._segments.popleft()
            self._count -= 1
            yield first.signal

    def entries(self) -> list[Entry]:
        found = [entry for segment in self._segments for entry in (*segment.pending, *segment.done)]
        return sorted(found, key=lambda entry: entry.number)

    def __len__(self) -> int:
        return self._count


def _replaces(signal: Signal, before: Entry | Signal | None) -> bool:
    return (
        signal.watermark is not None and isinstance(before, Signal) and before.watermark is not None
    )
