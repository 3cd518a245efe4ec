"""The job as a DataStream program: counts each key, and its records in windows, exactly once.

Arguments: servers, topic of the records, topic of the counts, topic of the windows.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from flott.common import Time, Types, WatermarkStrategy
from flott.common.serialization import SimpleStringSchema
from flott.common.watermark_strategy import TimestampAssigner
from flott.datastream import (
    AggregateFunction,
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
    ProducerRecord,
)
from flott.datastream.state import ValueStateDescriptor
from flott.datastream.window import TumblingEventTimeWindows


class TimeOf(TimestampAssigner):
    """The time in a record."""

    def extract_timestamp(self, value: str, record_timestamp: int) -> int:
        return int(value.rsplit(" ", 1)[1])


class Count(KeyedProcessFunction):
    """Says of each record how many of its key there have been."""

    def open(self, ctx: Any) -> None:
        self.count = ctx.get_state(ValueStateDescriptor("count", Types.LONG()))

    def process_element(self, value: str, ctx: Any) -> Iterator[str]:
        key, number, _ = value.split(" ")
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield f"{key} {number} {count}"


class Sum(AggregateFunction):
    """Counts the records of a window."""

    def create_accumulator(self) -> int:
        return 0

    def add(self, value: str, accumulator: int) -> int:
        return accumulator + 1

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, a: int, b: int) -> int:
        return a + b


class Named(ProcessWindowFunction):
    """Says which window it was."""

    def process(self, key: str, context: Any, elements: Iterable[int]) -> Iterator[str]:
        for count in elements:
            yield f"{key} {context.window().start} {count}"


def sink(servers: str, topic: str) -> KafkaSink:
    """A sink that writes lines under their first word."""

    def to_record(line: str, timestamp: int | None) -> ProducerRecord:
        return ProducerRecord(topic, line.encode(), line.split(" ", 1)[0].encode())

    return (
        KafkaSink.builder()
        .set_bootstrap_servers(servers)
        .set_record_serializer(KafkaRecordSerializationSchema.of(to_record))
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix(topic)
        .set_property("transaction.timeout.ms", "20000")
        .build()
    )


def main(servers: str, records: str, counts: str, windows: str) -> None:
    """Run the job until somebody stops it."""
    env = StreamExecutionEnvironment.get_execution_environment()
    source = (
        KafkaSource.builder()
        .set_bootstrap_servers(servers)
        .set_topics(records)
        .set_group_id(f"{records}-job")
        .set_starting_offsets(KafkaOffsetsInitializer.earliest())
        .set_value_only_deserializer(SimpleStringSchema())
        .build()
    )
    strategy = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(TimeOf())
    stream = env.from_source(source, strategy, "records", Types.STRING())
    keyed = stream.filter(lambda line: not line.startswith("end ")).key_by(
        lambda line: line.split(" ", 1)[0], Types.STRING()
    )
    keyed.process(Count(), Types.STRING()).sink_to(sink(servers, counts)).name("counts")
    every = keyed.window(TumblingEventTimeWindows.of(Time.seconds(1)))
    sums = every.aggregate(Sum(), Named(), output_type=Types.STRING())
    sums.sink_to(sink(servers, windows)).name("windows")
    env.execute("chaos")


if __name__ == "__main__":
    main(*sys.argv[1:])
