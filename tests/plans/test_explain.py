"""EXPLAIN says what will run: stable texts, changes and growth in words, advice."""

import json

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.explain import explain
from tests.sql.binder.catalogs import bind
from tests.sql.physical.planning import session

TOP = (
    "SELECT dept_id, id FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY dept_id "
    "ORDER BY salary DESC) AS rn FROM emp) WHERE rn <= 2"
)


def explained(text: str, *details: str, **options: str) -> str:
    around = session({key.replace("_", "."): value for key, value in options.items()})
    return explain([bind(text, around)], around, details)


def part(text: str, title: str) -> str:
    """One part of an explanation."""
    return text.split(f"== {title} ==\n")[1].split("\n\n== ")[0].rstrip("\n")


def test_logical_plan_is_the_query_as_it_was_bound() -> None:
    found = part(explained("SELECT id + 1 AS x FROM emp WHERE id > 3"), "Abstract Syntax Tree")
    assert found.splitlines() == [
        "LogicalProject(x=[(id + 1)])",
        "+- LogicalFilter(condition=[(id > 3)])",
        "   +- LogicalTableScan(table=[[default_catalog, default_database, emp]], "
        "fields=[id, name, dept_id, salary, hired])",
    ]


def test_optimized_plan_is_what_the_rules_made_of_it() -> None:
    found = part(explained(TOP), "Optimized Logical Plan")
    assert found.splitlines() == [
        "LogicalProject(dept_id=[dept_id], id=[id])",
        "+- LogicalRank(rankType=[ROW_NUMBER], rankRange=[1..2], partitionBy=[dept_id], "
        "orderBy=[salary DESC])",
        "   +- LogicalTableScan(table=[[default_catalog, default_database, emp]], "
        "fields=[id, dept_id, salary])",
    ]


def test_physical_plan_tells_changes_and_growth() -> None:
    found = part(explained(TOP), "Optimized Physical Plan")
    assert found.splitlines() == [
        "Calc(select=[dept_id, id])",
        "|    sends inserts, updates with the row before them and deletes, by no key",
        "+- Rank(rankType=[ROW_NUMBER], rankRange=[rank<=2], partitionBy=[dept_id], "
        "orderBy=[salary DESC], select=[id, dept_id, salary])",
        "   |    sends inserts, updates with the row before them and deletes, by no key",
        "   |    state bounded by keys: 2 rows of each [dept_id]",
        "   +- Exchange(distribution=[hash[dept_id]])",
        "      +- TableSourceScan(table=[[default_catalog, default_database, emp]], "
        "fields=[id, dept_id, salary])",
    ]


def test_text_is_the_same_every_time() -> None:
    assert explained(TOP) == explained(TOP)


def test_shared_parts_stand_once() -> None:
    text = explained(
        "WITH x AS (SELECT id, COUNT(*) AS n FROM emp GROUP BY id) "
        "SELECT a.n FROM x a JOIN x b ON a.n = b.n"
    )
    found = part(text, "Optimized Physical Plan")
    assert found.count("GroupAggregate(") == 1
    assert "(reuse_id=[1])" in found
    assert "Reused(reference_id=[1])" in found


def test_changelog_mode_in_flinks_letters() -> None:
    text = explained("SELECT id, COUNT(*) AS n FROM emp GROUP BY id", "CHANGELOG_MODE")
    found = part(text, "Optimized Physical Plan")
    assert "changelogMode=[I,UB,UA], upsertKeys=[[id]])" in found
    assert "fields=[id], changelogMode=[I])" in found


def test_written_by_key_there_are_no_rows_before() -> None:
    text = explained("INSERT INTO keyed SELECT id, COUNT(*) FROM emp GROUP BY id", "CHANGELOG_MODE")
    assert "changelogMode=[I,UA], upsertKeys=[[id]]" in text
    assert "updates without the row before them, by the key [id]" in text


def test_estimated_rows() -> None:
    text = explained("SELECT COUNT(*) FROM (VALUES (1), (2), (3)) AS t (a)", "ESTIMATED_COST")
    found = part(text, "Optimized Physical Plan")
    assert "rowcount=[3]" in found
    assert "rowcount=[1]" in found


def test_advice_names_state_without_bound_and_the_way_out() -> None:
    text = explained("SELECT a.id FROM ticks a JOIN ticks b ON a.id = b.v", "PLAN_ADVICE")
    found = part(text, "Advice")
    assert found.startswith("advice[1]: Join keeps all rows of both inputs, without bound.")
    assert "table.exec.state.ttl" in found


def test_advice_may_be_none() -> None:
    assert part(explained(TOP, "PLAN_ADVICE"), "Advice") == "No available advice..."


def test_state_of_what_ends_is_bounded_by_it() -> None:
    text = explained("SELECT SUM(id) OVER (ORDER BY id) FROM emp")
    assert "state bounded by the input: all rows" in text


def test_job_as_json() -> None:
    text = explained("SELECT id FROM emp", "JSON_EXECUTION_PLAN")
    plan = json.loads(part(text, "Physical Execution Plan"))
    assert "Source: emp[1]" in json.dumps(plan)


def test_subqueries_stand_below_the_node_that_asks_them() -> None:
    text = explained("SELECT id FROM emp WHERE id IN (SELECT id FROM dept)")
    tree = part(text, "Abstract Syntax Tree")
    assert ":- LogicalTableScan" in tree
    assert "LogicalJoin" not in tree
    assert "joinType=[semi]" in part(text, "Optimized Logical Plan")


def test_statement_that_cannot_run_is_an_error() -> None:
    with pytest.raises(SqlValidationError, match="key"):
        explained("INSERT INTO keyed SELECT points, COUNT(*) FROM cdc GROUP BY points, team")
