"""Queries run to their end in virtual time, killed on the way."""

from __future__ import annotations

import pytest

from flott.common import RowKind
from flott.table import TableEnvironment
from flott.testing import QueryRun, run_query
from flott.testing.harness.bounded_run import RunSummary

COUNTS = "SELECT k, COUNT(*) FROM (VALUES (1), (2), (1), (3), (1)) AS t (k) GROUP BY k"


def environment() -> TableEnvironment:
    made = TableEnvironment.create()
    made.get_config().set("flott.batch.size-max", "1")
    return made


def test_changes_are_those_of_a_run_without_failures() -> None:
    alone = run_query(environment(), COUNTS)
    killed = run_query(environment(), COUNTS, restore_every=1)
    assert alone.summary.restores == 0
    assert killed.summary.restores > 0
    assert killed.changes == alone.changes


def test_a_restore_may_change_the_parallelism() -> None:
    found = run_query(environment(), COUNTS, restore_every=2, parallelism=(3, 1, 2))
    assert sorted(found.rows) == [(1, 3), (2, 1), (3, 1)]


def test_the_options_of_the_environment_stay() -> None:
    made = environment()
    run_query(made, COUNTS, parallelism=(2,))
    assert made.get_config().get("parallelism.default", "unset") == "unset"


def test_only_queries_are_run() -> None:
    with pytest.raises(TypeError, match="takes a query, not CreateTable"):
        run_query(environment(), "CREATE TABLE t (a INT) WITH ('connector' = 'print')")


def test_a_row_taken_away_before_it_came_is_told() -> None:
    changes = ((RowKind.INSERT, (1,)), (RowKind.DELETE, (2,)))
    with pytest.raises(ValueError, match=r"The row \(2,\) is taken away and was never there"):
        _ = QueryRun(changes, RunSummary(0, 0, 0)).rows
