from __future__ import annotations

import pickle

import pytest

from flott.common.errors import ConfigurationError, SourceError
from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.source.offsets import (
    KafkaOffsetResetStrategy,
    OffsetQuestions,
    OffsetsInitializer,
)
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

A0, A1 = TopicPartition("a", 0), TopicPartition("a", 1)


@pytest.fixture
def broker() -> ModelBroker:
    """Partition 0 has offsets 2 to 9, written at 20, 30, ..., and partition 1 nothing."""
    broker = ModelBroker()
    broker.create_topic("a", 2)
    for number in range(10):
        broker.append("a", b"x", timestamp=number * 10)
    broker.delete_records("a", 0, before=2)
    return broker


def choose(
    broker: ModelBroker, offsets: OffsetsInitializer, group: str | None = "g"
) -> dict[TopicPartition, int]:
    cluster = ModelClients(broker).cluster({})
    return dict(offsets.choose(OffsetQuestions(cluster, group), [A0, A1]))


def test_the_ends(broker: ModelBroker) -> None:
    assert choose(broker, OffsetsInitializer.earliest()) == {A0: 2, A1: 0}
    assert choose(broker, OffsetsInitializer.latest()) == {A0: 10, A1: 0}


def test_the_end_of_what_is_committed(broker: ModelBroker) -> None:
    producer = ModelClients(broker).producer({"transactional.id": "t"}, "a")
    producer.init_transactions(1000)
    producer.begin_transaction()
    broker.append("a", b"x", transaction=broker.transaction("t", 0))
    broker.append("a", b"x")
    cluster = ModelClients(broker).cluster({})
    ends = {
        committed: OffsetsInitializer.latest().choose(
            OffsetQuestions(cluster, None, committed), [A0]
        )
        for committed in (True, False)
    }
    assert ends == {True: {A0: 10}, False: {A0: 12}}


@pytest.mark.parametrize(("time", "offset"), [(0, 2), (35, 4), (90, 9), (91, 10)])
def test_the_first_record_not_older_than_a_time_else_the_end(
    broker: ModelBroker, time: int, offset: int
) -> None:
    assert choose(broker, OffsetsInitializer.timestamp(time)) == {A0: offset, A1: 0}


def test_what_the_group_has_committed(broker: ModelBroker) -> None:
    broker.commit_offsets("g", {A0: (5, ""), A1: (0, "")})
    assert choose(broker, OffsetsInitializer.committed_offsets()) == {A0: 5, A1: 0}


@pytest.mark.parametrize(("reset", "offset"), [("earliest", 0), ("LATEST", 1)])
def test_without_a_committed_offset_the_strategy_counts(
    broker: ModelBroker, reset: str, offset: int
) -> None:
    broker.append("a", b"x", partition=1)
    broker.commit_offsets("g", {A0: (5, "")})
    found = choose(broker, OffsetsInitializer.committed_offsets(reset))
    assert found == {A0: 5, A1: offset}


def test_without_a_committed_offset_and_strategy_it_fails(broker: ModelBroker) -> None:
    with pytest.raises(SourceError, match=r"no committed offset of group 'g' for a-0"):
        choose(broker, OffsetsInitializer.committed_offsets())


def test_given_offsets_then_committed_ones_then_the_strategy(broker: ModelBroker) -> None:
    given = OffsetsInitializer.offsets({A0: 7})
    assert choose(broker, given) == {A0: 7, A1: 0}
    broker.append("a", b"x", partition=1)
    broker.commit_offsets("g", {A0: (5, ""), A1: (1, "")})
    assert choose(broker, given) == {A0: 7, A1: 1}
    assert choose(broker, given, group=None) == {A0: 7, A1: 0}


def test_given_offsets_that_are_gone_are_treated_by_the_strategy(broker: ModelBroker) -> None:
    assert choose(broker, OffsetsInitializer.offsets({A0: 1, A1: 0}))[A0] == 2
    latest = KafkaOffsetResetStrategy.LATEST
    assert choose(broker, OffsetsInitializer.offsets({A0: 11, A1: 0}, latest))[A0] == 10


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (1, r"partition 0 has no offset 1: there are offsets 2 to 9. Retention has deleted 1 rec"),
        (11, r"partition 0 has no offset 11: .* deleted and created again"),
    ],
)
def test_offsets_that_are_gone_fail_without_a_strategy(
    broker: ModelBroker, offset: int, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        choose(broker, OffsetsInitializer.offsets({A0: offset, A1: 0}, "none"))


def test_an_empty_partition_says_so(broker: ModelBroker) -> None:
    with pytest.raises(SourceError, match="partition 1 has no offset 3: it is empty, at 0"):
        choose(broker, OffsetsInitializer.offsets({A0: 2, A1: 3}, "none"))


def test_mistakes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"a-0 must not be negative, found -1; use earliest()"):
        OffsetsInitializer.offsets({A0: -1})
    with pytest.raises(ValueError, match="epoch milliseconds"):
        OffsetsInitializer.timestamp(-1)
    with pytest.raises(ConfigurationError, match="one of earliest, latest, none"):
        OffsetsInitializer.committed_offsets("newest")


@pytest.mark.parametrize(
    "offsets",
    [
        OffsetsInitializer.earliest(),
        OffsetsInitializer.latest(),
        OffsetsInitializer.timestamp(7),
        OffsetsInitializer.committed_offsets("latest"),
        OffsetsInitializer.offsets({A0: 7}),
    ],
)
def test_choices_travel(offsets: OffsetsInitializer) -> None:
    assert pickle.loads(pickle.dumps(offsets)) == offsets
