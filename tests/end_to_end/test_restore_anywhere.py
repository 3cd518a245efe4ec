"""Killed and restored at any moment, at any parallelism, operations give what they give without."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.datastream import (
    AsyncDataStream,
    AsyncFunction,
    KeyedProcessFunction,
    ProcessJoinFunction,
)
from flott.datastream.state import ListStateDescriptor, StateTtlConfig, ValueStateDescriptor
from flott.datastream.window import (
    CountTrigger,
    EventTimeSessionWindows,
    GlobalWindows,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
)
from flott.testing import RecordingSink, run
from tests.end_to_end.support import environment

NUMBERS = 900


class Buffered(KeyedProcessFunction):
    """Keeps values in a list and tells them, sorted, 50 ms of event time later."""

    def open(self, ctx: Any) -> None:
        self.values = ctx.get_list_state(ListStateDescriptor("values", Types.LONG()))

    def process_element(self, value: int, ctx: Any) -> None:
        self.values.add(value)
        ctx.timer_service().register_event_time_timer(value // 50 * 50 + 100)

    def on_timer(self, timestamp: int, ctx: Any) -> Iterator[int]:
        due = [value for value in self.values.get() if value // 50 * 50 + 100 <= timestamp]
        self.values.update([value for value in self.values.get() if value not in due])
        yield from sorted(due)


class Expiring(KeyedProcessFunction):
    """Counts in state that lives for a day."""

    def open(self, ctx: Any) -> None:
        descriptor = ValueStateDescriptor("count", Types.LONG())
        descriptor.enable_time_to_live(StateTtlConfig.new_builder(Time.days(1)).build())
        self.count = ctx.get_state(descriptor)

    def process_element(self, value: int, ctx: Any) -> Iterator[Any]:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield ctx.get_current_key(), count


class Pairs(ProcessJoinFunction):
    def process_element(self, left: int, right: int, ctx: Any) -> Iterator[Any]:
        yield left, right


class Square(AsyncFunction):
    async def async_invoke(self, value: int) -> list[int]:
        return [value * value]


def keyed(stream: Any) -> Any:
    return stream.key_by(lambda n: n % 7)


def sum_of(a: Any, b: Any) -> Any:
    return a + b


def join(stream: Any) -> Any:
    even, odd = stream.filter(lambda n: n % 2 == 0), stream.filter(lambda n: n % 2)
    bounds = Time.milliseconds(-3), Time.milliseconds(3)
    return keyed(even).interval_join(keyed(odd)).between(*bounds).process(Pairs())


def co_group(stream: Any) -> Any:
    joined = stream.join(stream.map(lambda n: n)).where(lambda n: n % 7).equal_to(lambda n: n % 7)
    return joined.window(TumblingEventTimeWindows.of(Time.milliseconds(20))).apply(
        lambda a, b: (a, b)
    )


PROGRAMS: dict[str, Callable[[Any], Any]] = {
    "timers": lambda s: keyed(s).process(Buffered()),
    "expiring": lambda s: keyed(s).process(Expiring()),
    "running sum": lambda s: keyed(s).reduce(sum_of).map(lambda n: n % 2),
    "tumbling": lambda s: (
        keyed(s).window(TumblingEventTimeWindows.of(Time.milliseconds(40))).reduce(sum_of)
    ),
    "sliding": lambda s: (
        keyed(s)
        .window(SlidingEventTimeWindows.of(Time.milliseconds(60), Time.milliseconds(20)))
        .reduce(sum_of)
    ),
    "sessions": lambda s: (
        s.filter(lambda n: n % 100 < 60)
        .key_by(lambda n: n % 3)
        .window(EventTimeSessionWindows.with_gap(Time.milliseconds(15)))
        .reduce(sum_of)
    ),
    "counts": lambda s: (
        keyed(s).window(GlobalWindows.create()).trigger(CountTrigger.of(10)).reduce(max)
    ),
    "all windows": lambda s: s.window_all(
        TumblingEventTimeWindows.of(Time.milliseconds(30))
    ).reduce(sum_of),
    "interval join": join,
    "window join": co_group,
    "async": lambda s: AsyncDataStream.unordered_wait(s, Square(), Time.seconds(60), 20),
}


def output(program: str, restore_every: int | None, parallelism: list[int]) -> Counter[Any]:
    env = environment()
    # Far behind, so that nothing is late whatever the order of the subtasks.
    strategy = WatermarkStrategy.for_bounded_out_of_orderness(
        Duration.of_millis(NUMBERS)
    ).with_timestamp_assigner(lambda n: n)
    out = RecordingSink("out")
    stream = env.from_sequence(1, NUMBERS).assign_timestamps_and_watermarks(strategy)
    PROGRAMS[program](stream).sink_to(out)
    run(env, restore_every=restore_every, parallelism=parallelism)
    return Counter(out.values)


# What depends on the order of records of one key needs a source at parallelism one.
ORDERED = {"running sum", "counts"}


@pytest.mark.parametrize("program", PROGRAMS)
def test_restored_anywhere_it_gives_the_same(program: str) -> None:
    expected = output(program, None, [1])
    for restore_every, parallelism in ((1, [1, 2]), (3, [3, 1, 4]), (8, [2, 7])):
        lives = [1] if program in ORDERED else parallelism
        assert output(program, restore_every, lives) == expected, (restore_every, lives)
