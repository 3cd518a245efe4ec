"""Which partitions a source reads: of some topics, of topics by pattern, or single ones."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from flott.common.errors import ConfigurationError
from flott.common.suggestions import did_you_mean
from flott.connectors.kafka.client.ports import Cluster, TopicPartition


class MissingTopicError(Exception):
    """What is to be read is not there. It may come to be while the source waits at its start."""


class Subscription(ABC):
    """Finds the partitions to read; picklable."""

    @abstractmethod
    def find(self, cluster: Cluster) -> set[TopicPartition]:
        """The partitions there are now.

        Raises:
            ClientError: The cluster does not answer.
            MissingTopicError: A topic or partition named by the user does not exist.
        """

    @abstractmethod
    def covers(self, partition: TopicPartition) -> bool:
        """Whether a partition, should it exist, belongs to what is read."""

    @property
    @abstractmethod
    def meaning(self) -> str:
        """What is read, in a few words."""


@dataclass(frozen=True)
class TopicList(Subscription):
    """All partitions of some topics.

    Attributes:
        topics: Their names.

    Raises:
        ConfigurationError: If there is none, or a name is empty.
    """

    topics: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.topics or not all(isinstance(each, str) and each for each in self.topics):
            raise ConfigurationError(f"Name one topic or more, found {self.topics!r}")

    def find(self, cluster: Cluster) -> set[TopicPartition]:
        return _partitions_of(cluster, self.topics)

    def covers(self, partition: TopicPartition) -> bool:
        return partition.topic in self.topics

    @property
    def meaning(self) -> str:
        return f"topic{'s' * (len(self.topics) > 1)} {', '.join(self.topics)}"


@dataclass(frozen=True)
class TopicPattern(Subscription):
    """All partitions of the topics whose whole name matches a pattern; new ones too.

    Attributes:
        pattern: A regular expression as Python's ``re`` reads it. Java's are the same in what names
            of topics need.

    Raises:
        ConfigurationError: If it is not a regular expression.
    """

    pattern: str

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ConfigurationError(
                f"The topic pattern {self.pattern!r} is not a regular expression: {error}"
            ) from None

    def find(self, cluster: Cluster) -> set[TopicPartition]:
        matches = re.compile(self.pattern).fullmatch
        found = cluster.partitions([topic for topic in cluster.topics() if matches(topic)])
        return {TopicPartition(topic, each) for topic in found for each in found[topic]}

    def covers(self, partition: TopicPartition) -> bool:
        return re.fullmatch(self.pattern, partition.topic) is not None

    @property
    def meaning(self) -> str:
        return f"topics that match {self.pattern!r}"


@dataclass(frozen=True)
class PartitionSet(Subscription):
    """Single partitions.

    Attributes:
        partitions: Which.

    Raises:
        ConfigurationError: If there is none.
    """

    partitions: frozenset[TopicPartition]

    def __post_init__(self) -> None:
        if not self.partitions:
            raise ConfigurationError("Name one partition or more")

    def find(self, cluster: Cluster) -> set[TopicPartition]:
        there = _partitions_of(cluster, sorted({each.topic for each in self.partitions}))
        missing = self.partitions - there
        if missing:
            raise MissingTopicError(f"There is no partition {join(missing)}")
        return set(self.partitions)

    def covers(self, partition: TopicPartition) -> bool:
        return partition in self.partitions

    @property
    def meaning(self) -> str:
        return f"partitions {join(self.partitions)}"


def join(partitions: Iterable[TopicPartition]) -> str:
    """Name partitions in order, at most ten of them.

    >>> join({TopicPartition("b", 1), TopicPartition("a", 7)})
    'a-7, b-1'
    """
    names = [str(each) for each in sorted(partitions)]
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _partitions_of(cluster: Cluster, topics: Collection[str]) -> set[TopicPartition]:
    found = cluster.partitions(topics)
    missing = [topic for topic in topics if topic not in found]
    if missing:
        hint = did_you_mean(missing[0], cluster.topics(), "Topics") or ""
        names = ", ".join(f"'{topic}'" for topic in missing)
        raise MissingTopicError(
            f"There is no topic {names}. {hint} Create it, or subscribe by pattern to read topics "
            "once they are there".replace("  ", " ")
        )
    return {TopicPartition(topic, each) for topic in found for each in found[topic]}
