"""Writes rows to a table of a database, each exactly once, in two phases.

Before a checkpoint the writer puts its rows into ``flott_staged``, under a name that nobody else
has, and that name is all the checkpoint keeps. When the checkpoint is complete, the committer moves
the rows to their table in one transaction. Doing so again finds nothing to move. Rows staged by a
subtask that died are moved by nobody; the next writer deletes them when they are a week old.
"""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from flott.datastream.connectors.base import Committer, OperatorContext, Sink, SinkWriter

STAGED = "CREATE TABLE IF NOT EXISTS flott_staged (name TEXT, at_ms INTEGER, line TEXT)"
KEPT_MS = 7 * 24 * 3600 * 1000


class SqliteSink(Sink):
    """Appends rows to a table.

    Args:
        path: The file of the database.
        table: The table; it must exist.
        rows_of: The tuples of a batch; by default its records are tuples.
    """

    def __init__(
        self,
        path: str,
        table: str,
        rows_of: Callable[[Any], Iterable[Sequence[Any]]] = lambda batch: batch.values,
    ) -> None:
        self.path = path
        self.table = table
        self.rows_of = rows_of

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        return StagingWriter(self, context.clock.now_ms)

    def create_committer(self, context: OperatorContext) -> Committer:
        return MovingCommitter(self)


class StagingWriter(SinkWriter):
    """Stages the rows of one subtask."""

    def __init__(self, sink: SqliteSink, now_ms: Callable[[], int]) -> None:
        self._rows_of = sink.rows_of
        self._now_ms = now_ms
        self._rows: list[Sequence[Any]] = []
        self._database = sqlite3.connect(sink.path)
        with self._database as transaction:
            transaction.execute(STAGED)
            transaction.execute("DELETE FROM flott_staged WHERE at_ms < ?", (now_ms() - KEPT_MS,))

    def write(self, batch: Any) -> None:
        self._rows.extend(self._rows_of(batch))

    def prepare_commit(self, checkpoint_id: int) -> list[str]:
        if not self._rows:
            return []
        name, now_ms = uuid.uuid4().hex, self._now_ms()
        lines = [(name, now_ms, json.dumps(row)) for row in self._rows]
        with self._database as transaction:
            transaction.executemany("INSERT INTO flott_staged VALUES (?, ?, ?)", lines)
        self._rows = []
        return [name]

    def close(self) -> None:
        self._database.close()


class MovingCommitter(Committer):
    """Moves staged rows to their table."""

    def __init__(self, sink: SqliteSink) -> None:
        self._table = sink.table
        self._database = sqlite3.connect(sink.path)

    def commit(self, committables: Sequence[str]) -> None:
        for name in committables:
            with self._database as transaction:
                transaction.execute("BEGIN IMMEDIATE")
                found = transaction.execute(
                    "SELECT line FROM flott_staged WHERE name = ? ORDER BY rowid", (name,)
                )
                rows = [json.loads(line) for (line,) in found]
                if rows:
                    marks = ", ".join("?" * len(rows[0]))
                    transaction.executemany(f'INSERT INTO "{self._table}" VALUES ({marks})', rows)
                transaction.execute("DELETE FROM flott_staged WHERE name = ?", (name,))

    def close(self) -> None:
        self._database.close()
