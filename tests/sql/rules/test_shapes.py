"""Shapes that have operators of their own: Top-N, deduplication, OVER, set operations."""

import pytest

from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, RankKind
from tests.sql.binder.catalogs import find
from tests.sql.rules.optimizing import every, kinds, optimized

RANKED = (
    "SELECT {columns} FROM (SELECT *, {function}() OVER (PARTITION BY dept_id ORDER BY {order}) "
    "AS rn FROM emp) WHERE {where}"
)


def ranked(
    where: str, columns: str = "id", function: str = "ROW_NUMBER", order: str = "salary DESC"
) -> nodes.LogicalNode:
    return optimized(RANKED.format(columns=columns, where=where, function=function, order=order))


@pytest.mark.parametrize(
    ("where", "first", "last"),
    [
        ("rn <= 3", 1, 3),
        ("rn < 3", 1, 2),
        ("3 >= rn", 1, 3),
        ("rn = 2", 2, 2),
        ("rn BETWEEN 2 AND 4", 2, 4),
        ("rn <= 5 AND rn > 2", 3, 5),
    ],
)
def test_filter_on_a_row_number_becomes_a_top_n(where: str, first: int, last: int) -> None:
    top = find(ranked(where), nodes.TopN)
    assert (top.first, top.last, top.partition) == (first, last, (1,))


def test_rank_that_nobody_reads_is_not_carried_along() -> None:
    assert not find(ranked("rn <= 3"), nodes.TopN).has_rank
    assert find(ranked("rn <= 3", columns="id, rn"), nodes.TopN).has_rank


def test_rank_of_one_place_is_a_constant() -> None:
    plan = ranked("rn = 1", columns="id, rn")
    assert not find(plan, nodes.TopN).has_rank
    assert "Literal" in str(find(plan, nodes.Project).expressions[1])


def test_other_conditions_stay_above_the_top_n() -> None:
    names = kinds(ranked("rn <= 2 AND salary > 5"))
    assert names.index("Filter") < names.index("TopN")


def test_conditions_on_the_partition_move_below_it() -> None:
    names = kinds(ranked("rn <= 2 AND dept_id = 5"))
    assert names.index("TopN") < names.index("Filter")


@pytest.mark.parametrize("function", ["RANK", "DENSE_RANK"])
def test_ranks_with_ties_are_recognised(function: str) -> None:
    assert find(ranked("rn <= 2", function=function), nodes.TopN).kind is RankKind[function]


def test_filter_without_an_end_is_no_top_n() -> None:
    assert "TopN" not in kinds(ranked("rn > 2"))


def test_top_n_of_no_rank_gives_nothing() -> None:
    assert kinds(ranked("rn <= 2 AND rn >= 4")) == ["Values"]


def test_ranks_below_one_are_left_to_the_planner() -> None:
    assert find(ranked("rn < 1"), nodes.TopN).last == 0


@pytest.mark.parametrize("condition", ["NOT rn > 2", "NOT (rn >= 3)", "NOT 2 < rn"])
def test_not_over_a_comparison_is_the_opposite_comparison(condition: str) -> None:
    assert find(ranked(condition), nodes.TopN).last == 2


def test_qualify_is_a_top_n() -> None:
    plan = optimized(
        "SELECT id FROM emp QUALIFY ROW_NUMBER() OVER (PARTITION BY dept_id ORDER BY id) <= 2"
    )
    assert find(plan, nodes.TopN).last == 2


DEDUPLICATION = (
    "SELECT oid FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY cur ORDER BY {order}) AS rn "
    "FROM orders) WHERE rn = 1"
)


@pytest.mark.parametrize(("order", "keeps_last"), [("ts", False), ("ts DESC", True), ("p", False)])
def test_first_and_last_row_by_time_is_a_deduplication(order: str, keeps_last: bool) -> None:
    found = find(optimized(DEDUPLICATION.format(order=order)), nodes.Deduplicate)
    assert found.keeps_last is keeps_last


def test_first_row_by_anything_else_is_a_top_n() -> None:
    assert "Deduplicate" not in kinds(optimized(DEDUPLICATION.format(order="ts, oid")))


def test_batch_mode_has_no_deduplication() -> None:
    plan = optimized(DEDUPLICATION.format(order="ts"), is_streaming=False)
    assert "Deduplicate" not in kinds(plan)


def test_order_with_limit_is_a_top_n_of_everything() -> None:
    top = find(optimized("SELECT id FROM emp ORDER BY salary DESC LIMIT 3 OFFSET 2"), nodes.TopN)
    assert (top.partition, top.first, top.last) == ((), 3, 5)


def test_limit_zero_reads_nothing() -> None:
    assert kinds(optimized("SELECT id FROM emp LIMIT 0")) == ["Values"]


def test_expressions_of_a_window_are_computed_below_it() -> None:
    plan = optimized("SELECT SUM(salary * 2) OVER (PARTITION BY id % 3 ORDER BY id + 1) FROM emp")
    over = find(plan, nodes.Over)
    assert isinstance(over.input, nodes.Project)
    assert len(over.calls) == 1


def test_windows_of_one_order_share_a_node() -> None:
    plan = optimized(
        "SELECT SUM(id) OVER (ORDER BY id), MAX(id) OVER (ORDER BY id), "
        "MIN(id) OVER (ORDER BY name) FROM emp",
        is_streaming=False,
    )
    assert sorted(len(over.calls) for over in every(plan, nodes.Over)) == [1, 2]


def test_union_takes_each_row_once() -> None:
    plan = optimized("SELECT id FROM emp UNION SELECT id FROM dept UNION SELECT oid FROM orders")
    assert kinds(plan)[0] == "Aggregate"


def test_unions_of_unions_become_one() -> None:
    plan = optimized(
        "SELECT id FROM emp UNION ALL SELECT id FROM dept UNION ALL SELECT oid FROM orders"
    )
    assert len(find(plan, nodes.SetOperation).inputs) == 3


@pytest.mark.parametrize(
    ("operation", "kind"), [("INTERSECT", JoinKind.SEMI), ("EXCEPT", JoinKind.ANTI)]
)
def test_distinct_sets_are_half_joins(operation: str, kind: JoinKind) -> None:
    plan = optimized(f"SELECT id, name FROM emp {operation} SELECT id, name FROM dept")
    join = find(plan, nodes.Join)
    assert join.kind is kind
    assert "IS NOT DISTINCT FROM" in str(join.condition)


@pytest.mark.parametrize("operation", ["INTERSECT", "EXCEPT"])
def test_counted_sets_repeat_rows(operation: str) -> None:
    plan = optimized(f"SELECT id FROM emp {operation} ALL SELECT id FROM dept")
    assert find(plan, nodes.Correlate).function == "REPLICATE_ROWS"


def test_grouping_sets_repeat_rows_for_each_set() -> None:
    plan = optimized("SELECT dept_id, name, COUNT(*) FROM emp GROUP BY ROLLUP (dept_id, name)")
    expand = find(plan, nodes.Expand)
    assert [row[-1] for row in expand.projections] == [(0,), (1,), (2,)]


def test_grouping_id_is_a_number_of_the_set() -> None:
    plan = optimized("SELECT GROUPING(dept_id) AS g FROM emp GROUP BY CUBE (dept_id)")
    assert "CASE" in str(find(plan, nodes.Project).expressions)


def test_counting_what_is_never_null_counts_rows() -> None:
    plan = optimized("SELECT COUNT(1), COUNT(a), COUNT(DISTINCT a) FROM never")
    assert [len(call.args) for call in find(plan, nodes.Aggregate).calls] == [0, 0, 1]


SPLIT = {"table.optimizer.distinct-agg.split.enabled": "true"}


def test_distinct_aggregates_are_split_where_that_is_wanted() -> None:
    text = "SELECT dept_id, COUNT(DISTINCT name), COUNT(*), MAX(id) FROM emp GROUP BY dept_id"
    second, first = every(optimized(text, options=SPLIT), nodes.Aggregate)
    assert len(first.keys) == 2
    assert [call.function for call in second.calls] == ["COUNT", "SUM", "MAX"]
    assert not any(call.is_distinct for call in (*first.calls, *second.calls))
    assert len(every(optimized(text), nodes.Aggregate)) == 1


@pytest.mark.parametrize(
    "select",
    [
        "COUNT(DISTINCT name), COUNT(DISTINCT id)",
        "COUNT(DISTINCT name), AVG(id)",
        "COUNT(DISTINCT name) FILTER (WHERE id > 1)",
        "COUNT(DISTINCT dept_id)",
    ],
)
def test_distinct_aggregates_that_cannot_be_split_are_not(select: str) -> None:
    plan = optimized(f"SELECT dept_id, {select} FROM emp GROUP BY dept_id", options=SPLIT)
    assert len(every(plan, nodes.Aggregate)) == 1
