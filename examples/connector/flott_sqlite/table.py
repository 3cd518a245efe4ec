"""``'connector' = 'sqlite'``: the source and the sink as a table, in columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from flott.table.connectors import (
    ChangelogMode,
    ColumnBatch,
    DataType,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
    polars_schema,
)
from flott_sqlite.sink import SqliteSink
from flott_sqlite.source import SqliteSource


class SqliteTableFactory(TableFactory):
    """Makes ``sqlite`` tables."""

    identifier = "sqlite"
    options = {
        "path": "The file of the database; required.",
        "table": "Its table; by default called as the table here.",
    }

    def create_source(self, table: TableDescription) -> TableSource:
        return SqliteTableSource(table)

    def create_sink(self, table: TableDescription) -> TableSink:
        return SqliteTableSink(table)


class SqliteTableSource(TableSource):
    """Reads the columns that the query uses."""

    def __init__(self, table: TableDescription) -> None:
        self._table = table

    @property
    def is_bounded(self) -> bool:
        return True

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> SqliteSource:
        types = {field.name: field.data_type for field in self._table.columns}
        to_batch = ToColumns(tuple(types[name] for name in columns))
        return SqliteSource(path_of(self._table), [name_of(self._table)], columns, to_batch)


class SqliteTableSink(TableSink):
    """Appends rows; the planner refuses queries whose rows change."""

    def __init__(self, table: TableDescription) -> None:
        self._table = table

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        return ChangelogMode.INSERT_ONLY

    def create_sink(self, metadata: Sequence[str]) -> SqliteSink:
        return SqliteSink(path_of(self._table), name_of(self._table), rows_of)


@dataclass(frozen=True)
class ToColumns:
    """Makes a batch of columns of tuples; an object, so that it can travel to a worker."""

    types: tuple[DataType, ...]

    def __call__(self, rows: list[Any]) -> ColumnBatch:
        return ColumnBatch(pl.DataFrame(rows, schema=polars_schema(self.types), orient="row"))


def rows_of(batch: ColumnBatch) -> list[tuple[Any, ...]]:
    """The rows of a batch of columns."""
    return batch.frame.rows()


def path_of(table: TableDescription) -> str:
    """The file of the database."""
    if "path" not in table.options:
        raise ValueError(f"table {table.path[-1]} needs the option 'path'")
    return table.options["path"]


def name_of(table: TableDescription) -> str:
    """The name of the table in the database."""
    return table.options.get("table", table.path[-1])
