from collections.abc import Iterator
from typing import Any

import pytest

from flott.common import Time, Types
from flott.common.output_tag import OutputTag
from flott.datastream import (
    CoProcessFunction,
    FilterFunction,
    FlatMapFunction,
    KeyedBroadcastProcessFunction,
    KeyedCoProcessFunction,
    KeyedProcessFunction,
    ProcessFunction,
)
from flott.datastream.state import MapStateDescriptor, ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows
from flott.testing import (
    BroadcastHarness,
    KeyedHarness,
    OneInputHarness,
    PendingTimer,
    TwoInputHarness,
)

ODD = OutputTag("odd")
RULES = MapStateDescriptor("rules", Types.STRING(), Types.INT())


class Evens(ProcessFunction):
    def process_element(self, value: int, ctx: Any) -> Iterator[Any]:
        if value % 2:
            yield ODD, value
        else:
            yield value


class Reminder(KeyedProcessFunction):
    """Counts per key; says the count when the timer set by the last record fires."""

    def __init__(self, is_event_time: bool) -> None:
        self.is_event_time = is_event_time

    def open(self, ctx: Any) -> None:
        self.count = ctx.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: str, ctx: Any) -> None:
        self.count.update((self.count.value() or 0) + 1)
        timers = ctx.timer_service()
        if self.is_event_time:
            timers.register_event_time_timer(ctx.timestamp() + 10)
        else:
            timers.register_processing_time_timer(timers.current_processing_time() + 10)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[Any]:
        yield ctx.get_current_key(), self.count.value(), timestamp


def test_callable_is_given_the_stream() -> None:
    with OneInputHarness(lambda words: words.filter(str.isupper).map(len)) as harness:
        harness.push("A", "b", "CD")
        assert harness.values == [1, 2]


def test_function_objects_run_by_their_class() -> None:
    class Twice(FlatMapFunction):
        def flat_map(self, value: int) -> list[int]:
            return [value, value]

    class Positive(FilterFunction):
        def filter(self, value: int) -> bool:
            return value > 0

    for function, expected in ((Twice(), [1, 1, -1, -1]), (Positive(), [1])):
        with OneInputHarness(function) as harness:
            harness.push(1, -1)
            assert harness.values == expected


def test_side_outputs_named_at_the_start_are_seen() -> None:
    with OneInputHarness(Evens(), side_outputs=[ODD]) as harness:
        harness.push(1, 2, 3, at=5)
        assert harness.records == [(2, 5)]
        assert harness.side(ODD) == [1, 3]


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="function object or operations"):
        OneInputHarness(3)


def test_timer_of_event_time_waits_for_the_watermark() -> None:
    with KeyedHarness(Reminder(True), key_by=lambda word: word) as harness:
        harness.push("a", at=100)
        assert harness.timers() == [PendingTimer(110, "a", True)]
        harness.watermark(109)
        assert harness.values == []
        harness.watermark(110)
        assert harness.values == [("a", 1, 110)]
        assert harness.timers() == []


def test_timer_of_processing_time_waits_for_the_clock() -> None:
    with KeyedHarness(Reminder(False), key_by=lambda word: word, now_ms=1000) as harness:
        harness.push("a")
        assert harness.timers() == [PendingTimer(1010, "a", False)]
        harness.advance_time(9)
        assert harness.values == []
        harness.advance_time(100)
        assert harness.values == [("a", 1, 1010)]
        assert harness.processing_time == 1109


def test_timers_on_the_way_of_the_clock_fire_each_at_its_time() -> None:
    with KeyedHarness(Reminder(False), key_by=lambda word: word) as harness:
        harness.push("a")
        harness.set_processing_time(4)
        harness.push("b")
        harness.set_processing_time(1000)
        assert harness.values == [("a", 1, 10), ("b", 1, 14)]


@pytest.mark.parametrize("parallelism", [1, 2, 3, 7])
@pytest.mark.parametrize("is_event_time", [True, False])
def test_state_and_timers_survive_at_another_parallelism(
    parallelism: int, is_event_time: bool
) -> None:
    keys = [f"key {n}" for n in range(20)]
    with KeyedHarness(Reminder(is_event_time), key_by=lambda word: word) as harness:
        harness.push(*keys, *keys, at=0)
        harness.kill_and_restore(parallelism)
        assert harness.state("count") == dict.fromkeys(keys, 2)
        assert len(harness.timers()) == 20
        harness.watermark(10)
        harness.set_processing_time(10)
        assert sorted(harness.values) == sorted((key, 2, 10) for key in keys)


def test_older_snapshot_takes_the_output_back_and_reads_again() -> None:
    with KeyedHarness(lambda keyed: keyed.sum(1), key_by=lambda pair: pair[0]) as harness:
        harness.push(("a", 1))
        before = harness.snapshot()
        harness.push(("a", 2))
        harness.kill_and_restore(snapshot=before)
        assert harness.values == [("a", 1), ("a", 3)]


def test_window_state_is_shown_by_key_and_window() -> None:
    def windows(keyed: Any) -> Any:
        return keyed.window(TumblingEventTimeWindows.of(Time.seconds(1))).reduce(max)

    with KeyedHarness(windows, key_by=lambda pair: pair[0]) as harness:
        harness.push_timed((("a", 3), 100), (("a", 5), 1200))
        harness.watermark(999)
        assert harness.records == [(("a", 3), 999)]
        harness.end()
        assert harness.values == [("a", 3), ("a", 5)]


def test_two_inputs_share_state_by_key() -> None:
    class Join(KeyedCoProcessFunction):
        def open(self, ctx: Any) -> None:
            self.left = ctx.get_state(ValueStateDescriptor("left", Types.STRING()))

        def process_element1(self, value: Any, ctx: Any) -> None:
            self.left.update(value[1])

        def process_element2(self, value: Any, ctx: Any) -> Iterator[Any]:
            yield self.left.value(), value[1]

    keys = (lambda pair: pair[0], lambda pair: pair[0])
    with TwoInputHarness(Join(), key_by=keys) as harness:
        harness.push_left((1, "a"), (2, "b"))
        harness.kill_and_restore(parallelism=2)
        harness.push_right((2, "x"), (1, "y"), (3, "z"))
        assert sorted(harness.values, key=repr) == sorted(
            [("b", "x"), ("a", "y"), (None, "z")], key=repr
        )
        assert harness.state("left") == {1: "a", 2: "b"}


def test_watermark_of_two_inputs_is_the_lower_one() -> None:
    class Times(CoProcessFunction):
        def process_element1(self, value: Any, ctx: Any) -> Iterator[Any]:
            yield ctx.timer_service().current_watermark()

        def process_element2(self, value: Any, ctx: Any) -> Iterator[Any]:
            return iter(())

    with TwoInputHarness(Times()) as harness:
        harness.watermark_left(5)
        harness.watermark_right(3)
        harness.push_left("?")
        harness.watermark_right(9)
        harness.push_left("?")
        assert harness.values == [3, 5]


@pytest.mark.parametrize("parallelism", [1, 2, 3])
def test_broadcast_state_is_everywhere_after_a_restore(parallelism: int) -> None:
    class Above(KeyedBroadcastProcessFunction):
        def process_element(self, value: Any, ctx: Any) -> Iterator[Any]:
            limit = ctx.get_broadcast_state(RULES).get("limit")
            if limit is not None and value > limit:
                yield value

        def process_broadcast_element(self, value: Any, ctx: Any) -> None:
            ctx.get_broadcast_state(RULES).put("limit", value)

    with BroadcastHarness(Above(), RULES, key_by=lambda n: n) as harness:
        harness.push_broadcast(3)
        harness.kill_and_restore(parallelism)
        harness.push(*range(10))
        assert sorted(harness.values) == list(range(4, 10))
        assert harness.broadcast_state(RULES) == {"limit": 3}
