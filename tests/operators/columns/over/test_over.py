"""OVER windows against looking at every frame of every row."""

import datetime
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, BigIntType, DataType, IntType, TimestampType
from flott.operators.columns.description import ColumnOrder
from flott.operators.columns.over.over import OverColumn, OverSpec
from tests.operators.columns.harness import Change, ColumnHarness, applied

TYPES: tuple[DataType, ...] = (STRING, TimestampType(3), IntType())
START = datetime.datetime(1970, 1, 1)


def at(second: int) -> datetime.datetime:
    return START + datetime.timedelta(seconds=second)


timed_rows = st.lists(
    st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 9), st.none() | st.integers(0, 5)),
    max_size=14,
)


def call(function: str, **settings: Any) -> OverColumn:
    result = (
        BigIntType() if function in ("COUNT", "ROW_NUMBER", "RANK", "DENSE_RANK") else IntType()
    )
    args = () if function in ("ROW_NUMBER", "RANK", "DENSE_RANK") else (2,)
    types = tuple(TYPES[i] for i in args)
    return OverColumn(function, args, types, result, **settings)


def spec(*calls: OverColumn, **settings: Any) -> OverSpec:
    fixed: dict[str, Any] = {
        "partition": (0,),
        "order": (ColumnOrder(1),),
        "time_column": 1,
        "is_event_time": True,
        "calls": calls,
        "input_types": TYPES,
    }
    return OverSpec(**{**fixed, **settings})


AGGREGATES: dict[str, Any] = {
    "SUM": lambda values: sum(values) if values else None,
    "COUNT": len,
    "MIN": lambda values: min(values, default=None),
    "MAX": lambda values: max(values, default=None),
}


def frame_of(
    mine: list[Any], position: int, is_rows: bool, lower: int | None, unit: int = 1
) -> list[Any]:
    if is_rows:
        first = 0 if lower is None else max(0, position - lower)
        return mine[first : position + 1]
    time = mine[position][1]
    return [
        row for row in mine if row[1] <= time and (lower is None or row[1] >= time - lower // unit)
    ]


def expected(
    rows: list[Any], functions: list[str], is_rows: bool, lower: int | None
) -> Counter[tuple[Any, ...]]:
    found: Counter[tuple[Any, ...]] = Counter()
    for key in {row[0] for row in rows}:
        mine = sorted((row for row in rows if row[0] == key), key=lambda row: row[1])
        for position, row in enumerate(mine):
            frame = frame_of(mine, position, is_rows, lower, 1000)
            values = [other[2] for other in frame if other[2] is not None]
            results = [AGGREGATES[function](values) for function in functions]
            found[(row[0], at(row[1]), row[2], *results)] += 1
    return found


FUNCTIONS = ["SUM", "COUNT", "MIN", "MAX"]


@settings(deadline=None)
@given(timed_rows, st.booleans(), st.none() | st.integers(0, 3), st.sampled_from([1, 4, 50]))
def test_running_aggregates_by_event_time(
    rows: list[Any], is_rows: bool, lower: int | None, size: int
) -> None:
    bound = lower if is_rows or lower is None else lower * 1000
    calls = [call(each, is_rows=is_rows, lower=bound, upper=0) for each in FUNCTIONS]
    harness = ColumnHarness(spec(*calls), TYPES)
    harness.push_each([("+I", key, at(second), value) for key, second, value in rows], size)
    for second in range(0, 10, 3):
        harness.watermark(second * 1000)
    harness.end()
    assert harness.table == expected(rows, FUNCTIONS, is_rows, bound)


@settings(deadline=None)
@given(timed_rows, st.integers(0, 9), st.none() | st.integers(0, 2))
def test_a_restore_in_the_middle_changes_nothing(
    rows: list[Any], cut: int, lower: int | None
) -> None:
    one = spec(*(call(each, lower=lower) for each in FUNCTIONS))
    harness = ColumnHarness(one, TYPES)
    harness.push(*(("+I", key, at(second), value) for key, second, value in rows))
    harness.watermark(cut * 1000)
    before = harness.changes
    again = ColumnHarness(one, TYPES, restore=[harness.snapshot(1)])
    again.end()
    assert applied([*before, *again.changes]) == expected(rows, FUNCTIONS, True, lower)


@settings(deadline=None)
@given(timed_rows, st.sampled_from([1, 4, 50]))
def test_by_processing_time_rows_go_out_as_they_come(rows: list[Any], size: int) -> None:
    one = spec(call("COUNT"), call("SUM"), is_event_time=False)
    harness = ColumnHarness(one, TYPES)
    harness.push_each([("+I", key, at(second), value) for key, second, value in rows], size)
    found = [(change[1], change[3], change[4], change[5]) for change in harness.changes]
    seen: dict[str, list[int]] = {"a": [], "b": []}
    for (key, _, value), result in zip(rows, found, strict=True):
        if value is not None:
            seen[key].append(value)
        assert result == (key, value, len(seen[key]), sum(seen[key]) if seen[key] else None)


@settings(deadline=None)
@given(timed_rows, st.booleans())
def test_ranks_by_time_go_on(rows: list[Any], is_final: bool) -> None:
    one = spec(call("ROW_NUMBER"), call("RANK"), call("DENSE_RANK"), final_only=is_final)
    harness = ColumnHarness(one, TYPES)
    harness.push(*(("+I", key, at(second), value) for key, second, value in rows))
    harness.watermark(4000)
    harness.end()
    for key in "ab":
        mine = [change for change in harness.changes if change[1] == key]
        times = sorted(second for other, second, _ in rows if other == key)
        assert sorted(change[4] for change in mine) == list(range(1, len(times) + 1))
        for change in mine:
            second = (change[2] - START).seconds
            assert change[5] == times.index(second) + 1
            assert change[6] == sorted(set(times)).index(second) + 1


def changes_of(draw: Any) -> list[Change]:
    changes: list[Change] = []
    present: list[Any] = []
    for key, second, value, removes in draw(
        st.lists(
            st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.integers(0, 3), st.booleans()),
            max_size=14,
        )
    ):
        row = (key, at(second), value)
        if removes and present:
            changes.append(("-D", *present.pop(0)))
        else:
            changes.append(("+I", *row))
            present.append(row)
    return changes


@settings(deadline=None)
@given(st.data(), st.sampled_from([1, 4, 50]), st.none() | st.integers(0, 2))
def test_by_any_other_order_results_are_updated(
    data: st.DataObject, size: int, lower: int | None
) -> None:
    changes = changes_of(data.draw)
    one = spec(
        call("SUM", lower=lower),
        time_column=None,
        is_event_time=False,
        order=(ColumnOrder(2), ColumnOrder(1)),
    )
    harness = ColumnHarness(one, TYPES)
    harness.push_each(changes, size)
    left = list(applied(changes).elements())
    found: Counter[Any] = Counter()
    for key in "ab":
        mine = sorted((row for row in left if row[0] == key), key=lambda row: (row[2], row[1]))
        for position, row in enumerate(mine):
            first = 0 if lower is None else max(0, position - lower)
            found[(*row, sum(other[2] for other in mine[first : position + 1]))] += 1
    assert harness.table == found


@pytest.mark.parametrize("is_final", [True, False])
def test_lag_looks_back_across_watermarks(is_final: bool) -> None:
    types = (*TYPES, IntType(), IntType())
    lag = OverColumn("LAG", (2, 3, 4), (IntType(),) * 3, IntType(), lower=None)
    one = spec(lag, input_types=types, final_only=is_final)
    harness = ColumnHarness(one, types)
    for second in range(5):
        harness.push(("+I", "a", at(second), second, 2, -1))
        harness.watermark(second * 1000)
    harness.end()
    assert [change[-1] for change in harness.changes] == [-1, -1, 0, 1, 2]


def test_a_range_reaches_both_ways_in_a_bounded_input() -> None:
    one = spec(
        call("SUM", is_rows=False, lower=1, upper=-1),
        time_column=None,
        order=(ColumnOrder(2),),
        final_only=True,
    )
    harness = ColumnHarness(one, TYPES)
    harness.push(*(("+I", "a", at(0), value) for value in [1, 2, 4, None, 5]))
    harness.end()
    assert harness.table == Counter(
        {
            ("a", at(0), 1, 3): 1,
            ("a", at(0), 2, 3): 1,
            ("a", at(0), 4, 9): 1,
            ("a", at(0), 5, 9): 1,
            ("a", at(0), None, None): 1,
        }
    )


@pytest.mark.parametrize("lower", [None, 1])
def test_a_partition_starts_anew_after_its_time_to_live(lower: int | None) -> None:
    """Every row keeps its partition; one that comes too late finds nothing to add to."""
    calls = call("SUM", is_rows=True, lower=lower)
    harness = ColumnHarness(spec(calls, ttl_ms=10_000), TYPES)
    for second, clock_ms in enumerate([0, 6_000, 12_000, 22_000]):
        harness.plain.clock.set(clock_ms)
        harness.push(("+I", "a", at(second), 1))
        harness.watermark(second * 1000)
    sums = [row[-1] for row in harness.changes]
    assert sums == ([1, 2, 3, 1] if lower is None else [1, 2, 2, 1])


def test_ranks_start_anew_after_their_time_to_live() -> None:
    harness = ColumnHarness(spec(call("ROW_NUMBER"), ttl_ms=10_000), TYPES)
    for second, clock_ms in enumerate([0, 9_000, 20_000]):
        harness.plain.clock.set(clock_ms)
        harness.push(("+I", "a", at(second), 1))
        harness.watermark(second * 1000)
    assert [row[-1] for row in harness.changes] == [1, 2, 1]
