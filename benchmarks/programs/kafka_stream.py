"""A benchmark on Kafka in Flott's DataStream API; runs until it is ended.

Arguments are those of kafka_sql.py.
"""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator

from yahoo_events import campaign_of_ads

from flott.common import Configuration, Duration, Row, Time, Types, WatermarkStrategy
from flott.datastream import (
    DataStream,
    KeyedProcessFunction,
    ProcessWindowFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.connectors.base import DeliveryGuarantee
from flott.datastream.connectors.kafka import (
    KafkaOffsetsInitializer,
    KafkaRecordSerializationSchema,
    KafkaSink,
    KafkaSource,
)
from flott.datastream.formats.json import (
    JsonRowDeserializationSchema,
    JsonRowSerializationSchema,
)
from flott.datastream.functions import AggregateFunction, RuntimeContext
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows

BIDS = Types.ROW_NAMED(["auction", "price", "sent"], [Types.LONG()] * 3)
COUNTED = Types.ROW_NAMED(["auction", "price", "sent", "bids"], [Types.LONG()] * 4)
ADS = Types.ROW_NAMED(
    ["ad_id", "event_type", "event_time"], [Types.STRING(), Types.STRING(), Types.LONG()]
)
VIEWS = Types.ROW_NAMED(
    ["campaign_id", "window_end", "ads"], [Types.STRING(), Types.STRING(), Types.LONG()]
)
KEY = Types.ROW_NAMED(["auction"], [Types.LONG()])


class CountPerAuction(KeyedProcessFunction):
    """Sends every bid on, with its number."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self._bids = runtime_context.get_state(ValueStateDescriptor("bids", int))

    def process_element(self, value: Row, ctx: KeyedProcessFunction.Context) -> Iterator[Row]:
        bids = (self._bids.value() or 0) + 1
        self._bids.update(bids)
        auction, price, sent = value
        yield Row(auction, price, sent, bids)


class Count(AggregateFunction):
    """Counts."""

    def create_accumulator(self) -> int:
        return 0

    def add(self, value: object, accumulator: int) -> int:
        return accumulator + 1

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, acc_a: int, acc_b: int) -> int:
        return acc_a + acc_b


class WithWindow(ProcessWindowFunction):
    """Puts campaign and window beside the count."""

    def process(
        self, key: str, context: ProcessWindowFunction.Context, elements: list[int]
    ) -> Iterator[Row]:
        end = datetime.datetime.fromtimestamp(context.window().end / 1000, datetime.UTC)
        yield Row(key, end.strftime("%Y-%m-%d %H:%M:%S"), *elements)


def count_bids(bids: DataStream) -> DataStream:
    """Every bid with its number."""
    return bids.key_by(lambda bid: bid[0]).process(CountPerAuction(), COUNTED)


def count_views(events: DataStream) -> DataStream:
    """Views of each campaign in windows of ten seconds."""
    campaigns = campaign_of_ads()
    return (
        events.filter(lambda event: event[1] == "view")
        .map(lambda event: campaigns[event[0]])
        .key_by(lambda campaign: campaign)
        .window(TumblingEventTimeWindows.of(Time.seconds(10)))
        .aggregate(Count(), WithWindow(), output_type=VIEWS)
    )


def make_sink(servers: str, target: str, guarantee: str, has_key: bool) -> KafkaSink:
    """The sink of results."""
    written = VIEWS if not has_key else COUNTED
    values = JsonRowSerializationSchema.builder().with_type_info(written).build()
    records = KafkaRecordSerializationSchema.builder().set_topic(target)
    records.set_value_serialization_schema(values)
    if has_key:
        keys = JsonRowSerializationSchema.builder().with_type_info(KEY).build()
        records.set_key_serialization_schema(keys)
    return (
        KafkaSink.builder()
        .set_bootstrap_servers(servers)
        .set_record_serializer(records.build())
        .set_delivery_guarantee(DeliveryGuarantee[guarantee.upper().replace("-", "_")])
        .set_transactional_id_prefix(target)
        .set_property("transaction.timeout.ms", "600000")
        .build()
    )


def main() -> None:
    """Run a case."""
    case, _, servers, source, target, guarantee, checkpoint_ms, folder = sys.argv[1:]
    options = {
        "parallelism.default": "1",
        "execution.checkpointing.interval": f"{checkpoint_ms} ms",
        "execution.checkpointing.dir": f"file://{folder}/checkpoints",
    }
    if os.environ.get("QUICK"):
        options["pipeline.auto-watermark-interval"] = "10 ms"
    configuration = Configuration.from_dict(options)
    env = StreamExecutionEnvironment.get_execution_environment(configuration)
    read = ADS if case == "yahoo" else BIDS
    records = (
        KafkaSource.builder()
        .set_bootstrap_servers(servers)
        .set_topics(source)
        .set_group_id(target)
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(JsonRowDeserializationSchema.builder().type_info(read).build())
        .build()
    )
    strategy = WatermarkStrategy.no_watermarks()
    if case == "yahoo":
        strategy = WatermarkStrategy.for_bounded_out_of_orderness(
            Duration.of_millis(0)
        ).with_timestamp_assigner(lambda event, _: event[2])
    stream = env.from_source(records, strategy, "records")
    results = count_views(stream) if case == "yahoo" else count_bids(stream)
    results.sink_to(make_sink(servers, target, guarantee, has_key=case == "kafka"))
    env.execute(case)


if __name__ == "__main__":
    main()
