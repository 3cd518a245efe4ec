"""Sends rows to the program that started the job, exactly once.

Without checkpoints a row is sent at once. With checkpoints rows wait in operator state until the
checkpoint that covers them is complete, as a transactional sink would; after a failure they are
sent again from there, under the same positions, so that the receiver drops what it has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flott.common.physical_types import with_whole_nanoseconds
from flott.common.sql_errors import RecordError
from flott.core.batch import Batch, RowBatch
from flott.core.collect import CollectedRows
from flott.core.column_batch import INSERT, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.element import Barrier
from flott.core.operator import Operator, OperatorSpec
from flott.core.output import Output

#: Rows that may be on their way or untaken before the operator stops its task.
ROWS_OUTSTANDING_MAX: Final = 65_536


@dataclass(frozen=True)
class CollectSpec(OperatorSpec):
    """Collect as the plan sees it.

    Attributes:
        collector_id: Which call of ``execute_and_collect`` the rows are for.
    """

    collector_id: str

    def build(self) -> Collect:
        return Collect(self.collector_id)

    @property
    def meaning(self) -> str:
        return "collect"


class Collect(Operator):
    """See the module."""

    def __init__(self, collector_id: str) -> None:
        self._collector_id = collector_id
        self._sent = 0
        self._outstanding = 0
        self._waiting: list[Any] = []
        self._covered: list[tuple[int, list[Any]]] = []

    def open(self, context: OperatorContext, output: Output) -> None:
        super().open(context, output)
        self._immediate = not context.checkpoints_enabled
        self._state = context.operator_store.list_state("collected rows")
        for sent, rows in self._state.get():
            self._sent = sent
            self._covered.append((context.restored_checkpoint_id or 0, rows))
        self._release(context.restored_checkpoint_id or 0)

    def process_batch(self, batch: Batch, input_index: int) -> None:
        rows = batch.values if isinstance(batch, RowBatch) else _rows_of(batch)
        if self._immediate:
            self._send(rows)
        else:
            self._waiting.extend(rows)

    def process_watermark(self, timestamp: int) -> None:
        """Nothing follows."""

    def process_status(self, idle: bool) -> None:
        """Nothing follows."""

    def prepare_snapshot(self, barrier: Barrier) -> None:
        self._covered.append((barrier.checkpoint_id, self._waiting))
        self._waiting = []
        unsent = [row for _, rows in self._covered for row in rows]
        self._state.update([(self._sent, unsent)])

    def notify_checkpoint_complete(self, checkpoint_id: int) -> None:
        self._release(checkpoint_id)

    def finish(self) -> None:
        if not self.context.checkpoints_enabled:
            self._send(self._waiting)
            self._waiting = []

    def is_blocked(self) -> bool:
        # Rows that wait for a checkpoint must not count: its barrier may be behind them.
        return self._outstanding >= ROWS_OUTSTANDING_MAX

    def handle_coordinator_event(self, event: Any) -> None:
        self._outstanding -= event

    def _release(self, checkpoint_id: int) -> None:
        while self._covered and self._covered[0][0] <= checkpoint_id:
            self._send(self._covered.pop(0)[1])

    def _send(self, rows: list[Any]) -> None:
        if rows:
            event = CollectedRows(self._collector_id, self._sent, tuple(rows))
            self._sent += len(rows)
            self._outstanding += len(rows)
            self.context.send_to_coordinator(event)


def _rows_of(batch: Batch) -> list[Any]:
    """Columns as ``(kind, values)`` tuples: what the receiver makes rows of. Timestamps of more
    than six digits are whole nanoseconds."""
    assert isinstance(batch, ColumnBatch), f"unknown batch {batch!r}"
    kinds = [INSERT] * batch.row_count if batch.kinds is None else batch.kinds.to_list()
    for column in batch.frame:
        if not _is_in_calendar(column):
            raise RecordError(
                "A moment outside of the years 1 to 9999, which are those of Python",
                hint="CAST(... AS STRING) shows it.",
            )
    return list(zip(kinds, with_whole_nanoseconds(batch.frame).rows(), strict=True))


def _is_in_calendar(column: Any) -> bool:
    """Whether Python has all the dates and timestamps of a column; any other column is fine."""
    if column.dtype.base_type().__name__ not in ("Date", "Datetime"):
        return True
    years = column.dt.year()
    first, last = years.min(), years.max()
    return first is None or (first >= 1 and last <= 9999)
