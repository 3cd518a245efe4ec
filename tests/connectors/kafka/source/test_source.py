"""The source as a whole, against the broker in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Types
from flott.common.errors import ConfigurationError, SourceError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.collection import CollectionSource
from flott.connectors.hybrid import HybridSource
from flott.connectors.hybrid_messages import HybridSplit, SwitchSource
from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.records.record_deserialization import (
    ConsumerRecord,
    KafkaRecordDeserializationSchema,
)
from flott.connectors.kafka.source.kafka_source import KafkaSource, KafkaSourceBuilder
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from flott.core.source import Boundedness
from flott.testing.connectors.choices import choices_of
from flott.testing.connectors.source_suite import SourceJob, check_source, run_steps
from tests.connectors.fakes import FakeContext, FakeCoordinator
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

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
    check_source(data, source, expected, in_order_by=lambda place: place[:2])


@given(st.data())
def test_topics_that_grow_are_read_once_and_in_order(data: st.DataObject) -> None:
    """Records and partitions are added while the job runs, crashes and comes back."""
    broker = ModelBroker()
    fill(broker, {"a1": [3]})
    sizes = {"a1": [3]}
    source = builder_of(broker).set_topic_pattern("a.").set_group_id("g").build()
    job = SourceJob(source, data.draw(st.integers(1, 3)))
    for _ in range(data.draw(st.integers(1, 6))):
        grow(data.draw, broker, sizes)
        run_steps(choices_of(data), job)
    job.pass_time(1000)  # look for partitions
    while any(job.step(subtask, 10) for subtask in range(job.parallelism)):
        pass
    assert sorted(job.records) == places(sizes)
    assert_in_order(job.records)
    job.take_checkpoint()
    offsets = {str(place): offset for place, (offset, _) in broker.groups["g"].items()}
    ends = {f"{t}-{p}": count for t, counts in sizes.items() for p, count in enumerate(counts)}
    assert {name: end for name, end in ends.items() if end or name in offsets} == offsets
    job.close()


def grow(draw: Any, broker: ModelBroker, sizes: dict[str, list[int]]) -> None:
    topic = draw(st.sampled_from(["a1", "a2", "b1"]))
    if topic == "b1":  # not read
        broker.create_topic("b1")
        broker.append("b1", b"x")
        return
    counts = sizes.setdefault(topic, [])
    partition = draw(st.integers(0, min(len(counts), 3)))
    if partition == len(counts):
        counts.append(0)
        broker.create_topic(topic, len(counts))
    for _ in range(draw(st.integers(0, 5))):
        broker.append(topic, b"x", partition=partition)
        counts[partition] += 1


@given(st.data())
def test_only_committed_records_are_read_once(data: st.DataObject) -> None:
    broker = ModelBroker()
    broker.create_topic("a", 2)
    expected = []
    for number, is_committed in enumerate(data.draw(st.lists(st.booleans(), max_size=12))):
        owner, partition = f"t{number}", data.draw(st.integers(0, 1))
        epoch = broker.init(owner, 60_000)
        for _ in range(data.draw(st.integers(1, 4))):
            transaction = broker.transaction(owner, epoch)
            offset = broker.append("a", b"x", partition=partition, transaction=transaction)
            expected += [("a", partition, offset)] * is_committed
        broker.end(owner, epoch, "committed" if is_committed else "aborted")
    builder = builder_of(broker).set_topics("a").set_bounded(LATEST)
    builder.set_property("isolation.level", "read_committed")
    check_source(data, builder.build(), expected)


@given(st.data())
def test_history_from_elsewhere_then_kafka(data: st.DataObject) -> None:
    broker = ModelBroker()
    expected = fill(broker, {"a": [3, 2]})
    kafka = builder_of(broker).set_topics("a").set_bounded(LATEST).build()
    hybrid = HybridSource.builder(CollectionSource([1, 2])).add_source(kafka).build()
    check_source(data, hybrid, [1, 2, *expected])


def test_splits_of_a_batch_are_named_as_they_were_assigned() -> None:
    broker = ModelBroker()
    fill(broker, {"a": [1, 1]})
    kafka = builder_of(broker).set_topics("a").set_bounded(LATEST).build()
    hybrid = HybridSource.builder(CollectionSource([1])).add_source(kafka).build()
    (task,) = SourceJob(hybrid).tasks
    task.reader.handle_source_event(SwitchSource(1, kafka))
    splits = [HybridSplit(1, KafkaPartitionSplit("a", partition, 0)) for partition in (0, 1)]
    task.reader.add_splits(splits)
    found = task.reader.poll(10)
    assert [name for name, _ in found.parts] == [split.split_id for split in splits]


def test_reading_up_to_an_offset_without_being_bounded() -> None:
    broker = ModelBroker()
    fill(broker, {"a": [5, 2]})
    stops = OffsetsInitializer.offsets({TopicPartition("a", 0): 3, TopicPartition("a", 1): 2})
    source = builder_of(broker).set_topics("a").set_unbounded(stops).build()
    assert source.boundedness is Boundedness.CONTINUOUS_UNBOUNDED
    assert sorted(SourceJob(source, 2).finish()) == places({"a": [3, 2]})


def test_what_is_written_after_the_start_is_beyond_the_end() -> None:
    broker = ModelBroker()
    expected = fill(broker, {"a": [5]})
    job = SourceJob(builder_of(broker).set_topics("a").set_bounded(LATEST).build())
    broker.append("a", b"late")
    assert job.finish() == expected


def test_single_partitions() -> None:
    broker = ModelBroker()
    fill(broker, {"a": [2, 2], "b": [1]})
    wanted = {TopicPartition("a", 1), TopicPartition("b", 0)}
    source = builder_of(broker).set_partitions(wanted).set_bounded(LATEST).build()
    assert sorted(SourceJob(source).finish()) == [("a", 1, 0), ("a", 1, 1), ("b", 0, 0)]


def test_beginning_where_the_group_is() -> None:
    broker = ModelBroker()
    fill(broker, {"a": [5]})
    broker.commit_offsets("g", {TopicPartition("a", 0): (3, "")})
    builder = builder_of(broker).set_topics("a").set_bounded(LATEST).set_group_id("g")
    builder.set_starting_offsets(OffsetsInitializer.committed_offsets())
    assert SourceJob(builder.build()).finish() == [("a", 0, 3), ("a", 0, 4)]


def test_a_gap_in_the_input_fails_unless_it_is_allowed() -> None:
    broker = ModelBroker()
    fill(broker, {"a": [6]})
    builder = builder_of(broker).set_topics("a").set_bounded(LATEST)
    job = SourceJob(builder.build())
    job.step(0, 2)
    job.take_checkpoint()
    broker.delete_records("a", 0, before=4)
    job.crash(1)
    with pytest.raises(SourceError, match="no offset 2: there are offsets 4 to 5"):
        job.finish()
    allowed = SourceJob(builder.set_property("auto.offset.reset", "earliest").build())
    allowed.last = job.last
    allowed.crash(1)
    assert allowed.finish() == [("a", 0, 4), ("a", 0, 5)]


# --- what clients are told -----------------------------------------------------------------------


class Recorder(ModelClients):
    """Remembers the properties of the clients it makes."""

    def __init__(self, broker: ModelBroker) -> None:
        super().__init__(broker)
        self.made: dict[str, dict[str, str]] = {}

    def consumer(self, properties: Any, *rest: Any) -> Any:
        self.made["consumer"] = dict(properties)
        return super().consumer(properties, *rest)

    def cluster(self, properties: Any) -> Any:
        self.made["cluster"] = dict(properties)
        return super().cluster(properties)


def properties_of(**properties: Any) -> dict[str, dict[str, str]]:
    """What the clients of a source with these properties are told."""
    broker = ModelBroker()
    clients = Recorder(broker)
    broker.create_topic("a")
    dotted = {name.replace("_", "."): value for name, value in properties.items()}
    builder = builder_of(broker).set_clients(clients).set_topics("a").set_properties(dotted)
    source = builder.build()
    coordinator = FakeCoordinator()
    source.create_enumerator(coordinator, None).start()
    coordinator.run_calls()
    source.create_reader(FakeContext(subtask=3, parallelism=4))
    return clients.made


def test_the_source_decides_about_offsets_itself() -> None:
    told = properties_of(enable_auto_commit=True, auto_offset_reset="latest")["consumer"]
    assert told["enable.auto.commit"] == "false"
    assert told["auto.offset.reset"] == "error"
    assert told["enable.partition.eof"] == "true"


def test_uncommitted_records_are_read_by_default_as_in_java() -> None:
    assert properties_of()["consumer"]["isolation.level"] == "read_uncommitted"
    told = properties_of(isolation_level="read_committed")["consumer"]
    assert told["isolation.level"] == "read_committed"


def test_clients_have_names() -> None:
    names = [
        [told["client.id"] for told in properties_of(**properties).values()]
        for properties in ({}, {"group_id": "g"}, {"group_id": "g", "client_id_prefix": "mine"})
    ]
    assert names == [
        ["flott-enumerator", "flott-3"],
        ["g-enumerator", "g-3"],
        ["mine-enumerator", "mine-3"],
    ]


@pytest.mark.parametrize(("waits", "answers"), [("60000", "5000"), ("700", "700"), ("0", "100")])
def test_questions_are_asked_anew_until_the_time_is_up(waits: str, answers: str) -> None:
    told = properties_of(default_api_timeout_ms=waits)["cluster"]
    assert told["default.api.timeout.ms"] == answers


def test_without_a_group_one_is_made_up_and_nothing_committed() -> None:
    assert properties_of()["consumer"]["group.id"] == "flott-" + "0" * 32
    assert properties_of(group_id="g")["consumer"]["group.id"] == "g"


# --- the builder ---------------------------------------------------------------------------------


def test_mistakes_are_found_when_the_source_is_built() -> None:
    empty = KafkaSource.builder()
    with pytest.raises(ConfigurationError, match="Say what to read"):
        empty.build()
    with pytest.raises(ConfigurationError, match="Say how to read records"):
        empty.set_topics("a").build()
    empty.set_value_only_deserializer(SimpleStringSchema()).set_clients(ModelClients(ModelBroker()))
    with pytest.raises(ConfigurationError, match=r"needs bootstrap.servers"):
        empty.build()
    with pytest.raises(ConfigurationError, match="already reads topic a; it cannot"):
        empty.set_topic_pattern("b")
    with pytest.raises(TypeError, match="Expected a KafkaOffsetsInitializer, found 7"):
        empty.set_starting_offsets(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("grop.id", "g", "Did you mean 'group.id'"),
        ("partition.discovery.interval.ms", "often", "a number of milliseconds, found 'often'"),
        ("default.api.timeout.ms", "-1", "a number of milliseconds, found '-1'"),
        ("commit.offsets.on.checkpoint", "yes", "true or false, found 'yes'"),
        ("auto.offset.reset", "newest", "earliest, latest, none"),
    ],
)
def test_wrong_properties_are_refused(name: str, value: str, said: str) -> None:
    builder = builder_of(ModelBroker()).set_topics("a").set_property(name, value)
    with pytest.raises(ConfigurationError, match=said) as caught:
        builder.build()
    assert caught.value.key in (name, None)


def test_committed_offsets_need_a_group() -> None:
    builder = builder_of(ModelBroker()).set_topics("a")
    builder.set_starting_offsets(OffsetsInitializer.committed_offsets())
    with pytest.raises(ConfigurationError, match=r"needs a consumer group: set group.id"):
        builder.build()


@pytest.mark.parametrize(
    ("interval", "stops", "calls"),
    [(None, False, 1), ("0", False, 0), ("-1", False, 0), (None, True, 0), ("1000", True, 1)],
)
def test_how_often_partitions_are_looked_for(interval: str | None, stops: bool, calls: int) -> None:
    broker = ModelBroker()
    broker.create_topic("a")
    builder = builder_of(broker).set_topics("a")
    if interval is not None:
        builder.set_property("partition.discovery.interval.ms", interval)
    if stops:
        builder.set_unbounded(LATEST)
    coordinator = FakeCoordinator()
    builder.build().create_enumerator(coordinator, None).start()
    coordinator.run_calls()
    assert len(coordinator.calls) == calls


def test_a_description_hides_secrets() -> None:
    builder = builder_of(ModelBroker()).set_topics("a").set_property("sasl.password", "enigma")
    assert "enigma" not in repr(builder.build())
    assert builder.build().name == "Kafka topic a"


def test_types_of_records() -> None:
    builder = KafkaSource.builder().set_bootstrap_servers("x").set_topics("a")
    builder.set_value_only_deserializer(SimpleStringSchema()).set_clients(
        ModelClients(ModelBroker())
    )
    assert builder.build().get_produced_type() == Types.STRING()
