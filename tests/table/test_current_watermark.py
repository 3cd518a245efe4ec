"""CURRENT_WATERMARK: what late rows are told by."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.table import EnvironmentSettings, TableEnvironment

LATE = "CURRENT_WATERMARK(ts) >= ts"


def environment(folder: Path, *, batch_rows: int | None = None) -> TableEnvironment:
    """With a table ``t`` of seconds, whose rows may be ten late."""
    made = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    if batch_rows is not None:
        for option in ("flott.batch.size-min", "flott.batch.size-max"):
            made.get_config().set(option, str(batch_rows))
    lines = [f"{second},2024-01-01 00:00:{second:02d}\n" for second in (30, 25, 19, 50, 45, 31)]
    (folder / "rows.csv").write_text("".join(lines))
    made.execute_sql(
        "CREATE TABLE t (id INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '10' SECOND) "
        f"WITH ('connector' = 'filesystem', 'path' = '{folder}/rows.csv', 'format' = 'csv')"
    )
    return made


def rows(environment: TableEnvironment, query: str) -> list[tuple[object, ...]]:
    with environment.execute_sql(query).collect() as found:
        return [tuple(row) for row in found]


@pytest.mark.parametrize("batch_rows", [1, 2, None])
def test_late_rows_are_told_however_rows_are_batched(
    tmp_path: Path, batch_rows: int | None
) -> None:
    made = environment(tmp_path, batch_rows=batch_rows)
    assert rows(made, f"SELECT id FROM t WHERE {LATE}") == [(19,), (31,)]
    punctual = f"SELECT id FROM t WHERE ({LATE}) IS NOT TRUE"
    assert rows(made, punctual) == [(30,), (25,), (50,), (45,)]


def test_it_is_the_watermark_behind_the_rows_before(tmp_path: Path) -> None:
    made = environment(tmp_path, batch_rows=1)
    seconds = [
        None if mark is None else mark.second
        for [mark] in rows(made, "SELECT CURRENT_WATERMARK(ts) FROM t")
        if mark is None or isinstance(mark, datetime)
    ]
    assert seconds == [None, 20, 20, 20, 40, 40]


def test_there_is_none_before_the_first_rows(tmp_path: Path) -> None:
    made = environment(tmp_path, batch_rows=1)
    query = "SELECT id FROM t WHERE CURRENT_WATERMARK(ts) IS NULL"
    assert rows(made, query) == [(30,)]


@pytest.mark.parametrize("argument", ["id", "TIMESTAMP '2024-01-01 00:00:00'", ""])
def test_it_takes_a_time_attribute(tmp_path: Path, argument: str) -> None:
    made = environment(tmp_path)
    with pytest.raises(SqlValidationError, match="a column that is a time attribute"):
        made.execute_sql(f"SELECT CURRENT_WATERMARK({argument}) FROM t")


def test_conditions_of_joins_know_no_watermark(tmp_path: Path) -> None:
    made = environment(tmp_path)
    with pytest.raises(SqlValidationError, match="in the condition of a join is not supported"):
        made.execute_sql(
            "SELECT a.id FROM t a JOIN t b ON a.id = b.id AND CURRENT_WATERMARK(a.ts) IS NULL"
        )


def test_batch_mode_has_no_watermarks() -> None:
    made = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    made.execute_sql(
        "CREATE TABLE t (ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'datagen')"
    )
    with pytest.raises(SqlValidationError, match="in STREAMING mode"):
        made.execute_sql("SELECT CURRENT_WATERMARK(ts) FROM t")
