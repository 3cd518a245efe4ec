"""Deduplication, changelog normalisation and sink materialisation against dictionaries."""

import datetime
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, IntType, TimestampType
from flott.common.sql_errors import RecordError
from flott.operators.columns.changelog_normalize import ChangelogNormalizeSpec
from flott.operators.columns.deduplicate import DeduplicateSpec
from flott.operators.columns.sink_materialize import SinkMaterializeSpec
from tests.operators.columns.harness import ColumnHarness

TIMED = (STRING, TimestampType(3), IntType())
START = datetime.datetime(2024, 1, 1)

timed_rows = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 5), st.integers(0, 9)), max_size=15
)


def at(second: int) -> datetime.datetime:
    return START + datetime.timedelta(seconds=second)


def watermark(second: int) -> int:
    return int(at(second).replace(tzinfo=datetime.UTC).timestamp() * 1000)


def deduplicate(keeps_last: bool, is_event_time: bool, **settings: Any) -> ColumnHarness:
    spec = DeduplicateSpec((0,), 1, keeps_last, is_event_time, TIMED, **settings)
    return ColumnHarness(spec, TIMED)


def changes_of(rows: list[Any]) -> list[Any]:
    return [("+I", key, at(second), value) for key, second, value in rows]


@settings(deadline=None)
@given(timed_rows, st.sampled_from([1, 4, 20]))
def test_the_last_row_by_time_stays(rows: list[Any], size: int) -> None:
    harness = deduplicate(True, True)
    harness.push_each(changes_of(rows), size)
    latest: dict[str, Any] = {}
    for key, second, value in rows:
        if key not in latest or second >= latest[key][0]:
            latest[key] = (second, value)
    assert harness.table == Counter((key, at(s), v) for key, (s, v) in latest.items())


@settings(deadline=None)
@given(timed_rows, st.sampled_from([1, 4, 20]))
def test_the_last_row_to_come_stays(rows: list[Any], size: int) -> None:
    harness = deduplicate(True, False)
    harness.push_each(changes_of(rows), size)
    latest = {key: (second, value) for key, second, value in rows}
    assert harness.table == Counter((key, at(s), v) for key, (s, v) in latest.items())


@settings(deadline=None)
@given(timed_rows, st.sampled_from([1, 4, 20]))
def test_the_first_row_to_come_stays(rows: list[Any], size: int) -> None:
    harness = deduplicate(False, False)
    harness.push_each(changes_of(rows), size)
    first = {key: (second, value) for key, second, value in reversed(rows)}
    assert harness.table == Counter((key, at(s), v) for key, (s, v) in first.items())
    assert {change[0] for change in harness.changes} <= {"+I"}


@settings(deadline=None)
@given(timed_rows, st.sampled_from([1, 4, 20]))
def test_the_first_row_by_time_goes_out_when_it_is_known(rows: list[Any], size: int) -> None:
    harness = deduplicate(False, True)
    harness.push_each(changes_of(rows), size)
    assert harness.changes == []
    harness.end()
    first: dict[str, Any] = {}
    for key, second, value in rows:
        if key not in first or second < first[key][0]:
            first[key] = (second, value)
    assert harness.table == Counter((key, at(s), v) for key, (s, v) in first.items())


def test_a_late_row_does_not_become_the_first() -> None:
    harness = deduplicate(False, True)
    harness.push(("+I", "a", at(5), 1))
    harness.watermark(watermark(3))
    harness.push(("+I", "a", at(2), 2))
    harness.watermark(watermark(9))
    assert harness.changes == [("+I", "a", at(5), 1)]


def test_waiting_rows_and_seen_keys_come_back() -> None:
    harness = deduplicate(False, True)
    harness.push(("+I", "a", at(1), 1), ("+I", "b", at(6), 2))
    harness.watermark(watermark(3))
    parts = harness.snapshot(1)
    spec = DeduplicateSpec((0,), 1, False, True, TIMED)
    again = ColumnHarness(spec, TIMED, restore=[parts])
    again.push(("+I", "a", at(4), 7))
    again.end()
    assert again.changes == [("+I", "b", at(6), 2)]


PAIRS = (STRING, IntType())


def normalize(**settings: Any) -> ColumnHarness:
    return ColumnHarness(ChangelogNormalizeSpec((0,), PAIRS, **settings), PAIRS)


def test_an_update_brings_the_row_before() -> None:
    harness = normalize()
    harness.push(("+I", "a", 1))
    harness.push(("+U", "a", 2))
    harness.push(("-D", "a", None))
    assert harness.changes == [("+I", "a", 1), ("-U", "a", 1), ("+U", "a", 2), ("-D", "a", 2)]


def test_repeated_changes_are_one() -> None:
    harness = normalize()
    for _ in range(2):
        harness.push(("+I", "a", 1))
    harness.push(("-D", "b", 1))
    assert harness.changes == [("+I", "a", 1)]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["+I", "+U", "-D"]), st.sampled_from("ab"), st.integers(0, 2))
    ),
    st.sampled_from([1, 3, 50]),
)
def test_normalised_changes_leave_the_last_row_of_each_key(changes: list[Any], size: int) -> None:
    harness = normalize()
    harness.push_each(changes, size)
    rows: dict[str, int] = {}
    for kind, key, value in changes:
        if kind == "-D":
            rows.pop(key, None)
        else:
            rows[key] = value
    assert harness.table == Counter(rows.items())


def materialize(conflict: str | None = None) -> ColumnHarness:
    return ColumnHarness(SinkMaterializeSpec((0,), PAIRS, conflict), PAIRS)


def test_a_delete_that_comes_late_leaves_the_newer_row() -> None:
    harness = materialize()
    harness.push(("+I", "a", 1))
    harness.push(("+I", "a", 2))
    harness.push(("-D", "a", 1))
    assert harness.changes == [("+I", "a", 1), ("+U", "a", 2)]


def test_the_row_before_comes_back() -> None:
    harness = materialize()
    harness.push(("+I", "a", 1))
    harness.push(("+I", "a", 2))
    harness.push(("-D", "a", 2))
    harness.push(("-D", "a", 1))
    assert harness.changes == [("+I", "a", 1), ("+U", "a", 2), ("+U", "a", 1), ("-D", "a", 1)]


def test_do_nothing_keeps_the_first_row() -> None:
    harness = materialize("NOTHING")
    harness.push(("+I", "a", 1), ("+I", "a", 2))
    assert harness.changes == [("+I", "a", 1)]


def test_a_conflict_may_be_an_error() -> None:
    harness = materialize("ERROR")
    harness.push(("+I", "a", 1))
    with pytest.raises(RecordError, match="sink's key"):
        harness.push(("+I", "a", 2))
