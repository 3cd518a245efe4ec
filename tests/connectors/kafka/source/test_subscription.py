from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError
from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.source.subscription import (
    MissingTopicError,
    PartitionSet,
    Subscription,
    TopicList,
    TopicPattern,
    join,
)
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients


def find(subscription: Subscription, **topics: int) -> list[str]:
    """The partitions found in a cluster with these topics and numbers of partitions."""
    broker = ModelBroker()
    for topic, partitions in topics.items():
        broker.create_topic(topic, partitions)
    return sorted(map(str, subscription.find(ModelClients(broker).cluster({}))))


def test_topics_are_read_with_all_their_partitions() -> None:
    assert find(TopicList(("a", "b")), a=2, b=1, c=1) == ["a-0", "a-1", "b-0"]


def test_a_missing_topic_is_named_with_the_nearest() -> None:
    with pytest.raises(MissingTopicError, match=r"no topic 'ordres'. Did you mean 'orders'\?"):
        find(TopicList(("ordres",)), orders=1)


def test_a_pattern_matches_whole_names() -> None:
    assert find(TopicPattern("ab?"), a=1, ab=2, abc=1, xa=1) == ["a-0", "ab-0", "ab-1"]


def test_a_pattern_may_find_nothing_yet() -> None:
    assert find(TopicPattern("x.*"), a=1) == []


def test_single_partitions() -> None:
    wanted = frozenset({TopicPartition("a", 1), TopicPartition("b", 0)})
    assert find(PartitionSet(wanted), a=3, b=1) == ["a-1", "b-0"]


def test_a_missing_partition_is_named() -> None:
    wanted = PartitionSet(frozenset({TopicPartition("a", 1), TopicPartition("a", 9)}))
    with pytest.raises(MissingTopicError, match=r"no partition a-9$"):
        find(wanted, a=3)


def test_what_belongs_to_a_subscription() -> None:
    place = TopicPartition("ab", 1)
    assert TopicList(("ab",)).covers(place)
    assert TopicPattern("a.").covers(place)
    assert not TopicPattern("a").covers(place)
    assert not PartitionSet(frozenset({TopicPartition("ab", 0)})).covers(place)


@pytest.mark.parametrize(
    ("subscription", "meaning"),
    [
        (TopicList(("a",)), "topic a"),
        (TopicList(("a", "b")), "topics a, b"),
        (TopicPattern("a.*"), "topics that match 'a.*'"),
        (PartitionSet(frozenset({TopicPartition("a", 1)})), "partitions a-1"),
    ],
)
def test_meaning(subscription: Subscription, meaning: str) -> None:
    assert subscription.meaning == meaning


def test_mistakes_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="one topic or more"):
        TopicList(())
    with pytest.raises(ConfigurationError, match=r"'a\(' is not a regular expression"):
        TopicPattern("a(")
    with pytest.raises(ConfigurationError, match="one partition or more"):
        PartitionSet(frozenset())


def test_many_partitions_are_not_all_named() -> None:
    names = join(TopicPartition("a", each) for each in range(12))
    assert names == "a-0, a-1, a-2, a-3, a-4, a-5, a-6, a-7, a-8, a-9 and 2 more"
