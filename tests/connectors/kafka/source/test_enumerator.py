from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from flott.common.errors import SourceError
from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.source.discovery import DiscoverySettings
from flott.connectors.kafka.source.enumerator import (
    EnumeratorSettings,
    KafkaEnumerator,
    PartitionsRemoved,
    owner_of,
)
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy, OffsetsInitializer
from flott.connectors.kafka.source.subscription import Subscription, TopicList, TopicPattern
from tests.connectors.fakes import FakeCoordinator
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

EARLIEST, LATEST = OffsetsInitializer.earliest(), OffsetsInitializer.latest()
DENIED = ClientError("TOPIC_AUTHORIZATION_FAILED", "Broker: Topic authorization failed")


class Setting:
    """An enumerator for topic ``a``, whose broker and coordinator are at hand."""

    def __init__(self, parallelism: int = 1, **topics: int) -> None:
        self.broker = ModelBroker()
        for topic, partitions in topics.items():
            self.broker.create_topic(topic, partitions)
        self.coordinator = FakeCoordinator(parallelism)
        discovery = DiscoverySettings(
            ModelClients(self.broker),
            {"bootstrap.servers": "model:9092"},
            TopicList(("a",)),
            EARLIEST,
        )
        self.settings = EnumeratorSettings(discovery, 1000, 60_000, False)

    def change(self, **changes: Any) -> None:
        """Change settings of the enumerator or of what it looks for."""
        own = {name: changes.pop(name) for name in list(changes) if hasattr(self.settings, name)}
        discovery = replace(self.settings.discovery, **changes)
        self.settings = replace(self.settings, discovery=discovery, **own)

    def start(self, state: Any = None, subscription: Subscription | None = None) -> KafkaEnumerator:
        if subscription is not None:
            self.change(subscription=subscription)
        self.enumerator = KafkaEnumerator(self.coordinator, self.settings, state)
        self.enumerator.start()
        return self.enumerator

    def look(self) -> dict[str, int]:
        """Run what is due; the splits given away since, with their positions."""
        self.coordinator.run_calls()
        return {
            split.split_id: split.position
            for kind, _, splits in self.coordinator.take()
            if kind == "assign"
            for split in splits
        }


def test_partitions_are_given_away_at_the_start() -> None:
    setting = Setting(a=2, b=1)
    setting.start()
    assert setting.look() == {"a-0": 0, "a-1": 0}


def test_partitions_added_later_are_read_from_their_first_record() -> None:
    setting = Setting(a=1)
    setting.broker.append("a", b"old")
    setting.change(starting=LATEST)
    setting.start()
    assert setting.look() == {"a-0": 1}
    setting.broker.create_topic("a", 2)
    setting.broker.append("a", b"new", partition=1)
    assert setting.look() == {"a-1": 0}
    assert setting.look() == {}


def test_readers_that_get_nothing_are_told() -> None:
    setting = Setting(3, a=1)
    told: list[int] = []
    setting.coordinator.send_event = lambda subtask, event: told.append(subtask)  # type: ignore[method-assign]
    setting.start()
    owner = owner_of(TopicPartition("a", 0), 3)
    assert setting.look() == {"a-0": 0}
    assert told == [subtask for subtask in range(3) if subtask != owner]


def test_what_was_given_away_is_not_given_again_after_a_restart() -> None:
    setting = Setting(a=2)
    state = setting.start().snapshot(1)
    assert setting.look() == {"a-0": 0, "a-1": 0}
    later = setting.enumerator.snapshot(2)
    setting.broker.create_topic("a", 3)
    setting.coordinator = FakeCoordinator(1)
    setting.start(later)
    assert setting.look() == {"a-2": 0}
    setting.coordinator = FakeCoordinator(1)
    setting.start(state)
    assert setting.look() == {"a-0": 0, "a-1": 0, "a-2": 0}


def test_a_restart_before_the_first_look_begins_where_the_user_said() -> None:
    setting = Setting(a=1)
    setting.broker.append("a", b"old")
    setting.change(starting=LATEST)
    state = setting.start().snapshot(1)
    setting.start(state)
    assert setting.look() == {"a-0": 1}


def test_partitions_go_round_all_readers() -> None:
    owners = Counter(owner_of(TopicPartition("a", each), 4) for each in range(12))
    assert owners == dict.fromkeys(range(4), 3)


@pytest.mark.parametrize(
    ("topic", "owner"), [("orders", 5), ("clicks", 2), ("grüße", 5), ("a\U0001f600", 2)]
)
def test_owners_are_those_of_flink(topic: str, owner: int) -> None:
    assert owner_of(TopicPartition(topic, 2), 7) == owner


def test_readers_get_their_partitions() -> None:
    setting = Setting(3, a=5)
    setting.start()
    setting.coordinator.run_calls()
    shares = {subtask: splits for _, subtask, splits in setting.coordinator.take()}
    for subtask, splits in shares.items():
        assert {owner_of(each.topic_partition, 3) for each in splits} == {subtask}
    assert sum(map(len, shares.values())) == 5


def test_looking_once_ends_with_no_more_splits() -> None:
    setting = Setting(2, a=1)
    setting.change(discovery_ms=None)
    setting.start()
    setting.coordinator.run_calls()
    ends = [subtask for kind, subtask, _ in setting.coordinator.take() if kind == "end"]
    assert ends == [0, 1]
    assert setting.coordinator.calls == []


def test_bounded_partitions_have_an_end_and_no_successors() -> None:
    setting = Setting(a=1)
    setting.broker.append("a", b"x")
    setting.change(stopping=LATEST, discovery_ms=None, is_bounded=True)
    state = setting.start().snapshot(1)
    assert state.known == frozenset()
    setting.coordinator.run_calls()
    (_, _, (split,)), _ = setting.coordinator.take()
    assert (split.position, split.stop) == (0, 1)
    later = setting.enumerator.snapshot(2)
    setting.broker.create_topic("a", 2)
    setting.start(later)
    assert setting.look() == {}
    assert setting.coordinator.calls == []


def test_a_split_knows_what_to_do_if_its_first_offset_is_gone() -> None:
    setting = Setting(a=1)
    setting.change(starting=LATEST)
    setting.start()
    setting.coordinator.run_calls()
    ((_, _, (split,)),) = setting.coordinator.take()
    assert split.reset is KafkaOffsetResetStrategy.LATEST


def test_brokers_that_are_away_are_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting(a=1)
    setting.broker.is_down = True
    setting.start()
    with caplog.at_level(logging.WARNING):
        for _ in range(11):
            assert setting.look() == {}
    assert [line.partition(";")[0] for line in caplog.messages] == [
        "Kafka at model:9092 failed while looking for topic a: Local: Timed out (_TIMED_OUT)"
    ] * 2
    setting.broker.is_down = False
    assert setting.look() == {"a-0": 0}


def test_brokers_that_stay_away_fail_the_job() -> None:
    setting = Setting(a=1)
    setting.change(wait_ms=1000)
    setting.broker.is_down = True
    setting.start()
    setting.look()
    setting.look()
    with pytest.raises(SourceError, match=r"at model:9092 .* Waited 1 s .* bootstrap.servers"):
        setting.look()


def test_after_a_restart_brokers_are_waited_for_without_limit(
    caplog: pytest.LogCaptureFixture,
) -> None:
    setting = Setting(a=1)
    setting.start()
    setting.look()
    setting.change(wait_ms=1000)
    setting.coordinator = FakeCoordinator()
    setting.start(setting.enumerator.snapshot(1))
    setting.broker.is_down = True
    for _ in range(5):
        setting.look()
    assert caplog.messages[0].endswith("Timed out (_TIMED_OUT); trying again")
    setting.broker.is_down = False
    setting.broker.create_topic("a", 2)
    assert setting.look() == {"a-1": 0}


def test_a_topic_that_is_not_there_is_waited_for_only_shortly() -> None:
    setting = Setting(b=1)
    setting.start()
    for _ in range(4):
        setting.look()
    with pytest.raises(SourceError, match=r"Kafka at model:9092: There is no topic 'a'"):
        setting.look()


def test_a_topic_made_just_before_the_job_is_found() -> None:
    setting = Setting(b=1)
    setting.start()
    setting.look()
    setting.broker.create_topic("a")
    assert setting.look() == {"a-0": 0}


def test_what_no_waiting_helps_against_fails_at_once() -> None:
    setting = Setting(a=1)
    setting.broker.fail("partitions", DENIED)
    setting.start()
    with pytest.raises(SourceError, match=r"access control list .* READ and DESCRIBE"):
        setting.look()


def test_brokers_may_be_away_when_partitions_are_looked_for_again() -> None:
    setting = Setting(a=1)
    setting.start()
    setting.look()
    setting.broker.is_down = True
    assert setting.look() == {}
    setting.broker.is_down = False
    setting.broker.create_topic("a", 2)
    assert setting.look() == {"a-1": 0}


def test_a_named_topic_that_is_deleted_fails_the_job() -> None:
    setting = Setting(a=1)
    setting.start()
    setting.look()
    setting.broker.delete_topic("a")
    with pytest.raises(SourceError, match="no topic 'a'"):
        setting.look()


def test_a_topic_of_a_pattern_may_be_deleted_and_made_again() -> None:
    setting = Setting(2, a1=1, a2=1)
    setting.start(subscription=TopicPattern("a."))
    assert setting.look() == {"a1-0": 0, "a2-0": 0}
    setting.broker.delete_topic("a1")
    setting.coordinator.run_calls()
    gone = PartitionsRemoved(frozenset({TopicPartition("a1", 0)}))
    assert setting.coordinator.take() == [("event", 0, gone), ("event", 1, gone)]
    assert setting.look() == {}
    setting.broker.create_topic("a1")
    assert setting.look() == {"a1-0": 0}


def test_a_pattern_may_match_nothing_at_first(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting()
    setting.start(subscription=TopicPattern("a."))
    assert setting.look() == {}
    assert caplog.messages == [
        "Kafka at model:9092 has nothing to read yet: topics that match 'a.'"
    ]
    setting.broker.create_topic("a1")
    assert setting.look() == {"a1-0": 0}


def test_partitions_of_a_former_subscription_are_read_on(caplog: pytest.LogCaptureFixture) -> None:
    setting = Setting(a=1, b1=1)
    state = setting.start().snapshot(1)
    setting.look()
    state = setting.enumerator.snapshot(2)
    setting.start(state, TopicPattern("b."))
    assert setting.look() == {"b1-0": 0}
    assert caplog.messages == ["No longer named, but read on as the checkpoint says: a-0"]
    assert {each.topic for each in setting.enumerator.snapshot(3).known} == {"a", "b1"}


def test_the_connection_is_closed() -> None:
    setting = Setting(a=1)
    enumerator = setting.start()
    setting.look()
    enumerator.close()
    enumerator.close()
