"""INSERT: columns in the order and the types of the table."""

from __future__ import annotations

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Cast, Literal
from flott.sql.logical.nodes import Project, Sink
from flott.sql.session import Session
from tests.sql.binder.catalogs import TABLES, bind, message_of, session_with

TARGETS = (
    "CREATE TABLE t (a INT NOT NULL, b STRING, c DOUBLE, d AS a + 1) WITH "
    "('connector' = 'blackhole')",
    "CREATE TABLE k (a INT, b BIGINT, PRIMARY KEY (a) NOT ENFORCED) WITH "
    "('connector' = 'blackhole')",
    "CREATE TABLE part (a INT, day_ STRING, hour_ INT) PARTITIONED BY (day_, hour_) "
    "WITH ('connector' = 'blackhole')",
    "CREATE TABLE texts (a CHAR(3), b VARCHAR(2)) WITH ('connector' = 'blackhole')",
)


@pytest.fixture
def session() -> Session:
    return session_with([*TABLES, *TARGETS])


def insert(text: str, session: Session) -> tuple[Sink, tuple[object, ...]]:
    sink = bind(text, session)
    assert isinstance(sink, Sink)
    assert isinstance(sink.input, Project)
    return sink, sink.input.expressions


def test_columns_go_by_position(session: Session) -> None:
    sink, _ = insert("INSERT INTO t SELECT a, b, 1e0 FROM never", session)
    assert sink.path == ("default_catalog", "default_database", "t")
    assert [each.name for each in sink.fields] == ["a", "b", "c"]
    assert sink.not_null == (0,)


def test_named_columns_go_to_their_places_and_others_are_null(session: Session) -> None:
    _, columns = insert("INSERT INTO t (c, a) SELECT 1.5, a FROM never", session)
    a, b, c = columns
    assert (a.index, b.value, c.arg.index) == (1, None, 0)  # type: ignore[attr-defined]


def test_values_are_cast_to_the_types_of_the_table(session: Session) -> None:
    _, columns = insert("INSERT INTO k VALUES (1, 2)", session)
    assert [isinstance(each, Cast) for each in columns] == [False, True]


def test_a_bare_null_has_no_type_here_either(session: Session) -> None:
    for query in ("VALUES (1, NULL, NULL)", "SELECT 1, NULL, NULL"):
        with pytest.raises(SqlValidationError, match="Illegal use of 'NULL'"):
            insert(f"INSERT INTO t {query}", session)


def test_text_is_cut_and_padded_where_it_may_not_fit(session: Session) -> None:
    for query, casts in (
        ("SELECT CAST(name AS CHAR(9)), name FROM dept", [True, True]),
        ("SELECT 'ab', 'ab'", [True, False]),
        ("SELECT 'abc', CAST('a' AS VARCHAR(1))", [False, False]),
    ):
        _, columns = insert(f"INSERT INTO texts {query}", session)
        assert [isinstance(each, Cast) for each in columns] == casts


def test_a_static_partition_is_constant(session: Session) -> None:
    text = "INSERT INTO part PARTITION (day_ = '2024-01-01', hour_ = 8) SELECT id FROM dept"
    _, columns = insert(text, session)
    assert isinstance(columns[2], Literal)


def test_a_partition_may_leave_the_other_to_the_query(session: Session) -> None:
    _, columns = insert("INSERT INTO part PARTITION (day_ = 'x') SELECT id, 7 FROM dept", session)
    assert columns[2].index == 1  # type: ignore[attr-defined]


def test_keys_and_conflicts_are_told(session: Session) -> None:
    sink, _ = insert("INSERT INTO k SELECT id, id FROM dept ON CONFLICT DO NOTHING", session)
    assert (sink.primary_key, sink.conflict) == ((0,), "NOTHING")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("INSERT INTO nope SELECT 1", "Object 'nope' not found"),
        ("INSERT INTO t SELECT 1", "Different number of columns"),
        ("INSERT INTO t SELECT 1, 2, 3e0", "Incompatible types for sink column 'b' at position 1"),
        ("INSERT INTO k SELECT 1, ROW(1)", "Incompatible types"),
        ("INSERT INTO t (b) VALUES ('x')", "Column 'a' has no default value"),
        ("INSERT INTO t (a, z) VALUES (1, 2)", "Unknown target column 'z'"),
        ("INSERT INTO t (a, d) VALUES (1, 2)", "computed or virtual"),
        ("INSERT INTO t (a, a) VALUES (1, 2)", "more than once"),
        ("INSERT INTO part PARTITION (a = 1) SELECT 'x', 1", "not a partition column"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, said: str, session: Session) -> None:
    assert said in message_of(text, session)


def test_views_are_not_written() -> None:
    session = session_with(["CREATE VIEW v AS SELECT 1 AS a"])
    assert "is a view" in message_of("INSERT INTO v SELECT 1", session)
