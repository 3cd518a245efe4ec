"""Sessions: the window each record opens, and gaps that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.time import Duration, Time
from flott.operators.window import (
    DynamicEventTimeSessionWindows,
    DynamicProcessingTimeSessionWindows,
    EventTimeSessionWindows,
    ProcessingTimeSessionWindows,
    SessionWindowTimeGapExtractor,
    TimeWindow,
)
from tests.operators.window.test_time_assigners import AssignerContext


class Gap(SessionWindowTimeGapExtractor):
    def extract(self, element: Any) -> int:
        return element["gap"]


def test_a_record_opens_a_window_from_its_time_to_the_gap_after() -> None:
    assigner = EventTimeSessionWindows.with_gap(Time.seconds(5))
    assert assigner.assign_windows("x", -7, AssignerContext(0)) == [TimeWindow(-7, 4993)]


def test_by_the_clock_a_record_opens_a_window_now() -> None:
    assigner = ProcessingTimeSessionWindows.with_gap(Duration.of_seconds(5))
    assert assigner.assign_windows("x", -7, AssignerContext(100)) == [TimeWindow(100, 5100)]


@pytest.mark.parametrize("cls", [EventTimeSessionWindows, ProcessingTimeSessionWindows])
def test_the_gap_may_come_from_the_record(cls: Any) -> None:
    assigner = cls.with_dynamic_gap(Gap())
    (window,) = assigner.assign_windows({"gap": 30}, 10, AssignerContext(10))
    assert window == TimeWindow(10, 40)
    assert isinstance(
        assigner, DynamicEventTimeSessionWindows | DynamicProcessingTimeSessionWindows
    )


def test_a_function_may_tell_the_gap() -> None:
    assigner = DynamicEventTimeSessionWindows.with_dynamic_gap(lambda record: Time.seconds(record))
    assert assigner.assign_windows(2, 0, AssignerContext(0)) == [TimeWindow(0, 2000)]


@pytest.mark.parametrize("cls", [EventTimeSessionWindows, ProcessingTimeSessionWindows])
@pytest.mark.parametrize("gap", [0, -1, Time.seconds(0)])
def test_a_fixed_gap_is_positive(cls: Any, gap: Any) -> None:
    with pytest.raises(ValueError, match=f"gap of {cls.__name__} must be at least 1 ms"):
        cls.with_gap(gap)


def test_a_gap_from_a_record_is_positive() -> None:
    assigner = EventTimeSessionWindows.with_dynamic_gap(Gap())
    with pytest.raises(ProgramError, match="the extractor gave -3"):
        assigner.assign_windows({"gap": -3}, 0, AssignerContext(0))


def test_an_extractor_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(TypeError, match="SessionWindowTimeGapExtractor"):
        EventTimeSessionWindows.with_dynamic_gap(5)  # type: ignore[arg-type]


def test_a_record_without_timestamp_is_refused() -> None:
    with pytest.raises(ProgramError, match="no timestamp"):
        EventTimeSessionWindows.with_gap(5).assign_windows("x", -(2**63), AssignerContext(0))


def test_sessions_know_their_clock_and_compare_by_value() -> None:
    assert EventTimeSessionWindows.with_gap(5).is_event_time()
    assert not ProcessingTimeSessionWindows.with_gap(5).is_event_time()
    assert EventTimeSessionWindows.with_gap(5) == EventTimeSessionWindows.with_gap(Time(5))
    assert EventTimeSessionWindows.with_gap(5) != EventTimeSessionWindows.with_gap(6)
    assert repr(EventTimeSessionWindows.with_gap(5)) == "EventTimeSessionWindows(5)"
