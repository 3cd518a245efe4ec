"""SELECT: names of columns, stars, DISTINCT, ORDER BY, LIMIT, QUALIFY, conditions."""

from __future__ import annotations

import pytest

from flott.sql.expressions import OverCall
from flott.sql.logical.nodes import (
    Aggregate,
    Filter,
    Project,
    Sort,
    TimeAttribute,
    Values,
    walk,
)
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of


def names(text: str, session: Session) -> list[str]:
    return [name for name, _ in columns_of(text, session)]


def test_columns_without_a_name_are_called_by_their_position(batch: Session) -> None:
    text = "SELECT 1, id + 1, UPPER(name), id, 'x', CAST(id AS STRING), d.name FROM dept AS d"
    assert names(text, batch) == [
        "EXPR$0", "EXPR$1", "EXPR$2", "id", "EXPR$4", "EXPR$5", "name",
    ]  # fmt: skip


def test_positions_count_the_columns_of_stars(batch: Session) -> None:
    assert names("SELECT *, id + 1 FROM dept", batch) == ["id", "name", "city", "EXPR$3"]


def test_equal_names_get_numbers(batch: Session) -> None:
    assert names("SELECT id, id, d.id, name AS id FROM dept d", batch) == [
        "id", "id0", "id1", "id2",
    ]  # fmt: skip


def test_stars_of_tables_and_rows_expand(batch: Session) -> None:
    assert names("SELECT a.*, b.city FROM dept a, dept b", batch) == [
        "id", "name", "city", "city0",
    ]  # fmt: skip
    assert names("SELECT n.addr.* FROM nested n", batch) == ["city", "geo"]


def test_select_without_from_reads_one_row(batch: Session) -> None:
    assert find(bind("SELECT 1 AS x", batch), Values).rows == ((),)


def test_a_bare_null_has_no_type(batch: Session) -> None:
    assert "Illegal use of 'NULL'" in message_of("SELECT NULL AS n FROM dept", batch)


@pytest.mark.parametrize("text", ["id", "name", "CAST(id AS DATE)"])
def test_where_takes_conditions_only(text: str, batch: Session) -> None:
    said = message_of(f"SELECT id FROM dept WHERE {text}", batch)
    assert "WHERE clause must be a condition" in said or "cast" in said


def test_an_alias_means_nothing_in_where(batch: Session) -> None:
    said = message_of("SELECT id * 2 AS x FROM emp WHERE x > 1", batch)
    assert "Column 'x' not found" in said


def test_order_by_finds_aliases_positions_and_columns_that_are_not_selected(
    batch: Session,
) -> None:
    plan = bind("SELECT id AS x, name FROM dept ORDER BY 2 DESC, x + 1, city", batch)
    assert [each.name for each in plan.fields] == ["x", "name"]
    keys = find(plan, Sort).keys
    assert [(each.expression.index, each.ascending) for each in keys] == [
        (1, False), (2, True), (3, True),
    ]  # type: ignore[attr-defined]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT id FROM dept ORDER BY 2", "Ordinal out of range"),
        ("SELECT DISTINCT id FROM dept ORDER BY name", "not in the select clause"),
        ("SELECT id FROM dept ORDER BY id OFFSET 2 ROWS", "OFFSET without LIMIT"),
        ("SELECT id FROM dept ORDER BY nope", "Column 'nope' not found"),
    ],
)
def test_an_order_that_cannot_be_is_refused(text: str, said: str, batch: Session) -> None:
    assert said in message_of(text, batch)


def test_limit_offset_and_fetch_mean_the_same(batch: Session) -> None:
    one = find(bind("SELECT id FROM dept ORDER BY id LIMIT 3 OFFSET 2", batch), Sort)
    two = find(
        bind("SELECT id FROM dept ORDER BY id OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY", batch), Sort
    )
    assert (one.offset, one.fetch) == (two.offset, two.fetch) == (2, 3)


def test_a_sub_query_has_no_order_unless_it_has_a_limit(batch: Session) -> None:
    plan = bind("SELECT * FROM (SELECT id FROM dept ORDER BY id)", batch)
    assert not any(isinstance(each, Sort) for each in walk(plan))
    plan = bind("SELECT * FROM (SELECT id FROM dept ORDER BY id LIMIT 1)", batch)
    assert any(isinstance(each, Sort) for each in walk(plan))


def test_an_endless_stream_is_sorted_by_time_only(streaming: Session) -> None:
    bind("SELECT oid FROM orders ORDER BY ts, oid DESC", streaming)
    for order in ("oid", "ts DESC"):
        said = message_of(f"SELECT oid FROM orders ORDER BY {order}", streaming)
        assert "Sort on a non-time-attribute field is not supported" in said
    bind("SELECT oid FROM orders ORDER BY oid LIMIT 3", streaming)


def test_time_attributes_live_through_projections_and_end_in_expressions(
    streaming: Session,
) -> None:
    plan = bind(
        "SELECT ts, p, ts AS again, ts + INTERVAL '1' DAY FROM orders WHERE oid > 1", streaming
    )
    assert [each.time for each in plan.fields] == [
        TimeAttribute.ROWTIME, TimeAttribute.PROCTIME, TimeAttribute.ROWTIME, None,
    ]  # fmt: skip


def test_batch_mode_has_no_time_attributes_but_the_clock(batch: Session) -> None:
    plan = bind("SELECT ts, p FROM orders", batch)
    assert [each.time for each in plan.fields] == [None, TimeAttribute.PROCTIME]


def test_distinct_groups_by_all_columns(batch: Session) -> None:
    assert find(bind("SELECT DISTINCT id, name FROM dept", batch), Aggregate).keys == (0, 1)


def test_qualify_filters_by_a_hidden_column(batch: Session) -> None:
    over = "ROW_NUMBER() OVER (PARTITION BY dept_id ORDER BY salary DESC)"
    for text in (f"SELECT id FROM emp QUALIFY {over} <= 3",
                 f"SELECT id, {over} AS rn FROM emp QUALIFY rn <= 3"):  # fmt: skip
        plan = bind(text, batch)
        below = find(plan, Filter).input
        assert isinstance(below, Project)
        assert sum(isinstance(each, OverCall) for each in below.expressions) == 1


def test_qualify_needs_a_window(batch: Session) -> None:
    assert "QUALIFY needs" in message_of("SELECT id FROM emp QUALIFY id > 1", batch)


def test_a_statement_nested_beyond_reason_is_refused(batch: Session) -> None:
    said = message_of("SELECT " + " + ".join(["1"] * 2000), batch)
    assert "nests expressions or queries too deeply" in said


def test_long_conditions_are_flat(batch: Session) -> None:
    condition = " OR ".join(f"id = {number}" for number in range(2000))
    plan = bind(f"SELECT id FROM dept WHERE {condition}", batch)
    assert len(find(plan, Filter).predicate.args) == 2000  # type: ignore[attr-defined]
