"""Temporal joins: which version a row meets, and when."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, BigIntType, TimestampType
from flott.core.expression import Predicate
from flott.operators.columns.joins.temporal import TemporalJoinSpec
from tests.operators.columns.harness import ColumnHarness

LONG, TIME = BigIntType(), TimestampType(3)
LEFT_TYPES = (LONG, TIME, LONG)
RIGHT_TYPES = (LONG, TIME, STRING)


def at(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


def columns_of(kind: str, **more: Any) -> ColumnHarness:
    settings = {"restore": more.pop("restore", ())}
    arguments: dict[str, Any] = {"left_time": 1, "right_time": 1, "condition": None} | more
    spec = TemporalJoinSpec(
        kind, (0,), (0,), (False,), left_types=LEFT_TYPES, right_types=RIGHT_TYPES, **arguments
    )
    return ColumnHarness(spec, LEFT_TYPES, RIGHT_TYPES, **settings)


def texts(columns: ColumnHarness) -> list[Any]:
    """(number of the left row, text of its version)."""
    return [(change[3], change[6]) for change in columns.changes]


def test_a_row_meets_the_newest_version_that_is_no_newer_than_itself() -> None:
    columns = columns_of("INNER")
    columns.push(("+I", 1, at(5), "a"), ("+I", 1, at(10), "b"), side=1)
    columns.push(*[("+I", 1, at(time), time) for time in (4, 5, 9, 10, 11)])
    columns.watermark(20)
    assert texts(columns) == [(5, "a"), (9, "a"), (10, "b"), (11, "b")]


def test_rows_wait_for_the_watermark_and_go_in_order_of_arrival() -> None:
    columns = columns_of("LEFT")
    columns.push(("+I", 1, at(9), 1), ("+I", 1, at(3), 2))
    columns.push(("+I", 1, at(1), "a"), side=1)
    columns.watermark(8)
    assert texts(columns) == [(2, "a")]
    columns.push(("+I", 1, at(4), 3))
    columns.watermark(9)
    assert texts(columns)[1:] == [(1, "a"), (3, "a")]


def test_of_versions_of_one_time_the_last_one_counts() -> None:
    columns = columns_of("INNER")
    columns.push(("+I", 1, at(5), "a"), ("+U", 1, at(5), "b"), side=1)
    columns.push(("+U", 1, at(5), "c"), side=1)
    columns.push(("+I", 1, at(5), 1))
    columns.watermark(5)
    assert texts(columns) == [(1, "c")]
    assert len(columns.plain.operator._versions) == 1


def test_a_deleted_version_is_none_and_an_update_before_is_not_heeded() -> None:
    columns = columns_of("LEFT")
    columns.push(("+I", 1, at(1), "a"), ("-U", 1, at(1), "a"), ("+U", 1, at(4), "b"), side=1)
    columns.push(("-D", 1, at(7), "b"), side=1)
    columns.push(*[("+I", 1, at(time), time) for time in (2, 5, 8)])
    columns.watermark(10)
    assert texts(columns) == [(2, "a"), (5, "b"), (8, None)]


def test_a_left_row_keeps_its_kind() -> None:
    columns = columns_of("INNER")
    columns.push(("+I", 1, at(1), "a"), side=1)
    columns.push(("+I", 1, at(2), 1), ("-U", 1, at(2), 1), ("+U", 1, at(3), 2))
    columns.watermark(10)
    assert [change[0] for change in columns.changes] == ["+I", "-U", "+U"]


def test_rows_without_key_or_time_have_no_version() -> None:
    for kind, expected in (("INNER", []), ("LEFT", [(1, None), (2, None)])):
        columns = columns_of(kind)
        columns.push(("+I", None, at(2), 1), ("+I", 1, None, 2))
        columns.watermark(10)
        assert sorted(texts(columns)) == expected


class LongText(Predicate):
    """Versions with more than a letter."""

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return (frame["f5"].str.len_chars() > 1).fill_null(False)


def test_a_version_that_fails_the_condition_is_none() -> None:
    columns = columns_of("LEFT", condition=LongText())
    columns.push(("+I", 1, at(1), "a"), ("+I", 2, at(1), "bb"), side=1)
    columns.push(("+I", 1, at(2), 1), ("+I", 2, at(2), 2))
    columns.watermark(2)
    assert texts(columns) == [(1, None), (2, "bb")]
    assert columns.changes[0][4:] == (None, None, None)


def test_versions_that_nobody_can_ask_for_are_let_go() -> None:
    columns = columns_of("INNER")
    columns.push(*[("+I", 1, at(time), "x") for time in range(20)], side=1)
    columns.watermark(10)
    assert len(columns.plain.operator._versions) == 10


EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 2), st.integers(0, 20)), min_size=1, max_size=25
)


@settings(max_examples=100)
@given(EVENTS, st.integers(0, 25), st.lists(st.integers(0, 20), max_size=3))
def test_it_agrees_with_a_loop_after_a_restore_and_any_watermarks(
    events: list[Any], cut: int, marks: list[int]
) -> None:
    # Every event comes before the watermark reaches it.
    events = sorted(events, key=lambda each: each[2] + each[2] * 7 % 3)
    columns = columns_of("LEFT")
    emitted: list[Any] = []
    for number, (side, key, time) in enumerate(events):
        if number == cut:
            emitted = texts(columns)
            columns = columns_of("LEFT", restore=[columns.snapshot(1)])
        row = ("+I", key, at(time), number if side == 0 else f"v{number}")
        columns.push(row, side=side)
        if time in marks:
            columns.watermark(time - 4)
    columns.end(2)
    versions = [(key, time, f"v{n}") for n, (side, key, time) in enumerate(events) if side == 1]
    expected = []
    for number, (side, key, time) in enumerate(events):
        if side == 1:
            continue
        known = [each for each in versions if each[0] == key and each[1] <= time]
        newest = max((each[1] for each in known), default=None)
        last = [each[2] for each in known if each[1] == newest]
        expected.append((number, last[-1] if last else None))
    assert sorted(emitted + texts(columns)) == expected


def test_in_processing_time_the_version_of_the_moment_counts() -> None:
    columns = columns_of("LEFT", is_event_time=False, left_time=None, right_time=None)
    columns.push(("+I", 1, at(0), 1))
    columns.push(("+I", 1, at(0), "a"), side=1)
    columns.push(("-U", 1, at(0), 1), ("+U", 1, at(0), 2), ("+I", None, at(0), 3))
    columns.push(("-U", 1, at(0), "a"), ("+U", 1, at(0), "b"), side=1)
    columns.push(("+I", 1, at(0), 4))
    columns.push(("-D", 1, at(0), "b"), side=1)
    columns.push(("+I", 1, at(0), 5))
    assert texts(columns) == [(1, None), (1, "a"), (2, "a"), (3, None), (4, "b"), (5, None)]
    assert [change[0] for change in columns.changes[1:3]] == ["-U", "+U"]
