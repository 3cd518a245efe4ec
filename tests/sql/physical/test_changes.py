"""Which changes an operator sends, by which key, and where -U are left out or put in."""

import pytest

from flott.common.sql_errors import SqlValidationError
from tests.sql.physical.planning import find, names, planned, sends_before, streamed


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("SELECT id FROM emp", "I"),
        ("SELECT DISTINCT id FROM emp", "I"),
        ("SELECT id, COUNT(*) FROM emp GROUP BY id", "I,U"),
        ("SELECT COUNT(*) FROM emp", "I,U"),
        ("SELECT team, COUNT(*) FROM cdc GROUP BY team", "I,U,D"),
        ("SELECT DISTINCT team FROM cdc", "I,D"),
        ("SELECT e.id FROM emp e JOIN dept d ON e.id = d.id", "I"),
        ("SELECT e.id FROM emp e LEFT JOIN dept d ON e.id = d.id", "I,D"),
        ("SELECT id FROM emp WHERE id IN (SELECT id FROM dept)", "I"),
        ("SELECT id FROM emp WHERE id NOT IN (SELECT id FROM dept)", "I,D"),
        ("SELECT id FROM emp ORDER BY salary LIMIT 3", "I,U,D"),
        ("SELECT id FROM emp LIMIT 3", "I"),
        ("SELECT id, SUM(id) OVER (PARTITION BY dept_id ORDER BY id) FROM emp", "I,U"),
        ("SELECT oid, SUM(amount) OVER (PARTITION BY cur ORDER BY ts) FROM orders", "I"),
        ("SELECT * FROM TO_CHANGELOG(input => TABLE cdc)", "I"),
        (
            "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), "
            "INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
            "I",
        ),
    ],
)
def test_kinds_of_change(text: str, kinds: str) -> None:
    assert planned(text).traits.changes.kinds == kinds


def test_batch_mode_sends_inserts_only() -> None:
    text = "SELECT id, COUNT(*) FROM emp GROUP BY id ORDER BY 2 LIMIT 3"
    assert planned(text, is_streaming=False).traits.changes.is_insert_only


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("SELECT id, COUNT(*) AS n FROM emp GROUP BY id", [[0]]),
        ("SELECT COUNT(*) AS n, id FROM emp GROUP BY id", [[1]]),
        ("SELECT COUNT(*) AS n FROM emp GROUP BY id", []),
        ("SELECT id, team FROM cdc", [[0]]),
        ("SELECT team FROM cdc", []),
        ("SELECT id, name, COUNT(*) FROM emp GROUP BY id, name", [[0, 1]]),
        ("SELECT id, name, COUNT(*) FROM emp WHERE name = 'x' GROUP BY id, name", [[0, 1]]),
        ("SELECT c.id, c.team, d.city FROM cdc c JOIN dept d ON c.team = d.name", []),
        ("SELECT c.id, x.n FROM cdc c JOIN (SELECT id, COUNT(*) AS n FROM dept GROUP BY id) x "
         "ON c.id = x.id", [[0]]),
    ],
)  # fmt: skip
def test_keys(text: str, keys: list[list[int]]) -> None:
    assert sorted(sorted(key) for key in planned(text).traits.keys) == keys


AGGREGATE = "SELECT dept_id, COUNT(*) FROM emp GROUP BY dept_id"


def test_results_for_the_program_come_with_the_rows_before() -> None:
    assert sends_before(AGGREGATE, "GroupAggregate")


def test_table_written_by_key_needs_no_rows_before() -> None:
    assert not sends_before(f"INSERT INTO keyed {AGGREGATE}", "GroupAggregate")


def test_filter_on_changes_needs_them_all_the_same() -> None:
    text = f"INSERT INTO keyed {AGGREGATE} HAVING COUNT(*) > 3"
    assert sends_before(text, "GroupAggregate")
    assert sends_before(text, "Calc")


def test_aggregate_of_an_aggregate_needs_them() -> None:
    inner = "SELECT id, COUNT(*) AS n FROM emp GROUP BY id"
    text = f"SELECT CAST(n AS INT), COUNT(*) FROM ({inner}) GROUP BY CAST(n AS INT)"
    assert sends_before(f"INSERT INTO keyed {text}", "Calc")
    assert not sends_before(f"INSERT INTO keyed {text}", "GroupAggregate")


def test_rows_before_are_dropped_where_a_source_sends_them_to_a_keyed_table() -> None:
    plan = planned("INSERT INTO keyed SELECT id, points FROM cdc")
    assert names(plan)[:2] == ["Sink", "DropUpdateBefore"]


def test_changes_that_may_repeat_are_normalised() -> None:
    plan = planned("SELECT * FROM cdc", {"table.exec.source.cdc-events-duplicate": "true"})
    assert "ChangelogNormalize" in names(plan)
    assert "ChangelogNormalize" not in names(planned("SELECT * FROM cdc"))


OTHER_KEY = "INSERT INTO keyed SELECT points, COUNT(*) FROM cdc GROUP BY points, team"


def test_other_key_than_the_tables_needs_on_conflict() -> None:
    with pytest.raises(SqlValidationError) as caught:
        planned(OTHER_KEY)
    assert "[id]" in str(caught.value)
    assert "ON CONFLICT" in str(caught.value)


@pytest.mark.parametrize("conflict", ["ERROR", "NOTHING", "DEDUPLICATE"])
def test_other_key_is_put_in_order(conflict: str) -> None:
    timed = OTHER_KEY.replace("cdc", "timed_cdc")
    plan = planned(f"{timed} ON CONFLICT DO {conflict}")
    assert f"conflict=[{conflict}]" in find(plan, "SinkUpsertMaterializer").detail


def test_conflicts_are_told_by_watermarks() -> None:
    with pytest.raises(SqlValidationError, match="requires all source tables to define watermarks"):
        planned(f"{OTHER_KEY} ON CONFLICT DO NOTHING")


def test_rows_that_are_only_added_conflict_with_none() -> None:
    with pytest.raises(SqlValidationError, match="ON CONFLICT is for tables written by key"):
        planned("INSERT INTO keyed SELECT id, 1 FROM emp ON CONFLICT DO DEDUPLICATE")


def test_two_inserts_that_say_the_same_write_twice() -> None:
    text = "INSERT INTO changes SELECT id, 1 FROM emp"
    operators = [each.name for each in streamed(text, text).nodes]
    assert sum(each.startswith("Sink") for each in operators) == 2
    assert sum(each.startswith("Source") for each in operators) == 1


def test_repeated_changes_are_told_by_a_key() -> None:
    options = {"table.exec.source.cdc-events-duplicate": "true"}
    planned("SELECT id FROM cdc", options)
    with pytest.raises(SqlValidationError, match="needs a primary key of every source"):
        planned("SELECT id FROM keyless", options)


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("table.exec.sink.upsert-materialize", "NONE", False),
        ("table.exec.sink.upsert-materialize", "FORCE", True),
        ("table.exec.sink.require-on-conflict", "false", True),
    ],
)
def test_options_of_materialisation(key: str, value: str, found: bool) -> None:
    assert ("SinkUpsertMaterializer" in names(planned(OTHER_KEY, {key: value}))) is found


def test_on_conflict_is_for_keyed_tables_only() -> None:
    with pytest.raises(SqlValidationError, match="ON CONFLICT needs a primary key"):
        planned("INSERT INTO changes SELECT id, points FROM cdc ON CONFLICT DO NOTHING")


def test_nulls_are_kept_from_columns_that_take_none() -> None:
    plan = planned("INSERT INTO strict SELECT id, 'abc' FROM emp")
    assert "fields=[id], action=ERROR" in find(plan, "ConstraintEnforcer").detail
    assert "Length" not in find(plan, "ConstraintEnforcer").detail


def test_lengths_are_enforced_where_that_is_wanted() -> None:
    options = {"table.exec.sink.type-length-enforcer": "ERROR"}
    plan = planned("INSERT INTO strict SELECT 1, UPPER(b) FROM never", options)
    assert find(plan, "ConstraintEnforcer").detail == "LengthEnforcer(fields=[name], action=ERROR)"


def test_rows_that_cannot_be_null_need_no_enforcer() -> None:
    plan = planned("INSERT INTO strict SELECT 1, 'x' FROM never")
    assert "ConstraintEnforcer" not in names(plan)


def test_columns_that_a_table_declares_not_null_are_checked_all_the_same() -> None:
    plan = planned("INSERT INTO strict SELECT a, 'x' FROM never WHERE b <> 'y'")
    assert find(plan, "ConstraintEnforcer").detail == "NotNullEnforcer(fields=[id], action=ERROR)"


def test_random_numbers_on_changes_are_refused_where_that_is_wanted() -> None:
    options = {"table.optimizer.non-deterministic-update.strategy": "TRY_RESOLVE"}
    with pytest.raises(SqlValidationError, match="another value each time"):
        planned("SELECT team, RAND() FROM cdc", options)
    planned("SELECT name, RAND() FROM emp", options)
    planned("SELECT team, RAND() FROM cdc")


def test_rows_are_brought_together_by_the_tables_key_where_that_is_wanted() -> None:
    text = "INSERT INTO keyed SELECT id, COUNT(*) FROM never JOIN emp ON id = a GROUP BY id, b"
    options = {
        "table.exec.sink.keyed-shuffle": "FORCE",
        "table.exec.sink.upsert-materialize": "NONE",
    }
    assert names(planned(text, options))[1] == "Exchange"
