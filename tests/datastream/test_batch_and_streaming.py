"""STREAMING shows every step, BATCH the final result; both come to the same end."""

from typing import Any

import pytest

from flott.common import Time, Types, WatermarkStrategy
from flott.datastream import (
    KeyedProcessFunction,
    MapFunction,
    ProcessWindowFunction,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
)
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows

Env = StreamExecutionEnvironment
SALES = [("tea", 2, 10), ("cup", 5, 20), ("tea", 3, 1500), ("cup", 1, 30), ("tea", 4, 40)]
MODES = [RuntimeExecutionMode.STREAMING, RuntimeExecutionMode.BATCH]
TIMED = WatermarkStrategy.for_bounded_out_of_orderness(Time.seconds(10)).with_timestamp_assigner(
    lambda sale: sale[2]
)


def item(sale: tuple[str, int, int]) -> str:
    return sale[0]


def results(env: Env, stream: Any) -> list[Any]:
    return sorted(stream.execute_and_collect())


def test_a_rolling_sum_is_final_in_batch_mode(env: Env) -> None:
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    summed = env.from_collection(SALES).key_by(item).sum(1)
    assert [sale[:2] for sale in results(env, summed)] == [("cup", 6), ("tea", 9)]


def test_a_reduce_is_final_in_batch_mode(env: Env) -> None:
    env.set_runtime_mode(RuntimeExecutionMode.BATCH)
    longest = env.from_collection(["a", "bb", "c"]).key_by(lambda _: 0).reduce(max)
    assert results(env, longest) == ["c"]


class Total(KeyedProcessFunction):
    """Gives a total of each key when event time has come to its end."""

    def open(self, runtime_context):
        self.total = runtime_context.get_state(ValueStateDescriptor("total", Types.INT()))

    def process_element(self, value, ctx):
        self.total.update((self.total.value() or 0) + value[1])
        ctx.timer_service().register_event_time_timer(10_000)

    def on_timer(self, timestamp, ctx):
        yield ctx.get_current_key(), self.total.value(), timestamp


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("parallelism", [1, 2])
def test_timers_fire_at_the_end_in_both_modes(
    env: Env, mode: RuntimeExecutionMode, parallelism: int
) -> None:
    env.set_runtime_mode(mode).set_parallelism(parallelism)
    sales = env.from_collection(SALES).assign_timestamps_and_watermarks(TIMED)
    totals = sales.key_by(item).process(Total())
    assert results(env, totals) == [("cup", 6, 10_000), ("tea", 9, 10_000)]


class Count(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield key, context.window().start, len(list(elements))


@pytest.mark.parametrize("mode", MODES)
def test_windows_are_the_same_in_both_modes(env: Env, mode: RuntimeExecutionMode) -> None:
    env.set_runtime_mode(mode)
    sales = env.from_collection(SALES).assign_timestamps_and_watermarks(TIMED)
    second = TumblingEventTimeWindows.of(Time.seconds(1))
    assert results(env, sales.key_by(item).window(second).process(Count())) == [
        ("cup", 0, 2),
        ("tea", 0, 2),
        ("tea", 1000, 1),
    ]


class Number(MapFunction):
    """Numbers the records of each key, in state."""

    def open(self, runtime_context):
        self.count = runtime_context.get_state(ValueStateDescriptor("count", Types.INT()))

    def map(self, value):
        self.count.update((self.count.value() or 0) + 1)
        return value[0], self.count.value()


@pytest.mark.parametrize("mode", MODES)
def test_a_map_on_a_keyed_stream_may_keep_state(env: Env, mode: RuntimeExecutionMode) -> None:
    env.set_runtime_mode(mode)
    numbered = env.from_collection(SALES).key_by(item).map(Number())
    assert results(env, numbered) == [("cup", 1), ("cup", 2), ("tea", 1), ("tea", 2), ("tea", 3)]
