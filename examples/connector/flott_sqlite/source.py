"""Reads tables of a database in the order in which their rows were inserted.

Each table is a split. How far it has been read is the ``rowid`` of the last row: SQLite numbers the
rows of a table upwards, so reading on from a number gives the same rows each time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flott.datastream.connectors.base import (
    Boundedness,
    EnumeratorContext,
    OperatorContext,
    RowBatch,
    SequentialReader,
    Source,
    SourceReader,
    SplitBatch,
    SplitCursor,
    SplitEnumerator,
    SplitQueueEnumerator,
)


@dataclass(frozen=True)
class TableSplit:
    """A table, and the rowid up to which it has been read."""

    split_id: str
    rowid: int = 0


class TableCursor(SplitCursor):
    """Reads one table from a row on."""

    def __init__(self, source: SqliteSource, split: TableSplit) -> None:
        self._source = source
        self._split = split
        self._database = sqlite3.connect(source.path)
        columns = ", ".join(f'"{name}"' for name in ("rowid", *source.columns))
        self._query = (
            f'SELECT {columns} FROM "{split.split_id}" WHERE rowid > ? ORDER BY rowid LIMIT ?'
        )

    def read(self, rows_max: int) -> SplitBatch:
        name = self._split.split_id
        rows = self._database.execute(self._query, (self._split.rowid, rows_max)).fetchall()
        if not rows:
            return SplitBatch(name, None, finished=True)
        self._split = replace(self._split, rowid=rows[-1][0])
        return SplitBatch(name, self._source.to_batch([row[1:] for row in rows]))

    def split(self) -> TableSplit:
        return self._split

    def close(self) -> None:
        self._database.close()


class SqliteSource(Source):
    """The rows that are in some tables of a database when they are read.

    Args:
        path: The file of the database.
        tables: The tables; all of them have the columns.
        columns: The columns wanted.
        to_batch: Makes a batch of tuples; by default each tuple is a record.
    """

    def __init__(
        self,
        path: str,
        tables: Sequence[str],
        columns: Sequence[str],
        to_batch: Callable[[list[Any]], Any] = RowBatch,
    ) -> None:
        self.path = path
        self.tables = tuple(tables)
        self.columns = tuple(columns)
        self.to_batch = to_batch

    @property
    def boundedness(self) -> Boundedness:
        return Boundedness.BOUNDED

    def create_enumerator(
        self, context: EnumeratorContext, restored: list[TableSplit] | None
    ) -> SplitEnumerator:
        splits = [TableSplit(name) for name in self.tables] if restored is None else restored
        return SplitQueueEnumerator(context, splits)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        return SequentialReader(lambda split: TableCursor(self, split), context.wake)
