"""What operators say they wait for."""

from collections.abc import Iterator
from typing import Any

import pytest

from flott.common.time import Time
from flott.core.operator import PendingOutput
from flott.operators.rows import FilterSpec, KeyedProcessSpec
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import (
    ContinuousEventTimeTrigger,
    EventTimeSessionWindows,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from tests.operators.harness import Harness

TEN = Time.milliseconds(10)


def key_of(value: Any) -> Any:
    return value


def window(assigner: Any, trigger: Any = None) -> Harness:
    spec = WindowSpec(
        assigner=assigner,
        trigger=trigger,
        function=max,
        function_kind=WindowFunctionKind.REDUCE,
        key_selector=key_of,
    )
    return Harness(spec)


def pending(harness: Harness) -> Any:
    return harness.operator.pending_output()


@pytest.mark.parametrize(
    ("assigner", "due"),
    [
        (TumblingEventTimeWindows.of(TEN), 9),
        (SlidingEventTimeWindows.of(TEN, Time.milliseconds(5)), 4),
        (EventTimeSessionWindows.with_gap(TEN), 12),
    ],
)
def test_event_time_windows_name_the_end_of_the_earliest(assigner: Any, due: int) -> None:
    harness = window(assigner)
    assert pending(harness) == PendingOutput(None, is_window=True)
    harness.push("b", at=23)
    harness.push("a", at=3)
    assert pending(harness) == PendingOutput(due, is_window=True)


def test_a_window_that_has_fired_is_waited_for_no_more() -> None:
    harness = window(TumblingEventTimeWindows.of(TEN))
    harness.push("a", at=3)
    harness.push("b", at=23)
    harness.watermark(9)
    assert pending(harness) == PendingOutput(29, is_window=True)


def test_windows_by_the_clock_name_a_time_by_the_clock() -> None:
    harness = window(TumblingProcessingTimeWindows.of(TEN))
    harness.push("a")
    assert pending(harness) == PendingOutput(None, 9, is_window=True)


def test_other_triggers_name_their_earliest_timer() -> None:
    harness = window(
        TumblingEventTimeWindows.of(TEN), ContinuousEventTimeTrigger.of(Time.milliseconds(4))
    )
    harness.push("a", at=1)
    assert pending(harness) == PendingOutput(4, is_window=True)


class Alarms:
    def process_element(self, value: Any, ctx: Any) -> Iterator[Any]:
        ctx.timer_service().register_event_time_timer(value)
        ctx.timer_service().register_processing_time_timer(value + 1)
        yield value


def test_timers_of_both_kinds_are_named() -> None:
    harness = Harness(KeyedProcessSpec(Alarms(), key_of))
    assert pending(harness) == PendingOutput(None, None)
    harness.push(70, at=1)
    harness.push(30, at=1)
    assert pending(harness) == PendingOutput(30, 31)


def test_operators_that_keep_nothing_wait_for_nothing() -> None:
    assert pending(Harness(FilterSpec(bool))) is None
