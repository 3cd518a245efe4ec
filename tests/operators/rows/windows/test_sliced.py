"""Sliding windows that share their slices, and the merging of slices."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.output_tag import OutputTag
from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.operators.rows.windows.aligned import EventTimeWindowOperator
from flott.operators.rows.windows.fold import AggregateFold
from flott.operators.rows.windows.functions import can_merge
from flott.operators.rows.windows.sliced import SlicedWindowOperator
from flott.operators.rows.windows.slices import SliceMerger, detached
from flott.operators.window import SlidingEventTimeWindows
from flott.state.memory_table import MemoryTable
from flott.state.table_kind import TableKind, TableSpec
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import Show, Sum, push, shown, spec, windowed

SLIDING = SlidingEventTimeWindows.of(16, 2)


class NoMerge(Sum):
    def merge(self, a: int, b: int) -> int:
        raise NotImplementedError("not needed")


class EmptyMerge(Sum):
    def merge(self, a: int, b: int) -> int:  # type: ignore[empty-body]
        """Not needed."""


class StaticMerge(Sum):
    @staticmethod
    def merge(a: int, b: int) -> int:  # type: ignore[override]
        return a + b


class BuiltinMerge(Sum):
    merge = max  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Sum(), True),
        (StaticMerge(), True),
        (BuiltinMerge(), True),
        (NoMerge(), False),
        (EmptyMerge(), False),
    ],
)
def test_an_empty_merge_is_seen(function: Any, expected: bool) -> None:
    assert can_merge(function) is expected


def test_slices_are_shared_where_windows_overlap_often_and_can_be_merged() -> None:
    def chosen(assigner: Any, function: Any = None, kind: str = "aggregate", **more: Any) -> type:
        return type(spec(assigner, function or Sum(), kind, **more).build())

    assert chosen(SLIDING) is SlicedWindowOperator
    assert chosen(SLIDING, max, "reduce") is SlicedWindowOperator
    assert chosen(SLIDING, max, "reduce", share_slices=False) is EventTimeWindowOperator
    assert chosen(SLIDING, NoMerge()) is EventTimeWindowOperator
    assert chosen(SLIDING, Show(), "process") is EventTimeWindowOperator
    assert chosen(SlidingEventTimeWindows.of(16, 4)) is EventTimeWindowOperator
    assert chosen(SlidingEventTimeWindows.of(25, 2)) is EventTimeWindowOperator


def test_each_window_has_its_records() -> None:
    harness = windowed(SLIDING, Sum(), "aggregate")
    push(harness, "a", 1, 9)
    harness.end()
    sums = [(value, time) for value, time in harness.records]
    assert sums == [(1, t) for t in (1, 3, 5, 7)] + [(10, t) for t in (9, 11, 13, 15)] + [
        (9, t) for t in (17, 19, 21, 23)
    ]


def test_results_are_converted_to_the_declared_type() -> None:
    harness = windowed(SLIDING, Sum(), "aggregate", output_type=Types.DOUBLE())
    push(harness, "a", 1)
    harness.end()
    assert {type(value) for value in harness.values} == {float}


def test_a_late_record_fires_again_the_windows_that_are_kept() -> None:
    harness = windowed(
        SLIDING, Sum(), "aggregate", allowed_lateness_ms=4, late_tag=OutputTag("late")
    )
    push(harness, "a", 1)
    harness.watermark(9)
    harness.clear()
    push(harness, "a", 3)
    assert harness.records == [(4, 9), (4, 7)], "of windows that end at 10 and 8; 6 is gone"
    push(harness, "a", -11)
    assert harness.side("late") == [("a", -11)]


def test_a_record_of_an_old_slice_counts_in_the_windows_still_open() -> None:
    harness = windowed(SLIDING, Sum(), "aggregate")
    push(harness, "a", 1)
    harness.watermark(9)
    push(harness, "a", 3)
    harness.clear()
    harness.watermark(100)
    assert harness.records == [(4, 11), (4, 13), (4, 15), (3, 17)]


def test_windows_do_not_fire_twice_after_a_restore() -> None:
    given_spec = spec(SLIDING, Sum(), "aggregate")
    harness = Harness(given_spec)
    push(harness, "a", 1)
    harness.watermark(9)
    harness = Harness(given_spec, restore=[harness.snapshot(1)])
    harness.watermark(13)
    assert harness.records == [(1, 11), (1, 13)]


def test_a_record_before_the_first_watermark_renews_windows_for_its_key_only() -> None:
    given_spec = spec(SLIDING, Sum(), "aggregate")
    harness = Harness(given_spec)
    push(harness, "a", 1)
    push(harness, "b", 1)
    harness.watermark(9)
    harness = Harness(given_spec, restore=[harness.snapshot(1)])
    push(harness, "a", 3)
    harness.watermark(9)
    assert harness.records == [(4, time) for time in (3, 5, 7, 9)]


def test_progress_of_each_subtask_holds_for_its_keys_after_rescaling() -> None:
    given_spec = spec(SLIDING, Sum(), "aggregate")
    halves = [Harness(given_spec, parallelism=2, subtask=n) for n in range(2)]
    for half, watermark in zip(halves, (3, 9)):
        groups = half.context.key_groups
        for key in [k for k in range(20) if group_of(k) in groups]:
            push(half, key, 1)
        half.watermark(watermark)
    whole = Harness(given_spec, restore=[half.snapshot(1) for half in halves])
    again = Harness(given_spec, restore=[whole.snapshot(2)])
    for harness in (whole, again):
        harness.watermark(9)
        harness.end()
    counts = [len(half.records) for half in halves]
    assert sum(counts) + len(whole.records) == 20 * 8
    assert whole.records == again.records


def group_of(key: Any) -> int:
    from flott.kernels.partition import key_groups

    return key_groups([key], 128)[0]


class Windows:
    """Keeps state of each window, and clears it."""

    def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
        context.window_state().get_state(ValueStateDescriptor("seen")).update(True)
        yield key, context.window().start, elements[0]

    def clear(self, context: Any) -> None:
        context.window_state().get_state(ValueStateDescriptor("seen")).clear()


@pytest.mark.parametrize("lateness", [0, 5])
def test_a_window_function_has_state_that_is_cleared(lateness: int) -> None:
    harness = windowed(
        SLIDING, Sum(), "aggregate", window_function=Windows(), allowed_lateness_ms=lateness
    )
    push(harness, "a", 1, 2)
    harness.watermark(1)
    assert shown(harness) == [("a", -14, 1)]
    harness.watermark(1000)
    assert harness.context.keyed_store.entry_count == 0
    assert len(harness.values) == 8


class Collect:
    """Appends in place, and merges by changing whatever it likes."""

    def create_accumulator(self) -> list[int]:
        return []

    def add(self, value: Any, accumulator: list[int]) -> list[int]:
        accumulator.append(value)
        return accumulator

    def get_result(self, accumulator: list[int]) -> list[int]:
        return accumulator

    def merge(self, a: list[int], b: list[int]) -> list[int]:
        if not a:
            return b
        a.extend(b)
        b.clear()
        return a


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc"))),
    late=st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc"), st.integers(0, 40))),
    length=st.integers(2, 9),
)
def test_merged_slices_are_what_their_records_are(rows: Any, late: Any, length: int) -> None:
    table = MemoryTable(TableSpec("slices", TableKind.TABLE))
    fold = AggregateFold(Collect())
    merger = SliceMerger(table, fold)
    there: list[tuple[int, str]] = []

    def add(piece: int, key: str) -> None:
        there.append((piece, key))
        kept = table.get(piece, key, None)
        table.put(piece, key, [*(kept or []), piece])

    for piece, key in rows:
        add(piece, key)
    for start in range(-length, 41):
        end = start + length
        pieces = sorted({piece for piece, _ in there if start <= piece < end})
        found = {key: sorted(kept) for key, kept in merger.windows_of(pieces, start, end)}
        expected: dict[str, list[int]] = {}
        for piece, key in sorted(there):
            if start <= piece < end:
                expected.setdefault(key, []).append(piece)
        assert found == expected
        for key, numbers in expected.items():
            assert sorted(merger.value_of(key, pieces)) == numbers
        for piece, key, when in late:
            if when == start and piece < end:
                add(piece, key)
                merger.forget(piece, key)


def test_only_what_could_be_changed_is_copied() -> None:
    plain: Any
    for plain in (1, 2.5, "x", None, (1, "x")):
        assert detached(plain) is plain
    for mutable in ([1], {"a": 1}, ([1],)):
        assert detached(mutable) == mutable
        assert detached(mutable) is not mutable
