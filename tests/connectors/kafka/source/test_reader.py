from __future__ import annotations

import logging
from typing import Any

import pytest

from flott.common.errors import MalformedRecordError, SourceError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.bad_records import OnError
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.records.object_decoder import ObjectDecoderFactory
from flott.connectors.kafka.records.record_deserialization import KafkaRecordDeserializationSchema
from flott.connectors.kafka.source.enumerator import PartitionsRemoved
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy
from flott.connectors.kafka.source.reader import KafkaReader, ReaderSettings
from flott.connectors.kafka.source.rejected import RejectedMessage
from flott.connectors.kafka.source.split import KafkaPartitionSplit
from tests.connectors.fakes import FakeContext
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

A0, A1 = TopicPartition("a", 0), TopicPartition("a", 1)
SERVERS = {"bootstrap.servers": "model:9092", "group.id": "g"}
TEXTS = ObjectDecoderFactory(KafkaRecordDeserializationSchema.value_only(SimpleStringSchema()))
UNCOMMITTED, COMMITTED = (
    {"isolation.level": each} for each in ("read_uncommitted", "read_committed")
)


class Setting:
    """A reader of topic ``a``, whose broker and task are at hand."""

    def __init__(self, partitions: int = 2, **settings: Any) -> None:
        self.broker = ModelBroker()
        self.broker.create_topic("a", partitions)
        self.context = FakeContext(clock=self.broker.clock)
        self.settings = {
            "clients": ModelClients(self.broker),
            "properties": {**SERVERS, **settings.pop("properties", UNCOMMITTED)},
            "producer_properties": SERVERS,
            "decoder_factory": TEXTS,
            **settings,
        }

    def write(self, *texts: str, partition: int = 0) -> None:
        for text in texts:
            self.broker.append("a", text.encode("latin-1"), partition=partition)

    def open(self, *splits: KafkaPartitionSplit) -> KafkaReader:
        self.reader = KafkaReader(self.context, ReaderSettings(**self.settings))
        self.reader.add_splits(splits)
        return self.reader

    def read(self, rows_max: int = 100) -> list[str]:
        """What there is now."""
        texts = []
        while (found := self.reader.poll(rows_max)) is not None:
            texts += [] if found.batch is None else found.batch.values
            texts += [f"end of {found.split_id}"] if found.finished else []
        return texts

    def metric(self, name: str) -> Any:
        return self.context.metrics.snapshot()[f"job.operator.{name}"]


def split(partition: int = 0, position: int = 0, stop: int | None = None, **more: Any) -> Any:
    return KafkaPartitionSplit("a", partition, position, stop, **more)


# --- records -------------------------------------------------------------------------------------


def test_records_of_all_partitions_come_in_one_batch() -> None:
    setting = Setting()
    setting.write("x", "y")
    setting.write("z", partition=1)
    found = setting.open(split(0), split(1)).poll(100)
    assert found is not None
    assert found.batch.values == ["x", "y", "z"]
    assert found.parts == [("a-0", 2), ("a-1", 1)]
    assert found.batch.timestamps == [setting.broker.clock.time_ms] * 3


def test_a_batch_of_one_partition_has_no_parts() -> None:
    setting = Setting()
    setting.write("x")
    found = setting.open(split(0), split(1)).poll(100)
    assert (found.split_id, found.parts) == ("a-0", ())


def test_reading_begins_at_the_position_of_the_split() -> None:
    setting = Setting()
    setting.write("x", "y", "z")
    setting.open(split(position=1))
    assert setting.read() == ["y", "z"]


def test_what_comes_later_wakes_the_task() -> None:
    setting = Setting()
    setting.open(split())
    assert setting.read() == []
    before = setting.context.wakes
    setting.write("x")
    assert setting.context.wakes == before + 1
    assert setting.read() == ["x"]


def test_a_reader_without_splits_asks_nobody() -> None:
    setting = Setting()
    setting.open()
    assert setting.read() == []
    assert "poll" not in setting.broker.calls


def test_uncommitted_records_are_read_unless_told_otherwise() -> None:
    for properties, texts in ((UNCOMMITTED, ["x", "open", "y"]), (COMMITTED, ["x"])):
        setting = Setting(properties=properties)
        setting.write("x")
        setting.broker.init("t", 60_000)
        setting.broker.append("a", b"open", transaction=setting.broker.transaction("t", 0))
        setting.write("y")
        setting.open(split())
        assert setting.read() == texts


def test_records_without_a_value_are_left_out() -> None:
    setting = Setting()
    setting.write("x")
    setting.broker.append("a", None, b"key")
    setting.write("y", partition=1)
    found = setting.open(split(0), split(1)).poll(100)
    assert found.batch.values == ["x", "y"]
    assert found.parts == [("a-0", 1), ("a-1", 1)]
    assert setting.reader.snapshot(1) == [split(0, 2), split(1, 1)]


# --- stops ---------------------------------------------------------------------------------------


def test_reading_stops_before_an_offset() -> None:
    setting = Setting()
    setting.write("x", "y", "z")
    setting.write("u", "v", partition=1)
    setting.open(split(0, stop=2), split(1))
    assert setting.read() == ["x", "y", "u", "v", "end of a-0"]
    assert setting.reader.snapshot(1) == [split(1, 2)]


def test_each_finished_split_is_told() -> None:
    setting = Setting()
    setting.write("x")
    setting.write("u", partition=1)
    setting.open(split(0, stop=1), split(1, stop=1))
    assert setting.read() == ["x", "u", "end of a-0", "end of a-1"]


def test_a_split_with_nothing_to_read_is_finished_at_once() -> None:
    setting = Setting()
    setting.open(split(0, stop=0), split(1, 5, stop=3))
    assert setting.read() == ["end of a-0", "end of a-1"]


def test_markers_of_transactions_count_when_a_stop_is_reached() -> None:
    setting = Setting(properties=COMMITTED)
    setting.write("x")
    setting.broker.init("t", 60_000)
    setting.broker.append("a", b"aborted", transaction=setting.broker.transaction("t", 0))
    setting.broker.end("t", 0, "aborted")
    setting.open(split(stop=3))
    assert setting.read() == ["x", "end of a-0"]


def test_a_stop_beyond_the_end_is_waited_for() -> None:
    setting = Setting()
    setting.write("x")
    setting.open(split(stop=2))
    assert setting.read() == ["x"]
    setting.write("y", "z")
    assert setting.read() == ["y", "end of a-0"]


# --- checkpoints ---------------------------------------------------------------------------------


def test_a_snapshot_holds_the_positions_of_what_was_polled() -> None:
    setting = Setting()
    setting.write("x", "y", "z")
    reader = setting.open(split(0, reset=KafkaOffsetResetStrategy.LATEST), split(1, 7, 9))
    assert reader.snapshot(1) == [
        split(0, reset=KafkaOffsetResetStrategy.LATEST),
        split(1, 7, 9),
    ]
    reader.poll(2)
    assert reader.snapshot(2)[0] == split(0, 2)


def test_offsets_are_committed_when_their_checkpoint_completes() -> None:
    setting = Setting(commits=True)
    setting.write("x", "y")
    reader = setting.open(split(0), split(1))
    for checkpoint in (1, 2, 3):
        reader.poll(1)
        reader.snapshot(checkpoint)
    assert setting.broker.groups == {}
    reader.notify_checkpoint_complete(2)
    assert setting.broker.groups["g"][A0] == (2, "")
    before = setting.broker.calls.count("commit")
    reader.notify_checkpoint_complete(1)  # late, and overtaken
    reader.notify_checkpoint_complete(3)  # nothing new
    assert setting.broker.calls.count("commit") == before


def test_the_offset_of_a_finished_partition_is_committed_too() -> None:
    setting = Setting(commits=True)
    setting.write("x", "y")
    setting.open(split(0, stop=1))
    setting.read()
    setting.reader.snapshot(1)
    setting.reader.notify_checkpoint_complete(1)
    assert setting.broker.groups["g"] == {A0: (1, "")}


def test_nothing_is_committed_without_a_group() -> None:
    setting = Setting(commits=False)
    setting.write("x")
    setting.open(split())
    setting.read()
    setting.reader.snapshot(1)
    setting.reader.notify_checkpoint_complete(1)
    assert setting.broker.groups == {}


def test_jobs_without_checkpoints_commit_from_time_to_time_if_asked_to() -> None:
    setting = Setting(commit_interval_ms=1000)
    setting.context.checkpoints_enabled = False
    setting.write("x")
    setting.open(split())
    setting.read()
    setting.context.advance(999)
    assert setting.broker.groups == {}
    setting.context.advance(1)
    assert setting.broker.groups["g"] == {A0: (1, "")}
    setting.write("y")
    setting.read()
    setting.context.advance(1000)
    assert setting.broker.groups["g"] == {A0: (2, "")}


# --- pauses --------------------------------------------------------------------------------------


def test_a_paused_split_waits_and_the_others_go_on() -> None:
    setting = Setting()
    setting.write("x")
    setting.write("u", partition=1)
    setting.open(split(0), split(1))
    setting.reader.pause_splits(["a-0", "unknown"], [])
    assert setting.read() == ["u"]
    before = setting.context.wakes
    setting.reader.pause_splits([], ["a-0"])
    assert setting.context.wakes > before
    assert setting.read() == ["x"]


# --- errors --------------------------------------------------------------------------------------


def test_a_position_that_is_gone_fails_and_says_what_there_is() -> None:
    setting = Setting()
    setting.write(*"uvwxyz")
    setting.broker.delete_records("a", 0, before=4)
    setting.open(split(position=1))
    with pytest.raises(SourceError, match=r"partition 0 has no offset 1: .* 4 to 5\. Retention"):
        setting.read()


@pytest.mark.parametrize(
    ("reset", "texts"),
    [(KafkaOffsetResetStrategy.EARLIEST, ["y", "z"]), (KafkaOffsetResetStrategy.LATEST, [])],
)
def test_a_position_that_is_gone_is_reset_if_the_user_wants(
    reset: KafkaOffsetResetStrategy, texts: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    setting = Setting(reset=reset)
    setting.write(*"uvwxyz")
    setting.write("other", partition=1)
    setting.broker.delete_records("a", 0, before=4)
    with caplog.at_level(logging.WARNING):
        setting.open(split(position=1), split(1))
        assert sorted(setting.read()) == sorted([*texts, "other"])
    offset = 4 if texts else 6
    assert caplog.messages == [f"a-0 has no offset 1; reading from {offset}"]


def test_a_split_that_was_never_read_begins_where_its_start_means() -> None:
    setting = Setting()
    setting.write(*"xyz")
    setting.broker.delete_records("a", 0, before=2)
    setting.open(split(0, reset=KafkaOffsetResetStrategy.EARLIEST))
    assert setting.read() == ["z"]


def test_a_reset_beyond_the_stop_finishes_the_split() -> None:
    setting = Setting(reset=KafkaOffsetResetStrategy.EARLIEST)
    setting.write(*"uvwxyz")
    setting.broker.delete_records("a", 0, before=4)
    setting.open(split(position=1, stop=3))
    assert setting.read() == ["end of a-0"]


def test_a_pause_outlasts_a_reset() -> None:
    setting = Setting(reset=KafkaOffsetResetStrategy.EARLIEST)
    setting.write("x")
    setting.broker.delete_records("a", 0, before=1)
    later: list[Any] = []
    setting.context.blocking = Later(later)
    setting.open(split(0), split(1))
    assert setting.read() == []
    setting.reader.pause_splits(["a-0"], [])
    later.pop()()
    setting.write("y")
    assert setting.read() == []
    setting.reader.pause_splits([], ["a-0"])
    assert setting.read() == ["y"]


class Later:
    """Keeps calls to be made by hand."""

    def __init__(self, calls: list[Any]) -> None:
        self.calls = calls

    def submit(self, call: Any, done: Any) -> None:
        self.calls.append(lambda: done(call()))


def test_a_split_given_up_meanwhile_is_not_read_again() -> None:
    setting = Setting(reset=KafkaOffsetResetStrategy.EARLIEST)
    setting.write("x")
    setting.broker.delete_records("a", 0, before=1)
    later: list[Any] = []
    setting.context.blocking = Later(later)
    setting.open(split(0))
    assert setting.read() == []
    setting.reader.handle_source_event(PartitionsRemoved(frozenset({A0})))
    later.pop()()
    assert setting.read() == ["end of a-0"]


def test_an_offset_that_is_there_after_all_is_read() -> None:
    setting = Setting()
    setting.write("x")
    error = ClientError("OFFSET_OUT_OF_RANGE", "Broker: Offset out of range", partition=A0)
    setting.broker.fail("poll", error, times=2)
    setting.open(split())
    assert setting.read() == ["x"]


def test_an_offset_refused_again_and_again_fails() -> None:
    setting = Setting()
    setting.write("x")
    error = ClientError("_AUTO_OFFSET_RESET", "Local: No offset", partition=A0)
    setting.broker.fail("poll", error, times=6)
    setting.open(split())
    with pytest.raises(SourceError, match="a-0 refuses to give offset 0, although"):
        setting.read()


def test_a_failure_to_ask_for_offsets_is_told() -> None:
    setting = Setting()
    error = ClientError("OFFSET_OUT_OF_RANGE", "Broker: Offset out of range", partition=A0)
    setting.broker.fail("poll", error)
    setting.broker.fail("earliest", ClientError("_TIMED_OUT", "Local: Timed out"))
    setting.open(split())
    with pytest.raises(SourceError, match="asking for the offsets of a-0: Local: Timed out"):
        setting.read()


def test_a_deleted_topic_fails_the_job() -> None:
    setting = Setting()
    setting.open(split())
    setting.broker.delete_topic("a")
    with pytest.raises(SourceError, match="'a', partition 0 does not exist any more at model"):
        setting.read()


def test_a_deleted_topic_of_a_pattern_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting(passes_over_deleted=True)
    setting.open(split(0), split(1))
    setting.broker.delete_topic("a")
    assert setting.read() == ["end of a-0", "end of a-1"]
    assert "Deleted, and not read any further: a-0" in caplog.messages


def test_the_enumerator_may_say_that_partitions_are_gone() -> None:
    setting = Setting()
    setting.open(split(0), split(1))
    setting.write("u", partition=1)
    setting.reader.handle_source_event(PartitionsRemoved(frozenset({A0, TopicPartition("b", 0)})))
    assert setting.read() == ["end of a-0", "u"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("TOPIC_AUTHORIZATION_FAILED", "reading a-0: oh .* by READ and DESCRIBE on the topic"),
        ("_AUTHENTICATION", "Signing in failed: check sasl.mechanism"),
        ("_SSL", "check security.protocol, ssl.ca.location"),
        ("_BAD_MSG", "batch that is damaged or cannot be decompressed"),
        ("UNKNOWN", r"at model:9092 failed while reading a-0: oh \(UNKNOWN\)$"),
    ],
)
def test_errors_of_the_client_say_what_to_do(code: str, said: str) -> None:
    setting = Setting()
    setting.broker.fail("poll", ClientError(code, "oh", partition=A0))
    setting.open(split())
    with pytest.raises(SourceError, match=said):
        setting.read()


def test_an_error_that_passes_is_waited_for() -> None:
    setting = Setting()
    setting.write("x")
    setting.broker.fail("poll", ClientError("_TRANSPORT", "Connection refused"))
    setting.open(split())
    assert setting.read() == []
    before = setting.context.wakes
    setting.context.advance(500)
    assert setting.context.wakes == before + 1
    assert setting.read() == ["x"]


def test_a_client_that_cannot_be_made_is_told() -> None:
    class Broken(ModelClients):
        def consumer(self, *arguments: Any) -> Any:
            raise ClientError("_INVALID_ARG", "No such file")

    setting = Setting()
    setting.settings["clients"] = Broken(setting.broker)
    with pytest.raises(SourceError, match="making a consumer: No such file"):
        setting.open()


# --- malformed records ---------------------------------------------------------------------------


def test_a_malformed_record_fails_the_job_and_is_named() -> None:
    setting = Setting()
    setting.write("x", "password=enigma \xff", "z")
    setting.open(split())
    with pytest.raises(MalformedRecordError) as caught:
        setting.read()
    assert str(caught.value).startswith("topic 'a', partition 0, offset 1: value: 'utf-8' codec")
    assert "enigma" not in str(caught.value)


def test_malformed_records_are_skipped_and_counted() -> None:
    setting = Setting(on_error=OnError.SKIP)
    setting.write("x", "\xff", "z", "\xfe")
    setting.open(split())
    assert setting.read() == ["x", "z"]
    assert setting.metric("numRecordsInErrors") == 2


def test_malformed_records_go_to_the_side_output() -> None:
    setting = Setting(on_error=OnError.DEAD_LETTER)
    setting.write("x")
    setting.broker.append("a", b"\xff", b"key", partition=1)
    setting.write("z", partition=1)
    found = setting.open(split(0), split(1)).poll(100)
    assert found.batch.values == ["x", "z"]
    assert found.parts == [("a-0", 1), ("a-1", 1)]
    (rejected,) = found.rejected
    assert isinstance(rejected, RejectedMessage)
    assert (rejected.source, rejected.position, rejected.raw) == ("a-1", 0, b"\xff")
    assert (rejected.topic, rejected.partition, rejected.key) == ("a", 1, b"key")
    assert rejected.reason.startswith("value: 'utf-8' codec can't decode byte 0xff")


def test_a_batch_of_malformed_records_only_is_no_batch() -> None:
    setting = Setting(on_error=OnError.DEAD_LETTER)
    setting.write("\xff")
    found = setting.open(split()).poll(100)
    assert found.batch is None
    assert len(found.rejected) == 1


# --- what is told --------------------------------------------------------------------------------


def test_metrics() -> None:
    setting = Setting(commits=True)
    setting.write("abc", "de", "f")
    setting.open(split())
    setting.reader.poll(2)
    setting.reader.snapshot(1)
    setting.reader.notify_checkpoint_complete(1)
    assert setting.metric("numRecordsIn") == 2
    assert setting.metric("numBytesIn") == 5
    assert setting.metric("pendingRecords") == 1
    own = "KafkaSourceReader.topic.a.partition.0"
    assert setting.metric(f"{own}.currentOffset") == 2
    assert setting.metric(f"{own}.committedOffset") == -1  # the group has not answered yet
    setting.reader.poll(2)
    assert setting.metric(f"{own}.committedOffset") == 2
    assert setting.metric("KafkaSourceReader.commitsSucceeded") == 1
    assert setting.metric("KafkaSourceReader.commitsFailed") == 0


def test_a_commit_that_fails_is_counted_and_made_again() -> None:
    setting = Setting(commits=True)
    setting.write("x")
    reader = setting.open(split())
    reader.poll(1)
    setting.broker.fail("commit", ClientError("NOT_COORDINATOR", "Broker: Not coordinator"))
    for checkpoint in (1, 2):
        reader.snapshot(checkpoint)
        reader.notify_checkpoint_complete(checkpoint)
        reader.poll(1)
        assert setting.metric("KafkaSourceReader.commitsFailed") == 1
    assert setting.metric("KafkaSourceReader.commitsSucceeded") == 1
    assert setting.broker.groups["g"] == {A0: (1, "")}


def test_a_failed_commit_of_a_finished_partition_is_made_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setting = Setting(commits=True)
    setting.write("x")
    reader = setting.open(split(0, stop=1), split(1))
    reader.poll(1)
    setting.broker.fail("commit", ClientError("GROUP_AUTHORIZATION_FAILED", "not yours"))
    for checkpoint in (1, 2, 3):
        reader.snapshot(checkpoint)
        reader.notify_checkpoint_complete(checkpoint)
        reader.poll(1)
    assert setting.broker.groups["g"] == {A0: (1, ""), A1: (0, "")}
    assert setting.metric("KafkaSourceReader.commitsSucceeded") == 1
    (line,) = caplog.messages
    assert "how far 2 of its partitions are read" in line
    assert "not yours" in line


def test_the_position_of_a_record_is_known() -> None:
    setting = Setting(on_error=OnError.SKIP)
    setting.write("x", "\xff", "y")
    setting.write("z", partition=1)
    reader = setting.open(split(0), split(1))
    assert reader.describe_position("x") is None
    batch = reader.poll(100).batch
    assert [reader.describe_position(each) for each in batch.values] == [
        "a-0 @ 0",
        "a-0 @ 2",
        "a-1 @ 0",
    ]
    assert reader.describe_position(object()) == "a-0 @ 0 to 2, a-1 @ 0 to 0"


def test_closing_releases_the_client() -> None:
    setting = Setting()
    reader = setting.open(split())
    reader.close()
    with pytest.raises(AssertionError, match="on a closed client"):
        reader.add_splits([split()])
