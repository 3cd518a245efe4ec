"""Timers of one kind, in order of time: a table of buckets and a heap of the buckets' times.

A bucket is a namespace of a keyed table: time -> (key, namespace) -> None. So timers are in
snapshots and move with their key like any keyed state, registering one twice changes nothing, and
deleting is a dict removal. The heap may hold times whose bucket is gone; they are passed over.
"""

from __future__ import annotations

from collections.abc import Hashable
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import Any

from flott.core.keyed_store import KeyedStore
from flott.core.timer import TimerCallback
from flott.state.memory_table import MemoryTable


def key_of_timer(timer: tuple[Any, Any]) -> Any:
    """The user's key in a timer's entry."""
    return timer[0]


class TimerQueue:
    """Timers of one kind of one service.

    Args:
        store: Its current key is set before each callback and unset after the last.
        table: Where the timers are kept.
        callback: Called with (timestamp, key, namespace).
    """

    __slots__ = ("_callback", "_heap", "_queued", "_store", "_table")

    def __init__(self, store: KeyedStore, table: MemoryTable, callback: TimerCallback) -> None:
        self._store = store
        self._table = table
        self._callback = callback
        self._heap: list[int] = list(table.namespaces())
        heapify(self._heap)
        self._queued = set(self._heap)

    def add(self, timestamp: int, key: Hashable, namespace: Hashable = None) -> None:
        """Register a timer; without effect if it is there."""
        # Many programs do this once a record, so it goes past the table's methods.
        timer = (key, namespace)
        table = self._table
        bucket = table.spaces.get(timestamp)
        if bucket is None:
            if timestamp not in self._queued:
                self._queued.add(timestamp)
                heappush(self._heap, timestamp)
            bucket = table.space(timestamp)
        elif timer in bucket:
            return
        bucket[timer] = None
        if table.changes is not None:
            table.changed(timestamp)[timer] = None

    def delete(self, timestamp: int, key: Hashable, namespace: Hashable = None) -> None:
        """Forget a timer; without effect if there is none."""
        self._table.remove(timestamp, (key, namespace))

    def peek(self) -> int | None:
        """The time of the earliest timer."""
        heap = self._heap
        spaces = self._table.spaces
        while heap:
            if spaces.get(heap[0]):
                return heap[0]
            self._queued.discard(heappop(heap))
        return None

    def fire_until(self, timestamp: int) -> None:
        """Fire in order of time, then of registration, all timers up to ``timestamp``, those
        included that callbacks register meanwhile."""
        while (due := self.peek()) is not None and due <= timestamp:
            self._fire_bucket(due)
        self._store.clear_key()

    def fire_once_until(self, timestamp: int) -> None:
        """As `fire_until`, but a timer that a callback registers for a time that has been fired
        already waits for the next call. So a callback that registers "now" again ends."""
        last: int | None = None
        waiting: list[int] = []
        while (due := self.peek()) is not None and due <= timestamp:
            if last is None or due > last:
                last = due
                self._fire_bucket(due)
            if self._table.spaces.get(due):
                self._queued.discard(heappop(self._heap))
                waiting.append(due)
        for late in waiting:
            if late not in self._queued:
                self._queued.add(late)
                heappush(self._heap, late)
        self._store.clear_key()

    def fire_present(self) -> None:
        """Fire all timers that are there now, and none that callbacks register."""
        present = [(due, list(self._table.spaces[due])) for due in self._table.namespaces()]
        for due, timers in sorted(present, key=itemgetter(0)):
            self._fire(due, timers)
        self._store.clear_key()

    def _fire_bucket(self, timestamp: int) -> None:
        """Fire the timers of one time that are there now."""
        # A copy: deleting at the front of a dict one by one makes finding its first slow.
        self._fire(timestamp, list(self._table.spaces[timestamp]))

    def _fire(self, timestamp: int, timers: list[tuple[Any, Any]]) -> None:
        store = self._store
        spaces = self._table.spaces
        callback = self._callback
        for timer in timers:
            bucket = spaces.get(timestamp)
            if bucket is None or timer not in bucket:
                continue  # an earlier callback deleted it
            del bucket[timer]
            key, namespace = timer
            store.current_key = key
            callback(timestamp, key, namespace)
        # Recorded once for all: mostly the whole bucket is gone.
        if spaces.get(timestamp):
            self._table.note_removed(timestamp, timers)
        else:
            self._table.drop(timestamp)
