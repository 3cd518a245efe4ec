"""``RecordingSink``: keeps what a job puts out, in this process.

Each row is kept with the last checkpoint before it; a job that starts from checkpoint n takes back
whatever came after it. So a test sees every row at once, and every row once.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from flott.core.batch import Batch, RowBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter

_sinks: WeakValueDictionary[str, RecordingSink] = WeakValueDictionary()


class _Recorded(NamedTuple):
    value: Any
    timestamp: int | None
    subtask: int
    after_checkpoint: int


class RecordingSink(Sink):
    """A sink for programs that run in this process, such as under a ``JobHarness``.

    Args:
        name: How the harness speaks of it.
        unpack: The records of a batch, for batches that are not ``RowBatch``.

    >>> from flott.datastream import StreamExecutionEnvironment
    >>> env = StreamExecutionEnvironment.get_execution_environment()
    >>> lengths = RecordingSink("lengths")
    >>> _ = env.from_collection(["to", "be"]).map(len).sink_to(lengths)
    >>> _ = env.execute()
    >>> lengths.values
    [2, 2]
    """

    def __init__(self, name: str, unpack: Callable[[Batch], list[Any]] | None = None) -> None:
        self.name = name
        self._unpack = unpack
        self._rows: list[_Recorded] = []
        self._id = uuid.uuid4().hex
        _sinks[self._id] = self

    def __reduce__(self) -> tuple[Callable[[str], RecordingSink], tuple[str]]:
        return find_sink, (self._id,)

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        last = context.restored_checkpoint_id
        if context.attempt > 0 or last is not None:
            kept = [row for row in self._rows if row.after_checkpoint < (last or 0)]
            self._rows[:] = kept
        return _RecordingWriter(self._rows, context.subtask_index, last or 0, self._unpack)

    # --- for tests -----------------------------------------------------------------------------

    @property
    def values(self) -> list[Any]:
        """The records, in the order in which they came."""
        return [row.value for row in self._rows]

    @property
    def records(self) -> list[tuple[Any, int | None]]:
        """The records with their timestamps."""
        return [(row.value, row.timestamp) for row in self._rows]

    @property
    def by_subtask(self) -> list[tuple[int, Any]]:
        """The records with the index of the sink's subtask that took them."""
        return [(row.subtask, row.value) for row in self._rows]

    def clear(self) -> None:
        """Forget what came so far."""
        self._rows.clear()


def find_sink(sink_id: str) -> RecordingSink:
    """The sink of this process that has an id: unpickling gives the very same object.

    Raises:
        RuntimeError: it is another process's.
    """
    found = _sinks.get(sink_id)
    if found is None:
        raise RuntimeError(
            "A RecordingSink works in the process that made it: set execution.target to embedded"
        )
    return found


class _RecordingWriter(SinkWriter):
    def __init__(
        self,
        rows: list[_Recorded],
        subtask: int,
        checkpoint_id: int,
        unpack: Callable[[Batch], list[Any]] | None,
    ) -> None:
        self._unpack = unpack
        self._rows = rows
        self._subtask = subtask
        self._checkpoint_id = checkpoint_id

    def write(self, batch: Batch) -> None:
        subtask, checkpoint_id = self._subtask, self._checkpoint_id
        values, times = self._records(batch)
        self._rows.extend(
            _Recorded(value, time, subtask, checkpoint_id)
            for value, time in zip(values, times, strict=True)
        )

    def _records(self, batch: Batch) -> tuple[list[Any], list[Any]]:
        if self._unpack is not None:
            values = self._unpack(batch)
            return values, [None] * len(values)
        assert isinstance(batch, RowBatch)
        return batch.values, batch.timestamps or [None] * len(batch.values)

    def snapshot(self, checkpoint_id: int) -> list[Any]:
        self._checkpoint_id = checkpoint_id
        return []
