"""Tables that come in ordered splits: where filters and watermarks go; how many subtasks read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.core.partitioner import HashColumns
from flott.core.table import ChangelogMode, TableSource
from flott.operators.columns.source import ColumnSourceSpec
from flott.plan.stream_plan import StreamNode, StreamPlan
from flott.sql.catalog.objects import TableObject
from flott.sql.physical import plan_collect, plan_statements
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, session_with
from tests.sql.physical.planning import EmptySource, operator, operators

TIMED = "n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND"


@dataclass(frozen=True)
class FilteringSource(EmptySource):
    """A table that takes every filter, and comes in ordered splits if it is told so."""

    is_ordered: bool = True

    @property
    def has_ordered_splits(self) -> bool:
        return self.is_ordered

    def with_filters(self, filters: Sequence[Any]) -> tuple[TableSource, Sequence[Any]]:
        return self, ()


def session(
    columns: str, source: TableSource, options: str = "'connector' = 'x'", **settings: str
) -> Session:
    sinks = "CREATE TABLE {} (n INT, m INT{}) WITH ('connector' = '{}', 'sink.parallelism' = '3')"
    tables = (
        f"CREATE TABLE t ({columns}) WITH ({options})",
        sinks.format("keyed", ", PRIMARY KEY (n) NOT ENFORCED", "blackhole"),
        sinks.format("plain", "", "print"),
    )
    around = session_with(tables, options={"parallelism.default": "2", **settings})
    catalog = around.catalog
    path = (catalog.current_catalog, catalog.current_database, "t")
    _, table = catalog.resolve(path)
    assert isinstance(table, TableObject)
    catalog.replace_object(path, replace(table, source=source))
    return around


def collected(text: str, around: Session) -> StreamPlan:
    return plan_collect(bind(text, around), around, "results")


def inserted(text: str, around: Session) -> StreamPlan:
    return plan_statements([bind(text, around)], around)


def scan_of(plan: StreamPlan) -> StreamNode:
    return operator(plan, "Source: t")


def test_filter_stays_above_a_watermark_that_each_split_tells() -> None:
    around = session(TIMED, FilteringSource())
    plan = collected("SELECT n FROM t WHERE n > 1", around)
    assert operators(plan) == ["Source: t", "Calc", "Collect"]
    assert "filter" not in scan_of(plan).description


def test_filter_goes_below_a_watermark_of_the_whole_table() -> None:
    around = session(TIMED, FilteringSource(is_ordered=False))
    plan = collected("SELECT n FROM t WHERE n > 1", around)
    assert operators(plan) == ["Source: t", "WatermarkAssigner", "Calc", "Collect"]
    assert "filter=[(n > 1)]" in scan_of(plan).description


def test_filter_goes_into_an_ordered_table_without_event_time() -> None:
    plan = collected("SELECT n FROM t WHERE n > 1", session("n INT", FilteringSource()))
    assert "filter=[(n > 1)]" in scan_of(plan).description


def test_source_is_given_the_place_of_its_time() -> None:
    plan = collected("SELECT ts FROM t", session(TIMED, FilteringSource()))
    spec = scan_of(plan).spec
    assert isinstance(spec, ColumnSourceSpec)
    assert (spec.time_column, spec.time) == (0, None)
    assert (spec.watermark, spec.delay_ms) == (None, 1000)


@pytest.mark.parametrize("watermark", ["ts + INTERVAL '1' SECOND", "ts - n * INTERVAL '1' SECOND"])
def test_watermark_that_is_no_delay_is_computed(watermark: str) -> None:
    columns = f"n INT, ts TIMESTAMP(3), WATERMARK FOR ts AS {watermark}"
    spec = scan_of(collected("SELECT ts FROM t", session(columns, FilteringSource()))).spec
    assert isinstance(spec, ColumnSourceSpec)
    assert spec.watermark is not None


def test_time_that_is_computed_stands_behind_the_columns_read() -> None:
    columns = "n INT, text STRING, ts AS TO_TIMESTAMP(text), WATERMARK FOR ts AS ts"
    plan = collected("SELECT n, ts FROM t", session(columns, FilteringSource()))
    spec = scan_of(plan).spec
    assert isinstance(spec, ColumnSourceSpec)
    assert spec.time_column == 2
    assert spec.time is not None
    assert operators(plan) == ["Source: t", "Calc", "Collect"]


def test_idle_timeout_of_the_session_holds_unless_the_table_has_its_own() -> None:
    idle = {"table.exec.source.idle-timeout": "7 s"}
    own = "'connector' = 'x', 'scan.watermark.idle-timeout' = '2 s'"
    for options, expected in (("'connector' = 'x'", 7000), (own, 2000)):
        plan = collected("SELECT n FROM t", session(TIMED, FilteringSource(), options, **idle))
        spec = scan_of(plan).spec
        assert isinstance(spec, ColumnSourceSpec)
        assert spec.options.idle_timeout_ms == expected


READ_BY_THREE = "'connector' = 'x', 'scan.parallelism' = '3'"


def test_table_is_read_by_as_many_as_it_says() -> None:
    around = session("n INT", EmptySource(), READ_BY_THREE)
    plan = collected("SELECT n + 1 FROM t", around)
    assert (scan_of(plan).parallelism, operator(plan, "Calc").parallelism) == (3, 2)


def test_changes_read_by_more_go_by_key() -> None:
    columns = "n INT, m INT, PRIMARY KEY (n) NOT ENFORCED"
    source = EmptySource(ChangelogMode.RETRACT)
    plan = collected("SELECT m + 1, n FROM t", session(columns, source, READ_BY_THREE))
    (edge,) = operator(plan, "Calc").inputs
    assert edge.partitioner == HashColumns((0,))


def test_changes_without_key_cannot_be_read_by_more() -> None:
    around = session("n INT", EmptySource(ChangelogMode.RETRACT), READ_BY_THREE)
    with pytest.raises(SqlValidationError, match=r"'scan.parallelism'"):
        collected("SELECT n FROM t", around)


def test_table_is_written_by_as_many_as_it_says() -> None:
    around = session("n INT", EmptySource())
    plan = inserted("INSERT INTO plain SELECT n, n FROM t", around)
    assert operator(plan, "Sink: plain").parallelism == 3


def test_changes_written_by_more_go_by_key() -> None:
    around = session("n INT", EmptySource())
    plan = inserted("INSERT INTO keyed SELECT n, CAST(COUNT(*) AS INT) FROM t GROUP BY n", around)
    sink = operator(plan, "Sink: keyed")
    assert (sink.parallelism, sink.inputs[0].partitioner) == (3, HashColumns((0,)))


def test_changes_without_key_cannot_be_written_by_more() -> None:
    around = session("n INT", EmptySource())
    with pytest.raises(SqlValidationError, match=r"'sink.parallelism'"):
        inserted("INSERT INTO plain SELECT n, CAST(COUNT(*) AS INT) FROM t GROUP BY n", around)


def test_parallelism_of_a_table_is_a_positive_number() -> None:
    with pytest.raises(SqlValidationError, match=r"'scan.parallelism' of table .*t"):
        collected(
            "SELECT n FROM t",
            session("n INT", EmptySource(), "'connector' = 'x', 'scan.parallelism' = '0'"),
        )
