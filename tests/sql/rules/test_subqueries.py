"""Sub-queries become joins; those that refer to the query around them lose the reference."""

import pytest

from flott.common.errors import UnsupportedFeature
from flott.sql.expressions import OuterRef, walk
from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode
from flott.sql.rules.conditions import has_subquery
from flott.sql.rules.node_expressions import expressions_of
from tests.sql.binder.catalogs import find
from tests.sql.rules.optimizing import every, kinds, optimized


def is_plain(plan: LogicalNode) -> bool:
    """Whether no sub-query and no outer reference is left."""
    found = [each for node in nodes.walk(plan) for each in expressions_of(node)]
    return not any(has_subquery(each) for each in found) and not any(
        isinstance(part, OuterRef) for each in found for part in walk(each)
    )


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("EXISTS (SELECT 1 FROM dept d WHERE d.id = e.dept_id)", JoinKind.SEMI),
        ("NOT EXISTS (SELECT 1 FROM dept d WHERE d.id = e.dept_id)", JoinKind.ANTI),
        ("NOT NOT EXISTS (SELECT 1 FROM dept d WHERE d.id = e.dept_id)", JoinKind.SEMI),
        ("dept_id IN (SELECT id FROM dept)", JoinKind.SEMI),
        ("dept_id NOT IN (SELECT id FROM dept)", JoinKind.ANTI),
        ("(dept_id, name) IN (SELECT id, name FROM dept)", JoinKind.SEMI),
        ("salary > (SELECT AVG(salary) FROM emp)", JoinKind.INNER),
        ("salary > (SELECT AVG(x.salary) FROM emp x WHERE x.dept_id = e.dept_id)", JoinKind.INNER),
        ("EXISTS (SELECT 1 FROM dept d WHERE d.id > e.dept_id)", JoinKind.SEMI),
    ],
)
def test_condition_becomes_a_join(where: str, kind: JoinKind) -> None:
    plan = optimized(f"SELECT e.id FROM emp e WHERE {where}")
    assert is_plain(plan)
    assert find(plan, nodes.Join).kind is kind


def test_not_in_with_nulls_is_null_aware() -> None:
    plan = optimized("SELECT id FROM emp WHERE dept_id NOT IN (SELECT id FROM dept)")
    assert find(plan, nodes.Join).null_aware


def test_not_in_without_nulls_is_a_plain_anti_join() -> None:
    plan = optimized("SELECT a FROM never WHERE a NOT IN (SELECT a FROM never WHERE b = 'x')")
    assert not find(plan, nodes.Join).null_aware


def test_correlated_not_in_lets_null_be_equal_to_anything() -> None:
    plan = optimized(
        "SELECT id FROM emp e WHERE dept_id NOT IN (SELECT id FROM dept d WHERE d.name = e.name)"
    )
    join = find(plan, nodes.Join)
    assert not join.null_aware
    assert "IS NULL" in str(join.condition)


def test_scalar_subquery_of_a_group_becomes_a_left_join() -> None:
    plan = optimized(
        "SELECT d.id, (SELECT MAX(e.salary) FROM emp e WHERE e.dept_id = d.id) AS top FROM dept d"
    )
    assert is_plain(plan)
    assert find(plan, nodes.Join).kind is JoinKind.LEFT
    assert find(plan, nodes.Aggregate).keys == (0,)


def test_count_of_no_rows_is_zero() -> None:
    plan = optimized(
        "SELECT d.id, (SELECT COUNT(*) FROM emp e WHERE e.dept_id = d.id) AS n FROM dept d"
    )
    assert "COALESCE" in str(find(plan, nodes.Project).expressions)


def test_scalar_subquery_that_may_have_several_rows_is_checked() -> None:
    plan = optimized("SELECT (SELECT id FROM dept) FROM emp")
    assert [call.function for call in find(plan, nodes.Aggregate).calls] == ["SINGLE_VALUE"]


def test_scalar_subquery_of_one_row_is_not_checked() -> None:
    plan = optimized("SELECT (SELECT MAX(id) FROM dept) FROM emp")
    assert [call.function for call in find(plan, nodes.Aggregate).calls] == ["MAX"]


@pytest.mark.parametrize(
    "select",
    [
        "EXISTS (SELECT 1 FROM dept d WHERE d.id = e.dept_id)",
        "EXISTS (SELECT 1 FROM dept)",
        "e.dept_id IN (SELECT id FROM dept)",
        "CASE WHEN e.name NOT IN (SELECT name FROM dept) THEN 1 ELSE 2 END",
        "e.id IN (SELECT MAX(id) FROM dept d WHERE d.name = e.name)",
    ],
)
def test_subquery_as_a_value_becomes_a_left_join(select: str) -> None:
    plan = optimized(f"SELECT {select} AS x FROM emp e")
    assert is_plain(plan)
    assert {each.kind for each in every(plan, nodes.Join)} == {JoinKind.LEFT}


def test_subquery_beside_other_conditions_in_or() -> None:
    plan = optimized("SELECT id FROM emp WHERE id = 1 OR dept_id IN (SELECT id FROM dept)")
    assert is_plain(plan)
    assert find(plan, nodes.Filter)


def test_two_levels_of_correlation() -> None:
    plan = optimized(
        "SELECT d.id FROM dept d WHERE EXISTS (SELECT 1 FROM emp e WHERE e.dept_id = d.id "
        "AND EXISTS (SELECT 1 FROM emp m WHERE m.id = e.id AND m.name = d.name))"
    )
    assert is_plain(plan)
    assert len(every(plan, nodes.Join)) >= 2


def test_lateral_limit_becomes_a_top_n_of_each_row() -> None:
    plan = optimized(
        "SELECT d.id, t.name FROM dept d, LATERAL (SELECT name, salary FROM emp e "
        "WHERE e.dept_id = d.id ORDER BY salary DESC LIMIT 2) AS t"
    )
    assert is_plain(plan)
    top = find(plan, nodes.TopN)
    assert (top.partition, top.first, top.last) == ((0,), 1, 2)


def test_correlation_inside_of_a_union_is_carried_by_its_domain() -> None:
    plan = optimized(
        "SELECT d.id, (SELECT COUNT(*) FROM (SELECT id FROM emp e WHERE e.dept_id = d.id "
        "UNION ALL SELECT id FROM emp x WHERE x.id = d.id) AS u) AS n FROM dept d"
    )
    assert is_plain(plan)
    assert "SetOperation" in kinds(plan)


def test_exists_value_related_by_more_than_equality_is_refused() -> None:
    with pytest.raises(UnsupportedFeature, match="more than equalities"):
        optimized("SELECT EXISTS (SELECT 1 FROM dept d WHERE d.id > e.dept_id) FROM emp e")


def test_subquery_about_the_right_side_of_a_left_join_is_asked_before_it() -> None:
    plan = optimized(
        "SELECT e.id, d.name FROM emp e LEFT JOIN dept d "
        "ON e.dept_id = d.id AND d.id IN (SELECT dept_id FROM emp)"
    )
    join = find(plan, nodes.Join)
    assert join.kind is JoinKind.LEFT
    assert find(join.right, nodes.Join).kind is JoinKind.SEMI


def test_subquery_about_the_right_side_of_another_outer_join_is_refused() -> None:
    with pytest.raises(UnsupportedFeature, match="about the right side"):
        optimized(
            "SELECT e.id FROM emp e FULL JOIN dept d "
            "ON e.dept_id = d.id AND d.id IN (SELECT dept_id FROM emp)"
        )
