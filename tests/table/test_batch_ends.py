"""BATCH mode: what an operator gives at the end of its input is on time for those behind it."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest

from flott.table import EnvironmentSettings, TableEnvironment

WINDOWS = """
    SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE v, DESCRIPTOR(ts), INTERVAL '2' MINUTE))
    GROUP BY window_start, window_end
"""
VIEWS = {
    "first of each key": """SELECT k, ts FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts) AS n FROM t) WHERE n = 1""",
    "last of each key": """SELECT k, ts FROM (
        SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY ts DESC) AS n FROM t) WHERE n = 1""",
    "groups": "SELECT k, MIN(ts) AS ts FROM t GROUP BY k",
    "sorted": "SELECT k, ts FROM t ORDER BY ts LIMIT 2",
    "ranked": "SELECT k, LAG(ts, 0) OVER (PARTITION BY k ORDER BY ts) AS ts FROM t WHERE k < 3",
    "outer join": "SELECT t.k, ts FROM t LEFT JOIN (VALUES (9)) AS u (k) ON t.k = u.k",
}


def minutes(*numbers: int) -> list[datetime.datetime]:
    return [datetime.datetime(2024, 5, 1, 12, number) for number in numbers]


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("parallelism", [1, 3])
def test_windows_get_what_comes_at_the_end(view: str, parallelism: int) -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    environment.get_config().set("parallelism.default", str(parallelism))
    environment.get_config().set("execution.target", "embedded")
    frame = pl.DataFrame({"k": [1, 2], "ts": pl.Series(minutes(0, 3), dtype=pl.Datetime("us"))})
    environment.create_temporary_view("t", frame)
    environment.execute_sql(f"CREATE TEMPORARY VIEW v AS {VIEWS[view]}")
    with environment.execute_sql(WINDOWS).collect() as rows:
        found: list[Any] = sorted(tuple(row) for row in rows)
    assert found == [(minutes(0)[0], 1), (minutes(2)[0], 1)]
