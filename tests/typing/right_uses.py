"""What users write; a type checker must have nothing to say about it. Never run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, assert_type

from flott.common import (
    Configuration,
    Duration,
    Encoder,
    JobExecutionResult,
    Row,
    RowKind,
    Time,
    Types,
    WatermarkStrategy,
)
from flott.common.job_client import JobClient
from flott.common.watermark_strategy import TimestampAssigner, WatermarkGenerator, WatermarkOutput
from flott.datastream import (
    AggregateFunction,
    AsyncDataStream,
    AsyncFunction,
    BroadcastProcessFunction,
    CoMapFunction,
    DataStream,
    FilterFunction,
    FlatMapFunction,
    KeyedProcessFunction,
    KeyedStream,
    KeySelector,
    MapFunction,
    OutputTag,
    ProcessFunction,
    ProcessWindowFunction,
    ReduceFunction,
    RuntimeContext,
    RuntimeExecutionMode,
    StreamExecutionEnvironment,
    TimeWindow,
)
from flott.datastream.connectors import NumberSequenceSource
from flott.datastream.connectors.base import RowBatch, Sink, SinkWriter
from flott.datastream.connectors.file_system import FileSink, RollingPolicy
from flott.datastream.state import (
    MapState,
    MapStateDescriptor,
    StateTtlConfig,
    ValueState,
    ValueStateDescriptor,
)
from flott.datastream.window import CountTrigger, TumblingEventTimeWindows


@dataclass(frozen=True)
class Sale:
    shop: str
    at_ms: int
    amount: float


class AtOf(TimestampAssigner):
    def extract_timestamp(self, value: Sale, record_timestamp: int) -> int:
        return value.at_ms


class Marks(WatermarkGenerator):
    def on_event(self, event: Sale, event_timestamp: int, output: WatermarkOutput) -> None:
        output.emit_watermark(event_timestamp)

    def on_periodic_emit(self, output: WatermarkOutput) -> None:
        output.mark_idle()


class AmountOf(MapFunction[Sale, float]):
    def map(self, value: Sale) -> float:
        return value.amount


class IsLarge(FilterFunction[Sale]):
    def filter(self, value: Sale) -> bool:
        return value.amount > 100


class Letters(FlatMapFunction[Sale, str]):
    def flat_map(self, value: Sale) -> Iterator[str]:
        yield from value.shop


class ShopOf(KeySelector[Sale, str]):
    def get_key(self, value: Sale) -> str:
        return value.shop


class Larger(ReduceFunction[Sale]):
    def reduce(self, value1: Sale, value2: Sale) -> Sale:
        return max(value1, value2, key=lambda sale: sale.amount)


class Mean(AggregateFunction[Sale, tuple[float, int], float]):
    def create_accumulator(self) -> tuple[float, int]:
        return 0.0, 0

    def add(self, value: Sale, accumulator: tuple[float, int]) -> tuple[float, int]:
        return accumulator[0] + value.amount, accumulator[1] + 1

    def get_result(self, accumulator: tuple[float, int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, acc_a: tuple[float, int], acc_b: tuple[float, int]) -> tuple[float, int]:
        return acc_a[0] + acc_b[0], acc_a[1] + acc_b[1]


class Watch(KeyedProcessFunction):
    count: ValueState[int]
    seen: MapState[str, int]

    def open(self, runtime_context: RuntimeContext) -> None:
        descriptor = ValueStateDescriptor("count", Types.LONG())
        descriptor.enable_time_to_live(StateTtlConfig.new_builder(Duration.of_hours(1)).build())
        self.count = runtime_context.get_state(descriptor)
        self.seen = runtime_context.get_map_state(MapStateDescriptor("seen", str, int))
        runtime_context.get_metrics_group().counter("sales").inc()

    def process_element(
        self, value: Sale, ctx: KeyedProcessFunction.Context
    ) -> Iterator[tuple[str, int]]:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        if self.seen.contains(value.shop):
            self.seen.put(value.shop, count)
        ctx.timer_service().register_event_time_timer((ctx.timestamp() or 0) + 60_000)
        yield ctx.get_current_key(), count

    def on_timer(
        self, timestamp: int, ctx: KeyedProcessFunction.OnTimerContext
    ) -> Iterator[tuple[str, int]]:
        assert_type(timestamp, int)
        yield ctx.get_current_key(), 0


class Window(ProcessWindowFunction[Sale, str, str, TimeWindow]):
    def process(
        self,
        key: str,
        context: "ProcessWindowFunction.Context[TimeWindow]",
        elements: Iterable[Sale],
    ) -> Iterator[str]:
        assert_type(context.window(), TimeWindow)
        yield f"{key} {context.window().start} {sum(sale.amount for sale in elements)}"


class Both(CoMapFunction[Sale, int, str]):
    def map1(self, value: Sale) -> str:
        return value.shop

    def map2(self, value: int) -> str:
        return str(value)


class Ask(AsyncFunction[Sale, str]):
    async def async_invoke(self, value: Sale) -> list[str]:
        return [value.shop]


class Rules(BroadcastProcessFunction[Sale, int, Sale]):
    def process_element(
        self, value: Sale, ctx: BroadcastProcessFunction.ReadOnlyContext
    ) -> Iterator[Sale]:
        yield value

    def process_broadcast_element(
        self, value: int, ctx: BroadcastProcessFunction.Context
    ) -> Iterator[Sale]:
        yield from ()


class Split(ProcessFunction):
    def process_element(self, value: Sale, ctx: ProcessFunction.Context) -> Iterator[Any]:
        yield OutputTag("large"), value


class Forget(SinkWriter):
    def write(self, batch: Any) -> None:
        assert isinstance(batch, RowBatch)


class Nowhere(Sink):
    def create_writer(self, context: Any, restored: list[Any], committer: Any) -> SinkWriter:
        return Forget()


def program() -> None:
    configuration = Configuration.from_dict({"parallelism.default": "2"})
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    env.set_parallelism(2).set_runtime_mode(RuntimeExecutionMode.AUTOMATIC)
    env.enable_checkpointing(1000)
    strategy = (
        WatermarkStrategy.for_bounded_out_of_orderness(Duration.of_seconds(5))
        .with_timestamp_assigner(AtOf())
        .with_idleness(Duration.of_minutes(1))
    )
    assert_type(strategy, WatermarkStrategy)
    WatermarkStrategy.for_generator(Marks).with_timestamp_assigner(lambda sale: sale.at_ms)

    numbers = env.from_source(
        NumberSequenceSource(1, 10), WatermarkStrategy.no_watermarks(), "numbers"
    )
    sales = env.from_collection([Sale("north", 1, 2.0)]).assign_timestamps_and_watermarks(strategy)
    assert_type(sales, DataStream)
    keyed = sales.filter(IsLarge()).key_by(ShopOf())
    assert_type(keyed, KeyedStream)
    counts = keyed.process(Watch(), Types.TUPLE([Types.STRING(), Types.LONG()])).uid("watch")
    assert_type(counts, DataStream)
    windows = keyed.window(TumblingEventTimeWindows.of(Time.seconds(10)))
    assert_type(windows.aggregate(Mean()), DataStream)
    windows.allowed_lateness(5_000).trigger(CountTrigger.of(3)).process(Window()).print("windows")
    keyed.reduce(Larger()).map(AmountOf()).map(round, output_type=int).name("rounded")
    sales.flat_map(Letters()).rebalance().print()
    sales.connect(numbers).map(Both())
    sales.process(Split()).get_side_output(OutputTag("large", Types.STRING())).print()
    AsyncDataStream.unordered_wait(sales, Ask(), Time.seconds(1), 100)
    rules = numbers.broadcast(MapStateDescriptor("rules", Types.STRING(), Types.LONG()))
    sales.connect(rules).process(Rules()).sink_to(Nowhere()).uid("nowhere")

    files = FileSink.for_row_format("out", Encoder.simple_string_encoder())
    sales.map(str).sink_to(
        files.with_rolling_policy(RollingPolicy.default_rolling_policy()).build()
    )
    assert_type(env.execute("job"), JobExecutionResult)
    client = env.execute_async()
    assert_type(client, JobClient)
    assert_type(client.stop_with_savepoint(False, "/savepoints").result(), str)
    with sales.execute_and_collect() as records:
        next(records)
    assert_type(sales.execute_and_collect(limit=3), list[Any])


def rows() -> None:
    row = Row(name="ada", age=36)
    row.set_row_kind(RowKind.INSERT)
    assert_type(row.get_row_kind(), RowKind)
