"""Each query of the benchmark gives what DuckDB computes from the same events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flott.common import RowKind
from flott.table import EnvironmentSettings, TableEnvironment
from flott.testing import run_query
from tests.sql.nexmark.oracle import expected_rows, read_statements, write_side_input

#: Written to files, by the clock on the wall, with ties: each has a test of its own.
SPECIAL = ("q10", "q12", "q19")
QUERIES = [f"q{number}" for number in range(24) if f"q{number}" not in SPECIAL]


def prepare(query: str, folder: Path, parallelism: int = 1) -> tuple[TableEnvironment, str]:
    """An environment with the tables of the benchmark, and the query."""
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.get_config().set("parallelism.default", str(parallelism))
    write_side_input(folder)
    preparation, statement = read_statements(query, str(folder))
    for each in preparation:
        environment.execute_sql(each)
    return environment, statement


def final_rows(environment: TableEnvironment, query: str) -> list[tuple[Any, ...]]:
    """The table after all changes."""
    rows: Counter[tuple[Any, ...]] = Counter()
    with environment.execute_sql(query).collect() as results:
        for row in results:
            is_gone = row.get_row_kind() in (RowKind.UPDATE_BEFORE, RowKind.DELETE)
            rows[tuple(row)] += -1 if is_gone else 1
    assert min(rows.values(), default=0) >= 0
    return sorted(rows.elements(), key=repr)


@pytest.mark.parametrize("query", QUERIES)
def test_query_gives_what_duckdb_computes(query: str, tmp_path: Path) -> None:
    environment, statement = prepare(query, tmp_path)
    assert final_rows(environment, statement) == expected_rows(query)


@pytest.mark.parametrize("query", QUERIES)
def test_query_gives_the_same_killed_and_restored_elsewhere(query: str, tmp_path: Path) -> None:
    environment, statement = prepare(query, tmp_path)
    environment.get_config().set("flott.batch.size-max", "1000")
    found = run_query(environment, statement, restore_every=5, parallelism=(1, 4, 2))
    assert found.summary.restores > 0
    assert sorted(found.rows, key=repr) == expected_rows(query)


def test_ten_highest_bids_are_those_of_duckdb(tmp_path: Path) -> None:
    environment, statement = prepare("q19", tmp_path)
    found = [(row[0], row[2], row[-1]) for row in final_rows(environment, statement)]
    assert sorted(found) == sorted((row[0], row[2], row[-1]) for row in expected_rows("q19"))


def test_bids_are_written_into_partitions(tmp_path: Path) -> None:
    environment, statement = prepare("q10", tmp_path)
    environment.execute_sql(statement).wait()
    found = final_rows(environment, "SELECT * FROM nexmark_q10")
    assert found == expected_rows("q10")
    assert list(tmp_path.glob("q10/dt=*/hm=*/_SUCCESS"))


def test_windows_of_the_clock_count_no_bid_twice(tmp_path: Path) -> None:
    environment, statement = prepare("q12", tmp_path)
    found: Counter[int] = Counter()
    for bidder, count, *_ in final_rows(environment, statement):
        found[bidder] += count
    expected = dict(expected_rows("q12"))
    assert all(count <= expected[bidder] for bidder, count in found.items())
