"""Callbacks at moments of processing time, for one task."""

from __future__ import annotations

import heapq
from collections.abc import Callable


class Schedule:
    """A queue of callbacks by time; equal times keep their order."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._sequence = 0

    def add(self, timestamp_ms: float, callback: Callable[[], None]) -> None:
        """Call ``callback`` once the clock reaches ``timestamp_ms``."""
        self._sequence += 1
        heapq.heappush(self._heap, (timestamp_ms, self._sequence, callback))

    @property
    def next_ms(self) -> float | None:
        """When the earliest callback is due."""
        return self._heap[0][0] if self._heap else None

    def run_due(self, now_ms: float) -> bool:
        """Run what was due at ``now_ms`` when the call began; whether there was anything.

        What a callback adds waits for the next call, so that a turn ends.
        """
        due = []
        while self._heap and self._heap[0][0] <= now_ms:
            due.append(heapq.heappop(self._heap)[2])
        for callback in due:
            callback()
        return bool(due)
