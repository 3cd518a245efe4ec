"""Triggers that look at records, and triggers around triggers, run by the operator."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.operators.window import (
    CountTrigger,
    DeltaTrigger,
    EndOfStreamTrigger,
    EventTimeSessionWindows,
    EventTimeTrigger,
    GlobalWindows,
    NeverTrigger,
    ProcessingTimeoutTrigger,
    PurgingTrigger,
    Trigger,
    TriggerResult,
    TumblingEventTimeWindows,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import push, spec, values, windowed


def test_results_say_what_they_mean() -> None:
    meaning = {result: (result.is_fire(), result.is_purge()) for result in TriggerResult}
    assert meaning == {
        TriggerResult.CONTINUE: (False, False),
        TriggerResult.FIRE: (True, False),
        TriggerResult.PURGE: (False, True),
        TriggerResult.FIRE_AND_PURGE: (True, True),
    }


def test_never_trigger_never_fires() -> None:
    harness = windowed(GlobalWindows.create())
    push(harness, "a", 1, 2)
    harness.end()
    assert values(harness) == []
    assert not NeverTrigger().can_merge()


def test_end_of_stream_trigger_fires_once_at_the_end() -> None:
    harness = windowed(GlobalWindows.create_with_end_of_stream_trigger())
    push(harness, "a", 1, 2)
    harness.watermark(10**15)
    assert values(harness) == []
    harness.end()
    assert values(harness) == [[1, 2]]
    assert repr(EndOfStreamTrigger()) == "EndOfStreamTrigger()"


def test_count_trigger_keeps_records_when_it_fires() -> None:
    harness = windowed(GlobalWindows.create(), trigger=CountTrigger.of(2))
    push(harness, "a", 1, 2, 3, 4, 5)
    push(harness, "b", 6)
    assert values(harness) == [[1, 2], [1, 2, 3, 4]]


def test_count_trigger_counts_each_window_for_itself() -> None:
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=CountTrigger.of(2))
    push(harness, "a", 1, 11, 2, 3)
    harness.end()
    assert values(harness) == [[1, 2]]


def test_counts_of_merged_sessions_are_added() -> None:
    harness = windowed(EventTimeSessionWindows.with_gap(5), trigger=CountTrigger.of(3))
    push(harness, "a", 1, 9)
    assert values(harness) == []
    push(harness, "a", 5)
    assert values(harness) == [[1, 9, 5]]


def test_purging_trigger_drops_records_when_it_fires() -> None:
    harness = windowed(GlobalWindows.create(), trigger=PurgingTrigger.of(CountTrigger.of(2)))
    push(harness, "a", 1, 2, 3, 4, 5)
    assert values(harness) == [[1, 2], [3, 4]]


def test_purging_the_end_of_a_window_forgets_it_for_late_records() -> None:
    trigger = PurgingTrigger.of(EventTimeTrigger.create())
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=trigger, allowed_lateness_ms=9)
    push(harness, "a", 1)
    harness.watermark(9)
    push(harness, "a", 2)
    assert values(harness) == [[1], [2]]


def test_a_purging_trigger_merges_as_its_nested_one_does() -> None:
    assert PurgingTrigger.of(CountTrigger.of(1)).can_merge()
    assert not PurgingTrigger.of(DeltaTrigger.of(1, lambda a, b: b - a)).can_merge()
    harness = windowed(
        EventTimeSessionWindows.with_gap(5), trigger=PurgingTrigger.of(CountTrigger.of(3))
    )
    push(harness, "a", 1, 9, 5, 6)
    assert values(harness) == [[1, 9, 5]]


def test_delta_trigger_compares_with_the_record_that_fired_last() -> None:
    trigger = DeltaTrigger.of(10, lambda old, new: new[1] - old[1])
    harness = windowed(GlobalWindows.create(), trigger=trigger)
    push(harness, "a", 1, 11, 12, 20, 23)
    assert values(harness) == [[1, 11, 12], [1, 11, 12, 20, 23]]


def test_a_delta_function_may_be_an_object() -> None:
    class Distance:
        def get_delta(self, old: Any, new: Any) -> float:
            return abs(new[1] - old[1])

    harness = windowed(GlobalWindows.create(), trigger=DeltaTrigger.of(2, Distance()))
    push(harness, "a", 5, 4, 1)
    assert values(harness) == [[5, 4, 1]]
    with pytest.raises(ProgramError, match="function of two records"):
        DeltaTrigger.of(2, None)  # type: ignore[arg-type]


def test_a_timeout_fires_some_time_after_the_first_record() -> None:
    trigger = ProcessingTimeoutTrigger.of(CountTrigger.of(3), 10)
    harness = windowed(GlobalWindows.create(), trigger=trigger)
    harness.push(("a", 1))
    harness.advance_to(9)
    harness.push(("a", 2))
    assert values(harness) == []
    harness.advance_to(10)
    assert values(harness) == [[1, 2]]


def test_a_timeout_that_is_reset_waits_for_silence() -> None:
    trigger = ProcessingTimeoutTrigger.of(CountTrigger.of(9), 10, reset_timer_on_new_record=True)
    harness = windowed(GlobalWindows.create(), trigger=trigger)
    harness.push(("a", 1))
    harness.advance_to(9)
    harness.push(("a", 2))
    harness.advance_to(18)
    assert values(harness) == []
    harness.advance_to(19)
    assert values(harness) == [[1, 2]]


@pytest.mark.parametrize(("clears", "expected"), [(True, []), (False, [[1, 2, 3]])])
def test_a_timeout_may_clear_the_nested_trigger(clears: bool, expected: Any) -> None:
    trigger = ProcessingTimeoutTrigger.of(CountTrigger.of(3), 10, should_clear_on_timeout=clears)
    harness = windowed(GlobalWindows.create(), trigger=trigger)
    harness.push(("a", 1), ("a", 2))
    harness.advance_to(10)
    assert values(harness) == [[1, 2]]
    harness.push(("a", 3))
    assert values(harness) == expected


def test_no_timeout_comes_after_the_nested_trigger_has_fired() -> None:
    trigger = ProcessingTimeoutTrigger.of(CountTrigger.of(2), 10)
    harness = windowed(GlobalWindows.create(), trigger=trigger)
    harness.push(("a", 1), ("a", 2))
    harness.advance_to(100)
    assert values(harness) == [[1, 2]]


def test_a_timeout_of_event_time_windows_leaves_the_end_to_the_watermark() -> None:
    trigger = ProcessingTimeoutTrigger.of(EventTimeTrigger.create(), 10)
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=trigger)
    push(harness, "a", 1)
    harness.watermark(9)
    assert values(harness) == [[1]]
    harness.advance_to(100)
    assert values(harness) == []


def test_the_earliest_timeout_of_merged_sessions_counts() -> None:
    trigger = ProcessingTimeoutTrigger.of(EventTimeTrigger.create(), 10)
    harness = windowed(EventTimeSessionWindows.with_gap(5), trigger=trigger)
    push(harness, "a", 1)
    harness.advance_to(5)
    push(harness, "a", 9, 5)
    harness.advance_to(10)
    assert values(harness) == [[1, 9, 5]]
    assert trigger.can_merge()


def test_impossible_triggers_are_refused() -> None:
    with pytest.raises(ValueError, match="count of CountTrigger must be at least 1"):
        CountTrigger.of(0)
    with pytest.raises(ValueError, match="timeout of ProcessingTimeoutTrigger"):
        ProcessingTimeoutTrigger.of(CountTrigger.of(1), 0)
    with pytest.raises(TypeError, match="Expected a Trigger to wrap"):
        PurgingTrigger.of(3)  # type: ignore[arg-type]


def test_trigger_state_is_in_snapshots() -> None:
    given = spec(GlobalWindows.create(), trigger=CountTrigger.of(3))
    harness = Harness(given)
    push(harness, "a", 1, 2)
    harness = Harness(given, restore=[harness.snapshot(1)])
    push(harness, "a", 3)
    assert values(harness) == [[1, 2, 3]]


class EveryOther(Trigger[Any, Any]):
    """A trigger as users write them: fires at every other record, by a state of its own."""

    def __init__(self) -> None:
        from flott.common.state import ValueStateDescriptor

        self.descriptor = ValueStateDescriptor("odd", bool)

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
        odd = ctx.get_partitioned_state(self.descriptor)
        odd.update(not odd.value())
        ctx.get_metric_group().counter("asked").inc()
        return TriggerResult.CONTINUE if odd.value() else TriggerResult.FIRE_AND_PURGE

    def on_processing_time(self, time: int, window: Any, ctx: Any) -> TriggerResult:
        return TriggerResult.CONTINUE

    def on_event_time(self, time: int, window: Any, ctx: Any) -> TriggerResult:
        return TriggerResult.CONTINUE

    def on_merge(self, window: Any, ctx: Any) -> None:
        raise AssertionError("never merged")

    def clear(self, window: Any, ctx: Any) -> None:
        ctx.get_partitioned_state(self.descriptor).clear()


def test_a_trigger_of_ones_own_has_state_for_each_key_and_window() -> None:
    harness = windowed(TumblingEventTimeWindows.of(10), trigger=EveryOther())
    push(harness, "a", 1)
    push(harness, "b", 2)
    push(harness, "a", 11, 3)
    harness.end()
    assert values(harness) == [[1, 3]]
    assert harness.context.metrics.snapshot()
    assert list(harness.context.keyed_store.keys("odd")) == []
