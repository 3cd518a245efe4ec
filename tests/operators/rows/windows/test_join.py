"""Joins of two streams by key and window."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.operators.rows.windows.aligned import EventTimeWindowOperator
from flott.operators.rows.windows.general import GeneralWindowOperator
from flott.operators.rows.windows.join import WindowJoinSpec
from flott.operators.window import (
    CountEvictor,
    CountTrigger,
    EventTimeSessionWindows,
    GlobalWindows,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import AskedEveryTime, key_of

TEN = TumblingEventTimeWindows.of(10)

both = pytest.mark.parametrize("trigger", [None, AskedEveryTime()], ids=["fast", "general"])


def pair(first: Any, second: Any) -> Any:
    return first[0], first[1], second[1]


def join(assigner: Any, function: Any = pair, **more: Any) -> WindowJoinSpec:
    return WindowJoinSpec(
        assigner=assigner,
        function=function,
        key_selector1=key_of,
        key_selector2=lambda row: row[0].lower(),
        **more,
    )


@both
def test_records_of_one_key_and_window_are_paired(trigger: Any) -> None:
    harness = Harness(join(TEN, trigger=trigger))
    harness.push(("a", 1), ("a", 2), ("b", 3), at=[1, 2, 3])
    harness.push(("A", 10), ("A", 20), ("A", 30), at=[5, 6, 15], side=1)
    harness.end(inputs=2)
    assert harness.records == [
        (("a", 1, 10), 9),
        (("a", 1, 20), 9),
        (("a", 2, 10), 9),
        (("a", 2, 20), 9),
    ]


@both
def test_sliding_windows_join_a_pair_in_each_window_they_share(trigger: Any) -> None:
    harness = Harness(join(SlidingEventTimeWindows.of(20, 10), trigger=trigger))
    harness.push(("a", 1), at=15)
    harness.push(("a", 2), at=18, side=1)
    harness.push(("a", 3), at=21, side=1)
    harness.end(inputs=2)
    assert harness.records == [(("a", 1, 2), 19), (("a", 1, 2), 29), (("a", 1, 3), 29)]


def test_a_session_spans_both_streams() -> None:
    harness = Harness(join(EventTimeSessionWindows.with_gap(5)))
    assert type(harness.operator) is GeneralWindowOperator
    harness.push(("a", 1), ("a", 2), at=[1, 9])
    harness.push(("a", 3), at=5, side=1)
    harness.end(inputs=2)
    assert harness.records == [(("a", 1, 3), 13), (("a", 2, 3), 13)]


def test_a_flat_join_gives_none_or_many_results() -> None:
    class Spread:
        def join(self, first: Any, second: Any) -> Any:
            if second[1]:
                return [first[1]] * second[1]
            return None

    harness = Harness(join(TEN, Spread(), is_flat=True))
    harness.push(("a", 7), at=1)
    harness.push(("a", 0), ("a", 3), at=1, side=1)
    harness.end(inputs=2)
    assert harness.values == [7, 7, 7]


def test_a_late_record_joins_again_what_is_kept() -> None:
    harness = Harness(join(TEN, allowed_lateness_ms=5, late_tag=OutputTag("late")))
    harness.push(("a", 1), at=1)
    harness.push(("a", 2), at=1, side=1)
    harness.watermark(9)
    harness.clear()
    harness.push(("a", 3), at=2, side=1)
    assert harness.values == [("a", 1, 2), ("a", 1, 3)]
    harness.watermark(14)
    harness.push(("a", 4), at=3)
    assert harness.side("late") == [("a", 4)]


def test_a_join_by_the_clock() -> None:
    harness = Harness(join(TumblingProcessingTimeWindows.of(10)))
    harness.push(("a", 1))
    harness.advance_to(5)
    harness.push(("a", 2), side=1)
    harness.advance_to(9)
    assert harness.records == [(("a", 1, 2), 9)]


def test_a_join_with_trigger_and_evictor() -> None:
    given = join(GlobalWindows.create(), trigger=CountTrigger.of(2), evictor=CountEvictor.of(2))
    harness = Harness(given)
    harness.push(("a", 1))
    harness.push(("a", 2), side=1)
    harness.push(("a", 3), ("a", 4))
    assert harness.values == [("a", 1, 2)]


@both
def test_both_sides_are_restored(trigger: Any) -> None:
    given = join(TEN, trigger=trigger)
    harness = Harness(given)
    harness.push(("a", 1), at=1)
    harness.push(("a", 2), at=1, side=1)
    harness = Harness(given, restore=[harness.snapshot(1)])
    harness.push(("a", 3), at=2)
    harness.end(inputs=2)
    assert harness.values == [("a", 1, 2), ("a", 3, 2)]
    assert harness.context.keyed_store.entry_count == 0


def test_a_failing_join_has_the_pair_in_a_frame_of_the_engine() -> None:
    harness = Harness(join(TEN, lambda a, b: a[1] / b[1]))
    harness.push(("a", 1), at=1)
    harness.push(("a", 0), at=1, side=1)
    with pytest.raises(ZeroDivisionError) as caught:
        harness.end(inputs=2)
    assert any(
        entry.frame.f_locals.get("value") == (("a", 1), ("a", 0)) for entry in caught.traceback
    )


def test_what_cannot_join_is_refused() -> None:
    with pytest.raises(ProgramError, match="join"):
        join(TEN, 5)


def test_a_join_names_itself() -> None:
    assert join(TEN).kind == "Join TumblingEventTimeWindows"
    assert type(join(TEN).build()) is EventTimeWindowOperator


rows = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 99), st.integers(0, 40)))


@both
@settings(max_examples=40, deadline=None)
@given(first=rows, second=rows)
def test_a_join_gives_what_nested_loops_give(trigger: Any, first: Any, second: Any) -> None:
    harness = Harness(join(TEN, trigger=trigger))
    for side, given_rows in enumerate((first, second)):
        if given_rows:
            harness.push(*given_rows, at=[row[2] for row in given_rows], side=side)
    harness.end(inputs=2)
    expected = [
        ((a[0], a[1], b[1]), a[2] // 10 * 10 + 9)
        for a in first
        for b in second
        if a[0] == b[0] and a[2] // 10 == b[2] // 10
    ]
    assert sorted(harness.records) == sorted(expected)
