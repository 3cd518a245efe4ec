"""Tumbling and sliding windows: which windows hold a time, and what sizes are refused."""

from __future__ import annotations

import datetime
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.common.time import Duration, Time
from flott.operators.window import (
    EventTimeTrigger,
    ProcessingTimeTrigger,
    SlidingEventTimeWindows,
    SlidingProcessingTimeWindows,
    TimeWindow,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
    WindowAssigner,
    WindowStagger,
)

TUMBLING = [TumblingEventTimeWindows, TumblingProcessingTimeWindows]
SLIDING = [SlidingEventTimeWindows, SlidingProcessingTimeWindows]
HOUR = 3_600_000


class AssignerContext(WindowAssigner.WindowAssignerContext):
    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms

    def get_current_processing_time(self) -> int:
        return self.now_ms

    def get_runtime_context(self) -> Any:
        raise AssertionError("not needed")


def bounds(windows: Any) -> list[tuple[int, int]]:
    return [(window.start, window.end) for window in windows]


@pytest.mark.parametrize(
    ("time", "start"), [(0, 0), (999, 0), (1000, 1000), (-1, -1000), (-1000, -1000)]
)
def test_tumbling_windows_align_to_the_epoch(time: int, start: int) -> None:
    assert TumblingEventTimeWindows.of(1000).windows_of(time) == [TimeWindow(start, start + 1000)]


@pytest.mark.parametrize("time", [-3600001, -1, 0, 899999, 900000])
def test_an_offset_shifts_windows_before_1970_too(time: int) -> None:
    (window,) = TumblingEventTimeWindows.of(Time.hours(1), Time.minutes(15)).windows_of(time)
    assert window.start <= time < window.end
    assert (window.start - 900_000) % HOUR == 0


def test_sliding_windows_come_the_latest_first() -> None:
    windows = SlidingEventTimeWindows.of(Time.hours(2), Time.hours(1), Time.minutes(-30))
    assert bounds(windows.windows_of(0)) == [
        (-HOUR // 2, 3 * HOUR // 2),
        (-3 * HOUR // 2, HOUR // 2),
    ]


def test_a_slide_longer_than_the_size_leaves_gaps() -> None:
    windows = SlidingEventTimeWindows.of(4, 10)
    assert bounds(windows.windows_of(13)) == [(10, 14)]
    assert windows.windows_of(14) == []


@given(st.integers(-500, 500), st.integers(1, 60), st.integers(1, 60), st.data())
def test_a_time_is_in_exactly_the_windows_that_hold_it(
    time: int, size: int, slide: int, data: Any
) -> None:
    offset = data.draw(st.integers(1 - slide, slide - 1))
    found = bounds(SlidingEventTimeWindows.of(size, slide, offset).windows_of(time))
    starts = range(-600 * slide + offset, 600 * slide, slide)
    assert found == [(s, s + size) for s in reversed(starts) if s <= time < s + size]


def test_event_time_windows_go_by_the_timestamp() -> None:
    assigner = TumblingEventTimeWindows.of(10)
    assert bounds(assigner.assign_windows("x", 25, AssignerContext(99))) == [(20, 30)]


def test_processing_time_windows_go_by_the_clock() -> None:
    assigner = SlidingProcessingTimeWindows.of(10, 5)
    assert bounds(assigner.assign_windows("x", 25, AssignerContext(99))) == [(95, 105), (90, 100)]


def test_a_record_without_timestamp_is_refused_with_advice() -> None:
    with pytest.raises(ProgramError, match="assign_timestamps_and_watermarks"):
        TumblingEventTimeWindows.of(10).assign_windows("x", -(2**63), AssignerContext(0))


@pytest.mark.parametrize("cls", TUMBLING)
@pytest.mark.parametrize("size", [0, -5, Time.seconds(0), Duration.of_nanos(10)])
def test_tumbling_windows_need_a_positive_size(cls: Any, size: Any) -> None:
    with pytest.raises(ValueError, match=f"size of {cls.__name__} must be at least 1 ms"):
        cls.of(size)


@pytest.mark.parametrize("cls", SLIDING)
def test_sliding_windows_need_a_positive_size_and_slide(cls: Any) -> None:
    with pytest.raises(ValueError, match="size"):
        cls.of(-1, 5)
    with pytest.raises(ValueError, match="slide"):
        cls.of(5, 0)


@pytest.mark.parametrize("offset", [10, -10, 25])
def test_an_offset_is_shorter_than_the_period(offset: int) -> None:
    for cls in TUMBLING:
        with pytest.raises(ValueError, match="offset"):
            cls.of(10, offset)
    with pytest.raises(ValueError, match=f"period of 10 ms, found {offset}"):
        SlidingEventTimeWindows.of(100, 10, offset)


def test_a_size_that_is_no_time_is_refused() -> None:
    with pytest.raises(TypeError, match="'5 s'"):
        TumblingEventTimeWindows.of("5 s")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "second", [Time.seconds(1), Duration.of_seconds(1), datetime.timedelta(seconds=1), 1000]
)
def test_sizes_may_be_given_in_any_type_of_time(second: Any) -> None:
    assert TumblingEventTimeWindows.of(second) == TumblingEventTimeWindows.of(Time.seconds(1))


def test_default_triggers_follow_the_clock_of_the_windows() -> None:
    assert type(TumblingEventTimeWindows.of(1).get_default_trigger(None)) is EventTimeTrigger
    assert type(SlidingProcessingTimeWindows.of(1, 1).get_default_trigger(None)) is (
        ProcessingTimeTrigger
    )
    assert TumblingEventTimeWindows.of(1).is_event_time()
    assert not TumblingProcessingTimeWindows.of(1).is_event_time()


def test_assigners_compare_by_value_and_survive_pickling() -> None:
    assigner = SlidingEventTimeWindows.of(10, 5, 1)
    assert pickle.loads(pickle.dumps(assigner)) == assigner
    assert assigner != SlidingEventTimeWindows.of(10, 5)
    assert assigner != SlidingProcessingTimeWindows.of(10, 5, 1)
    assert repr(assigner) == "SlidingEventTimeWindows(10, 5, 1)"
    assert repr(TumblingEventTimeWindows.of(10)) == "TumblingEventTimeWindows(10, 0)"


def test_staggered_windows_are_shifted_for_each_subtask_alike() -> None:
    assigner = TumblingEventTimeWindows.of(1000, None, WindowStagger.RANDOM)
    shifts = {assigner.with_stagger(0, subtask).offset_ms for subtask in range(8)}
    assert len(shifts) > 1
    assert assigner.with_stagger(0, 3) == assigner.with_stagger(500, 3)


def test_natural_stagger_begins_windows_when_the_subtask_began() -> None:
    assigner = TumblingProcessingTimeWindows.of(1000, 100, WindowStagger.NATURAL)
    assert assigner.with_stagger(12_345, 0).offset_ms == 445


def test_windows_are_aligned_unless_staggered() -> None:
    assigner = TumblingEventTimeWindows.of(1000)
    assert assigner.with_stagger(12_345, 3) == assigner
    with pytest.raises(TypeError, match="WindowStagger"):
        TumblingEventTimeWindows.of(1000, 0, "random")  # type: ignore[arg-type]
