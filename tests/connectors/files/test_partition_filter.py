"""Partitions that a query does not ask for are not read."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from flott.table import EnvironmentSettings, TableEnvironment

TABLE = "CREATE TABLE t (a INT, s STRING, i INT, d DATE) PARTITIONED BY (s, i, d) WITH (%s)"


def _environment(folder: Path) -> TableEnvironment:
    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    options = f"'connector' = 'filesystem', 'path' = '{folder}', 'format' = 'json'"
    environment.execute_sql(TABLE % options)
    environment.execute_sql(
        "INSERT INTO t VALUES (1, 'x', 1, DATE '2024-01-01'), (2, 'y', 2, DATE '2024-02-01'), "
        "(3, CAST(NULL AS STRING), 3, DATE '2024-03-01')"
    ).wait()
    return environment


def _rows(environment: TableEnvironment, sql: str) -> list[Any]:
    with environment.execute_sql(sql).collect() as rows:
        return sorted(row[0] for row in rows)


def _spoil(folder: Path, kept: Iterable[str]) -> None:
    """Make every file unreadable but those of partitions that are kept."""
    for path in folder.rglob("*"):
        if path.is_file() and not any(f"/{each}/" in str(path) for each in kept):
            path.write_text("{")


@pytest.mark.parametrize(
    ("condition", "partition", "rows"),
    [
        ("s = 'x'", "s=x", [1]),
        ("s IN ('x', 'z')", "s=x", [1]),
        ("i >= 2 AND i < 3", "i=2", [2]),
        ("i <> 1 AND NOT (i = 3)", "i=2", [2]),
        ("d BETWEEN DATE '2024-01-15' AND DATE '2024-02-15'", "d=2024-02-01", [2]),
        ("s IS NULL", "i=3", [3]),
        ("s = 'x' OR i = 1", "s=x", [1]),
        ("a = 2 AND s = 'y'", "s=y", [2]),
    ],
)
def test_only_partitions_asked_for_are_read(
    tmp_path: Path, condition: str, partition: str, rows: list[int]
) -> None:
    environment = _environment(tmp_path)
    _spoil(tmp_path, [partition])
    assert _rows(environment, f"SELECT a FROM t WHERE {condition}") == rows


def test_no_partition_may_be_left(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    assert _rows(environment, "SELECT COUNT(*) FROM t WHERE s = 'nobody'") == [0]


def test_two_readers_get_what_each_asks_for(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    sql = "SELECT a FROM t WHERE s = 'x' UNION ALL SELECT a * 10 FROM t WHERE i = 3"
    assert _rows(environment, sql) == [1, 30]


def test_conditions_that_folders_do_not_decide_remain(tmp_path: Path) -> None:
    environment = _environment(tmp_path)
    assert _rows(environment, "SELECT a FROM t WHERE s LIKE 'y%' OR a = 3") == [2, 3]
