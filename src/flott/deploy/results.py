"""Rows on their way from collect operators to the client.

Rows carry a position that counts from the start of the job and is part of checkpoints. With
checkpoints on, rows arrive only once a checkpoint covers them, and what is sent again after a
failure is recognised by its position: the client sees every row exactly once. The operator stops
when too many rows have not been taken yet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from flott.core.collect import CollectedRows
from flott.runtime.messages import TaskId


class ResultBuffer:
    """Rows of one collector that nobody has taken yet."""

    def __init__(self, acknowledge: Callable[[TaskId, str, int], None]) -> None:
        self.rows: deque[Any] = deque()
        self._acknowledge = acknowledge
        self._received: dict[int, int] = {}
        self._sender: tuple[TaskId, str] | None = None
        self._taken = 0

    def add(self, task: TaskId, operator_id: str, event: CollectedRows) -> None:
        """Append what is new in ``event``."""
        # A job that starts from a savepoint goes on counting where the former one stopped.
        known = self._received.get(task.subtask, event.position)
        assert event.position <= known, "rows arrive in order and without gaps"
        self._sender = (task, operator_id)
        fresh = event.rows[known - event.position :]
        self.rows.extend(fresh)
        self._received[task.subtask] = max(known, event.position + len(event.rows))
        if len(event.rows) > len(fresh):
            self._acknowledge(task, operator_id, len(event.rows) - len(fresh))

    def take(self) -> Any:
        """The next row; there must be one."""
        row = self.rows.popleft()
        self._taken += 1
        if (self._taken >= ACKNOWLEDGE_ROWS or not self.rows) and self._sender is not None:
            self._acknowledge(*self._sender, self._taken)
            self._taken = 0
        return row


class ResultBuffers:
    """The buffers of a job, by collector id."""

    def __init__(self, acknowledge: Callable[[TaskId, str, int], None]) -> None:
        self._acknowledge = acknowledge
        self._buffers: dict[str, ResultBuffer] = {}

    def get(self, collector_id: str) -> ResultBuffer:
        """The buffer of a collector, made at first use."""
        if collector_id not in self._buffers:
            self._buffers[collector_id] = ResultBuffer(self._acknowledge)
        return self._buffers[collector_id]

    def on_event(self, task: TaskId, operator_id: str, event: Any) -> None:
        """Take an event of an operator that is not a source."""
        if isinstance(event, CollectedRows):
            self.get(event.collector_id).add(task, operator_id, event)


#: Rows taken before the operator is told; a fraction of what it may have outstanding.
ACKNOWLEDGE_ROWS = 4096
