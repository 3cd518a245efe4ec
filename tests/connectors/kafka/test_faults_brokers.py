"""Brokers that are down when a job starts, and leaders that change while it runs."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from flott.common.errors import JobExecutionError, SinkError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from flott.testing.connectors import SinkJob
from tests.connectors.kafka.real import Tables, produce, settled_numbers, sink_of_numbers
from tests.end_to_end.kafka_chaos.faults import World
from tests.end_to_end.kafka_chaos.run import Run
from tests.services.kafka import KafkaCluster, free_ports


def nobody() -> str:
    """An address where nobody listens."""
    return f"127.0.0.1:{free_ports(1)[0]}"


def test_broker_that_is_down_at_the_start_is_named_by_the_source() -> None:
    servers = nobody()
    tables = Tables(servers)
    options = {"format": "json", "properties.default.api.timeout.ms": "500"}
    tables.create("numbers", "n INT", "numbers", options)
    said = rf"(?s){servers} failed while looking for topic numbers: .*Are the brokers running"
    with pytest.raises(JobExecutionError, match=said):
        tables.rows("SELECT * FROM numbers")


def test_broker_that_is_down_at_the_start_is_named_by_the_sink() -> None:
    servers = nobody()
    sink = sink_of_numbers(
        servers, "numbers", DeliveryGuarantee.AT_LEAST_ONCE, delivery_timeout_ms=1000
    )
    job = SinkJob(sink)
    job.write(1)
    with pytest.raises(SinkError, match=f"The brokers {servers} did not answer in time"):
        job.take_checkpoint()


def test_job_waits_for_a_broker_that_is_down_at_the_start(own_kafka: KafkaCluster) -> None:
    topic = own_kafka.create_topic()
    produce(own_kafka, topic, '{"n": 7}')
    own_kafka.broker.terminate()
    tables = Tables(own_kafka.bootstrap_servers)
    tables.create("numbers", "n INT", topic, {"format": "json"})
    starting = threading.Thread(target=own_kafka.restart)
    starting.start()
    assert tables.rows("SELECT * FROM numbers") == [(7,)]
    starting.join()


def test_sink_commits_what_a_checkpoint_holds_when_the_broker_was_killed(
    own_kafka: KafkaCluster,
) -> None:
    topic = own_kafka.create_topic()
    job = SinkJob(sink_of_numbers(own_kafka.bootstrap_servers, topic))
    job.write(10)
    job.take_checkpoint(is_complete=False)
    own_kafka.broker.kill()
    own_kafka.restart()
    job.write(10)
    job.take_checkpoint()
    assert settled_numbers(own_kafka, topic) == list(range(20))
    job.close()


def test_call_that_never_returns_from_a_dead_broker_is_given_up(own_kafka: KafkaCluster) -> None:
    topic = own_kafka.create_topic()
    settings = {"bootstrap.servers": own_kafka.bootstrap_servers, "transactional.id": topic}
    producer = LibrdkafkaClients().producer(settings, topic)
    producer.init_transactions(60_000)
    producer.begin_transaction()
    own_kafka.broker.kill()
    with pytest.raises(ClientError) as caught:
        producer.send_offsets("group", {TopicPartition(topic, 0): (1, "")}, 1000)
    assert caught.value.is_fatal or caught.value.is_retriable
    producer.close()
    own_kafka.restart()
    successor = LibrdkafkaClients().producer(settings, topic)
    successor.init_transactions(60_000)
    successor.close()


def change_leaders(world: World) -> None:
    """the leader of a partition of each topic ends, one after the other"""
    for topic in ("records", "counts"):
        stopped = world.cluster.move_leadership(topic)
        world.wait(0.5)
        world.cluster.restart(stopped)
    world.cluster.elect_preferred("records")


def test_leaders_change_under_load_and_every_record_is_counted_once(
    kafka_cluster: KafkaCluster, tmp_path: Path
) -> None:
    outcome = Run(kafka_cluster, tmp_path, "stream", seed=2, rate=300)(1, [change_leaders])
    assert outcome.records > 0
