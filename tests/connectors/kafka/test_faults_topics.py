"""Topics that are deleted, grow, or have lost the records a job wants: on a real broker."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from flott.common import WatermarkStrategy
from flott.common.errors import JobExecutionError, SinkError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaSource
from flott.testing.connectors import SinkJob
from tests.connectors.kafka.real import Tables, produce, settled_numbers, sink_of_numbers
from tests.services.kafka import KafkaCluster


def stream_of(kafka: KafkaCluster, topic: str, **properties: str) -> Any:
    builder = KafkaSource.builder().set_bootstrap_servers(kafka.bootstrap_servers)
    builder.set_topics(topic).set_value_only_deserializer(SimpleStringSchema())
    builder.set_starting_offsets(KafkaOffsetsInitializer.earliest())
    for name, value in properties.items():
        builder.set_property(name.replace("_", "."), value)
    env = StreamExecutionEnvironment.get_execution_environment()
    return env.from_source(builder.build(), WatermarkStrategy.no_watermarks(), "Kafka")


def test_topic_deleted_while_it_is_read_is_named(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, "a")
    settings = {
        "partition_discovery_interval_ms": "100",
        "topic_metadata_refresh_interval_ms": "500",
    }
    with stream_of(kafka, topic, **settings).execute_and_collect() as found:
        assert next(found) == "a"
        kafka.delete_topic(topic)
        with pytest.raises(JobExecutionError, match=rf"'{topic}'"):
            next(found)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee)[:2], ids=lambda each: each.name)
def test_topic_deleted_while_it_is_written_is_named(
    kafka: KafkaCluster, guarantee: DeliveryGuarantee
) -> None:
    topic = kafka.create_topic()
    settings = {"delivery_timeout_ms": 10_000, "topic_metadata_refresh_interval_ms": 500}
    job = SinkJob(sink_of_numbers(kafka.bootstrap_servers, topic, guarantee, **settings))
    job.write(1)
    job.take_checkpoint()
    kafka.delete_topic(topic)
    with pytest.raises(SinkError, match=f"Topic '{topic}' does not exist on .*, or no longer"):
        write_epochs(job, 20)


def write_epochs(job: SinkJob, count: int) -> None:
    for _ in range(count):
        job.write(1)
        job.take_checkpoint()


def test_partition_added_while_it_runs_is_read_from_its_first_record(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, "a")
    interval = {"partition_discovery_interval_ms": "100"}
    with stream_of(kafka, topic, **interval).execute_and_collect() as found:
        assert next(found) == "a"
        kafka.add_partitions(topic, 2)
        produce(kafka, topic, "b", "c", partition=1)
        assert [next(found), next(found)] == ["b", "c"]


def test_partition_added_while_it_is_written_changes_nothing(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    job = SinkJob(sink_of_numbers(kafka.bootstrap_servers, topic))
    job.write(20)
    job.take_checkpoint()
    kafka.add_partitions(topic, 3)
    job.write(20)
    job.crash(parallelism=2)
    job.write(20)
    job.finish()
    assert settled_numbers(kafka, topic) == list(range(40))


def test_records_deleted_before_they_were_read_are_named_with_the_range(
    kafka: KafkaCluster,
) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, '{"n": 0}', '{"n": 1}', '{"n": 2}')
    commit_offset(kafka, f"{topic}-group", topic, 0)
    kafka.delete_records(topic, 0, 2)
    start = {
        "format": "json",
        "scan.startup.mode": "group-offsets",
        "properties.group.id": f"{topic}-group",
    }
    tables = Tables(kafka.bootstrap_servers)
    tables.create("numbers", "n INT", topic, start)
    with pytest.raises(JobExecutionError, match=f"{topic}.*no offset 0: there are offsets 2 to 2"):
        tables.rows("SELECT * FROM numbers")
    tables.create(
        "remaining", "n INT", topic, {**start, "properties.auto.offset.reset": "earliest"}
    )
    assert tables.rows("SELECT * FROM remaining") == [(2,)]


def commit_offset(kafka: KafkaCluster, group: str, topic: str, offset: int) -> None:
    consumer = Consumer(kafka.client_settings(group_id=group))
    consumer.commit(offsets=[TopicPartition(topic, 0, offset)], asynchronous=False)
    consumer.close()
