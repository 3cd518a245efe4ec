"""Tumbling and sliding windows by either clock: firing, lateness, order, restore, errors.

What holds for the fast operators holds for the general one: most tests run on both.
"""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.core.element import MAX_WATERMARK
from flott.operators.rows.windows.aligned import (
    EventTimeWindowOperator,
    ProcessingTimeWindowOperator,
)
from flott.operators.window import (
    SlidingEventTimeWindows,
    SlidingProcessingTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
    WindowStagger,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import (
    AskedByTheClock,
    AskedEveryTime,
    Show,
    Sum,
    key_of,
    push,
    shown,
    spec,
    values,
    windowed,
)

TEN = TumblingEventTimeWindows.of(10)
LATE = OutputTag("late")

both = pytest.mark.parametrize("trigger", [None, AskedEveryTime()], ids=["fast", "general"])
both_clocks = pytest.mark.parametrize("trigger", [None, AskedByTheClock()], ids=["fast", "general"])


@both
def test_a_window_fires_when_the_watermark_passes_its_last_millisecond(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger)
    push(harness, "a", 0, 9)
    harness.watermark(8)
    assert harness.records == []
    harness.watermark(9)
    assert harness.records == [(("a", 0, 10, [0, 9]), 9)]


@both
def test_results_come_before_the_watermark_as_one_batch(trigger: Any) -> None:
    harness = windowed(TEN, Sum(), "aggregate", trigger=trigger)
    push(harness, "a", 1, 11)
    push(harness, "b", 2)
    harness.watermark(25)
    assert harness.flow == [[1, 2, 11], ("watermark", 25)]


@both
def test_windows_fire_in_order_of_their_end(trigger: Any) -> None:
    harness = windowed(SlidingEventTimeWindows.of(10, 5), trigger=trigger)
    push(harness, "a", 12, 3)
    harness.watermark(100)
    assert [result[1] for result in shown(harness)] == [-5, 0, 5, 10]


@both
def test_records_stay_in_order_of_arrival(trigger: Any) -> None:
    harness = windowed(SlidingEventTimeWindows.of(20, 10), trigger=trigger)
    push(harness, "a", 12, 3, 14, 1)
    harness.watermark(19)
    assert values(harness) == [[3, 1], [12, 3, 14, 1]]


@both
def test_a_record_of_no_window_is_dropped(trigger: Any) -> None:
    harness = windowed(SlidingEventTimeWindows.of(4, 10), trigger=trigger, late_tag=LATE)
    push(harness, "a", 7, 11)
    harness.end()
    assert values(harness) == [[11]]
    assert harness.side("late") == []


@both
def test_late_records_are_counted_and_dropped(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger)
    harness.watermark(9)
    push(harness, "a", 1, 11, 2)
    harness.end()
    assert values(harness) == [[11]]
    assert harness.context.metrics.counter("numLateRecordsDropped").get_count() == 2


@both
def test_late_records_go_to_the_side_output_with_their_time(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger, late_tag=LATE)
    harness.watermark(9)
    push(harness, "a", 1, 11, 2)
    assert harness.side_records("late") == [(("a", 1), 1), (("a", 2), 2)]
    assert harness.context.metrics.counter("numLateRecordsDropped").get_count() == 0


@both
def test_a_record_late_for_one_of_its_windows_counts_in_the_others(trigger: Any) -> None:
    harness = windowed(SlidingEventTimeWindows.of(20, 10), trigger=trigger, late_tag=LATE)
    harness.watermark(9)
    push(harness, "a", 5)
    harness.watermark(19)
    assert shown(harness) == [("a", 0, 20, [5])]
    assert harness.side("late") == []


@both
def test_each_late_record_fires_its_window_again_at_once(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger, allowed_lateness_ms=5, late_tag=LATE)
    push(harness, "a", 1)
    harness.watermark(9)
    assert values(harness) == [[1]]
    push(harness, "a", 2, 3)
    assert values(harness) == [[1, 2], [1, 2, 3]]
    harness.watermark(13)
    push(harness, "a", 4)
    assert values(harness) == [[1, 2, 3, 4]]
    harness.watermark(14)
    push(harness, "a", 5)
    assert harness.values == []
    assert harness.side("late") == [("a", 5)]


@both
def test_late_results_come_in_order_of_the_late_records(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger, allowed_lateness_ms=50)
    harness.watermark(25)
    push(harness, "a", 11)
    harness.push(("a", 1), ("b", 12), ("a", 13), at=[1, 12, 13])
    assert values(harness) == [[11], [1], [12], [11, 13]]


@both
def test_a_late_record_of_a_new_key_fires_at_once_and_only_then(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger, allowed_lateness_ms=5)
    push(harness, "a", 1)
    harness.watermark(9)
    push(harness, "b", 2)
    assert shown(harness) == [("a", 0, 10, [1]), ("b", 0, 10, [2])]
    harness.end()
    assert values(harness) == []


@both
def test_what_has_fired_waits_for_a_late_record_after_a_restore(trigger: Any) -> None:
    given = spec(TEN, trigger=trigger, allowed_lateness_ms=50)
    harness = Harness(given)
    push(harness, "a", 1)
    harness.watermark(9)
    push(harness, "b", 11)
    harness = Harness(given, restore=[harness.snapshot(1)])
    harness.watermark(9)
    assert values(harness) == []
    push(harness, "a", 2)
    assert values(harness) == [[1, 2]]
    harness.watermark(19)
    assert values(harness) == [[11]]


@both
def test_after_a_restore_a_record_may_come_before_the_first_watermark(trigger: Any) -> None:
    given = spec(TEN, trigger=trigger, allowed_lateness_ms=50)
    harness = Harness(given)
    push(harness, "a", 1)
    push(harness, "b", 2)
    harness.watermark(9)
    harness = Harness(given, restore=[harness.snapshot(1)])
    push(harness, "a", 3)
    harness.watermark(9)
    assert shown(harness) == [("a", 0, 10, [1, 3])]


@both
def test_windows_leave_no_state_behind(trigger: Any) -> None:
    harness = windowed(SlidingEventTimeWindows.of(20, 5), trigger=trigger, allowed_lateness_ms=7)
    push(harness, "a", *range(0, 60, 3))
    harness.watermark(30)
    push(harness, "a", 20, 21)
    harness.watermark(1000)
    assert harness.context.keyed_store.entry_count == 0


@both
def test_the_end_of_time_closes_every_window(trigger: Any) -> None:
    harness = windowed(TumblingEventTimeWindows.of(1000), trigger=trigger)
    push(harness, "a", MAX_WATERMARK - 1)
    harness.end()
    assert [time for _, time in harness.records] == [MAX_WATERMARK]


@both
def test_windows_without_keys_are_given_no_key(trigger: Any) -> None:
    def count(window: Any, inputs: list[Any]) -> Any:
        return [(window.start, len(inputs))]

    harness = windowed(TEN, count, "apply", keyed=False, trigger=trigger)
    push(harness, "a", 1, 12)
    push(harness, "b", 2)
    harness.end()
    assert harness.values == [(0, 2), (10, 1)]


class CountAll:
    def process(self, context: Any, elements: list[Any]) -> Any:
        return [(context.window().start, len(elements))]


@both
def test_a_process_function_without_keys_is_given_context_and_elements(trigger: Any) -> None:
    harness = windowed(TEN, CountAll(), "process", keyed=False, trigger=trigger)
    push(harness, "a", 1, 2)
    harness.end()
    assert harness.values == [(0, 2)]


@both
def test_a_window_function_is_given_the_one_result_of_reduce(trigger: Any) -> None:
    def larger(a: Any, b: Any) -> Any:
        return max(a, b)

    harness = windowed(TEN, larger, "reduce", window_function=Show(), trigger=trigger)
    push(harness, "a", 1, 5, 3)
    harness.end()
    assert harness.values == [("a", 0, 10, [5])]


@both
def test_reduce_alone_gives_a_record(trigger: Any) -> None:
    harness = windowed(TEN, lambda a, b: (a[0], a[1] + b[1]), "reduce", trigger=trigger)
    push(harness, "a", 1, 5, 3)
    push(harness, "b", 2)
    harness.end()
    assert harness.records == [(("a", 9), 9), (("b", 2), 9)]


@both
def test_a_reduce_function_may_change_its_first_argument(trigger: Any) -> None:
    def add(a: Any, b: Any) -> Any:
        a[1] += b[1]
        return a

    given = [["a", 1], ["a", 2], ["a", 4]]
    harness = windowed(SlidingEventTimeWindows.of(20, 10), add, "reduce", trigger=trigger)
    harness.push(*given, at=[5, 12, 13])
    harness.end()
    assert harness.values == [["a", 1], ["a", 7], ["a", 6]]
    assert given == [["a", 1], ["a", 2], ["a", 4]]


@both
def test_a_result_does_not_change_with_a_later_record(trigger: Any) -> None:
    def add(a: Any, b: Any) -> Any:
        a[1] += b[1]
        return a

    harness = windowed(TEN, add, "reduce", trigger=trigger, allowed_lateness_ms=50)
    harness.push(["a", 1], ["a", 2], at=[5, 6])
    harness.watermark(9)
    harness.push(["a", 4], at=[7])
    assert harness.values == [["a", 3], ["a", 7]]


@both
def test_a_function_may_empty_the_list_it_is_given(trigger: Any) -> None:
    def empty(key: Any, window: Any, inputs: list[Any]) -> Any:
        count = len(inputs)
        inputs.clear()
        return [count]

    harness = windowed(TEN, empty, "apply", trigger=trigger, allowed_lateness_ms=50)
    push(harness, "a", 1, 2)
    harness.watermark(9)
    push(harness, "a", 3)
    assert harness.values == [2, 3]


class Sides:
    """Emits to a side output, or nothing at all."""

    def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
        if key == "none":
            return None
        return [(OutputTag("large"), e) if e[1] > 5 else e for e in elements]


@both
def test_results_may_go_to_side_outputs(trigger: Any) -> None:
    harness = windowed(TEN, Sides(), trigger=trigger)
    push(harness, "a", 1, 7)
    push(harness, "none", 3)
    harness.end()
    assert harness.records == [(("a", 1), 9)]
    assert harness.side_records("large") == [(("a", 7), 9)]


@both
def test_results_are_converted_to_the_declared_type(trigger: Any) -> None:
    harness = windowed(TEN, Sum(), "aggregate", trigger=trigger, output_type=Types.DOUBLE())
    push(harness, "a", 1, 2)
    harness.end()
    assert harness.values == [3.0]
    assert type(harness.values[0]) is float


@both
def test_a_result_that_cannot_be_iterated_over_is_explained(trigger: Any) -> None:
    harness = windowed(TEN, lambda key, window, inputs: 5, "apply", trigger=trigger)
    push(harness, "a", 1)
    with pytest.raises(ProgramError, match="gave 5"):
        harness.watermark(9)


class Visits:
    """Counts its windows for each key, and its firings for each window."""

    def __init__(self) -> None:
        self.cleared: list[Any] = []

    def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
        windows = context.global_state().get_state(ValueStateDescriptor("windows"))
        firings = context.window_state().get_state(ValueStateDescriptor("firings"))
        windows.update((windows.value() or 0) + 1)
        firings.update((firings.value() or 0) + 1)
        yield key, context.window().start, windows.value(), firings.value()

    def clear(self, context: Any) -> None:
        context.window_state().get_state(ValueStateDescriptor("firings")).clear()
        self.cleared.append((context.window().start, context.current_watermark()))


@both
def test_state_of_a_window_and_of_its_key_are_kept_apart(trigger: Any) -> None:
    function = Visits()
    harness = windowed(TEN, function, trigger=trigger, allowed_lateness_ms=5)
    push(harness, "a", 1, 11)
    harness.watermark(9)
    push(harness, "a", 2)
    harness.watermark(19)
    assert harness.values == [("a", 0, 1, 1), ("a", 0, 2, 2), ("a", 10, 3, 1)]
    assert function.cleared == [(0, 19)]
    harness.watermark(24)
    assert function.cleared == [(0, 19), (10, 24)]
    assert list(harness.context.keyed_store.keys("firings")) == []


@both
def test_clear_is_called_right_after_the_window_without_lateness(trigger: Any) -> None:
    function = Visits()
    harness = windowed(TEN, function, trigger=trigger)
    push(harness, "a", 1)
    push(harness, "b", 1)
    harness.watermark(9)
    assert function.cleared == [(0, 9), (0, 9)]


@both
def test_the_context_tells_the_time(trigger: Any) -> None:
    class Times:
        def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
            yield context.current_watermark(), context.current_processing_time()

    harness = Harness(spec(TEN, Times(), trigger=trigger), now_ms=77)
    push(harness, "a", 1)
    harness.watermark(12)
    assert harness.values == [(12, 77)]


@both
def test_functions_are_opened_and_closed(trigger: Any) -> None:
    class Life(Show):
        def open(self, runtime_context: Any) -> None:
            self.total = runtime_context.get_state(ValueStateDescriptor("total"))

        def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
            self.total.update((self.total.value() or 0) + len(elements))
            yield key, self.total.value()

        def close(self) -> None:
            self.is_closed = True

    function = Life()
    harness = windowed(TEN, function, trigger=trigger)
    push(harness, "a", 1, 2, 11)
    harness.end()
    harness.close()
    harness.close()
    assert harness.values == [("a", 2), ("a", 3)]
    assert function.is_closed


@both
def test_a_record_without_timestamp_is_refused(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger)
    with pytest.raises(ProgramError, match="no timestamp"):
        harness.push(("a", 1))
    with pytest.raises(ProgramError, match="no timestamp"):
        harness.push(("a", 1), at=-(2**63))


@both
def test_an_unhashable_key_is_refused_with_the_record_in_hand(trigger: Any) -> None:
    harness = windowed(TEN, trigger=trigger)
    with pytest.raises(ProgramError, match=r"\['list'\]"):
        harness.push((["list"], 1), at=1)


@both
def test_many_records_of_one_window_survive_snapshots(trigger: Any) -> None:
    given = spec(TumblingEventTimeWindows.of(10_000), trigger=trigger)
    harness = Harness(given)
    for first in range(0, 3000, 100):
        push(harness, "a", *range(first, first + 100))
    snapshot = harness.snapshot(1)
    push(harness, "a", 3000)
    harness = Harness(given, restore=[snapshot])
    push(harness, "a", 3001)
    harness.end()
    assert values(harness) == [[*range(3000), 3001]]
    assert harness.context.keyed_store.entry_count == 0


def test_an_incremental_snapshot_holds_only_what_came_since() -> None:
    harness = windowed(TumblingEventTimeWindows.of(10**6))
    push(harness, "a", *range(100_000))
    (first,) = harness.snapshot(1, full=False)
    push(harness, "a", 100_000)
    (second,) = harness.snapshot(2, full=False)
    assert len(second.payload) * 20 < len(first.payload)


@pytest.mark.parametrize("keyed", [True, False])
def test_the_fast_operators_are_chosen_by_settings(keyed: bool) -> None:
    assert type(spec(TEN, keyed=keyed).build()) is EventTimeWindowOperator
    by_clock = spec(SlidingProcessingTimeWindows.of(10, 5), keyed=keyed)
    assert type(by_clock.build()) is ProcessingTimeWindowOperator
    assert type(spec(TEN, trigger=AskedEveryTime()).build()) is not EventTimeWindowOperator


# --- by the clock


@both_clocks
def test_a_window_fires_when_the_clock_passes_its_end(trigger: Any) -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1), ("b", 2))
    harness.advance_to(8)
    harness.push(("a", 3))
    assert harness.records == []
    harness.advance_to(9)
    assert harness.records == [(("a", 0, 10, [1, 3]), 9), (("b", 0, 10, [2]), 9)]


@both_clocks
def test_sliding_windows_by_the_clock_each_get_the_record(trigger: Any) -> None:
    harness = windowed(SlidingProcessingTimeWindows.of(10, 5), trigger=trigger)
    harness.push(("a", 1), ("a", 2))
    harness.advance_to(5)
    harness.push(("a", 3))
    harness.advance_to(100)
    assert shown(harness) == [
        ("a", -5, 5, [1, 2]),
        ("a", 0, 10, [1, 2, 3]),
        ("a", 5, 15, [3]),
    ]


@both_clocks
def test_a_record_in_the_last_millisecond_does_not_fire_the_window_twice(trigger: Any) -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1))
    harness.advance_to(9)
    harness.push(("a", 2))
    harness.advance_to(100)
    assert shown(harness) == [("a", 0, 10, [1]), ("a", 10, 20, [2])]


@both_clocks
def test_a_clock_that_goes_back_does_not_open_old_windows(trigger: Any) -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1))
    harness.advance_to(12)
    harness.clock.set(3)
    harness.push(("a", 2))
    harness.push(("a", 3))
    harness.advance_to(100)
    assert shown(harness) == [("a", 0, 10, [1]), ("a", 10, 20, [2, 3])]


@both_clocks
def test_at_the_end_of_a_stream_windows_by_the_clock_are_dropped(trigger: Any) -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1))
    harness.end()
    assert harness.values == []


@both_clocks
def test_at_the_end_of_a_batch_windows_by_the_clock_fire(trigger: Any) -> None:
    given = spec(SlidingProcessingTimeWindows.of(10, 5), trigger=trigger)
    harness = Harness(given, is_batch=True)
    harness.push(("a", 1))
    harness.end()
    assert shown(harness) == [("a", -5, 5, [1]), ("a", 0, 10, [1])]


@both_clocks
def test_windows_by_the_clock_that_are_overdue_after_a_restore_fire_at_once(trigger: Any) -> None:
    given = spec(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness = Harness(given)
    harness.push(("a", 1))
    harness = Harness(given, restore=[harness.snapshot(1)], now_ms=5000)
    harness.advance_to(5000)
    assert shown(harness) == [("a", 0, 10, [1])]


@both_clocks
def test_a_slide_longer_than_the_size_drops_records_by_the_clock(trigger: Any) -> None:
    harness = windowed(SlidingProcessingTimeWindows.of(4, 10), trigger=trigger)
    harness.advance_to(7)
    harness.push(("a", 1))
    harness.advance_to(11)
    harness.push(("a", 2))
    harness.advance_to(100)
    assert shown(harness) == [("a", 10, 14, [2])]


@both_clocks
def test_windows_by_the_clock_pass_watermarks_on(trigger: Any) -> None:
    harness = windowed(TumblingProcessingTimeWindows.of(10), trigger=trigger)
    harness.push(("a", 1), at=5)
    harness.watermark(10**9)
    assert harness.flow == [("watermark", 10**9)]


def test_staggered_windows_end_at_times_of_their_own() -> None:
    given = spec(TumblingEventTimeWindows.of(1000, None, WindowStagger.RANDOM))
    starts = set()
    for subtask in range(4):
        harness = Harness(given, parallelism=4, subtask=subtask)
        push(harness, "a", 5000)
        harness.end()
        starts.add(harness.values[0][1])
    assert len(starts) == 4


def test_an_error_in_a_fold_has_the_record_in_a_frame_of_the_engine() -> None:
    class Failing(Sum):
        def add(self, value: Any, accumulator: int) -> int:
            return accumulator // value[1]

    harness = windowed(TEN, Failing(), "aggregate")
    with pytest.raises(ZeroDivisionError) as caught:
        push(harness, "a", 5, 0)
    frames = [entry.frame.f_locals for entry in caught.traceback]
    assert any(frame.get("value") == ("a", 0) for frame in frames)
    assert any(frame.get("self") is harness.operator for frame in frames)


def test_a_key_selector_object_finds_the_key() -> None:
    class Selector:
        def get_key(self, value: Any) -> Any:
            return key_of(value)

    harness = Harness(spec(TEN).__class__(**{**vars(spec(TEN)), "key_selector": Selector()}))
    push(harness, "a", 1)
    harness.end()
    assert values(harness) == [[1]]
