"""Sub-queries in expressions, and references to the queries around them."""

from __future__ import annotations

import pytest

from flott.sql.binder.rewriting import deepened, rewrite
from flott.sql.expressions import (
    Call,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    OuterRef,
    ScalarSubquery,
    walk,
)
from flott.sql.logical.nodes import Filter, LogicalNode, Project
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of


def predicate(condition: str, session: Session) -> Expression:
    return find(bind(f"SELECT id FROM emp WHERE {condition}", session), Filter).predicate


def references(plan: LogicalNode) -> list[tuple[int, int]]:
    condition = find(plan, Filter).predicate
    return [(each.index, each.depth) for each in walk(condition) if isinstance(each, OuterRef)]


@pytest.mark.parametrize(
    ("condition", "is_negated"),
    [
        ("id IN (SELECT id FROM dept)", False),
        ("id NOT IN (SELECT id FROM dept)", True),
        ("NOT id IN (SELECT id FROM dept)", True),
        ("id = ANY (SELECT id FROM dept)", False),
        ("id = SOME (SELECT id FROM dept)", False),
        ("id <> ALL (SELECT id FROM dept)", True),
    ],
)
def test_in_and_its_other_spellings(condition: str, is_negated: bool, batch: Session) -> None:
    found = predicate(condition, batch)
    assert isinstance(found, InSubquery)
    assert found.is_negated is is_negated


def test_both_sides_of_in_are_cast_to_one_type(batch: Session) -> None:
    found = predicate("id IN (SELECT CAST(id AS BIGINT) FROM dept)", batch)
    assert isinstance(found, InSubquery)
    assert str(found.args[0].data_type) == str(found.plan.fields[0].data_type) == "BIGINT"


def test_rows_are_looked_for_column_by_column(batch: Session) -> None:
    found = predicate("(id, name) IN (SELECT id, name FROM dept)", batch)
    assert isinstance(found, InSubquery)
    assert len(found.args) == 2
    assert "as many columns" in message_of(
        "SELECT 1 FROM emp WHERE id IN (SELECT id, name FROM dept)", batch
    )


@pytest.mark.parametrize(
    ("condition", "is_negated"),
    [
        ("EXISTS (SELECT 1 FROM dept)", False),
        ("NOT EXISTS (SELECT 1 FROM dept)", True),
        ("id > ANY (SELECT id FROM dept)", False),
        ("id > ALL (SELECT id FROM dept)", True),
    ],
)
def test_exists_and_comparisons_with_all_rows(
    condition: str, is_negated: bool, batch: Session
) -> None:
    found = predicate(condition, batch)
    assert isinstance(found, ExistsSubquery)
    assert found.is_negated is is_negated


def test_a_scalar_sub_query_may_be_null(batch: Session) -> None:
    text = "SELECT (SELECT COUNT(*) FROM dept) AS n, (SELECT a FROM never) AS a"
    assert columns_of(text, batch) == [("n", "BIGINT"), ("a", "INT")]
    assert "has one column" in message_of("SELECT (SELECT id, name FROM dept)", batch)


def test_references_count_the_queries_between(batch: Session) -> None:
    outer = predicate(
        "EXISTS (SELECT 1 FROM dept d WHERE d.id = emp.dept_id AND EXISTS "
        "(SELECT 1 FROM never n WHERE n.a = d.id AND n.b = emp.name))",
        batch,
    )
    assert isinstance(outer, ExistsSubquery)
    assert references(outer.plan) == [(2, 1)]
    inner = next(
        each
        for each in walk(find(outer.plan, Filter).predicate)
        if isinstance(each, ExistsSubquery)
    )
    assert references(inner.plan) == [(0, 1), (1, 2)]


def test_a_derived_table_in_a_sub_query_sees_the_query_around(batch: Session) -> None:
    found = predicate("EXISTS (SELECT 1 FROM (SELECT * FROM dept d WHERE d.id = emp.id) t)", batch)
    assert isinstance(found, ExistsSubquery)
    assert references(found.plan) == [(0, 1)]


def test_a_query_of_with_is_the_same_however_deep_it_is_used(batch: Session) -> None:
    text = (
        "SELECT id, (WITH w AS (SELECT id FROM dept d WHERE d.id = emp.id) "
        "SELECT MAX(x.id) FROM w x WHERE EXISTS (SELECT 1 FROM w y WHERE y.id = x.id)) FROM emp"
    )
    plan = bind(text, batch)
    scalar = find(plan, Project).expressions[1]
    assert isinstance(scalar, ScalarSubquery)
    exists = next(
        each
        for each in walk(find(scalar.plan, Filter).predicate)
        if isinstance(each, ExistsSubquery)
    )
    below = exists.plan.input.input.input  # type: ignore[attr-defined]
    assert references(below) == [(0, 2)]


def test_an_expression_moves_into_a_sub_query(batch: Session) -> None:
    given = predicate("id > 1 AND EXISTS (SELECT 1 FROM dept d WHERE d.id = emp.id)", batch)
    moved = deepened(given)
    assert not any(isinstance(each, InputRef) for each in walk(moved))
    exists = next(each for each in walk(moved) if isinstance(each, ExistsSubquery))
    assert references(exists.plan) == [(0, 2)]


def test_rewriting_begins_at_the_top(batch: Session) -> None:
    given = predicate("id + 1 > id", batch)
    assert isinstance(given, Call)
    marked = given.args[1]
    found = rewrite(given, lambda part: marked if part == given.args[0] else None)
    assert found == Call(given.data_type, ">", (marked, marked))


def test_a_rewriting_that_changes_nothing_gives_the_same_object(batch: Session) -> None:
    given = predicate("id + 1 > id AND name LIKE 'x%'", batch)
    assert rewrite(given, lambda part: None) is given
