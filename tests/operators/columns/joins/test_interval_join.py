"""Interval joins against two loops over everything."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import BigIntType, TimestampType
from flott.core.expression import Predicate
from flott.operators.columns.joins.interval import IntervalJoinSpec
from tests.operators.columns.harness import ColumnHarness

LONG, TIME = BigIntType(), TimestampType(3)
TYPES = (LONG, TIME, LONG)
KINDS = st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL"])


def at(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


def join(kind: str, lower: int, upper: int, **more: Any) -> IntervalJoinSpec:
    arguments: dict[str, Any] = {"condition": None} | more
    return IntervalJoinSpec(
        kind, (0,), (0,), (False,), 1, 1, lower, upper,
        left_types=TYPES, right_types=TYPES, **arguments,
    )  # fmt: skip


def expected(kind: str, lower: int, upper: int, left: list[Any], right: list[Any]) -> list[Any]:
    pairs = [
        (a, b)
        for a in left
        for b in right
        if None not in (a[0], a[1], b[1]) and a[0] == b[0] and lower <= b[1] - a[1] <= upper
    ]
    rows = [(*a, *b) for a, b in pairs]
    nothing = (None, None, None)
    if kind in ("LEFT", "FULL"):
        rows += [(*a, *nothing) for a in left if a not in [pair[0] for pair in pairs]]
    if kind in ("RIGHT", "FULL"):
        rows += [(*nothing, *b) for b in right if b not in [pair[1] for pair in pairs]]
    return sorted(
        [(row[0], at(row[1]), row[2], row[3], at(row[4]), row[5]) for row in rows], key=repr
    )


EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 2) | st.none(), st.integers(0, 40) | st.none()),
    max_size=25,
)


@settings(max_examples=150)
@given(EVENTS, KINDS, st.integers(-15, 15), st.integers(-15, 15), st.integers(1, 4))
def test_it_agrees_with_loops_whatever_the_watermark_does(
    events: list[Any], kind: str, lower: int, upper: int, step: int
) -> None:
    columns = ColumnHarness(join(kind, lower, upper), TYPES, TYPES)
    sides: tuple[list[Any], list[Any]] = ([], [])
    watermark = -1
    # In order of time, but for a disorder of five milliseconds, which the watermark leaves.
    events = sorted(events, key=lambda each: 0 if each[2] is None else each[2] + each[2] * 7 % 5)
    for number, (side, key, time) in enumerate(events):
        columns.push(("+I", key, at(time), number), side=side)
        sides[side].append((key, time, number))
        if time is not None and number % step == 0 and time - 6 > watermark:
            watermark = time - 6
            columns.watermark(watermark)
    columns.end(2)
    assert {change[0] for change in columns.changes} <= {"+I"}
    found = sorted((change[1:] for change in columns.changes), key=repr)
    assert found == expected(kind, lower, upper, *sides)
    assert [len(rows) for rows in columns.plain.operator._sides.rows] == [0, 0]


@given(EVENTS, KINDS)
def test_batches_and_a_restore_change_nothing(events: list[Any], kind: str) -> None:
    columns = ColumnHarness(join(kind, -5, 10), TYPES, TYPES)
    sides: tuple[list[Any], list[Any]] = ([], [])
    for number, (side, key, time) in enumerate(events):
        sides[side].append((key, time, number))
    half = [rows[: len(rows) // 2] for rows in sides]
    for side, rows in enumerate(half):
        columns.push(*[("+I", key, at(time), number) for key, time, number in rows], side=side)
    restored = ColumnHarness(join(kind, -5, 10), TYPES, TYPES, restore=[columns.snapshot(1)])
    for side, rows in enumerate(sides):
        rest = rows[len(half[side]) :]
        restored.push(*[("+I", key, at(time), number) for key, time, number in rest], side=side)
    restored.end(2)
    found = [change[1:] for change in columns.changes + restored.changes]
    assert sorted(found, key=repr) == expected(kind, -5, 10, *sides)


def test_nulls_are_added_once_the_window_has_passed_and_not_before() -> None:
    columns = ColumnHarness(join("LEFT", 0, 10), TYPES, TYPES)
    columns.push(("+I", 1, at(100), 1))
    columns.watermark(109)
    assert columns.changes == []
    columns.watermark(110)
    assert columns.changes == [("+I", 1, at(100), 1, None, None, None)]


def test_the_watermark_lags_behind_by_the_window() -> None:
    columns = ColumnHarness(join("LEFT", -30, 10), TYPES, TYPES)
    columns.watermark(100)
    columns.end(2)
    assert columns.plain.watermarks == [70, 2**63 - 1]


class Even(Predicate):
    """Pairs with an even sum."""

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        assert frame.width == 6
        return (frame["f2"] + frame["f5"]) % 2 == 0


def test_only_pairs_that_fulfil_the_condition_count() -> None:
    columns = ColumnHarness(join("LEFT", 0, 10, condition=Even()), TYPES, TYPES)
    columns.push(("+I", 1, at(1), 1), ("+I", 1, at(2), 2))
    columns.push(("+I", 1, at(5), 4), side=1)
    columns.end(2)
    assert columns.changes == [
        ("+I", 1, at(2), 2, 1, at(5), 4),
        ("+I", 1, at(1), 1, None, None, None),
    ]


def test_in_processing_time_the_clock_is_the_time() -> None:
    spec = join("FULL", -5, 10, is_event_time=False, condition=Even())
    columns = ColumnHarness(spec, TYPES, TYPES, now_ms=1_000)
    columns.push(("+I", 1, None, 1))
    columns.plain.advance_to(1_010)
    columns.push(("+I", 1, None, 3), side=1)
    columns.plain.advance_to(1_011)
    columns.push(("+I", 1, None, 5), side=1)
    columns.plain.advance_to(1_030)
    assert columns.changes == [
        ("+I", 1, None, 1, 1, None, 3),
        ("+I", None, None, None, 1, None, 5),
    ]
    assert columns.plain.operator.pending_output() is None
