"""The connector keeps what Flott asks of every connector: ``pytest test_flott_sqlite.py``."""

import sqlite3
import tempfile
from pathlib import Path

from flott_sqlite import SqliteSink, SqliteSource
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.core.batch import RowBatch
from flott.testing.connectors import check_sink, check_source


def database(folder: str, rows: int = 0) -> str:
    """A database with the tables ``a`` and ``b``, of one column."""
    path = str(Path(folder) / "rows.db")
    with sqlite3.connect(path) as transaction:
        for table in "ab":
            transaction.execute(f"CREATE TABLE {table} (n INTEGER)")
            values = [(number,) for number in range(rows)]
            transaction.executemany(f"INSERT INTO {table} VALUES (?)", values)
    return path


@settings(max_examples=25, deadline=None)
@given(choices=st.data(), rows=st.integers(0, 50))
def test_every_row_is_read_once(choices: st.DataObject, rows: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = SqliteSource(database(folder, rows), ["a", "b"], ["n"])
        check_source(choices, source, [(number,) for number in range(rows)] * 2)


@settings(max_examples=25, deadline=None)
@given(choices=st.data())
def test_every_row_is_written_once(choices: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = database(folder)

        def read() -> list[int]:
            return [number for (number,) in sqlite3.connect(path).execute("SELECT n FROM a")]

        def batch_of(numbers: list[int]) -> RowBatch:
            return RowBatch([(number,) for number in numbers])

        sink = SqliteSink(path, "a")
        check_sink(choices, lambda fuse: sink, read, batch_of=batch_of)
