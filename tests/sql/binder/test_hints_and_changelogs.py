"""Hints of queries, FROM_CHANGELOG and TO_CHANGELOG."""

from __future__ import annotations

import pytest

from flott.sql.logical.nodes import Aggregate, FromChangelog, Join, ToChangelog
from flott.sql.session import Session
from tests.sql.binder.catalogs import TABLES, bind, columns_of, find, message_of, session_with

JOIN = "FROM emp e JOIN dept d ON e.dept_id = d.id"


@pytest.mark.parametrize(
    ("hint", "found"),
    [
        ("BROADCAST(d)", (("BROADCAST", "right"),)),
        ("SHUFFLE_HASH(e), NEST_LOOP(d)", (("SHUFFLE_HASH", "left"), ("NEST_LOOP", "right"))),
        ("LOOKUP('table' = 'd', 'async' = 'true')", (("LOOKUP", (("async", "true"),)),)),
        ("STATE_TTL('e' = '1 h', 'd' = '2 h')",
         (("STATE_TTL", (("left", 3_600_000), ("right", 7_200_000))),)),
    ],
)  # fmt: skip
def test_hints_go_to_the_joins_of_their_tables(
    hint: str, found: tuple[object, ...], batch: Session
) -> None:
    assert find(bind(f"SELECT /*+ {hint} */ e.id {JOIN}", batch), Join).hints == found


def test_the_first_of_two_equal_hints_wins(batch: Session) -> None:
    hint = "STATE_TTL('d' = '1 s'), STATE_TTL('d' = '2 s')"
    (found,) = find(bind(f"SELECT /*+ {hint} */ e.id {JOIN}", batch), Join).hints
    assert found == ("STATE_TTL", (("right", 1000),))


def test_aggregations_keep_state_as_long_as_told(batch: Session) -> None:
    text = "SELECT /*+ STATE_TTL('d' = '1 s') */ COUNT(*) FROM dept d GROUP BY city"
    assert find(bind(text, batch), Aggregate).state_ttl_ms == 1000


@pytest.mark.parametrize(
    ("hint", "said"),
    [
        ("BROADCAST(zz)", "names 'zz'"),
        ("BROADCST(d)", "Did you mean 'BROADCAST'?"),
        ("LOOKUP('async' = 'true')", "needs the option 'table'"),
        ("STATE_TTL('d' = 'soon')", "not a duration"),
        ("LOOKUP(d)", "takes pairs"),
    ],
)
def test_wrong_hints_are_refused(hint: str, said: str, batch: Session) -> None:
    assert said in message_of(f"SELECT /*+ {hint} */ e.id {JOIN}", batch)


@pytest.fixture
def changes() -> Session:
    log = "CREATE TABLE log (op STRING, id INT, n INT) WITH ('connector' = 'x')"
    return session_with([*TABLES, log])


def test_codes_become_kinds_and_their_column_goes(changes: Session) -> None:
    text = "SELECT * FROM FROM_CHANGELOG(input => TABLE log)"
    assert columns_of(text, changes) == [("id", "INT"), ("n", "INT")]
    node = find(bind(text, changes), FromChangelog)
    assert (node.op_column, len(node.mapping)) == (0, 4)
    assert dict(node.settings) == {"invalid_op_handling": "FAIL"}


def test_several_codes_may_mean_one_kind(changes: Session) -> None:
    text = (
        "SELECT * FROM FROM_CHANGELOG(input => TABLE log, op => DESCRIPTOR(op), "
        "op_mapping => MAP['c, r', 'INSERT', 'd', 'DELETE'], invalid_op_handling => 'SKIP')"
    )
    node = find(bind(text, changes), FromChangelog)
    assert node.mapping == (("c", "INSERT"), ("r", "INSERT"), ("d", "DELETE"))
    assert dict(node.settings) == {"invalid_op_handling": "SKIP"}


def test_changes_become_rows_behind_their_keys(changes: Session) -> None:
    text = (
        "SELECT * FROM TO_CHANGELOG(input => TABLE rates PARTITION BY rt, op => DESCRIPTOR(kind), "
        "op_mapping => MAP['INSERT, UPDATE_AFTER', 'u', 'DELETE', 'd'])"
    )
    assert [name for name, _ in columns_of(text, changes)] == ["rt", "kind", "cur", "rate"]
    node = find(bind(text, changes), ToChangelog)
    assert node.mapping == (("INSERT", "u"), ("UPDATE_AFTER", "u"), ("DELETE", "d"))


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("FROM_CHANGELOG(input => TABLE dept)", "has no column 'op'"),
        ("FROM_CHANGELOG(input => TABLE log, op => DESCRIPTOR(id))", "must be a string"),
        ("FROM_CHANGELOG(input => TABLE log PARTITION BY id)", "takes no PARTITION BY"),
        (
            "FROM_CHANGELOG(input => TABLE log, op_mapping => MAP['a', 'UPDATE_AFTER'])",
            "UPDATE_BEFORE",
        ),
        (
            "FROM_CHANGELOG(input => TABLE log, op_mapping => MAP['a', 'INSERT', 'a', 'DELETE'])",
            "twice",
        ),
        ("FROM_CHANGELOG(input => TABLE log, invalid_op_handling => 'X')", "is one of FAIL"),
        ("TO_CHANGELOG(input => TABLE log, op => DESCRIPTOR(id))", "a column 'id' already"),
        ("FROM_CHANGELOG(TABLE log, op_mapping => 'x')", "must be MAP"),
        ("FROM_CHANGELOG(op => DESCRIPTOR(op))", "Was expecting 1 arguments"),
        ("TO_CHANGELOG(input => TABLE log, op_mapping => MAP['NOPE', 'x'])", "Unknown kind"),
        ("TO_CHANGELOG(input => 1)", "takes a table"),
    ],
)
def test_wrong_calls_are_refused(call: str, said: str, changes: Session) -> None:
    assert said in message_of(f"SELECT * FROM {call}", changes)


def test_batch_mode_has_no_changes(batch: Session) -> None:
    said = message_of("SELECT * FROM TO_CHANGELOG(input => TABLE dept)", batch)
    assert "STREAMING mode only" in said
