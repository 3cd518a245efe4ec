from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import SourceError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.kafka.client.ports import ClientError
from flott.connectors.kafka.source.dead_letter import DeadLetterTopic
from flott.connectors.kafka.source.kafka_source import KafkaSource
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.connectors.kafka.source.rejected import rejected_messages
from flott.testing.connectors.source_suite import SourceJob
from tests.connectors.kafka.frames import A0, A1, fetched_of
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients


@pytest.fixture
def broker() -> ModelBroker:
    broker = ModelBroker()
    broker.create_topic("dead")
    return broker


def topic_at(broker: ModelBroker, **properties: str) -> DeadLetterTopic:
    dotted = {name.replace("_", "."): value for name, value in properties.items()}
    servers = {"bootstrap.servers": "model:9092"}
    return DeadLetterTopic(ModelClients(broker), {**servers, **dotted}, "dead", "job")


def send(topic: DeadLetterTopic, rows: int = 1) -> None:
    values: list[bytes | None] = [b"%d" % row for row in range(rows)]
    headers: list[Any] = [[{"key": "own", "value": b"1"}], *([[]] * (rows - 1))]
    fetched = fetched_of(values, [(A0, 1), (A1, rows - 1)], headers=headers, key=[b"k"] * rows)
    malformed = [(row, "value: no number") for row in range(rows)]
    topic.send(fetched, range(rows), rejected_messages(fetched, malformed))


def test_a_record_arrives_as_it_came_with_the_reason_in_its_headers(broker: ModelBroker) -> None:
    topic = topic_at(broker)
    send(topic, 2)
    topic.flush()
    first, second = broker.read("dead")
    assert (first.key, first.value, first.timestamp) == (b"k", b"0", 1000)
    assert first.headers == (
        ("own", b"1"),
        ("flott.error", b"value: no number"),
        ("flott.topic", b"a"),
        ("flott.partition", b"0"),
        ("flott.offset", b"10"),
        ("flott.job", b"job"),
    )
    assert dict(second.headers)["flott.partition"] == b"1"


def test_a_flush_waits_for_what_was_sent(broker: ModelBroker) -> None:
    broker.rows_per_delivery = 0
    topic = topic_at(broker)
    send(topic, 3)
    assert broker.read("dead") == []
    topic.flush()
    assert len(broker.read("dead")) == 3
    before = broker.calls.count("flush")
    topic.flush()
    assert broker.calls.count("flush") == before


def test_more_than_the_client_takes_at_once(broker: ModelBroker) -> None:
    broker.rows_per_delivery = 0
    topic = topic_at(broker, queue_buffering_max_messages="2")
    send(topic, 5)
    topic.flush()
    assert [record.value for record in broker.read("dead")] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_topic_that_does_not_answer_fails_the_job(broker: ModelBroker) -> None:
    topic = topic_at(broker)
    broker.is_down = True
    send(topic, 2)
    with pytest.raises(SourceError, match="'dead' at model:9092 has not taken 2 records within 60"):
        topic.flush()


def test_a_record_that_is_refused_fails_the_job(broker: ModelBroker) -> None:
    topic = topic_at(broker)
    broker.fail("produce", ClientError("MSG_SIZE_TOO_LARGE", "Message size too large"))
    with pytest.raises(SourceError, match="writing to the dead-letter topic 'dead': Message size"):
        send(topic)


def test_what_is_left_is_written_at_the_end(broker: ModelBroker) -> None:
    broker.rows_per_delivery = 0
    topic = topic_at(broker)
    send(topic)
    topic.close()
    assert len(broker.read("dead")) == 1


def test_a_job_with_a_dead_letter_topic(broker: ModelBroker) -> None:
    broker.rows_per_delivery = 0
    broker.create_topic("a")
    for value in (b"x", b"\xff", b"y", b"\xfe"):
        broker.append("a", value)
    source = (
        KafkaSource.builder()
        .set_bootstrap_servers("model:9092")
        .set_topics("a")
        .set_bounded(OffsetsInitializer.latest())
        .set_value_only_deserializer(SimpleStringSchema())
        .set_dead_letter_topic("dead")
        .set_clients(ModelClients(broker))
        .build()
    )
    job = SourceJob(source)
    job.step(0, 2)
    assert broker.read("dead") == []
    job.take_checkpoint()
    assert [record.value for record in broker.read("dead")] == [b"\xff"]
    assert job.finish() == ["x", "y"]
    assert [record.value for record in broker.read("dead")] == [b"\xff", b"\xfe"]
    assert job.rejected == []
