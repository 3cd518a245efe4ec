"""Interval join against the definition."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, TypeMismatchError
from flott.common.output_tag import OutputTag
from flott.common.typeinfo import Types
from flott.core.element import MAX_WATERMARK
from flott.operators.rows import IntervalJoinSpec
from tests.operators.harness import Harness


class Pair:
    """Gives both records."""

    def process_element(self, left: Any, right: Any, ctx: Any) -> Any:
        yield left, right


def first(value: Any) -> Any:
    return value[0]


def spec(lower: int, upper: int, function: Any = None, **settings: Any) -> IntervalJoinSpec:
    return IntervalJoinSpec(function or Pair(), first, first, lower, upper, **settings)


STEPS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from("ab"), st.integers(0, 30)), max_size=30
)


@given(STEPS, st.integers(-5, 5), st.integers(0, 6), st.booleans(), st.booleans())
def test_it_gives_the_pairs_of_the_definition(
    steps: list[Any], lower: int, width: int, lower_in: bool, upper_in: bool
) -> None:
    upper = lower + width
    if width - (not lower_in) - (not upper_in) < 0:
        return
    harness = Harness(spec(lower, upper, lower_inclusive=lower_in, upper_inclusive=upper_in))
    records: list[list[Any]] = [[], []]
    for number, (side, key, time) in enumerate(steps):
        record = (key, number)
        records[side].append((record, time))
        harness.push(record, at=time, side=side)
    expected = []
    for left, left_ms in records[0]:
        for right, right_ms in records[1]:
            distance = right_ms - left_ms
            above = distance >= lower if lower_in else distance > lower
            below = distance <= upper if upper_in else distance < upper
            if left[0] == right[0] and above and below:
                expected.append(((left, right), max(left_ms, right_ms)))
    assert sorted(harness.records) == sorted(expected)


@given(STEPS, st.integers(-5, 5), st.integers(0, 6), st.data())
def test_cleaning_up_loses_no_pair_of_records_that_are_in_time(
    steps: list[Any], lower: int, width: int, data: Any
) -> None:
    cleaned, kept = Harness(spec(lower, lower + width)), Harness(spec(lower, lower + width))
    watermark = -1
    for number, (side, key, time) in enumerate(steps):
        if time >= watermark:
            for harness in (cleaned, kept):
                harness.push((key, number), at=time, side=side)
        advance = data.draw(st.integers(0, 3))
        if advance:
            watermark = max(watermark, time - advance)
            cleaned.watermark(watermark) if watermark >= 0 else None
    assert sorted(cleaned.records) == sorted(kept.records)


def test_the_buffers_are_empty_in_the_end() -> None:
    for lower, upper in ((-5, 5), (2, 5), (-5, -2), (0, 0)):
        harness = Harness(spec(lower, upper))
        harness.push(("a", 1), ("b", 1), at=[10, 20])
        harness.push(("a", 2), at=12, side=1)
        harness.watermark(MAX_WATERMARK)
        store = harness.context.keyed_store
        assert list(store.keys("left buffer")) == []
        assert list(store.keys("right buffer")) == []


def test_a_record_goes_when_nothing_can_pair_with_it_and_not_before() -> None:
    harness = Harness(spec(-2, 5))
    harness.push(("a", 1), at=10)
    store = harness.context.keyed_store
    harness.watermark(14)
    assert list(store.keys("left buffer")) == ["a"]
    harness.watermark(15)
    assert list(store.keys("left buffer")) == []


def test_late_records_go_to_their_side_outputs() -> None:
    tags = {"left_late_tag": OutputTag("left"), "right_late_tag": OutputTag("right")}
    harness = Harness(spec(-1, 1, **tags))
    harness.watermark(20)
    harness.push(("a", 1), ("a", 2), at=[19, 20])
    harness.push(("a", 3), at=5, side=1)
    assert harness.side_records("left") == [(("a", 1), 19)]
    assert harness.side_records("right") == [(("a", 3), 5)]


def test_late_records_without_a_tag_are_counted() -> None:
    harness = Harness(spec(-1, 1))
    harness.watermark(20)
    harness.push(("a", 1), at=19)
    harness.push(("a", 1), at=19, side=1)
    assert harness.values == []
    assert harness.context.metrics.snapshot()["numLateRecordsDropped"] == 2


def test_the_context_tells_all_times() -> None:
    class Times:
        def process_element(self, left: Any, right: Any, ctx: Any) -> Any:
            return [(ctx.get_left_timestamp(), ctx.get_right_timestamp(), ctx.timestamp())]

    harness = Harness(spec(-5, 5, Times()))
    harness.push(("a", 1), at=10)
    harness.push(("a", 2), at=7, side=1)
    assert harness.records == [((10, 7, 10), 10)]


def test_a_plain_function_gives_one_result_for_each_pair() -> None:
    harness = Harness(spec(-5, 5, lambda left, right: left[1] + right[1]))
    harness.push(("a", 1), ("a", 2), at=10)
    harness.push(("a", 10), at=10, side=1)
    assert harness.values == [11, 12]


def test_pairs_may_go_to_a_side_output() -> None:
    class Side:
        def process_element(self, left: Any, right: Any, ctx: Any) -> Any:
            yield OutputTag("side"), left[1]

    harness = Harness(spec(0, 0, Side()))
    harness.push(("a", 1), at=10)
    harness.push(("a", 2), at=10, side=1)
    assert harness.side_records("side") == [(1, 10)]


def test_buffers_survive_a_restore() -> None:
    before = Harness(spec(0, 5))
    before.push(("a", 1), at=10)
    after = Harness(spec(0, 5), restore=[before.snapshot(1)])
    after.push(("a", 2), at=15, side=1)
    assert after.values == [(("a", 1), ("a", 2))]


def test_records_without_timestamps_are_refused() -> None:
    with pytest.raises(ProgramError, match="right records without timestamps"):
        Harness(spec(0, 0)).push(("a", 1), side=1)


@pytest.mark.parametrize(
    ("lower", "upper", "settings"),
    [
        (1, 0, {}),
        (0, 0, {"lower_inclusive": False}),
        (0, 1, {"lower_inclusive": False, "upper_inclusive": False}),
    ],
)
def test_bounds_that_leave_nothing_are_refused(lower: int, upper: int, settings: Any) -> None:
    with pytest.raises(ProgramError, match="leave nothing between them"):
        spec(lower, upper, **settings)


def test_results_take_the_form_of_the_declared_type() -> None:
    harness = Harness(spec(0, 0, output_type=Types.INT()))
    harness.push(("a", 1), at=10)
    with pytest.raises(TypeMismatchError, match="declared as Integer"):
        harness.push(("a", 2), at=10, side=1)


def test_a_result_that_is_no_iterable_is_explained() -> None:
    class Wrong:
        def process_element(self, left: Any, right: Any, ctx: Any) -> Any:
            return 5

    harness = Harness(spec(0, 0, Wrong()))
    harness.push(("a", 1), at=10)
    with pytest.raises(ProgramError, match="gave 5"):
        harness.push(("a", 2), at=10, side=1)
