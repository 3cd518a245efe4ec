"""Real clients when brokers, leaders and topics go away."""

from collections.abc import Callable, Iterator

import pytest

from flott.connectors.kafka.client.errors import MISSING_OFFSET, MISSING_TOPIC
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from tests.connectors.kafka.worlds import LIMIT_MS, Reading, World, real_world, values
from tests.services.kafka import KafkaCluster


@pytest.fixture
def world(kafka: KafkaCluster) -> Iterator[World]:
    with real_world(kafka) as made:
        yield made


@pytest.fixture
def own_world(own_kafka: KafkaCluster) -> Iterator[World]:
    with real_world(own_kafka) as made:
        yield made


def code_of(read: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as raised:
        read()
    return raised.value.code


def forever(_: Reading) -> bool:
    return False


def test_a_broker_that_comes_back_is_no_error(own_kafka: KafkaCluster, own_world: World) -> None:
    topic = own_world.create_topic(1)
    reading = own_world.reading().start(topic, 0)
    producer = own_world.producer(topic, enable_idempotence="true")
    assert producer.produce(values(b"before")) == 1
    reading.until(lambda reading: bool(reading.ends and reading.values()))
    own_kafka.broker.kill()
    assert producer.produce(values(b"while away")) == 1
    assert not producer.flush(10)
    own_kafka.restart()
    assert producer.flush(LIMIT_MS)
    reading.until(lambda reading: len(reading.values()) == 2)
    assert reading.values() == [b"before", b"while away"]


def test_a_transaction_outlives_a_broker_that_comes_back(
    own_kafka: KafkaCluster, own_world: World
) -> None:
    topic = own_world.create_topic(1)
    producer = own_world.producer(topic, transactional_id="id")
    producer.init_transactions(LIMIT_MS)
    producer.begin_transaction()
    assert producer.produce(values(b"1")) == 1
    assert producer.flush(LIMIT_MS)
    own_kafka.broker.kill()
    own_kafka.restart()
    assert producer.produce(values(b"2")) == 1
    producer.commit_transaction(LIMIT_MS)
    reading = own_world.reading().start(topic, 0)
    reading.until(lambda reading: bool(reading.found) and len(reading.values()) == 2)
    assert reading.values() == [b"1", b"2"]


def test_closing_does_not_wait_for_a_broker_that_hangs(
    own_kafka: KafkaCluster, own_world: World
) -> None:
    topic = own_world.create_topic(1)
    own_world.reading().start(topic, 0).to_ends()
    producer = own_world.producer(topic)
    own_kafka.broker.pause()
    assert producer.produce(values(b"1")) == 1
    own_world.close()
    own_kafka.broker.resume()


def test_a_new_leader_is_found(kafka_cluster: KafkaCluster) -> None:
    with real_world(kafka_cluster) as world:
        topic = world.create_topic(1)
        reading = world.reading().start(topic, 0)
        producer = world.producer(topic, enable_idempotence="true")
        assert producer.produce(values(b"1")) == 1
        assert producer.flush(LIMIT_MS)
        former = kafka_cluster.move_leadership(topic)
        assert producer.produce(values(b"2")) == 1
        assert producer.flush(LIMIT_MS)
        reading.until(lambda reading: bool(reading.found) and len(reading.values()) == 2)
        kafka_cluster.restart(former)
    assert reading.values() == [b"1", b"2"]


def test_a_topic_that_is_deleted_is_an_error(kafka: KafkaCluster, world: World) -> None:
    topic = world.create_topic(1)
    reading = world.reading(topic_metadata_propagation_max_ms="100").start(topic, 0)
    reading.to_ends()
    kafka.delete_topic(topic)
    assert code_of(lambda: reading.until(forever)) in MISSING_TOPIC


def test_a_topic_that_never_was_is_an_error(world: World) -> None:
    reading = world.reading(topic_metadata_propagation_max_ms="100")
    reading.start("no-such-topic", 0)
    assert code_of(lambda: reading.until(forever)) in MISSING_TOPIC


def test_writing_to_a_topic_that_never_was_is_an_error(world: World) -> None:
    producer = world.producer("no-such-topic", topic_metadata_propagation_max_ms="100")
    assert producer.produce(values(b"1")) == 1
    assert code_of(lambda: producer.flush(LIMIT_MS)) in MISSING_TOPIC


def test_records_deleted_before_they_are_read_are_missed(kafka: KafkaCluster, world: World) -> None:
    topic = world.create_topic(1)
    world.send(values(*[b"%d" % number for number in range(10)]), topic)
    kafka.delete_records(topic, 0, before_offset=5)
    reading = world.reading().start(topic, 0)
    assert code_of(lambda: reading.until(forever)) in MISSING_OFFSET
    assert reading.start(topic, 0, offset=5).to_ends().values()[0] == b"5"


def test_many_partitions_are_read_by_one_consumer(world: World) -> None:
    topic = world.create_topic(200)
    producer = world.producer(topic)
    for number in range(200):
        assert producer.produce(values(b"%d" % number, partition=number)) == 1
    assert producer.flush(LIMIT_MS)
    reading = world.reading("partition", "value").start(topic, *range(200)).to_ends(200)
    rows = sorted(reading.frame().rows())
    assert rows == [(number, b"%d" % number) for number in range(200)]
    assert set(reading.positions.values()) == {1}
    assert reading.consumer.end_offset(TopicPartition(topic, 199)) == 1
