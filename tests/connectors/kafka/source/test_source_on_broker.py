"""The source against a real broker, in jobs and reader by reader."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from flott.common import WatermarkStrategy
from flott.common.errors import FlottError, JobExecutionError, SourceError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from flott.connectors.kafka.records.object_decoder import ObjectDecoderFactory
from flott.connectors.kafka.records.record_deserialization import KafkaRecordDeserializationSchema
from flott.connectors.kafka.source.kafka_source import KafkaSource, KafkaSourceBuilder
from flott.connectors.kafka.source.reader import KafkaReader, ReaderSettings
from flott.connectors.kafka.source.source_properties import SourceProperties
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaTopicPartition
from tests.connectors.fakes import FakeContext

if TYPE_CHECKING:
    from tests.services.kafka import KafkaCluster

LATEST = KafkaOffsetsInitializer.latest()
NO_WATERMARKS = WatermarkStrategy.no_watermarks()
WAIT_S = 60.0


@pytest.fixture
def write(kafka: KafkaCluster) -> Callable[..., None]:
    """Writes values to a partition and waits until they are there."""
    from confluent_kafka import Producer

    def produce(topic: str, *values: Any, partition: int = 0, **more: Any) -> None:
        producer = Producer(kafka.client_settings())
        for value in values:
            data = value.encode() if isinstance(value, str) else value
            producer.produce(topic, data, partition=partition, **more)
        assert producer.flush(WAIT_S) == 0

    return produce


def builder_at(kafka: KafkaCluster, *topics: str) -> KafkaSourceBuilder:
    builder = KafkaSource.builder().set_bootstrap_servers(kafka.bootstrap_servers)
    builder.set_value_only_deserializer(SimpleStringSchema())
    return builder.set_topics(*topics) if topics else builder


def collect(builder: KafkaSourceBuilder, limit: int | None = None, **options: str) -> list[Any]:
    """The records that a job of its own reads."""
    env = StreamExecutionEnvironment.get_execution_environment()
    env.set_parallelism(2)
    stream = env.from_source(builder.build(), NO_WATERMARKS, "Kafka")
    with stream.execute_and_collect() as found:
        return list(found) if limit is None else [next(found) for _ in range(limit)]


# --- jobs ----------------------------------------------------------------------------------------


def test_a_bounded_job_reads_all_partitions(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic(partitions=3)
    expected = [f"{partition}-{number}" for partition in range(3) for number in range(500)]
    for partition in range(3):
        write(topic, *expected[partition * 500 : partition * 500 + 500], partition=partition)
    found = collect(builder_at(kafka, topic).set_bounded(LATEST))
    assert sorted(found) == sorted(expected)
    for partition in range(3):
        own = [each for each in found if each.startswith(f"{partition}-")]
        assert own == [f"{partition}-{number}" for number in range(500)]


def test_keys_headers_and_times(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic()
    write(topic, "v", key=b"k", headers=[("h", b"1"), ("h", None)], timestamp=1234)
    write(topic, None, key=b"gone", timestamp=1235)
    schema = KafkaRecordDeserializationSchema.of(lambda r: tuple(r)[2:8])
    builder = builder_at(kafka, topic).set_deserializer(schema).set_bounded(LATEST)
    assert collect(builder) == [
        (0, 1234, 1, b"k", b"v", (("h", b"1"), ("h", None))),
        (1, 1235, 1, b"gone", None, ()),
    ]


def test_topics_by_pattern_and_a_partition_added_while_it_runs(
    kafka: KafkaCluster, write: Any
) -> None:
    topic = kafka.create_topic()
    write(topic, "before")
    builder = builder_at(kafka).set_topic_pattern(f"{topic}(-more)?")
    builder.set_property("partition.discovery.interval.ms", "100")
    env = StreamExecutionEnvironment.get_execution_environment()
    stream = env.from_source(builder.build(), NO_WATERMARKS, "Kafka")
    with stream.execute_and_collect() as found:
        assert next(found) == "before"
        kafka.create_topic(f"{topic}-more")
        write(f"{topic}-more", "a")
        assert next(found) == "a"
        kafka.add_partitions(topic, 2)
        write(topic, "b", partition=1)
        assert next(found) == "b"


@pytest.mark.parametrize(
    ("offsets", "values"),
    [
        (KafkaOffsetsInitializer.earliest(), ["x", "y", "z"]),
        (KafkaOffsetsInitializer.timestamp(150), ["y", "z"]),
        (KafkaOffsetsInitializer.committed_offsets("latest"), ["z"]),
        (LATEST, []),
    ],
)
def test_where_reading_begins(
    kafka: KafkaCluster, write: Any, offsets: KafkaOffsetsInitializer, values: list[str]
) -> None:
    from confluent_kafka import Consumer, TopicPartition

    topic = kafka.create_topic()
    for number, value in enumerate("xyz"):
        write(topic, value, timestamp=100 * (number + 1))
    consumer = Consumer(kafka.client_settings(group_id=topic))
    consumer.commit(offsets=[TopicPartition(topic, 0, 2)], asynchronous=False)
    consumer.close()
    builder = builder_at(kafka, topic).set_group_id(topic).set_starting_offsets(offsets)
    assert collect(builder.set_bounded(LATEST)) == values


def test_reading_between_given_offsets(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic()
    write(topic, *"uvwxyz")
    place = KafkaTopicPartition(topic, 0)
    builder = builder_at(kafka, topic)
    builder.set_starting_offsets(KafkaOffsetsInitializer.offsets({place: 1}))
    builder.set_unbounded(KafkaOffsetsInitializer.offsets({place: 4}))
    assert collect(builder) == ["v", "w", "x"]


def test_only_what_is_committed(kafka: KafkaCluster, write: Any) -> None:
    from confluent_kafka import Producer

    topic = kafka.create_topic()
    for value, is_kept in (("kept", True), ("dropped", False)):
        producer = Producer(kafka.client_settings(transactional_id=f"{topic}-{value}"))
        producer.init_transactions(WAIT_S)
        producer.begin_transaction()
        producer.produce(topic, value, partition=0)
        producer.flush(WAIT_S)
        (producer.commit_transaction if is_kept else producer.abort_transaction)(WAIT_S)
    builder = builder_at(kafka, topic).set_bounded(LATEST)
    assert collect(builder) == ["kept", "dropped"]
    assert collect(builder.set_property("isolation.level", "read_committed")) == ["kept"]


def test_brokers_that_do_not_answer_are_named() -> None:
    builder = KafkaSource.builder().set_bootstrap_servers("127.0.0.1:1").set_topics("a")
    builder.set_value_only_deserializer(SimpleStringSchema())
    builder.set_property("default.api.timeout.ms", "100")
    with pytest.raises(FlottError, match=r"127\.0\.0\.1:1 failed while looking for topic a: .*"):
        collect(builder)


def test_a_missing_topic_is_named_with_the_nearest(kafka: KafkaCluster) -> None:
    topic = kafka.create_topic()
    with pytest.raises(FlottError, match=rf"no topic '{topic}x'\. Did you mean '{topic}'\?"):
        collect(builder_at(kafka, f"{topic}x").set_bounded(LATEST))


def test_a_malformed_record_is_named_and_may_go_to_a_topic(kafka: KafkaCluster, write: Any) -> None:
    topic, dead = kafka.create_topic(), kafka.create_topic()
    write(topic, "x", b"\xff", "z")
    with pytest.raises(JobExecutionError, match=f"topic '{topic}', partition 0, offset 1: value"):
        collect(builder_at(kafka, topic).set_bounded(LATEST))
    builder = builder_at(kafka, topic).set_bounded(LATEST).set_dead_letter_topic(dead)
    assert collect(builder) == ["x", "z"]
    letters = KafkaRecordDeserializationSchema.of(lambda r: (r.value, dict(r.headers)))
    ((value, headers),) = collect(
        builder_at(kafka, dead).set_deserializer(letters).set_bounded(LATEST)
    )
    assert value == b"\xff"
    assert headers["flott.topic"] == topic.encode()
    assert headers["flott.offset"] == b"1"


# --- readers -------------------------------------------------------------------------------------


class WaitingContext(FakeContext):
    """A task that can be waited for; what it is to call later it calls at once."""

    def __init__(self) -> None:
        super().__init__()
        self.awake = threading.Event()

    def wake(self) -> None:
        self.awake.set()

    def schedule(self, timestamp_ms: int, callback: Callable[[], None]) -> None:
        callback()


def open_reader(
    kafka: KafkaCluster, *splits: KafkaPartitionSplit, **properties: str
) -> tuple[KafkaReader, WaitingContext]:
    dotted = {name.replace("_", "."): value for name, value in properties.items()}
    own = SourceProperties({"bootstrap.servers": kafka.bootstrap_servers, **dotted})
    context = WaitingContext()
    settings = ReaderSettings(
        clients=LibrdkafkaClients(),
        properties=own.of_consumer("job", "0"),
        producer_properties=own.of_producer("0"),
        decoder_factory=ObjectDecoderFactory(
            KafkaRecordDeserializationSchema.value_only(SimpleStringSchema())
        ),
        reset=own.reset,
        commits=own.commits,
    )
    reader = KafkaReader(context, settings)
    reader.add_splits(splits)
    return reader, context


def read(reader: KafkaReader, context: WaitingContext, count: int) -> list[str]:
    """The next records and ends of splits, at least so many."""
    found: list[str] = []
    while len(found) < count:
        context.awake.clear()
        batch = reader.poll(1000)
        if batch is None:
            assert context.awake.wait(WAIT_S), f"nothing comes after {found}"
            continue
        found += [] if batch.batch is None else batch.batch.values
        found += ["end"] if batch.finished else []
    return found


def test_positions_go_into_snapshots_and_to_the_group(kafka: KafkaCluster, write: Any) -> None:
    from tests.services.kafka import wait_until

    topic = kafka.create_topic()
    write(topic, *"xyz")
    split = KafkaPartitionSplit(topic, 0, 1)
    reader, context = open_reader(kafka, split, group_id=topic)
    assert read(reader, context, 2) == ["y", "z"]
    assert reader.snapshot(1) == [KafkaPartitionSplit(topic, 0, 3)]
    reader.notify_checkpoint_complete(1)
    wait_until(lambda: kafka.committed(topic, topic).get(0) == 3, "the offset is committed")
    reader.close()


def test_a_stop_among_markers_of_transactions(kafka: KafkaCluster, write: Any) -> None:
    from confluent_kafka import Producer

    topic = kafka.create_topic()
    write(topic, "x")
    producer = Producer(kafka.client_settings(transactional_id=topic))
    producer.init_transactions(WAIT_S)
    producer.begin_transaction()
    producer.produce(topic, "dropped", partition=0)
    producer.flush(WAIT_S)
    producer.abort_transaction(WAIT_S)
    split = KafkaPartitionSplit(topic, 0, 0, stop=3)
    reader, context = open_reader(kafka, split, isolation_level="read_committed")
    assert read(reader, context, 2) == ["x", "end"]
    reader.close()


def test_a_position_deleted_by_retention(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic()
    write(topic, *"vwxyz")
    kafka.delete_records(topic, 0, 3)
    split = KafkaPartitionSplit(topic, 0, 1)
    reader, context = open_reader(kafka, split)
    with pytest.raises(SourceError, match=r"no offset 1: there are offsets 3 to 4\. Retention"):
        read(reader, context, 1)
    reader.close()
    reader, context = open_reader(kafka, split, auto_offset_reset="earliest")
    assert read(reader, context, 2) == ["y", "z"]
    reader.close()


def test_a_paused_split(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic(partitions=2)
    splits = [KafkaPartitionSplit(topic, partition, 0) for partition in range(2)]
    reader, context = open_reader(kafka, *splits)
    reader.pause_splits([f"{topic}-0"], [])
    write(topic, "x")
    write(topic, "u", partition=1)
    assert read(reader, context, 1) == ["u"]
    reader.pause_splits([], [f"{topic}-0"])
    assert read(reader, context, 1) == ["x"]
    assert {each.position for each in reader.snapshot(1)} == {1}
    reader.close()


def test_a_topic_deleted_while_it_is_read(kafka: KafkaCluster, write: Any) -> None:
    topic = kafka.create_topic()
    write(topic, "x")
    fast = {
        "topic_metadata_propagation_max_ms": "0",
        "topic_metadata_refresh_interval_ms": "200",
    }
    reader, context = open_reader(kafka, KafkaPartitionSplit(topic, 0, 0), **fast)
    assert read(reader, context, 1) == ["x"]
    kafka.delete_topic(topic)
    with pytest.raises(SourceError, match=f"Topic '{topic}', partition 0 does not exist any more"):
        read(reader, context, 1)
    reader.close()
