"""Tests of flott.kernels.columns.window_tables."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.kernels.columns.group_table import DistinctSet, KernelAggregate
from flott.kernels.columns.partition import column_key_groups
from flott.kernels.columns.window_tables import SessionTable, SliceTable

#: slice or time, key, value
INPUT: dict[str, Any] = {"f0": pl.Int64(), "f1": pl.String(), "f2": pl.Int64()}
AGGREGATES = [
    KernelAggregate("COUNT"),
    KernelAggregate("SUM", 2),
    KernelAggregate("MAX", 2),
    KernelAggregate("COUNT", 2, -1, 0),
    KernelAggregate("SUM", 2, -1, 0),
]
SETS = [DistinctSet([2], [-1])]
RESULTS: dict[str, Any] = {f"f{1 + i}": pl.Int64() for i in range(5)}
KEYS = st.sampled_from(["a", "b", "a key that is longer than twelve", None])
Row = tuple[int, str | None, int]


def make_slices() -> SliceTable:
    return SliceTable(INPUT, [0, 1], RESULTS, AGGREGATES, SETS)


def make_sessions(gap_ms: int) -> SessionTable:
    return SessionTable(INPUT, [0, 1], RESULTS, AGGREGATES, gap_ms, SETS)


def frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=INPUT, orient="row")


def aggregates(values: list[int]) -> tuple[int, ...]:
    return len(values), sum(values), max(values), len(set(values)), sum(set(values))


def by_key(rows: list[Row]) -> set[tuple[Any, ...]]:
    groups: dict[str | None, list[int]] = defaultdict(list)
    for _, key, value in rows:
        groups[key].append(value)
    return {(key, *aggregates(values)) for key, values in groups.items()}


SLICE_ROWS = st.lists(st.tuples(st.integers(0, 4), KEYS, st.integers(0, 3)), max_size=15)


@settings(max_examples=60, deadline=None)
@given(st.lists(SLICE_ROWS, max_size=4), st.sets(st.integers(0, 4)), st.data())
def test_windows_are_the_union_of_their_slices(
    batches: list[list[Row]], window: set[int], data: Any
) -> None:
    table = make_slices()
    held: list[Row] = []
    for batch in batches:
        table.accumulate(frame(batch))
        held += batch
        match data.draw(st.sampled_from(["", "drop", "merge", "restore"])):
            case "drop":
                gone = data.draw(st.integers(0, 4))
                table.drop([gone])
                held = [row for row in held if row[0] != gone]
            case "merge":
                source, target = data.draw(st.permutations(range(5)))[:2]
                table.merge(target, [source])
                held = [(target if row[0] == source else row[0], *row[1:]) for row in held]
            case "restore":
                payload = table.snapshot(True, True) or b""
                table = make_slices()
                table.restore([payload], 0, 127)
    assert table.slices() == sorted({row[0] for row in held})
    expected = by_key([row for row in held if row[0] in window])
    assert set(table.results(sorted(window)).rows()) == expected


def test_key_groups_of_slices_are_those_of_the_keys_alone() -> None:
    rows = [(at, str(key), 1) for at in range(3) for key in range(50)]
    table = make_slices()
    table.accumulate(frame(rows))
    part = make_slices()
    part.restore([table.snapshot(True, False) or b""], 0, 63)
    keys = part.results([0, 1, 2]).select(pl.col("f0"))
    assert 0 < keys.height < 50
    assert column_key_groups(keys, [0], 128).max() <= 63  # type: ignore[operator]


class SessionModel:
    """Sessions in plain Python."""

    def __init__(self, gap_ms: int) -> None:
        self.gap_ms = gap_ms
        self.open: list[tuple[str | None, int, int, list[int]]] = []

    def add(self, row: Row, watermark_ms: int) -> bool:
        """Whether the row was in time."""
        time, key, value = row
        start, end, values = time, time + self.gap_ms, [value]
        touching = [
            each for each in self.open if each[0] == key and each[1] <= end and time <= each[2]
        ]
        if not touching and end - 1 <= watermark_ms:
            return False
        for each in touching:
            self.open.remove(each)
            start, end, values = min(start, each[1]), max(end, each[2]), each[3] + values
        self.open.append((key, start, end, values))
        return True

    def close(self, until_ms: int) -> set[tuple[Any, ...]]:
        closed = [each for each in self.open if each[2] <= until_ms]
        self.open = [each for each in self.open if each[2] > until_ms]
        return {(key, *aggregates(values), start, end) for key, start, end, values in closed}


SESSION_ROWS = st.lists(st.tuples(st.integers(0, 60), KEYS, st.integers(0, 3)), max_size=12)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 12), st.lists(SESSION_ROWS, max_size=5), st.data())
def test_sessions_are_those_of_the_model(gap_ms: int, batches: list[list[Row]], data: Any) -> None:
    table, model = make_sessions(gap_ms), SessionModel(gap_ms)
    payloads: list[bytes] = []
    watermark_ms = -1
    for batch in batches:
        late = table.accumulate(frame(batch), None, watermark_ms)
        assert late == sum(not model.add(row, watermark_ms) for row in batch)
        watermark_ms = max(watermark_ms, data.draw(st.integers(0, 70)))
        assert set(table.close(watermark_ms + 1).rows()) == model.close(watermark_ms + 1)
        assert table.next_end() == min((each[2] for each in model.open), default=None)
        if data.draw(st.booleans()):
            payload = table.snapshot(not payloads, False)
            payloads += [payload] if payload else []
            table = make_sessions(gap_ms)
            table.restore(payloads, 0, 127)
        assert len(table) == len(model.open)
    assert set(table.close(1000).rows()) == model.close(1000)
    assert len(table) == 0


def test_sessions_that_touch_are_one() -> None:
    table = make_sessions(10)
    table.accumulate(frame([(0, "a", 1), (20, "a", 2)]), None, -1)
    assert len(table) == 2
    table.accumulate(frame([(10, "a", 3)]), None, -1)
    assert table.close(30).rows() == [("a", 3, 6, 3, 3, 6, 0, 30)]


def test_sessions_close_in_order_of_their_ends() -> None:
    table = make_sessions(5)
    table.accumulate(frame([(30, "a", 1), (10, "b", 1), (20, "a", 1)]), None, -1)
    assert [row[-1] for row in table.close(100).rows()] == [15, 25, 35]
