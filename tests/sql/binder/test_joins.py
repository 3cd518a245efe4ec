"""FROM: joins of all kinds, rows made for each row, versions of tables."""

from __future__ import annotations

import pytest

from flott.sql.expressions import OuterRef, walk
from flott.sql.logical.nodes import (
    Correlate,
    Filter,
    Join,
    JoinKind,
    LateralJoin,
    SnapshotJoin,
)
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("emp e JOIN dept d ON e.dept_id = d.id", JoinKind.INNER),
        ("emp e INNER JOIN dept d ON e.dept_id = d.id", JoinKind.INNER),
        ("emp e LEFT OUTER JOIN dept d ON e.dept_id = d.id", JoinKind.LEFT),
        ("emp e RIGHT JOIN dept d ON e.dept_id = d.id", JoinKind.RIGHT),
        ("emp e FULL JOIN dept d ON e.dept_id = d.id", JoinKind.FULL),
        ("emp e, dept d", JoinKind.CROSS),
        ("emp e CROSS JOIN dept d", JoinKind.CROSS),
    ],
)
def test_joins_are_of_the_kind_written(text: str, kind: JoinKind, batch: Session) -> None:
    assert find(bind(f"SELECT e.id FROM {text}", batch), Join).kind is kind


def test_the_side_that_may_be_missing_may_be_null(batch: Session) -> None:
    text = "SELECT x.a, y.a AS other FROM never x {} JOIN never y ON x.a = y.a"
    types = {
        kind: [each for _, each in columns_of(text.format(kind), batch)]
        for kind in ("INNER", "LEFT", "RIGHT", "FULL")
    }
    must, may = "INT NOT NULL", "INT"
    assert types == {
        "INNER": [must, must], "LEFT": [must, may], "RIGHT": [may, must], "FULL": [may, may],
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["", "LEFT", "RIGHT", "FULL"])
def test_using_merges_columns_and_keeps_those_with_a_table(kind: str, batch: Session) -> None:
    text = f"SELECT *, dept.id AS theirs FROM emp {kind} JOIN dept USING (id)"
    assert [name for name, _ in columns_of(text, batch)] == [
        "id", "name", "dept_id", "salary", "hired", "name0", "city", "theirs",
    ]  # fmt: skip


def test_a_full_join_merges_to_the_side_that_is_there(batch: Session) -> None:
    plan = bind("SELECT id FROM emp FULL JOIN dept USING (id)", batch)
    assert plan.expressions[0].function == "COALESCE"  # type: ignore[attr-defined]


def test_natural_joins_compare_all_columns_of_equal_name(batch: Session) -> None:
    plan = bind("SELECT * FROM emp NATURAL JOIN dept", batch)
    condition = find(plan, Join).condition
    assert condition is not None
    assert condition.function == "AND"  # type: ignore[attr-defined]
    assert [each.name for each in plan.fields] == [
        "id", "name", "dept_id", "salary", "hired", "city",
    ]  # fmt: skip


def test_a_merged_column_can_be_merged_again(batch: Session) -> None:
    text = "SELECT id FROM emp JOIN dept USING (id) JOIN nested USING (id)"
    assert columns_of(text, batch) == [("id", "INT")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("emp JOIN dept", "requires a condition"),
        ("emp LEFT JOIN dept", "requires a condition"),
        ("emp JOIN dept USING (city)", "Column 'city' not found in one of the tables"),
        ("emp JOIN dept ON emp.id", "ON clause must be a condition"),
        ("emp JOIN dept ON COUNT(*) = dept.id", "Aggregate expression is illegal in ON clause"),
        ("emp MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS TRUE)", "MATCH_RECOGNIZE is not supported"),
    ],
)
def test_what_cannot_be_joined_is_refused(text: str, said: str, batch: Session) -> None:
    assert said in message_of(f"SELECT 1 FROM {text}", batch)


def test_parentheses_join_first(batch: Session) -> None:
    text = "SELECT d.id FROM dept d LEFT JOIN (emp e JOIN emp m ON e.id = m.dept_id) ON d.id = e.id"
    plan = find(bind(text, batch), Join)
    assert plan.kind is JoinKind.LEFT
    assert isinstance(plan.right, Join)


def test_unnest_gives_rows_for_each_row(batch: Session) -> None:
    plan = bind(
        "SELECT id, tag, pos FROM nested CROSS JOIN UNNEST(tags) WITH ORDINALITY AS t (tag, pos)",
        batch,
    )
    node = find(plan, Correlate)
    assert (node.function, node.kind, node.with_ordinality) == ("UNNEST", JoinKind.INNER, True)
    assert [str(each.data_type) for each in plan.fields] == ["INT", "STRING", "INT NOT NULL"]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("UNNEST(attrs) AS t (k, v)", [("k", "STRING"), ("v", "INT")]),
        ("UNNEST(items) AS t", [("sku", "STRING"), ("qty", "INT")]),
        ("UNNEST(n.items) AS t (a, b)", [("a", "STRING"), ("b", "INT")]),
    ],
)
def test_unnest_knows_maps_and_rows(
    text: str, columns: list[tuple[str, str]], batch: Session
) -> None:
    assert columns_of(f"SELECT t.* FROM nested n, {text}", batch) == columns


def test_unnest_may_be_joined_on_a_condition_and_to_the_left(batch: Session) -> None:
    plan = bind("SELECT id FROM nested LEFT JOIN UNNEST(tags) AS t (tag) ON tag <> 'x'", batch)
    node = find(plan, Correlate)
    assert node.kind is JoinKind.LEFT
    assert node.condition is not None


def test_unnest_refuses_what_is_no_collection(batch: Session) -> None:
    assert "UNNEST takes" in message_of("SELECT * FROM dept, UNNEST(id) AS t (x)", batch)
    assert "alias list has 2" in message_of("SELECT 1 FROM nested, UNNEST(tags) AS t (a, b)", batch)


def test_a_lateral_query_sees_what_stands_before_it(batch: Session) -> None:
    text = (
        "SELECT e.id, t.n FROM emp e LEFT JOIN LATERAL (SELECT COUNT(*) AS n FROM dept d "
        "WHERE d.id = e.dept_id) AS t ON TRUE"
    )
    plan = bind(text, batch)
    node = find(plan, LateralJoin)
    assert node.kind is JoinKind.LEFT
    predicate = find(node.right, Filter).predicate
    assert [each.index for each in walk(predicate) if isinstance(each, OuterRef)] == [2]
    assert str(plan.fields[1].data_type) == "BIGINT"


def test_a_derived_table_does_not_see_its_neighbours(batch: Session) -> None:
    text = "SELECT 1 FROM emp e, (SELECT * FROM dept d WHERE d.id = e.dept_id) t"
    assert "Table 'e' not found" in message_of(text, batch)


def test_a_version_is_joined_by_the_time_of_the_left_side(streaming: Session) -> None:
    text = (
        "SELECT o.oid, r.rate FROM orders o LEFT JOIN rates FOR SYSTEM_TIME AS OF o.{} "
        "AS r ON o.cur = r.cur"
    )
    for column, position in (("ts", 3), ("p", 4)):
        node = find(bind(text.format(column), streaming), SnapshotJoin)
        assert (node.kind, node.time_column) == (JoinKind.LEFT, position)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "orders o FULL JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.cur = r.cur",
            "inner or left",
        ),
        ("plain o JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.id = 1", "time attribute field"),
        ("rates FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00'", "Time travel"),
    ],
)
def test_other_versions_are_refused(text: str, said: str, streaming: Session) -> None:
    assert said in message_of(f"SELECT 1 FROM {text}", streaming)


def test_versions_by_event_time_need_streaming(batch: Session) -> None:
    text = "SELECT 1 FROM orders o JOIN orders FOR SYSTEM_TIME AS OF o.ts AS r ON o.cur = r.cur"
    assert "STREAMING mode only" in message_of(text, batch)


def test_column_names_of_an_alias_must_be_complete(batch: Session) -> None:
    assert columns_of("SELECT b FROM dept AS t (a, b, c)", batch) == [("b", "STRING")]
    assert "alias list has 1" in message_of("SELECT * FROM dept AS t (a)", batch)
