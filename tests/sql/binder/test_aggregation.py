"""GROUP BY and aggregates: keys, calls, sets, and columns that rows are not grouped by."""

from __future__ import annotations

import pytest

from flott.sql.expressions import InputRef, Literal
from flott.sql.logical.nodes import Aggregate, Filter, SetOperation
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of


def test_keys_and_operands_are_columns_below(batch: Session) -> None:
    text = "SELECT dept_id + 1, SUM(salary * 2) FILTER (WHERE id > 3) FROM emp GROUP BY dept_id + 1"
    node = find(bind(text, batch), Aggregate)
    (call,) = node.calls
    assert node.keys == (0,)
    assert isinstance(call.args[0], InputRef)
    assert isinstance(call.filter, InputRef)


def test_equal_calls_are_computed_once(batch: Session) -> None:
    text = "SELECT COUNT(*), COUNT(*) + 1 FROM emp HAVING COUNT(*) > 2 ORDER BY COUNT(*) LIMIT 1"
    assert len(find(bind(text, batch), Aggregate).calls) == 1


def test_constants_stay_in_calls(batch: Session) -> None:
    node = find(bind("SELECT LISTAGG(name, '; ') FROM emp", batch), Aggregate)
    assert isinstance(node.calls[0].args[1], Literal)


def test_having_filters_groups(batch: Session) -> None:
    text = "SELECT dept_id FROM emp GROUP BY dept_id HAVING MAX(salary) > 10"
    assert isinstance(find(bind(text, batch), Filter).input, Aggregate)


def test_without_group_by_results_may_be_null(batch: Session) -> None:
    text = "SELECT SUM(a) AS s, MAX(b) AS m, COUNT(a) AS n FROM never"
    assert columns_of(text, batch) == [("s", "INT"), ("m", "STRING"), ("n", "BIGINT NOT NULL")]


def test_groups_are_not_empty_but_filters_may_leave_nothing(batch: Session) -> None:
    text = "SELECT SUM(a) AS s, SUM(a) FILTER (WHERE a > 1) AS f FROM never GROUP BY b"
    assert columns_of(text, batch) == [("s", "INT NOT NULL"), ("f", "INT")]


def test_keys_that_some_sets_leave_out_may_be_null(batch: Session) -> None:
    text = "SELECT a, a + 1 AS c, b FROM never GROUP BY b, ROLLUP (a)"
    assert columns_of(text, batch) == [("a", "INT"), ("c", "INT"), ("b", "STRING NOT NULL")]


@pytest.mark.parametrize(
    ("text", "sets"),
    [
        ("GROUPING SETS ((id, name), (id), ())", {(0, 1), (0,), ()}),
        ("ROLLUP (id, name)", {(0, 1), (0,), ()}),
        ("CUBE (id, name)", {(0, 1), (0,), (1,), ()}),
        ("id, GROUPING SETS (name, ())", {(0, 1), (0,)}),
        ("GROUPING SETS (ROLLUP (id), name)", {(0,), (), (1,)}),
        ("ROLLUP ((id, name), city)", {(0, 1, 2), (0, 1), ()}),
    ],
)
def test_sets_multiply_out(text: str, sets: set[tuple[int, ...]], batch: Session) -> None:
    node = find(bind(f"SELECT COUNT(*) FROM dept GROUP BY {text}", batch), Aggregate)
    assert set(node.grouping_sets) == sets


def test_a_plain_group_by_has_no_sets(batch: Session) -> None:
    for text in ("", "GROUP BY ()", "GROUP BY id, name"):
        node = find(bind(f"SELECT COUNT(*) FROM dept {text}", batch), Aggregate)
        assert node.grouping_sets == ()


def test_equal_sets_give_their_rows_twice(batch: Session) -> None:
    text = "SELECT id, GROUP_ID() AS g FROM dept GROUP BY GROUPING SETS ((id), (id), ())"
    plan = find(bind(text, batch), SetOperation)
    assert (len(plan.inputs), plan.is_all) == (2, True)


def test_grouping_asks_for_the_set(batch: Session) -> None:
    text = (
        "SELECT id, GROUPING(id) AS g, GROUPING_ID(id, name) AS i FROM dept GROUP BY "
        "CUBE (id, name)"
    )
    node = find(bind(text, batch), Aggregate)
    assert [call.function for call in node.calls] == ["GROUPING_ID", "GROUPING_ID"]
    assert columns_of(text, batch)[1:] == [("g", "BIGINT NOT NULL"), ("i", "BIGINT NOT NULL")]


def test_a_sub_query_may_refer_to_keys_only(batch: Session) -> None:
    text = (
        "SELECT dept_id, (SELECT MAX(id) FROM dept d WHERE d.id = emp.{}) FROM emp GROUP BY dept_id"
    )
    bind(text.format("dept_id"), batch)
    assert "is not being grouped" in message_of(text.format("salary"), batch)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT name FROM dept GROUP BY id", "Expression 'name' is not being grouped"),
        ("SELECT * FROM dept GROUP BY id", "Expression 'name' is not being grouped"),
        ("SELECT id, COUNT(*) FROM dept", "Expression 'id' is not being grouped"),
        ("SELECT id FROM dept HAVING COUNT(*) > 1", "Expression 'id' is not being grouped"),
        ("SELECT id + 1 FROM dept GROUP BY id + 2", "Expression 'id' is not being grouped"),
        ("SELECT COUNT(*) FROM dept GROUP BY id ORDER BY name", "'name' is not being grouped"),
        ("SELECT id AS x FROM dept GROUP BY x", "Column 'x' not found"),
        ("SELECT id FROM dept GROUP BY 1", "Expression 'id' is not being grouped"),
        ("SELECT SUM(COUNT(*)) FROM dept GROUP BY id", "cannot be nested"),
        ("SELECT id FROM dept WHERE SUM(id) > 1", "illegal in WHERE clause"),
        ("SELECT id FROM dept GROUP BY SUM(id)", "illegal in GROUP BY clause"),
        ("SELECT GROUPING(id) FROM dept GROUP BY name", "must be a grouped expression"),
        ("SELECT UPPER(name) FILTER (WHERE id > 1) FROM dept", "FILTER must be applied"),
        ("SELECT UPPER(DISTINCT name) FROM dept", "DISTINCT must be applied"),
        ("SELECT SUM(*) FROM dept", "SUM takes no *"),
        ("SELECT COUT(*) FROM dept", "Did you mean 'COUNT'?"),
        ("SELECT SUM(id) FILTER (WHERE id) FROM dept", "FILTER clause must be a condition"),
        ("SELECT SUM(name) FROM dept", "SUM"),
    ],
)
def test_misuse_is_refused(text: str, said: str, batch: Session) -> None:
    assert said in message_of(text, batch)


def test_the_column_to_blame_is_found_inside_of_an_expression(batch: Session) -> None:
    said = message_of("SELECT id + 1, (id + 1) * dept_id FROM emp GROUP BY id + 1", batch)
    assert "Expression 'dept_id' is not being grouped (line 1, column 27)" in said
