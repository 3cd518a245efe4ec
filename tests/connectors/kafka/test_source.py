"""The source as a whole, against the broker in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.kafka.object_decoder import ConsumerRecord, KafkaRecordDeserializationSchema
from flott.connectors.kafka.offsets import KafkaOffsetResetStrategy, OffsetsInitializer
from flott.connectors.kafka.ports import TopicPartition
from flott.connectors.kafka.source import KafkaSource
from flott.connectors.kafka.source_builder import KafkaSourceBuilder
from flott.core.source import Boundedness
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.source_suite import SourceJob, check_exactly_once, draw_run

LATEST = OffsetsInitializer.latest()


class Places(KafkaRecordDeserializationSchema):
    """Where a record was."""

    def deserialize(self, record: ConsumerRecord) -> Iterable[Any]:
        yield record.topic, record.partition, record.offset


def builder_of(broker: ModelBroker) -> KafkaSourceBuilder:
    builder = KafkaSource.builder().set_bootstrap_servers("model:9092")
    return builder.set_clients(ModelClients(broker)).set_deserializer(Places())


def fill(broker: ModelBroker, sizes: dict[str, list[int]]) -> list[tuple[str, int, int]]:
    """Topics whose partitions have so many records; what the source makes of them."""
    for topic, counts in sizes.items():
        broker.create_topic(topic, len(counts))
        for partition, count in enumerate(counts):
            for number in range(count):
                broker.append(topic, b"%d" % number, partition=partition)
    return places(sizes)


def places(sizes: dict[str, list[int]]) -> list[tuple[str, int, int]]:
    return [
        (topic, partition, offset)
        for topic, counts in sizes.items()
        for partition, count in enumerate(counts)
        for offset in range(count)
    ]


def assert_in_order(records: list[Any]) -> None:
    """Offsets of a partition rise by one."""
    last: dict[tuple[str, int], int] = {}
    for topic, partition, offset in records:
        assert offset == last.get((topic, partition), -1) + 1
        last[topic, partition] = offset


@given(st.data())
def test_bounded_reads_every_record_once_and_in_order(data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=5))
    broker = ModelBroker()
    expected = fill(broker, {"a": counts, "b": counts[:1]})
    source = builder_of(broker).set_topics("a", "b").set_bounded(LATEST).build()
    job = check_exactly_once(data.draw, source, expected)
    assert_in_order(job.records)
