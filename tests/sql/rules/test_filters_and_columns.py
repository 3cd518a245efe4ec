"""Filters move towards the sources, and columns that nobody reads are not read."""

import pytest

from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind
from tests.sql.binder.catalogs import find
from tests.sql.rules.optimizing import every, kinds, optimized


def test_scan_reads_only_the_columns_that_are_used() -> None:
    plan = optimized("SELECT name FROM emp WHERE salary > 5")
    assert find(plan, nodes.Scan).columns == ("name", "salary")


def test_counting_rows_still_reads_one_column() -> None:
    plan = optimized("SELECT COUNT(*) FROM nested")
    assert find(plan, nodes.Scan).columns == ("id",)


def test_calls_that_nobody_reads_are_not_computed() -> None:
    plan = optimized(
        "SELECT n FROM (SELECT id, COUNT(*) AS n, MAX(name) AS m FROM emp GROUP BY id)"
    )
    assert [call.function for call in find(plan, nodes.Aggregate).calls] == ["COUNT"]
    assert find(plan, nodes.Scan).columns == ("id",)


def test_filter_is_asked_of_each_side_of_a_join() -> None:
    plan = optimized(
        "SELECT e.id FROM emp e JOIN dept d ON e.dept_id = d.id "
        "WHERE e.salary > 5 AND d.city = 'Oslo' AND e.name <> d.name"
    )
    join = find(plan, nodes.Join)
    assert isinstance(join.left, nodes.Filter)
    assert isinstance(join.right, nodes.Filter)
    assert "<>" in str(join.condition)


def test_comma_join_becomes_an_inner_join() -> None:
    plan = optimized("SELECT e.id FROM emp e, dept d WHERE e.dept_id = d.id")
    assert find(plan, nodes.Join).kind is JoinKind.INNER
    assert "Filter" not in kinds(plan)


@pytest.mark.parametrize(
    ("join", "where", "kind"),
    [
        ("LEFT", "d.city = 'x'", JoinKind.INNER),
        ("LEFT", "d.city IS NULL", JoinKind.LEFT),
        ("RIGHT", "e.salary > 1", JoinKind.INNER),
        ("FULL", "e.salary > 1", JoinKind.LEFT),
        ("FULL", "d.city = 'x'", JoinKind.RIGHT),
        ("FULL", "d.city = e.name", JoinKind.INNER),
        ("LEFT", "d.city = 'x' OR e.id = 1", JoinKind.LEFT),
    ],
)
def test_outer_join_whose_padded_rows_are_filtered_away(
    join: str, where: str, kind: JoinKind
) -> None:
    plan = optimized(f"SELECT 1 FROM emp e {join} JOIN dept d ON e.dept_id = d.id WHERE {where}")
    assert find(plan, nodes.Join).kind is kind


def test_condition_on_the_kept_side_of_a_left_join_stays_in_the_join() -> None:
    plan = optimized("SELECT 1 FROM emp e LEFT JOIN dept d ON e.dept_id = d.id AND e.salary > 5")
    assert "Filter" not in kinds(plan)


def test_condition_on_the_padded_side_of_a_left_join_moves_below_it() -> None:
    plan = optimized("SELECT 1 FROM emp e LEFT JOIN dept d ON e.dept_id = d.id AND d.city = 'x'")
    assert isinstance(find(plan, nodes.Join).right, nodes.Filter)


def test_having_on_a_key_filters_before_grouping() -> None:
    plan = optimized("SELECT id, COUNT(*) FROM emp GROUP BY id HAVING id > 3 AND COUNT(*) > 1")
    names = kinds(plan)
    assert names.index("Filter") < names.index("Aggregate") < names.index("Filter", 3)


def test_filter_goes_into_every_branch_of_a_union() -> None:
    plan = optimized(
        "SELECT * FROM (SELECT id FROM emp UNION ALL SELECT id FROM dept) WHERE id > 3"
    )
    assert len(every(plan, nodes.Filter)) == 2
    assert kinds(plan)[0] == "SetOperation"


def test_filter_does_not_pass_the_watermark() -> None:
    plan = optimized("SELECT * FROM orders WHERE amount > 5")
    assert isinstance(find(plan, nodes.Filter).input, nodes.WatermarkAssigner)


def test_filter_of_random_numbers_stays_where_it_is() -> None:
    plan = optimized("SELECT * FROM (SELECT id, RAND() AS r FROM emp) WHERE r > 0.5")
    assert isinstance(find(plan, nodes.Filter).input, nodes.Project)


@pytest.mark.parametrize("where", ["1 = 2", "FALSE", "id = 1 AND 1 > 2"])
def test_filter_that_is_never_true_reads_nothing(where: str) -> None:
    assert kinds(optimized(f"SELECT id FROM emp WHERE {where}")) == ["Values"]


def test_filter_that_is_always_true_goes() -> None:
    assert kinds(optimized("SELECT id FROM emp WHERE 1 = 1 OR id = 7")) == ["Scan"]


def test_projections_become_one() -> None:
    plan = optimized("SELECT b + 1 AS c FROM (SELECT id + 1 AS b FROM emp)")
    assert kinds(plan) == ["Project", "Scan"]


def test_constants_are_folded() -> None:
    plan = find(optimized("SELECT id + (1 + 2) * 3 AS x FROM emp"), nodes.Project)
    assert "9" in str(plan.expressions[0])


def test_equal_parts_of_a_plan_stay_equal_whatever_is_read_of_them() -> None:
    plan = optimized(
        "WITH x AS (SELECT dept_id, COUNT(*) AS n, MAX(salary) AS m FROM emp GROUP BY dept_id) "
        "SELECT a.n, b.m FROM x a JOIN x b ON a.dept_id = b.dept_id"
    )
    first, second = every(plan, nodes.Aggregate)
    assert first == second
