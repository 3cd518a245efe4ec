"""Partitions named one by one."""

from __future__ import annotations

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.table import TableEnvironment


def environment() -> TableEnvironment:
    made = TableEnvironment.create()
    made.execute_sql(
        "CREATE TABLE t (a INT, d STRING, h INT) PARTITIONED BY (d, h) "
        "WITH ('connector' = 'filesystem', 'path' = '/tmp/none', 'format' = 'json')"
    )
    made.execute_sql("CREATE TABLE plain (a INT) WITH ('connector' = 'print')")
    made.execute_sql("CREATE VIEW v AS SELECT a FROM t")
    return made


def shown(made: TableEnvironment, what: str = "t") -> list[str]:
    return [row[0] for row in made.execute_sql(f"SHOW PARTITIONS {what}").collect()]


def test_partitions_are_added_and_dropped() -> None:
    made = environment()
    assert shown(made) == []
    made.execute_sql("ALTER TABLE t ADD PARTITION (h=7, d='b') PARTITION (d='a', h=9)")
    assert shown(made) == ["d=a/h=9", "d=b/h=7"]
    made.execute_sql("ALTER TABLE t DROP PARTITION (d='b', h=7), PARTITION (d='a', h=9)")
    assert shown(made) == []


def test_those_with_some_values_are_shown() -> None:
    made = environment()
    for h in (1, 2):
        made.execute_sql(f"ALTER TABLE t ADD PARTITION (d='a', h={h}) PARTITION (d='b', h={h})")
    assert shown(made, "t PARTITION (h = 2)") == ["d=a/h=2", "d=b/h=2"]


def test_what_is_there_or_not_may_be_ignored() -> None:
    made = environment()
    for _ in range(2):
        made.execute_sql("ALTER TABLE t ADD IF NOT EXISTS PARTITION (d='a', h=1)")
    assert shown(made) == ["d=a/h=1"]
    for _ in range(2):
        made.execute_sql("ALTER TABLE t DROP IF EXISTS PARTITION (d='a', h=1)")
    assert shown(made) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("ALTER TABLE t DROP PARTITION (d='a', h=1)", "The partition d=a/h=1 does not exist"),
        ("ALTER TABLE t ADD PARTITION (d='a')", "The partition has no value for h"),
        ("ALTER TABLE t ADD PARTITION (d='a', hh=1)", "'hh' is not a partition column"),
        ("ALTER TABLE t ADD PARTITION (d='a', h=1+1)", "must be a literal"),
        ("ALTER TABLE plain ADD PARTITION (d='a')", "The table is not partitioned"),
        ("SHOW PARTITIONS plain", "The table is not partitioned"),
        ("SHOW PARTITIONS v", "views have no partitions"),
    ],
)
def test_what_cannot_be_is_refused(statement: str, message: str) -> None:
    with pytest.raises(SqlValidationError, match=message):
        environment().execute_sql(statement)


def test_one_cannot_be_added_twice() -> None:
    made = environment()
    made.execute_sql("ALTER TABLE t ADD PARTITION (d='a', h=1)")
    with pytest.raises(SqlValidationError, match="d=a/h=1 exists already"):
        made.execute_sql("ALTER TABLE t ADD PARTITION (d='a', h=1)")
