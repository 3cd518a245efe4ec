"""Jobs with a Kafka sink on a real broker; commits run on a thread beside the task."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from flott.common import Configuration, WatermarkStrategy
from flott.common.serialization import SimpleStringSchema
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.datagen import DataGeneratorSource, RateLimiterStrategy
from flott.datastream.connectors.kafka import (
    KafkaRecordSerializationSchema,
    KafkaSink,
    ProducerRecord,
)
from tests.connectors.kafka.real import committed
from tests.services.kafka import KafkaCluster

COUNT = 5_000
RATE = 5_000


class Once:
    """Fails at some records, each time once; what it knows outlives the restart."""

    left: Iterator[int] = iter(())
    at = -1

    @classmethod
    def reset(cls, *numbers: int) -> None:
        cls.left = iter(numbers)
        cls.at = next(cls.left, -1)

    @classmethod
    def check(cls, number: int) -> int:
        if number == cls.at:
            cls.at = next(cls.left, -1)
            raise RuntimeError("on purpose")
        return number


def whole(number: int, time: int | None) -> ProducerRecord:
    text = str(number).encode()
    return ProducerRecord("", text, str(number % 7).encode(), headers=[("n", text)])


def sink(kafka: KafkaCluster, topic: str, serializer: Any, **properties: str) -> KafkaSink:
    builder = (
        KafkaSink.builder()
        .set_bootstrap_servers(kafka.bootstrap_servers)
        .set_record_serializer(serializer)
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix(topic)
    )
    return builder.set_properties(properties).build()


def environment(parallelism: int = 1) -> StreamExecutionEnvironment:
    """Restarts at once, and takes many checkpoints."""
    options = {
        "execution.checkpointing.interval": "50 ms",
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": "10",
        "restart-strategy.fixed-delay.delay": "1 ms",
    }
    env = StreamExecutionEnvironment.get_execution_environment(Configuration.from_dict(options))
    env.set_parallelism(parallelism)
    return env


def numbers(env: StreamExecutionEnvironment) -> Any:
    """Numbers that come slowly enough for some checkpoints; at two of them the job fails."""
    Once.reset(COUNT // 3, COUNT - 1)
    rate = RateLimiterStrategy.per_second(RATE)
    source = DataGeneratorSource(int, COUNT, rate)
    return env.from_source(source, WatermarkStrategy.no_watermarks(), "numbers").map(Once.check)


@pytest.mark.parametrize("parallelism", [1, 2])
def test_a_job_that_fails_again_and_again_writes_each_record_once(
    kafka: KafkaCluster, parallelism: int
) -> None:
    topic = kafka.create_topic(partitions=3)
    env = environment(parallelism)
    serializer = KafkaRecordSerializationSchema.of(
        lambda number, time: whole(number, time)._replace(topic=topic)
    )
    numbers(env).sink_to(sink(kafka, topic, serializer))
    env.execute()
    found = committed(kafka, topic)
    assert sorted(int(each.value()) for each in found) == list(range(COUNT))
    assert all(each.headers() == [("n", each.value())] for each in found)
    assert {each.key() for each in found} == {str(n).encode() for n in range(7)}


def test_partitions_keep_the_order_of_writing(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic(partitions=2)
    env = environment()
    serializer = (
        KafkaRecordSerializationSchema.builder()
        .set_topic(topic)
        .set_key_serialization_schema(SimpleStringSchema())
        .set_value_serialization_schema(SimpleStringSchema())
        .build()
    )
    numbers(env).map(str).sink_to(sink(kafka, topic, serializer, **{"linger.ms": "1"}))
    env.execute()
    found = committed(kafka, topic)
    assert len(found) == COUNT
    for partition in range(2):
        seen = [int(each.value()) for each in found if each.partition() == partition]
        assert seen == sorted(seen)
