"""Windows as values: bounds, order, equality, merging."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.constants import MAX_LONG_VALUE
from flott.operators.window import CountWindow, GlobalWindow, TimeWindow
from flott.operators.window.assigner import MergingWindowAssigner


class Groups(MergingWindowAssigner.MergeCallback[TimeWindow]):
    def __init__(self) -> None:
        self.found: list[tuple[set[TimeWindow], TimeWindow]] = []

    def merge(self, to_be_merged: Any, merge_result: TimeWindow) -> None:
        self.found.append((set(to_be_merged), merge_result))


def merged(*bounds: tuple[int, int]) -> list[tuple[set[TimeWindow], TimeWindow]]:
    groups = Groups()
    TimeWindow.merge_windows([TimeWindow(*b) for b in bounds], groups)
    return groups.found


def test_a_time_window_ends_one_millisecond_before_its_end() -> None:
    assert TimeWindow(0, 1000).max_timestamp() == 999


def test_a_window_beyond_the_end_of_time_ends_with_it() -> None:
    assert TimeWindow(MAX_LONG_VALUE - 5, MAX_LONG_VALUE + 100).max_timestamp() == MAX_LONG_VALUE


def test_windows_without_end_in_time_end_with_it() -> None:
    assert GlobalWindow.get().max_timestamp() == CountWindow(3).max_timestamp() == MAX_LONG_VALUE


@pytest.mark.parametrize(
    ("other", "expected"),
    [((5, 15), True), ((10, 20), True), ((-10, 0), True), ((11, 20), False), ((-10, -1), False)],
)
def test_windows_that_touch_intersect(other: tuple[int, int], expected: bool) -> None:
    assert TimeWindow(0, 10).intersects(TimeWindow(*other)) is expected
    assert TimeWindow(*other).intersects(TimeWindow(0, 10)) is expected


def test_cover_is_the_smallest_window_around_both() -> None:
    assert TimeWindow(0, 10).cover(TimeWindow(7, 9)) == TimeWindow(0, 10)
    assert TimeWindow(0, 10).cover(TimeWindow(20, 30)) == TimeWindow(0, 30)


def test_windows_are_ordered_by_start_and_then_by_end() -> None:
    windows = [TimeWindow(5, 9), TimeWindow(0, 20), TimeWindow(0, 10)]
    assert sorted(windows) == [TimeWindow(0, 10), TimeWindow(0, 20), TimeWindow(5, 9)]
    assert TimeWindow(0, 10) <= TimeWindow(0, 10)


@pytest.mark.parametrize("window", [TimeWindow(-5, 5), CountWindow(7), GlobalWindow.get()])
def test_windows_survive_pickling_equal_and_with_the_same_hash(window: Any) -> None:
    again = pickle.loads(pickle.dumps(window))
    assert again == window
    assert type(again) is type(window)
    assert hash(again) == hash(window)


def test_windows_of_different_kinds_are_different() -> None:
    assert CountWindow(0) != GlobalWindow.get()
    assert CountWindow(0) != CountWindow(1)
    assert TimeWindow(0, 1) != CountWindow(0)


def test_windows_print_what_they_are() -> None:
    assert repr(TimeWindow(0, 10)) == "TimeWindow(start=0, end=10)"
    assert repr(CountWindow(2)) == "CountWindow(id=2)"
    assert repr(GlobalWindow.get()) == "GlobalWindow"


def test_only_groups_of_several_windows_are_merged() -> None:
    assert merged((0, 10), (20, 30)) == []
    assert merged() == []
    assert merged((0, 10), (0, 10)) == []


def test_a_chain_of_windows_becomes_one() -> None:
    windows = {TimeWindow(0, 10), TimeWindow(10, 15), TimeWindow(14, 30)}
    assert merged((14, 30), (0, 10), (40, 50), (10, 15)) == [(windows, TimeWindow(0, 30))]


def test_each_group_is_merged_for_itself() -> None:
    assert [cover for _, cover in merged((0, 2), (9, 11), (1, 3), (10, 12))] == [
        TimeWindow(0, 3),
        TimeWindow(9, 12),
    ]


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9), st.integers(-(10**9), 10**9))
def test_a_timestamp_lies_in_the_window_found_for_it(time: int, size: int, offset: int) -> None:
    start = TimeWindow.get_window_start_with_offset(time, offset % size, size)
    assert start <= time < start + size
    assert (start - offset) % size == 0
