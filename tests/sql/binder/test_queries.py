"""WITH, VALUES, set operations and views."""

from __future__ import annotations

import pytest

from flott.sql.logical.nodes import SetKind, SetOperation, Values
from flott.sql.session import Session
from tests.sql.binder.catalogs import (
    TABLES,
    bind,
    columns_of,
    declare,
    find,
    message_of,
    session_with,
)


@pytest.mark.parametrize(
    ("word", "kind", "is_all"),
    [
        ("UNION", SetKind.UNION, False),
        ("UNION DISTINCT", SetKind.UNION, False),
        ("UNION ALL", SetKind.UNION, True),
        ("INTERSECT ALL", SetKind.INTERSECT, True),
        ("EXCEPT", SetKind.EXCEPT, False),
    ],
)
def test_set_operations(word: str, kind: SetKind, is_all: bool, batch: Session) -> None:
    node = find(bind(f"SELECT id FROM emp {word} SELECT id FROM dept", batch), SetOperation)
    assert (node.kind, node.is_all) == (kind, is_all)


def test_columns_meet_in_a_common_type_under_the_first_name(batch: Session) -> None:
    text = "SELECT CAST(1.5 AS DECIMAL(5, 1)) AS x UNION ALL SELECT CAST(2 AS DECIMAL(12, 4)) AS y"
    assert columns_of(text, batch) == [("x", "DECIMAL(12, 4) NOT NULL")]


def test_a_chain_of_unions_is_one(batch: Session) -> None:
    text = " UNION ALL ".join(["SELECT id FROM emp"] * 1000)
    assert len(find(bind(text, batch), SetOperation).inputs) == 1000


def test_intersect_binds_before_union(batch: Session) -> None:
    text = "SELECT id FROM emp UNION SELECT id FROM dept INTERSECT SELECT a FROM never"
    node = find(bind(text, batch), SetOperation)
    assert [type(each).__name__ for each in node.inputs] == ["Project", "SetOperation"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT id FROM emp UNION SELECT id, name FROM dept", "Column count mismatch in UNION"),
        ("SELECT id FROM emp UNION ALL SELECT name FROM dept", "Type mismatch in column 1"),
        ("SELECT id FROM emp UNION SELECT id FROM dept ORDER BY nope LIMIT 1", "not found"),
        ("VALUES (1), (2, 3)", "compatible types"),
        ("VALUES (DATE '2024-01-01'), ('x')", "compatible types"),
        ("VALUES (1, NULL)", "Illegal use of 'NULL'"),
        ("WITH a (x, y) AS (SELECT 1) SELECT * FROM a", "1 columns, and 2 names"),
        ("SELECT * FROM dept AS d (a, a, b)", "Duplicate name 'a'"),
        ("WITH a (x, x) AS (SELECT 1, 2) SELECT * FROM a", "Duplicate name 'x'"),
        ("SELECT 1 IN (1, 'a')", "compatible types"),
        ("SELECT COUNT() FROM emp", "COUNT takes one operand"),
        ("SELECT ROW_NUMBER() OVER (PARTITION BY id) FROM emp", "require ORDER BY"),
        ("SELECT id FROM emp TABLESAMPLE BERNOULLI (50)", "TABLESAMPLE of a part"),
        ("SELECT ARRAY(1, 2)", "in brackets"),
        ("SELECT COUNT(*) FROM emp GROUP BY NULL", "Illegal use of 'NULL'"),
        ("SELECT +'1'", "Cannot apply '+'"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str, batch: Session) -> None:
    assert said in message_of(text, batch)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT PI, CURRENT_DATE", [("PI", "DOUBLE NOT NULL"), ("CURRENT_DATE", "DATE NOT NULL")]),
        ("SELECT user FROM (VALUES (1)) AS t (`user`)", [("user", "INT NOT NULL")]),
        ("SELECT {ts '2024-01-02 03:04:05.'} AS x", [("x", "TIMESTAMP(0) NOT NULL")]),
        (
            "SELECT TIMESTAMP WITH LOCAL TIME ZONE '2024-01-02 03:04:05.1' AS x",
            [("x", "TIMESTAMP_LTZ(1) NOT NULL")],
        ),
        (
            "SELECT 0.00000000000000000000000000000000000001 AS x",
            [("x", "DECIMAL(38, 38) NOT NULL")],
        ),
        ("SELECT CAST(ARRAY[1] AS INT ARRAY) AS x", [("x", "ARRAY<INT NOT NULL> NOT NULL")]),
        ("SELECT id FROM emp TABLESAMPLE SYSTEM (100) REPEATABLE (1)", [("id", "INT")]),
    ],
)
def test_spellings_of_the_standard_are_known(
    text: str, columns: list[tuple[str, str]], batch: Session
) -> None:
    assert columns_of(text, batch) == columns


def test_values_may_hold_queries(batch: Session) -> None:
    plan = bind("VALUES ((SELECT MAX(id) FROM emp), 1), (2, 3)", batch)
    assert len(find(plan, SetOperation).inputs) == 2


def test_values_are_cast_to_one_type_by_column(batch: Session) -> None:
    text = "SELECT * FROM (VALUES (1, 'a'), (2.50, 'bcd')) AS t (x, y)"
    assert columns_of(text, batch) == [
        ("x", "DECIMAL(12, 2) NOT NULL"),
        ("y", "VARCHAR(3) NOT NULL"),
    ]
    assert len(find(bind(text, batch), Values).rows) == 2


def test_with_sees_what_stands_before_it_and_hides_tables(batch: Session) -> None:
    text = "WITH dept AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM dept) SELECT * FROM b"
    assert columns_of(text, batch) == [("y", "INT NOT NULL")]


def test_a_query_of_with_that_is_used_twice_is_one_object(batch: Session) -> None:
    plan = bind("WITH w AS (SELECT id FROM emp) SELECT * FROM w UNION ALL SELECT * FROM w", batch)
    one, two = find(plan, SetOperation).inputs
    assert one.input is two.input  # type: ignore[attr-defined]


def test_a_view_means_what_it_meant_where_it_was_created() -> None:
    session = session_with(TABLES, is_streaming=False)
    for text in (
        "CREATE VIEW v (who) AS SELECT name FROM emp",
        "CREATE DATABASE other",
        "USE other",
    ):
        declare(text, session.catalog)
    assert columns_of("SELECT * FROM default_database.v", session) == [("who", "STRING")]
    assert session.catalog.current_database == "other"


def test_an_error_in_a_view_shows_the_text_of_the_view() -> None:
    session = session_with(["CREATE VIEW v AS SELECT nope FROM (VALUES (1)) AS t (x)"])
    said = message_of("SELECT * FROM v", session)
    assert "In the view 'default_catalog.default_database.v': Column 'nope' not found" in said
    assert "SELECT nope FROM" in said


def test_a_view_of_itself_is_refused() -> None:
    session = session_with(["CREATE VIEW v AS SELECT * FROM w", "CREATE VIEW w AS SELECT * FROM v"])
    assert "refers to itself" in message_of("SELECT * FROM v", session)


def test_a_view_names_all_its_columns_or_none() -> None:
    session = session_with(["CREATE VIEW v (a, b) AS SELECT 1"])
    assert "names 2 columns" in message_of("SELECT * FROM v", session)


def test_the_column_that_does_not_fit_is_blamed(batch: Session) -> None:
    text = "SELECT id, name FROM emp UNION SELECT id, city FROM dept UNION SELECT id, id FROM dept"
    assert "Type mismatch in column 2 of UNION: STRING and INT" in message_of(text, batch)
    assert f"(line 1, column {text.rindex('id FROM') + 1})" in message_of(text, batch)
