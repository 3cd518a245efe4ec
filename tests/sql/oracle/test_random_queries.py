"""Thousands of random queries, answered as DuckDB answers them.

Each runs in BATCH or STREAMING mode, in batches of one, seven or many rows, in one task or three;
some are killed again and again and restored at another parallelism.
"""

import datetime
import os
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from flott.common import RowKind
from flott.table import EnvironmentSettings, TableEnvironment
from flott.testing import run_query
from tests.sql.oracle.analytics import analytic_queries
from tests.sql.oracle.queries import COLUMNS, queries, rows

#: Queries in all, over the tests that xdist may run side by side.
#: The same queries in every run, so that a change is to blame for what it breaks. With
#: FLOTT_ORACLE_RANDOM set they are new ones each time.
EXAMPLES = int(os.environ.get("FLOTT_ORACLE_EXAMPLES", "3000"))
#: Whether in batch, and in how many tasks.
WAYS = [(is_batch, parallelism) for is_batch in (True, False) for parallelism in (1, 3)]

SCHEMA = {
    "a": pl.Int32,
    "b": pl.Int64,
    "s": pl.String,
    "d": pl.Float64,
    "p": pl.Boolean,
    "m": pl.Decimal(8, 2),
    "e": pl.Date,
    "ts": pl.Datetime("us"),
}


def frame_of(table: list[tuple[Any, ...]]) -> pl.DataFrame:
    return pl.DataFrame(table, schema=SCHEMA, orient="row")


def bag(found: list[tuple[Any, ...]]) -> list[str]:
    return sorted(repr(tuple(map(plain, row))) for row in found)


def plain(value: Any) -> Any:
    if isinstance(value, bool | str | datetime.date) or value is None:
        return value
    return round(float(value), 9) + 0.0


def answer_of_duckdb(tables: dict[str, pl.DataFrame], query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for name, frame in tables.items():
            columns = ", ".join(f"{c} {'VARCHAR' if t == 'STRING' else t}" for c, t, _ in COLUMNS)
            connection.execute(f"CREATE TABLE {name} ({columns})")
            if frame.height:
                places = ", ".join("?" * frame.width)
                connection.executemany(f"INSERT INTO {name} VALUES ({places})", frame.rows())
        return connection.execute(query.replace(" AS STRING)", " AS VARCHAR)")).fetchall()


def environment_of(
    tables: dict[str, pl.DataFrame], is_batch: bool, batch_rows: int
) -> TableEnvironment:
    mode = EnvironmentSettings.in_batch_mode if is_batch else EnvironmentSettings.in_streaming_mode
    environment = TableEnvironment.create(mode())
    environment.get_config().set("flott.batch.size-max", str(batch_rows))
    for name, frame in tables.items():
        environment.create_temporary_view(name, frame)
    return environment


def answer_of_flott(
    tables: dict[str, pl.DataFrame],
    query: str,
    is_batch: bool,
    batch_rows: int,
    parallelism: int = 1,
) -> list[tuple[Any, ...]]:
    environment = environment_of(tables, is_batch, batch_rows)
    configuration = environment.get_config()
    configuration.set("execution.target", "embedded")
    configuration.set("parallelism.default", str(parallelism))
    remaining: list[tuple[Any, ...]] = []
    with environment.execute_sql(query).collect() as changes:
        for row in changes:
            values = tuple(row)
            if row.get_row_kind() in (RowKind.UPDATE_BEFORE, RowKind.DELETE):
                remaining.remove(values)
            else:
                remaining.append(values)
    return remaining


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("is_batch", "parallelism"), WAYS)
@settings(
    max_examples=-(-EXAMPLES // len(WAYS)),
    deadline=None,
    derandomize="FLOTT_ORACLE_RANDOM" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=rows, second=rows, batch_rows=st.sampled_from([1, 7, 1000]), data=st.data())
def test_random_query_is_answered_as_duckdb_does(
    is_batch: bool,
    parallelism: int,
    first: list[Any],
    second: list[Any],
    batch_rows: int,
    data: st.DataObject,
) -> None:
    query = data.draw(queries(is_batch) | analytic_queries(is_batch))
    tables = {"t1": frame_of(first), "t2": frame_of(second)}
    note(f"{'BATCH' if is_batch else 'STREAMING'}, {batch_rows} rows x {parallelism}: {query}")
    expected = answer_of_duckdb(tables, query)
    found = answer_of_flott(tables, query, is_batch, batch_rows, parallelism)
    assert bag(found) == bag(expected)


@pytest.mark.timeout(900)
@settings(
    max_examples=-(-EXAMPLES // 10),
    deadline=None,
    derandomize="FLOTT_ORACLE_RANDOM" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(first=rows, second=rows, batch_rows=st.sampled_from([1, 3]), data=st.data())
def test_random_query_is_answered_so_killed_and_restored_elsewhere(
    first: list[Any], second: list[Any], batch_rows: int, data: st.DataObject
) -> None:
    query = data.draw(queries(False) | analytic_queries(False))
    tables = {"t1": frame_of(first), "t2": frame_of(second)}
    note(f"{batch_rows} rows: {query}")
    environment = environment_of(tables, False, batch_rows)
    found = run_query(environment, query, restore_every=3, parallelism=(1, 3, 2))
    assert bag(found.rows) == bag(answer_of_duckdb(tables, query))
