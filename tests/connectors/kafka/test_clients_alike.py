"""What the connector relies on holds for real clients and for those of the model broker."""

from collections.abc import Iterator

import polars as pl
import pytest

from flott.connectors.kafka.client.errors import MISSING_OFFSET
from flott.connectors.kafka.client.ports import ClientError, CommitOutcome, TopicPartition
from tests.connectors.kafka.model_clients import SCHEMA
from tests.connectors.kafka.worlds import (
    LIMIT_MS,
    World,
    model_world,
    parts_of,
    real_world,
    values,
)


@pytest.fixture(params=["model", "real"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "model":
        with model_world() as made:
            yield made
    else:
        with real_world(request.getfixturevalue("kafka")) as made:
            yield made


@pytest.fixture
def topic(world: World) -> str:
    return world.create_topic(1)


def test_frames_of_consumers_have_the_same_columns(world: World, topic: str) -> None:
    reading = world.reading(*SCHEMA).start(topic, 0).to_ends()
    assert list(reading.frame().schema.items()) == list(SCHEMA.items())


def test_a_record_comes_back_as_it_was_sent(world: World, topic: str) -> None:
    sent = {
        "timestamp": 1_000,
        "key": b"key",
        "value": b"value",
        "headers": [{"key": "a", "value": b"1"}, {"key": "b", "value": None}],
    }
    world.send(pl.DataFrame([sent], schema={name: SCHEMA[name] for name in sent}), topic)
    reading = world.reading(*sent).start(topic, 0).to_ends()
    assert reading.frame().to_dicts() == [sent]


def test_nothing_and_empty_are_told_apart(world: World, topic: str) -> None:
    world.send(
        pl.DataFrame({"key": [None, b""], "value": [b"", None]}, schema_overrides=SCHEMA), topic
    )
    reading = world.reading("key", "value").start(topic, 0).to_ends()
    assert reading.frame().rows() == [(None, b""), (b"", None)]


def test_partitions_are_read_together_each_in_order(world: World) -> None:
    topic = world.create_topic(3)
    for number in range(3):
        world.send(values(*(b"%d" % i for i in range(50)), partition=number), topic)
    reading = world.reading("partition", "value").start(topic, 0, 1, 2).to_ends(3)
    expected = [(number, b"%d" % i) for number in range(3) for i in range(50)]
    assert reading.frame().sort("partition", maintain_order=True).rows() == expected
    assert reading.positions == dict.fromkeys(parts_of(topic, range(3)), 50)


def test_parts_tell_whose_rows_they_are(world: World) -> None:
    topic = world.create_topic(2)
    for number in (0, 1):
        world.send(values(b"1", b"2", partition=number), topic)
    reading = world.reading("partition").start(topic, 0, 1).to_ends(2)
    for fetched in reading.found:
        owners = [part.partition for part, rows in fetched.parts for _ in range(rows)]
        assert owners == fetched.frame["partition"].to_list()


def test_an_end_is_told_again_once_it_has_moved(world: World, topic: str) -> None:
    reading = world.reading().start(topic, 0).to_ends()
    assert reading.consumer.poll(10) is None
    reading.found.clear()
    world.send(values(b"1"), topic)
    assert reading.to_ends().values() == [b"1"]


def test_who_found_nothing_is_woken(world: World, topic: str) -> None:
    reading = world.reading().start(topic, 0).to_ends()
    assert reading.consumer.poll(10) is None
    reading.woken.clear()
    world.send(values(b"1"), topic)
    assert reading.woken.wait(60)


def test_a_paused_partition_is_held_and_loses_nothing(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    world.send(values(*(b"%d" % i for i in range(20))), topic)
    reading = world.reading().start(topic, 0)
    reading.next(3)
    reading.consumer.pause([part])
    assert reading.consumer.poll(10) is None
    reading.consumer.resume([part])
    assert reading.to_ends().values() == [b"%d" % i for i in range(20)]


def test_a_partition_given_back_is_read_no_longer(world: World) -> None:
    topic = world.create_topic(2)
    first, second = parts_of(topic, [0, 1])
    for number in (0, 1):
        world.send(values(b"%d" % number, partition=number), topic)
    reading = world.reading().start(topic, 0, 1)
    reading.consumer.unassign([first])
    reading.to_ends()
    assert (reading.values(), reading.ends) == ([b"1"], {second})
    assert reading.consumer.end_offset(first) is None


def test_the_end_of_a_partition_is_known_for_lag(world: World, topic: str) -> None:
    world.send(values(b"1", b"2"), topic)
    reading = world.reading().start(topic, 0, offset=1).to_ends()
    assert reading.consumer.end_offset(TopicPartition(topic, 0)) == 2


def test_an_offset_that_is_gone_is_an_error_of_its_partition(world: World, topic: str) -> None:
    world.send(values(b"1", b"2"), topic)
    reading = world.reading().start(topic, 0, offset=100)
    with pytest.raises(ClientError) as raised:
        reading.to_ends()
    assert raised.value.code in MISSING_OFFSET
    assert raised.value.partition == TopicPartition(topic, 0)
    assert reading.start(topic, 0, offset=1).to_ends().values() == [b"2"]


def test_offsets_for_monitoring_reach_the_group(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    world.send(values(b"1", b"2"), topic)
    reading = world.reading(group_id=f"{topic}-readers").start(topic, 0).to_ends()
    reading.consumer.commit({part: 1})
    cluster = world.cluster()
    found = None
    while found is None:
        reading.consumer.poll(10)
        found = cluster.committed(f"{topic}-readers", [part])[part]
    assert found == (1, "")
    ended: list[CommitOutcome] = []
    while not ended:
        reading.consumer.poll(10)
        ended += reading.consumer.take_commits()
    assert ended == [CommitOutcome({part: 1}, {})]


def test_a_commit_for_what_does_not_exist_fails_by_itself(world: World, topic: str) -> None:
    world.send(values(b"1"), topic)
    reading = world.reading(group_id=f"{topic}-readers").start(topic, 0).to_ends()
    elsewhere = TopicPartition(topic, 77)
    reading.consumer.commit({elsewhere: 1})
    ended: list[CommitOutcome] = []
    while not ended:
        reading.consumer.poll(10)
        ended += reading.consumer.take_commits()
    (outcome,) = ended
    assert not outcome.committed
    assert list(outcome.failed) == [elsewhere]


def test_an_open_transaction_hides_what_follows(world: World, topic: str) -> None:
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    producer.begin_transaction()
    assert producer.produce(values(b"1")) == 1
    assert producer.flush(LIMIT_MS)
    world.send(values(b"2"), topic)
    reading = world.reading().start(topic, 0).to_ends()
    assert (reading.values(), reading.positions) == ([], {})
    producer.commit_transaction(LIMIT_MS)
    reading.found.clear()
    assert reading.to_ends().values() == [b"1", b"2"]


def test_all_readers_pass_the_marker_of_a_transaction(world: World, topic: str) -> None:
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    producer.begin_transaction()
    assert producer.produce(values(b"1")) == 1
    producer.commit_transaction(LIMIT_MS)
    for level in ("read_committed", "read_uncommitted"):
        reading = world.reading(isolation_level=level).start(topic, 0)
        reading.until(lambda reading: reading.positions.get(TopicPartition(topic, 0)) == 2)
        assert reading.values() == [b"1"]


def test_readers_of_committed_records_pass_aborted_ones(world: World, topic: str) -> None:
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    producer.begin_transaction()
    assert producer.produce(values(b"1", b"2")) == 2
    assert producer.flush(LIMIT_MS)
    producer.abort_transaction(LIMIT_MS)
    part = TopicPartition(topic, 0)
    reading = world.reading().start(topic, 0)
    reading.until(lambda reading: reading.positions.get(part) == 3)
    assert reading.values() == []
    everything = world.reading(isolation_level="read_uncommitted").start(topic, 0)
    everything.until(lambda reading: reading.positions.get(part) == 3)
    assert everything.values() == [b"1", b"2"]


def test_offsets_of_a_transaction_count_once_it_is_committed(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    group = f"{topic}-group"
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    cluster = world.cluster()
    for number in (1, 2):
        producer.begin_transaction()
        producer.send_offsets(group, {part: (number, f"note {number}")}, LIMIT_MS)
        producer.commit_transaction(LIMIT_MS)
        assert cluster.committed(group, [part]) == {part: (number, f"note {number}")}
    producer.begin_transaction()
    producer.send_offsets(group, {part: (3, "")}, LIMIT_MS)
    assert cluster.committed(group, [part], waits=False) == {part: (2, "note 2")}
    producer.abort_transaction(LIMIT_MS)
    assert cluster.committed(group, [part]) == {part: (2, "note 2")}


def test_of_several_offsets_that_were_sent_the_last_one_stays(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    group = f"{topic}-group"
    first, second = (world.producer(topic, transactional_id=f"{topic}-{n}") for n in range(2))
    for producer in (first, second):
        producer.init_transactions(LIMIT_MS)
        producer.begin_transaction()
    second.send_offsets(group, {part: (2, "")}, LIMIT_MS)
    first.send_offsets(group, {part: (1, "")}, LIMIT_MS)
    first.commit_transaction(LIMIT_MS)
    second.commit_transaction(LIMIT_MS)
    assert world.cluster().committed(group, [part]) == {part: (1, "")}


def test_metadata_of_a_group_come_back_whole(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    cluster = world.cluster()
    for note in ("ä" * 500, "short", '{"a":"b"}', "zero\0"):
        producer.begin_transaction()
        producer.send_offsets(f"{topic}-group", {part: (7, note)}, LIMIT_MS)
        producer.commit_transaction(LIMIT_MS)
        assert cluster.committed(f"{topic}-group", [part]) == {part: (7, note)}


def test_who_comes_later_fences_and_settles(world: World, topic: str) -> None:
    former, later = (world.producer(topic, transactional_id=f"{topic}-id") for _ in range(2))
    former.init_transactions(LIMIT_MS)
    former.begin_transaction()
    assert former.produce(values(b"former")) == 1
    assert former.flush(LIMIT_MS)
    later.init_transactions(LIMIT_MS)
    with pytest.raises(ClientError) as raised:
        former.commit_transaction(LIMIT_MS)
    assert raised.value.is_fatal
    assert raised.value.code == "_FENCED"
    later.begin_transaction()
    assert later.produce(values(b"later")) == 1
    later.commit_transaction(LIMIT_MS)
    reading = world.reading().start(topic, 0)
    assert reading.until(lambda reading: bool(reading.found and reading.values())).values() == [
        b"later"
    ]


def test_a_record_too_large_is_not_taken_and_those_before_it_are(world: World, topic: str) -> None:
    producer = world.producer(topic)
    frame = values(b"1", b"2", b"x" * 2_000_000, b"3")
    assert producer.produce(frame) == 2
    with pytest.raises(ClientError) as raised:
        producer.produce(frame[2:])
    assert raised.value.code == "MSG_SIZE_TOO_LARGE"
    assert producer.produce(frame[3:]) == 1
    assert producer.flush(LIMIT_MS)
    assert world.reading().start(topic, 0).to_ends().values() == [b"1", b"2", b"3"]


def test_records_need_a_transaction_if_the_producer_has_an_id(world: World, topic: str) -> None:
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    with pytest.raises(ClientError) as raised:
        producer.produce(values(b"1"))
    assert raised.value.code == "_STATE"


def test_the_cluster_knows_topics_and_their_partitions(world: World) -> None:
    first, second = world.create_topic(1), world.create_topic(3)
    cluster = world.cluster()
    assert {first, second} <= set(cluster.topics())
    found = cluster.partitions([second, "no-such-topic", first])
    assert {name: list(numbers) for name, numbers in found.items()} == {
        first: [0],
        second: [0, 1, 2],
    }


def test_the_cluster_knows_offsets(world: World) -> None:
    topic = world.create_topic(2)
    full, empty = parts_of(topic, [0, 1])
    times = values(b"1", b"2", b"3", partition=0).with_columns(timestamp=pl.Series([10, 20, 30]))
    world.send(times, topic)
    cluster = world.cluster()
    assert cluster.earliest([full, empty]) == {full: 0, empty: 0}
    assert cluster.latest([full, empty]) == {full: 3, empty: 0}
    assert cluster.offsets_at({full: 15, empty: 15}) == {full: 1, empty: None}
    assert cluster.offsets_at({full: 31}) == {full: None}
    assert cluster.committed(f"{topic}-group", [full, empty]) == {full: None, empty: None}


def test_an_open_transaction_holds_the_last_stable_offset(world: World, topic: str) -> None:
    (part,) = parts_of(topic, [0])
    world.send(values(b"1"), topic)
    producer = world.producer(topic, transactional_id=f"{topic}-id")
    producer.init_transactions(LIMIT_MS)
    producer.begin_transaction()
    assert producer.produce(values(b"2")) == 1
    assert producer.flush(LIMIT_MS)
    cluster = world.cluster()
    assert cluster.latest([part]) == {part: 2}
    assert cluster.latest([part], read_committed=True) == {part: 1}


def test_nothing_is_asked_about_nothing(world: World) -> None:
    cluster = world.cluster()
    assert cluster.partitions([]) == cluster.earliest([]) == cluster.latest([]) == {}
    assert cluster.offsets_at({}) == cluster.committed("group", []) == {}
