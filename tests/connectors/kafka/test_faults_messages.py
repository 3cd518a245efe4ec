"""Records that are too large, damaged, or of a schema that nobody knows: on a real broker."""

from __future__ import annotations

import io
import json
from typing import Any

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema

from flott.common.errors import JobExecutionError, SinkError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.core.batch import RowBatch
from flott.testing.connectors import SinkJob
from tests.connectors.kafka.real import Tables, committed, produce, sink_of_numbers
from tests.services.kafka import KafkaCluster
from tests.services.registry import SchemaRegistryService

GOOD, BROKEN = '{"id": 1, "name": "a"}', '{"id": 2, "name": '
COLUMNS = "id BIGINT, name STRING"


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee)[:2], ids=lambda each: each.name)
def test_message_larger_than_the_client_sends_is_named_with_the_limits(
    kafka: KafkaCluster, guarantee: DeliveryGuarantee
) -> None:
    topic = kafka.create_topic()
    sink = sink_of_numbers(kafka.bootstrap_servers, topic, guarantee, message_max_bytes=2000)
    job = SinkJob(sink)
    said = rf"record of [45],\d\d\d bytes for topic '{topic}' is larger.*message.max.bytes=2,000"
    with pytest.raises(SinkError, match=said):
        write_large(job)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee)[:2], ids=lambda each: each.name)
def test_message_larger_than_the_topic_takes_is_named_with_the_limits(
    kafka: KafkaCluster, guarantee: DeliveryGuarantee
) -> None:
    topic = kafka.create_topic(config={"max.message.bytes": "2000"})
    job = SinkJob(sink_of_numbers(kafka.bootstrap_servers, topic, guarantee))
    said = rf"for topic '{topic}' is larger than allowed.*max\.message\.bytes.*compression"
    with pytest.raises(SinkError, match=said):
        write_large(job)


def write_large(job: SinkJob) -> None:
    """A record of 2 kB in key and value each, and what finds out that it did not arrive."""
    job.tasks[0].writer.write(RowBatch([10**2100]))
    for _ in range(3):
        job.take_checkpoint()


def table_of_json(kafka: KafkaCluster, topic: str) -> Tables:
    tables = Tables(kafka.bootstrap_servers)
    tables.create("people", COLUMNS, topic, {"format": "json"})
    return tables


def test_damaged_message_fails_the_job_and_is_named(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, GOOD, BROKEN)
    with pytest.raises(JobExecutionError, match=f"topic '{topic}', partition 0, offset 1: value"):
        table_of_json(kafka, topic).rows("SELECT * FROM people")


def test_damaged_message_is_left_out_if_the_user_says_so(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    produce(kafka, topic, BROKEN, GOOD, BROKEN)
    tables = table_of_json(kafka, topic)
    tables.environment.get_config().set("flott.source.on-error", "skip")
    assert tables.rows("SELECT * FROM people") == [(1, "a")]


def test_damaged_message_goes_to_a_topic_with_its_error(kafka: KafkaCluster) -> None:
    topic, dead = kafka.create_topic(), kafka.create_topic()
    produce(kafka, topic, GOOD, BROKEN)
    tables = Tables(kafka.bootstrap_servers)
    tables.create("people", COLUMNS, topic, {"format": "json", "scan.dead-letter.topic": dead})
    assert tables.rows("SELECT * FROM people") == [(1, "a")]
    [letter] = committed(kafka, dead)
    headers = dict(letter.headers() or [])
    assert letter.value() == BROKEN.encode()
    assert (headers["flott.topic"], headers["flott.offset"]) == (topic.encode(), b"1")


class Registered:
    """Messages in Avro by schemas of a registry."""

    def __init__(self, registry: SchemaRegistryService, subject: str) -> None:
        self.registry = registry
        self.subject = subject

    def message(self, fields: list[dict[str, Any]], record: dict[str, Any]) -> bytes:
        schema = {"type": "record", "name": "person", "fields": fields}
        registered = Schema(json.dumps(schema), "AVRO")
        number = self.registry.client.register_schema(self.subject, registered)
        stream = io.BytesIO()
        fastavro.schemaless_writer(stream, fastavro.parse_schema(schema), record)
        return b"\0" + number.to_bytes(4, "big") + stream.getvalue()


ID, NAME = {"name": "id", "type": "long"}, {"name": "name", "type": ["null", "string"]}
TOWN = {"name": "town", "type": "string", "default": "?"}


def table_of_avro(
    kafka: KafkaCluster, registry: SchemaRegistryService, topic: str, columns: str
) -> Tables:
    tables = Tables(kafka.bootstrap_servers)
    options = {"format": "avro-confluent", "avro-confluent.url": registry.url}
    tables.create("people", columns, topic, options)
    return tables


def test_schema_that_the_registry_does_not_know_is_named_with_the_message(
    kafka: KafkaCluster, schema_registry: SchemaRegistryService
) -> None:
    topic = kafka.create_topic()
    known = Registered(schema_registry, f"{topic}-value").message([ID], {"id": 1})
    produce(kafka, topic, known, b"\0" + (987_654).to_bytes(4, "big") + b"\2")
    tables = table_of_avro(kafka, schema_registry, topic, "id BIGINT")
    said = rf"(?s)topic '{topic}', partition 0, offset 1: .*987654"
    with pytest.raises(JobExecutionError, match=said):
        tables.rows("SELECT * FROM people")


def test_messages_of_older_and_newer_schemas_are_read_by_name(
    kafka: KafkaCluster, schema_registry: SchemaRegistryService
) -> None:
    topic = kafka.create_topic()
    written = Registered(schema_registry, f"{topic}-value")
    produce(
        kafka,
        topic,
        written.message([ID], {"id": 1}),
        written.message([ID, NAME], {"id": 2, "name": "b"}),
        written.message([TOWN, NAME, ID], {"id": 3, "name": "c", "town": "Ulm"}),
    )
    tables = table_of_avro(kafka, schema_registry, topic, "id BIGINT, name STRING, town STRING")
    rows = [(1, None, None), (2, "b", None), (3, "c", "Ulm")]
    assert tables.rows("SELECT * FROM people") == rows
