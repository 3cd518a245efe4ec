"""Window joins: rows of one window, when it closes."""

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import BigIntType, TimestampType
from flott.core.expression import Predicate
from flott.operators.columns.joins.window_join import WindowJoinSpec
from tests.operators.columns.harness import ColumnHarness

LONG, TIME = BigIntType(), TimestampType(3)
TYPES = (LONG, TIME, TIME, LONG)
NOTHING = (None,) * 4
KINDS = ("INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI")


def at(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(milliseconds=milliseconds)


def row(key: int | None, window: int, value: int) -> tuple[Any, ...]:
    return (key, at(window * 10), at(window * 10 + 10), value)


def columns_of(kind: str, **more: Any) -> ColumnHarness:
    settings = {name: more.pop(name) for name in ("now_ms", "restore") if name in more}
    arguments: dict[str, Any] = {"condition": None} | more
    spec = WindowJoinSpec(
        kind, (0,), (0,), (False,), (1, 2), (1, 2), left_types=TYPES, right_types=TYPES, **arguments
    )
    return ColumnHarness(spec, TYPES, TYPES, **settings)


def expected(kind: str, left: list[Any], right: list[Any]) -> list[Any]:
    def are_partners(a: Any, b: Any) -> bool:
        return a[0] is not None and a[:3] == b[:3]

    if kind in ("SEMI", "ANTI"):
        return [a for a in left if any(are_partners(a, b) for b in right) == (kind == "SEMI")]
    rows = [(*a, *b) for a in left for b in right if are_partners(a, b)]
    if kind in ("LEFT", "FULL"):
        rows += [(*a, *NOTHING) for a in left if not any(are_partners(a, b) for b in right)]
    if kind in ("RIGHT", "FULL"):
        rows += [(*NOTHING, *b) for b in right if not any(are_partners(a, b) for a in left)]
    return rows


EVENTS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(1, 2) | st.none(), st.integers(0, 3)), max_size=25
)


@settings(max_examples=100)
@given(EVENTS, st.sampled_from(KINDS), st.booleans(), st.integers(0, 25))
def test_it_agrees_with_loops(events: list[Any], kind: str, final_only: bool, cut: int) -> None:
    columns = columns_of(kind, final_only=final_only)
    emitted: list[Any] = []
    sides: tuple[list[Any], list[Any]] = ([], [])
    for number, (side, key, window) in enumerate(sorted(events, key=lambda each: each[2])):
        if number == cut:
            emitted = columns.changes
            parts = columns.snapshot(1)
            columns = columns_of(kind, final_only=final_only, restore=[parts])
        columns.watermark(window * 10 - 1)
        sides[side].append(row(key, window, number))
        columns.push(("+I", *sides[side][-1]), side=side)
    columns.end(2)
    found = [change[1:] for change in emitted + columns.changes]
    assert sorted(found, key=repr) == sorted(expected(kind, *sides), key=repr)


def test_a_window_is_joined_when_it_closes_and_not_before() -> None:
    columns = columns_of("INNER")
    columns.push(("+I", *row(1, 0, 1)))
    columns.push(("+I", *row(1, 0, 2)), side=1)
    columns.watermark(8)
    assert columns.changes == []
    columns.watermark(9)
    assert columns.changes == [("+I", *row(1, 0, 1), *row(1, 0, 2))]


def test_rows_of_a_closed_window_are_late_and_counted() -> None:
    columns = columns_of("LEFT")
    columns.watermark(9)
    columns.push(("+I", *row(1, 0, 1)), ("+I", *row(1, 1, 2)))
    columns.end(2)
    assert columns.changes == [("+I", *row(1, 1, 2), *NOTHING)]
    assert columns.plain.operator._late.get_count() == 1


class Ordered(Predicate):
    """Pairs whose left value is less."""

    def open(self, context: Any) -> None: ...

    def evaluate(self, frame: pl.DataFrame) -> pl.Series:
        return frame["f3"] < frame["f7"]


@pytest.mark.parametrize(("kind", "values"), [("SEMI", [1]), ("ANTI", [9])])
def test_only_pairs_that_fulfil_the_condition_count(kind: str, values: list[int]) -> None:
    columns = columns_of(kind, condition=Ordered())
    columns.push(("+I", *row(1, 0, 1)), ("+I", *row(1, 0, 9)))
    columns.push(("+I", *row(1, 0, 5)), side=1)
    columns.end(2)
    assert [change[4] for change in columns.changes] == values


def test_in_processing_time_the_clock_closes_windows() -> None:
    columns = columns_of("INNER", is_event_time=False, now_ms=5)
    columns.push(("+I", *row(1, 0, 1)))
    columns.push(("+I", *row(1, 0, 2)), side=1)
    columns.plain.advance_to(8)
    assert columns.changes == []
    columns.plain.advance_to(10)
    assert len(columns.changes) == 1


def test_a_window_given_in_local_time_closes_at_its_instant() -> None:
    columns = columns_of("LEFT", zone="Etc/GMT-1")  # an hour ahead of UTC
    columns.push(("+I", *row(1, 360_000, 1)))
    columns.watermark(8)
    assert columns.changes == []
    columns.watermark(9)
    assert len(columns.changes) == 1
