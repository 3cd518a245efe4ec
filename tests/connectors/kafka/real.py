"""Records, sinks and tables on a real broker, for tests of what goes wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, Message, Producer, TopicPartition

from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from flott.connectors.kafka.sink.kafka_sink import KafkaSink
from flott.table import EnvironmentSettings, TableEnvironment
from tests.connectors.kafka.sink_jobs import Numbers
from tests.services.kafka import LIMIT_S, KafkaCluster, wait_until


def produce(kafka: KafkaCluster, topic: str, *values: bytes | str, partition: int = 0) -> None:
    """Write values and wait until they are there."""
    producer = Producer(kafka.client_settings())
    for value in values:
        producer.produce(topic, value, partition=partition)
    assert producer.flush(LIMIT_S) == 0


def committed(kafka: KafkaCluster, topic: str) -> list[Message]:
    """What readers with ``read_committed`` see of a topic now."""
    settings = kafka.client_settings(group_id=topic, isolation_level="read_committed")
    consumer = Consumer({**settings, "enable.auto.commit": False})
    ends = kafka.end_offsets(topic, read_committed=True)
    places = [TopicPartition(topic, partition, 0) for partition in ends]
    consumer.assign(places)
    found: list[Message] = []
    while any(max(at.offset, 0) < ends[at.partition] for at in consumer.position(places)):
        found += [each for each in consumer.consume(1000, 0.1) if each.error() is None]
    consumer.close()
    return found


def all_settled(kafka: KafkaCluster, topic: str) -> bool:
    """Whether no transaction is open: readers see all there is, or that it was aborted."""
    return kafka.end_offsets(topic, read_committed=True) == kafka.end_offsets(topic)


def settled_numbers(kafka: KafkaCluster, topic: str) -> list[int]:
    """The numbers in a topic once no transaction is open: a broker tells the partitions of a
    commit a moment after it has told the producer."""
    wait_until(lambda: all_settled(kafka, topic), f"no transaction is open in {topic}")
    return numbers(kafka, topic)


def numbers(kafka: KafkaCluster, topic: str) -> list[int]:
    """The numbers that can be seen in a topic now, in order."""
    return sorted(int(message.value() or b"") for message in committed(kafka, topic))


def sink_of_numbers(
    servers: str,
    topic: str,
    guarantee: DeliveryGuarantee = DeliveryGuarantee.EXACTLY_ONCE,
    **properties: Any,
) -> KafkaSink:
    """A sink of numbers; in property names ``_`` stands for a dot."""
    given = {name.replace("_", "."): str(value) for name, value in properties.items()}
    return KafkaSink(
        {"bootstrap.servers": servers, **given},
        topic,
        Numbers(),
        guarantee,
        topic,
        clients=LibrdkafkaClients(),
    )


class Tables:
    """Bounded Kafka tables of one broker."""

    def __init__(self, servers: str) -> None:
        self.servers = servers
        self.environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())

    def create(self, name: str, columns: str, topic: str, options: Mapping[str, str]) -> None:
        """A table that ends with what is there when the job starts."""
        given = {
            "connector": "kafka",
            "topic": topic,
            "properties.bootstrap.servers": self.servers,
            "scan.startup.mode": "earliest-offset",
            "scan.bounded.mode": "latest-offset",
            **options,
        }
        text = ", ".join(f"'{key}' = '{value}'" for key, value in given.items())
        self.environment.execute_sql(f"CREATE TABLE {name} ({columns}) WITH ({text})")

    def run(self, statement: str) -> None:
        """Run a statement to its end."""
        self.environment.execute_sql(statement).wait(120_000)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.environment.execute_sql(query).collect() as rows:
            return sorted(tuple(row) for row in rows)
