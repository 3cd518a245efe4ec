"""Mistakes that a type checker must show where they are made. Never run.

A comment behind a line names the error that mypy must give there; no other line may give any.
"""

from collections.abc import Iterator

from flott.common import Configuration, Duration, Time, Types, WatermarkStrategy
from flott.datastream import (
    KeyedProcessFunction,
    MapFunction,
    ReduceFunction,
    RuntimeContext,
    StreamExecutionEnvironment,
)
from flott.datastream.connectors.base import Source
from flott.datastream.connectors.number_seq import NumberSequenceSource
from flott.datastream.state import MapStateDescriptor, ValueState, ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows

env = StreamExecutionEnvironment.get_execution_environment()
sales = env.from_collection([("north", 1)])
keyed = sales.key_by(lambda sale: sale[0])


class Length(MapFunction[str, int]):
    def map(self, value: str) -> str:  # error: override
        return value


class Sum(ReduceFunction[int]):
    def reduce(self, value1: int) -> int:  # error: override
        return value1


class Count(KeyedProcessFunction):
    count: ValueState[int]

    def open(self, runtime_context: RuntimeContext) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))
        runtime_context.get_state(MapStateDescriptor("map", int, int))  # error: arg-type
        runtime_context.get_value_state("count")  # error: attr-defined

    def process_element(self, value: str, ctx: KeyedProcessFunction.Context) -> Iterator[str]:
        self.count.update("one")  # error: arg-type
        self.count.update(self.count.value() + 1)  # error: operator
        ctx.timer_service().register_event_time_timer("now")  # error: arg-type
        ctx.timer_service().register_event_time_timer(ctx.timestamp())  # error: arg-type
        ctx.collect(value)  # error: attr-defined
        yield value


env.set_parallelism("2")  # error: arg-type
env.enable_checkpointing("1 s")  # error: arg-type
env.execute(job_nam="sales")  # error: call-arg
env.from_source(NumberSequenceSource(1, 10), "numbers")  # error: call-arg, arg-type
NumberSequenceSource("1", 10)  # error: arg-type
Configuration.from_dict("parallelism")  # error: arg-type
WatermarkStrategy.for_bounded_out_of_orderness(5)  # error: arg-type
WatermarkStrategy.no_watermarks().with_idleness(60_000)  # error: arg-type
Duration.of_seconds("5")  # error: arg-type
TumblingEventTimeWindows.of("10 s")  # error: arg-type
sales.mapp(len)  # error: attr-defined
sales.map(3)  # error: arg-type
sales.filter("x > 1")  # error: arg-type
sales.window(TumblingEventTimeWindows.of(Time.seconds(1)))  # error: attr-defined
sales.process(Count())  # error: arg-type
sales.sink_to("out")  # error: arg-type
keyed.reduce(max).uid(7)  # error: arg-type
Types.INTEGER()  # error: attr-defined
Source()  # error: abstract
total: int = sales.execute_and_collect(limit=3)  # error: assignment
