"""Count windows and global windows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.operators.window import (
    CountSlidingWindowAssigner,
    CountTumblingWindowAssigner,
    EndOfStreamTrigger,
    GlobalWindow,
    GlobalWindows,
    NeverTrigger,
    PurgingTrigger,
)
from tests.operators.window.test_time_assigners import AssignerContext


@given(st.integers(0, 200), st.integers(1, 20), st.integers(1, 20))
def test_a_record_is_in_every_window_that_counts_it(index: int, size: int, slide: int) -> None:
    found = list(CountSlidingWindowAssigner.of(size, slide).ids_of(index))
    assert found == [id for id in range(300, -1, -1) if id * slide <= index < id * slide + size]


def test_tumbling_count_windows_follow_one_another() -> None:
    assigner = CountTumblingWindowAssigner.of(3)
    assert [list(assigner.ids_of(index)) for index in range(7)] == [[0]] * 3 + [[1]] * 3 + [[2]]


@pytest.mark.parametrize("size", [0, -4])
def test_a_count_window_holds_at_least_one_record(size: int) -> None:
    with pytest.raises(ValueError, match=f"size of a count window .* at least 1, found {size}"):
        CountTumblingWindowAssigner.of(size)
    with pytest.raises(ValueError, match="slide of a count window"):
        CountSlidingWindowAssigner.of(4, size)


@pytest.mark.parametrize("size", [2.5, True, "3"])
def test_a_count_is_a_whole_number(size: Any) -> None:
    with pytest.raises(TypeError, match="whole number of records"):
        CountTumblingWindowAssigner.of(size)


def test_count_windows_purge_when_they_are_full() -> None:
    trigger = CountSlidingWindowAssigner.of(4, 2).get_default_trigger(None)
    assert type(trigger) is PurgingTrigger
    assert repr(trigger) == "PurgingTrigger(CountTrigger(4))"


def test_count_windows_compare_by_value() -> None:
    assert CountTumblingWindowAssigner.of(3) == CountTumblingWindowAssigner.of(3)
    assert CountTumblingWindowAssigner.of(3) != CountSlidingWindowAssigner.of(3, 3)
    assert repr(CountSlidingWindowAssigner.of(4, 2)) == "CountSlidingWindowAssigner(4, 2)"


def test_global_windows_hold_everything_and_never_fire_by_themselves() -> None:
    assigner = GlobalWindows.create()
    assert assigner.assign_windows("x", 5, AssignerContext(0)) == [GlobalWindow.get()]
    assert type(assigner.get_default_trigger(None)) is NeverTrigger
    assert not assigner.is_event_time()


def test_global_windows_may_fire_at_the_end_of_the_input() -> None:
    assigner = GlobalWindows.create_with_end_of_stream_trigger()
    assert type(assigner.get_default_trigger(None)) is EndOfStreamTrigger
