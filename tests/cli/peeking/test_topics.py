"""Records out of a topic."""

import pytest

from flott.cli.peeking.topics import sample_topic
from flott.common.errors import ConfigurationError
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients

SERVERS = {"bootstrap.servers": "model"}


@pytest.fixture
def broker() -> ModelBroker:
    made = ModelBroker()
    made.create_topic("orders", partitions=2)
    for number in range(10):
        headers = (("n", b"1"),) if number == 9 else ()
        made.append(
            "orders",
            b"%d" % number,
            b"k",
            partition=number % 2,
            timestamp=1000 + number,
            headers=headers,
        )
    return made


def values(broker: ModelBroker, rows: int, from_latest: bool) -> list[bytes | None]:
    sample = sample_topic(ModelClients(broker), SERVERS, "orders", rows, from_latest)
    assert (sample.partitions, sample.total) == (2, 10)
    return [record.value for record in sample.records]


def test_the_last_records_of_all_partitions_in_order_of_time(broker: ModelBroker) -> None:
    assert values(broker, 3, from_latest=True) == [b"7", b"8", b"9"]


def test_the_first_records(broker: ModelBroker) -> None:
    assert values(broker, 3, from_latest=False) == [b"0", b"1", b"2"]


def test_no_more_than_there_are(broker: ModelBroker) -> None:
    assert len(values(broker, 100, from_latest=True)) == 10


def test_a_record_with_all_that_belongs_to_it(broker: ModelBroker) -> None:
    sample = sample_topic(ModelClients(broker), SERVERS, "orders", 1)
    assert sample.records == [(1, 4, 1009, b"k", b"9", [("n", b"1")])]


def test_nothing_is_committed_and_no_group_is_left(broker: ModelBroker) -> None:
    values(broker, 3, from_latest=True)
    assert not broker.groups


def test_an_empty_topic_has_no_records(broker: ModelBroker) -> None:
    broker.create_topic("empty", partitions=1)
    assert sample_topic(ModelClients(broker), SERVERS, "empty", 5).records == []


def test_a_topic_that_is_not_there(broker: ModelBroker) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'orders'"):
        sample_topic(ModelClients(broker), SERVERS, "ordrs", 5)
