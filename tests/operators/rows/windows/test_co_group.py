"""CoGroup of two streams by key and window."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.typeinfo import Types
from flott.operators.rows.windows.co_group import CoGroupSpec
from flott.operators.window import (
    EventTimeSessionWindows,
    GlobalWindows,
    TumblingEventTimeWindows,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import AskedEveryTime, key_of

TEN = TumblingEventTimeWindows.of(10)

both = pytest.mark.parametrize("trigger", [None, AskedEveryTime()], ids=["fast", "general"])


def values_of(first: list[Any], second: list[Any]) -> Any:
    yield [value for _, value in first], [value for _, value in second]


def co_group(assigner: Any, function: Any = values_of, **more: Any) -> Harness:
    spec = CoGroupSpec(
        assigner=assigner, function=function, key_selector1=key_of, key_selector2=key_of, **more
    )
    return Harness(spec)


@both
def test_a_key_of_one_side_only_is_given_with_an_empty_other_side(trigger: Any) -> None:
    harness = co_group(TEN, trigger=trigger)
    harness.push(("a", 1), ("b", 2), at=1)
    harness.push(("a", 3), ("c", 4), at=5, side=1)
    harness.end(inputs=2)
    assert sorted(harness.records) == [(([], [4]), 9), (([1], [3]), 9), (([2], []), 9)]


@both
def test_functions_are_objects_too(trigger: Any) -> None:
    class LeftOuter:
        def co_group(self, first: list[Any], second: list[Any]) -> Any:
            for _, left in first:
                for right in [value for _, value in second] or [None]:
                    yield left, right

    harness = co_group(TEN, LeftOuter(), trigger=trigger)
    harness.push(("a", 1), ("b", 2), at=1)
    harness.push(("a", 3), ("a", 4), at=5, side=1)
    harness.end(inputs=2)
    assert harness.values == [(1, 3), (1, 4), (2, None)]


def test_sessions_of_both_streams_merge() -> None:
    harness = co_group(EventTimeSessionWindows.with_gap(5))
    harness.push(("a", 1), ("a", 9), at=[1, 9])
    harness.push(("a", 2), ("a", 30), at=[5, 30], side=1)
    harness.end(inputs=2)
    assert harness.values == [([1, 9], [2]), ([], [30])]


def test_at_the_end_of_bounded_input_the_whole_streams_meet() -> None:
    harness = co_group(GlobalWindows.create_with_end_of_stream_trigger())
    harness.push(("a", 1), at=1)
    harness.push(("a", 2), at=10**9, side=1)
    harness.end(inputs=2)
    assert harness.values == [([1], [2])]


def test_results_are_converted_to_the_declared_type() -> None:
    def count(first: list[Any], second: list[Any]) -> Any:
        return [len(first) - len(second)]

    harness = co_group(TEN, count, output_type=Types.DOUBLE())
    harness.push(("a", 1), at=1)
    harness.end(inputs=2)
    assert harness.values == [1.0]
    assert type(harness.values[0]) is float


def test_nothing_is_a_result_too() -> None:
    harness = co_group(TEN, lambda first, second: None)
    harness.push(("a", 1), at=1)
    harness.end(inputs=2)
    assert harness.values == []


def test_what_cannot_co_group_is_refused() -> None:
    with pytest.raises(ProgramError, match="co_group"):
        co_group(TEN, "no function")
