"""Triggers that follow a clock, run by the operator that asks them."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.time import Duration, Time
from flott.operators.window import (
    ContinuousEventTimeTrigger,
    ContinuousProcessingTimeTrigger,
    EventTimeSessionWindows,
    EventTimeTrigger,
    GlobalWindows,
    ProcessingTimeSessionWindows,
    ProcessingTimeTrigger,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import push, shown, spec, values, windowed


def test_continuous_event_time_fires_at_each_interval_and_at_the_end() -> None:
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=ContinuousEventTimeTrigger.of(3))
    push(harness, "a", 1)
    harness.watermark(2)
    assert values(harness) == []
    harness.watermark(3)
    assert values(harness) == [[1]]
    push(harness, "a", 4)
    harness.watermark(6)
    assert values(harness) == [[1, 4]]
    harness.watermark(100)
    assert values(harness) == [[1, 4]], "at 9, which is also the end"


class Progress:
    """What the program of the conformance suite prints."""

    def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
        watermark = min(context.current_watermark(), 99999)
        start = context.window().start
        yield f"window {start} count {len(elements)} watermark {watermark}"


def test_early_results_equal_those_recorded_from_flink() -> None:
    trigger = ContinuousEventTimeTrigger.of(Time.seconds(2))
    harness = windowed(TumblingEventTimeWindows.of(Time.seconds(10)), Progress(), trigger=trigger)
    for time in [500, 1500, 2200, 2300, 4100, 6200, 8300, 10400, 12600]:
        push(harness, "all", time)
        harness.watermark(time)
    harness.end()
    assert list(dict.fromkeys(harness.values)) == [
        "window 0 count 3 watermark 2200",
        "window 0 count 5 watermark 4100",
        "window 0 count 6 watermark 6200",
        "window 0 count 7 watermark 8300",
        "window 0 count 7 watermark 10400",
        "window 10000 count 2 watermark 12600",
        "window 10000 count 2 watermark 99999",
    ]


def test_continuous_event_time_on_global_windows_ends_with_the_input() -> None:
    harness = windowed(GlobalWindows.create(), trigger=ContinuousEventTimeTrigger.of(10))
    push(harness, "a", 5)
    harness.watermark(10)
    assert values(harness) == [[5]]
    harness.end()
    assert values(harness) == [[5], [5]]


def test_continuous_event_time_answers_late_records_at_once() -> None:
    trigger = ContinuousEventTimeTrigger.of(5)
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=trigger, allowed_lateness_ms=10)
    harness.watermark(12)
    push(harness, "a", 1, 2)
    assert values(harness) == [[1], [1, 2]]


def test_continuous_event_time_follows_merged_sessions() -> None:
    trigger = ContinuousEventTimeTrigger.of(10)
    harness = windowed(EventTimeSessionWindows.with_gap(6), trigger=trigger)
    push(harness, "a", 1, 12, 7)
    harness.watermark(10)
    assert shown(harness) == [("a", 1, 18, [1, 12, 7])], "at 6, when the first would have ended"
    harness.end()
    assert values(harness) == [[1, 12, 7], [1, 12, 7]], "at 16, and at the end"
    assert not harness.operator._timers.has_timers()


def test_continuous_processing_time_fires_at_each_interval() -> None:
    trigger = ContinuousProcessingTimeTrigger.of(Duration.of_millis(4))
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1))
    harness.advance_to(4)
    assert values(harness) == [[1]]
    harness.push(("a", 2))
    harness.advance_to(30)
    assert values(harness) == [[1, 2], [1, 2]], "at 8 and at the end of the window"


def test_continuous_processing_time_on_windows_of_the_past_fires_once_for_each_batch() -> None:
    trigger = ContinuousProcessingTimeTrigger.of(10)
    harness = Harness(spec(TumblingEventTimeWindows.of(10), trigger=trigger), now_ms=1000)
    push(harness, "a", 1)
    harness.advance_to(1000)
    push(harness, "a", 2)
    harness.advance_to(2000)
    assert values(harness) == [[1], [1, 2]]


def test_continuous_processing_time_follows_merged_sessions() -> None:
    trigger = ContinuousProcessingTimeTrigger.of(10)
    harness = windowed(ProcessingTimeSessionWindows.with_gap(6), trigger=trigger)
    for now in (1, 5, 9):
        harness.advance_to(now)
        harness.push(("a", now))
    harness.advance_to(10)
    assert shown(harness) == [("a", 1, 11, [1, 5]), ("a", 1, 15, [1, 5, 9])], "at 6 and 10"
    harness.advance_to(100)
    assert values(harness) == [[1, 5, 9]], "at the end, 14"
    assert not harness.operator._timers.has_timers()


@pytest.mark.parametrize("cls", [ContinuousEventTimeTrigger, ContinuousProcessingTimeTrigger])
def test_an_interval_is_positive(cls: Any) -> None:
    with pytest.raises(ValueError, match="interval must be at least 1 ms"):
        cls.of(Time.seconds(0))
    with pytest.raises(ValueError, match=f"interval of {cls.__name__}"):
        cls(-1)


def test_time_triggers_can_merge_and_print_what_they_do() -> None:
    triggers = [EventTimeTrigger.create(), ProcessingTimeTrigger.create()]
    triggers += [ContinuousEventTimeTrigger.of(5), ContinuousProcessingTimeTrigger.of(5)]
    assert all(trigger.can_merge() for trigger in triggers)
    assert [repr(trigger) for trigger in triggers] == [
        "EventTimeTrigger()",
        "ProcessingTimeTrigger()",
        "ContinuousEventTimeTrigger(5)",
        "ContinuousProcessingTimeTrigger(5)",
    ]


def test_an_event_time_trigger_on_a_processing_time_window_waits_for_the_watermark() -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=EventTimeTrigger.create())
    harness.push(("a", 1), at=5)
    harness.watermark(9)
    assert values(harness) == [[1]]
