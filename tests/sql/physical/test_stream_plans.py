"""Operators, edges and ids of the job a statement becomes."""

import pytest

from flott.core.partitioner import Global, HashColumns
from tests.sql.physical.planning import find, names, operator, operators, planned, streamed

TWO = {"parallelism.default": "2"}
AGGREGATE = "SELECT dept_id, COUNT(*), SUM(salary) FROM emp GROUP BY dept_id"


def test_query_ends_in_one_collector() -> None:
    plan = streamed("SELECT id FROM emp", options=TWO)
    last = plan.nodes[-1]
    assert (last.name, last.parallelism) == ("Collect[2]", 1)


def test_names_are_those_of_flink() -> None:
    plan = streamed("INSERT INTO changes SELECT id, 1 FROM emp WHERE id > 3")
    assert operators(plan) == ["Source: emp", "Calc", "Sink: changes"]
    assert operator(plan, "Calc").description == "Calc(select=[id, 1 AS n], where=[(id > 3)])"


def test_one_subtask_needs_no_exchange() -> None:
    plan = streamed(AGGREGATE)
    assert [edge.partitioner for node in plan.nodes for edge in node.inputs] == [None] * (
        len(plan.nodes) - 1
    )


def test_rows_of_a_key_meet_in_one_subtask() -> None:
    options = {**TWO, "table.optimizer.agg-phase-strategy": "ONE_PHASE"}
    (edge,) = operator(streamed(AGGREGATE, options=options), "GroupAggregate").inputs
    assert edge.partitioner == HashColumns((0,))


def test_aggregates_that_merge_are_computed_before_the_exchange() -> None:
    plan = streamed(AGGREGATE, options=TWO)
    local, merged = operator(plan, "LocalGroupAggregate"), operator(plan, "GroupAggregate")
    assert merged.inputs[0].source is local
    assert merged.inputs[0].partitioner == HashColumns((0,))


@pytest.mark.parametrize("select", ["COUNT(DISTINCT name)", "LISTAGG(name)", "FIRST_VALUE(name)"])
def test_aggregates_that_do_not_merge_are_computed_once(select: str) -> None:
    plan = streamed(f"SELECT dept_id, {select} FROM emp GROUP BY dept_id", options=TWO)
    assert "LocalGroupAggregate" not in operators(plan)


def test_changes_are_not_aggregated_before_the_exchange() -> None:
    plan = streamed("SELECT team, COUNT(*) FROM cdc GROUP BY team", options=TWO)
    assert "LocalGroupAggregate" not in operators(plan)


def test_second_aggregate_over_the_same_key_needs_no_exchange() -> None:
    plan = planned(
        "SELECT id, MAX(n) FROM (SELECT id, COUNT(*) AS n FROM emp GROUP BY id) GROUP BY id"
    )
    assert names(plan).count("Exchange") == 1


BY_MORE = (
    "SELECT e.dept_id AS d, e.name, MAX(f.id) AS n FROM emp e JOIN emp f ON e.dept_id = f.dept_id "
    "GROUP BY e.name, e.dept_id"
)


def test_rows_that_meet_by_fewer_keys_need_no_exchange() -> None:
    plan = streamed(BY_MORE, options=TWO)
    aggregate = operator(plan, "GroupAggregate")
    assert aggregate.inputs[0].partitioner is None
    assert aggregate.spec.met_by == (1,)  # type: ignore[attr-defined]
    assert "LocalGroupAggregate" not in operators(plan)


def test_what_comes_after_knows_by_which_keys_rows_met() -> None:
    outer = f"SELECT d, MAX(m) FROM ({BY_MORE}) AS t(d, name, m) GROUP BY d"
    assert names(planned(outer, TWO)).count("Exchange") == 2  # both sides of the join


def test_aggregate_of_everything_runs_in_one_subtask() -> None:
    plan = streamed("SELECT COUNT(DISTINCT id) FROM emp", options=TWO)
    node = operator(plan, "GroupAggregate")
    assert node.parallelism == 1
    assert isinstance(node.inputs[0].partitioner, Global)


def test_option_sets_the_parallelism_of_queries() -> None:
    plan = streamed(
        "SELECT id FROM ticks", options={"table.exec.resource.default-parallelism": "3"}
    )
    assert operator(plan, "Source").parallelism == 3


def test_equal_parts_of_a_query_run_once() -> None:
    plan = streamed(
        "WITH x AS (SELECT dept_id, COUNT(*) AS n FROM emp GROUP BY dept_id) "
        "SELECT a.n FROM x a JOIN x b ON a.n = b.n AND a.dept_id < b.dept_id"
    )
    assert operators(plan).count("GroupAggregate") == 1
    assert operators(plan).count("Source: emp") == 1


def test_equal_parts_of_several_inserts_run_once() -> None:
    plan = streamed(
        "INSERT INTO changes SELECT id, COUNT(*) FROM emp GROUP BY id",
        "INSERT INTO keyed SELECT id, COUNT(*) FROM emp GROUP BY id",
    )
    assert operators(plan).count("GroupAggregate") == 1
    assert operators(plan).count("DropUpdateBefore") == 1


def test_option_lets_equal_parts_run_each_for_itself() -> None:
    text = "SELECT a.id FROM emp a JOIN emp b ON a.id = b.id"
    plan = streamed(text, options={"table.optimizer.reuse-sub-plan-enabled": "false"})
    assert operators(plan).count("Source: emp") == 2


def uid_of(text: str, name: str, **options: str) -> str:
    found = operator(streamed(text, options=options), name).uid
    assert found is not None
    return found


def test_ids_stay_when_other_columns_are_selected() -> None:
    one = uid_of("SELECT dept_id, n FROM (SELECT dept_id, COUNT(*) AS n FROM emp GROUP BY dept_id)",
                 "GroupAggregate")  # fmt: skip
    other = uid_of(
        "SELECT n * 2, UPPER('x') FROM (SELECT dept_id, COUNT(*) AS n FROM emp GROUP BY dept_id) "
        "WHERE n > 3",
        "GroupAggregate",
    )
    assert one == other


def test_ids_do_not_depend_on_the_parallelism() -> None:
    more = {"parallelism.default": "4"}
    one = operator(streamed(AGGREGATE), "GroupAggregate").uid
    assert operator(streamed(AGGREGATE, options=more), "GroupAggregate").uid == one


@pytest.mark.parametrize(
    "other",
    [
        "SELECT dept_id, COUNT(*), MAX(salary) FROM emp GROUP BY dept_id",
        "SELECT name, COUNT(*), SUM(salary) FROM emp GROUP BY name",
        "SELECT dept_id, COUNT(*), SUM(salary) FROM emp WHERE id > 3 GROUP BY dept_id",
    ],
)
def test_ids_tell_operators_of_another_meaning_apart(other: str) -> None:
    assert uid_of(AGGREGATE, "GroupAggregate") != uid_of(other, "GroupAggregate")


def test_ids_of_a_job_are_distinct() -> None:
    plan = streamed(
        "SELECT id FROM emp UNION ALL SELECT id FROM emp WHERE id > 1",
        options={"table.optimizer.reuse-sub-plan-enabled": "false"},
    )
    uids = [node.uid for node in plan.nodes]
    assert len(set(uids)) == len(uids)


def test_not_in_with_nulls_runs_in_one_subtask() -> None:
    plan = planned("SELECT id FROM emp WHERE dept_id NOT IN (SELECT id FROM dept)", TWO)
    join = find(plan, "Join")
    assert join.is_single
    assert "isNullAware=[true]" in join.detail
