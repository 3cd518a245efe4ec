"""Where reading begins and ends in each partition: at its ends, at a time, where a group is, or at
given offsets.

What is chosen here is asked for once, when the enumerator finds a partition. From then on
positions are the checkpoint's business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from flott.common.errors import ConfigurationError, SourceError
from flott.connectors.kafka.client.ports import Cluster, TopicPartition


class KafkaOffsetResetStrategy(Enum):
    """What to do about an offset that is not there."""

    LATEST = 0
    """Begin behind the last record."""
    EARLIEST = 1
    """Begin at the first record there is."""
    NONE = 2
    """Fail, naming partition and offset."""

    @staticmethod
    def parse(value: KafkaOffsetResetStrategy | str) -> KafkaOffsetResetStrategy:
        """Read the value of ``auto.offset.reset``.

        Raises:
            ConfigurationError: If there is no such strategy.

        >>> KafkaOffsetResetStrategy.parse("latest").name
        'LATEST'
        """
        if isinstance(value, KafkaOffsetResetStrategy):
            return value
        found = _STRATEGIES.get(str(value).strip().lower())
        if found is None:
            raise ConfigurationError(
                f"auto.offset.reset is one of earliest, latest, none, found {value!r}",
                key="auto.offset.reset",
            )
        return found


_STRATEGIES = {
    "earliest": KafkaOffsetResetStrategy.EARLIEST,
    "smallest": KafkaOffsetResetStrategy.EARLIEST,
    "beginning": KafkaOffsetResetStrategy.EARLIEST,
    "latest": KafkaOffsetResetStrategy.LATEST,
    "largest": KafkaOffsetResetStrategy.LATEST,
    "end": KafkaOffsetResetStrategy.LATEST,
    "none": KafkaOffsetResetStrategy.NONE,
    "error": KafkaOffsetResetStrategy.NONE,
}


@dataclass(frozen=True)
class OffsetQuestions:
    """Whom to ask about offsets, and as whom.

    Attributes:
        cluster: The cluster.
        group: The consumer group, if there is one.
        read_committed: Whether records of open transactions do not count.
    """

    cluster: Cluster
    group: str | None = None
    read_committed: bool = False

    def latest(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the partitions end for this reader."""
        return self.cluster.latest(partitions, read_committed=self.read_committed)

    def reset(
        self, partitions: Collection[TopicPartition], strategy: KafkaOffsetResetStrategy
    ) -> Mapping[TopicPartition, int]:
        """The end of the partitions that a strategy names."""
        assert strategy is not KafkaOffsetResetStrategy.NONE, "there is no offset to take"
        if strategy is KafkaOffsetResetStrategy.EARLIEST:
            return self.cluster.earliest(partitions)
        return self.latest(partitions)


class OffsetsInitializer(ABC):
    """Chooses an offset for each partition; made by its static methods, picklable.

    Attributes:
        reset: What to do if the chosen offset is not there when reading begins.
        needs_group: Whether it asks for what a group has committed.
    """

    reset = KafkaOffsetResetStrategy.NONE
    needs_group = False

    @staticmethod
    def committed_offsets(
        offset_reset_strategy: KafkaOffsetResetStrategy | str = KafkaOffsetResetStrategy.NONE,
    ) -> OffsetsInitializer:
        """Take what the consumer group has committed.

        Args:
            offset_reset_strategy: What to do in partitions where it has not committed anything.

        >>> OffsetsInitializer.committed_offsets().needs_group
        True
        """
        return _Committed(KafkaOffsetResetStrategy.parse(offset_reset_strategy))

    @staticmethod
    def timestamp(timestamp: int) -> OffsetsInitializer:
        """Take the first record that is not older than a time; the end where all are older.

        Args:
            timestamp: Epoch milliseconds.

        Raises:
            ValueError: If it is negative.
        """
        return _Timestamp(timestamp)

    @staticmethod
    def earliest() -> OffsetsInitializer:
        """Take the first record there is."""
        return _Earliest()

    @staticmethod
    def latest() -> OffsetsInitializer:
        """Take the end: behind the last record."""
        return _Latest()

    @staticmethod
    def offsets(
        offsets: Mapping[TopicPartition, int],
        offset_reset_strategy: KafkaOffsetResetStrategy | str = KafkaOffsetResetStrategy.EARLIEST,
    ) -> OffsetsInitializer:
        """Take the given offsets; elsewhere what the group, if there is one, has committed.

        Args:
            offsets: Offsets by partition.
            offset_reset_strategy: What to do where there is no such offset, or none is given nor
                committed.

        Raises:
            ValueError: If an offset is negative.
        """
        given = {TopicPartition(*partition): offset for partition, offset in offsets.items()}
        return _Specified(given, KafkaOffsetResetStrategy.parse(offset_reset_strategy))

    @abstractmethod
    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        """The offset of each partition; blocks.

        Raises:
            ClientError: The cluster does not answer.
            SourceError: There is no such offset, and the user wants to know.
        """


@dataclass(frozen=True)
class _Earliest(OffsetsInitializer):
    reset = KafkaOffsetResetStrategy.EARLIEST

    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        return ask.cluster.earliest(partitions)


@dataclass(frozen=True)
class _Latest(OffsetsInitializer):
    reset = KafkaOffsetResetStrategy.LATEST

    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        return ask.latest(partitions)


@dataclass(frozen=True)
class _Timestamp(OffsetsInitializer):
    time_ms: int
    # What was deleted since is older than what is wanted, or was wanted but cannot be had.
    reset = KafkaOffsetResetStrategy.EARLIEST

    def __post_init__(self) -> None:
        if self.time_ms < 0:
            raise ValueError(f"A timestamp is in epoch milliseconds, found {self.time_ms}")

    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        found = ask.cluster.offsets_at(dict.fromkeys(partitions, self.time_ms))
        chosen = {each: offset for each, offset in found.items() if offset is not None}
        rest = [each for each in partitions if each not in chosen]
        return {**chosen, **(ask.latest(rest) if rest else {})}


@dataclass(frozen=True)
class _Committed(OffsetsInitializer):
    reset: KafkaOffsetResetStrategy
    needs_group = True

    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        return _within_range(ask, self.reset, _committed(ask, partitions), partitions)


@dataclass(frozen=True)
class _Specified(OffsetsInitializer):
    given: Mapping[TopicPartition, int] = field(hash=False)
    reset: KafkaOffsetResetStrategy

    def __post_init__(self) -> None:
        for partition, offset in self.given.items():
            if offset < 0:
                raise ValueError(
                    f"The offset of {partition} must not be negative, found {offset}; "
                    "use earliest(), latest() or committed_offsets()"
                )

    def choose(
        self, ask: OffsetQuestions, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, int]:
        named = {each: self.given[each] for each in partitions if each in self.given}
        rest = [each for each in partitions if each not in named]
        if rest and ask.group is not None:
            named.update(_committed(ask, rest))
        return _within_range(ask, self.reset, named, partitions)


def _committed(
    ask: OffsetQuestions, partitions: Collection[TopicPartition]
) -> dict[TopicPartition, int]:
    assert ask.group is not None, "the source checks that there is a group"
    found = ask.cluster.committed(ask.group, partitions)
    return {each: offset[0] for each, offset in found.items() if offset is not None}


def _within_range(
    ask: OffsetQuestions,
    reset: KafkaOffsetResetStrategy,
    wanted: Mapping[TopicPartition, int],
    partitions: Collection[TopicPartition],
) -> Mapping[TopicPartition, int]:
    """The wanted offsets where they exist; elsewhere what ``reset`` says."""
    first, end = ask.cluster.earliest(partitions), ask.cluster.latest(partitions)
    chosen = {each: offset for each, offset in wanted.items() if first[each] <= offset <= end[each]}
    missing = sorted(each for each in partitions if each not in chosen)
    if not missing:
        return chosen
    if reset is not KafkaOffsetResetStrategy.NONE:
        return {**chosen, **ask.reset(missing, reset)}
    each = missing[0]
    group = "" if ask.group is None else f" of group '{ask.group}'"
    if each not in wanted:
        raise SourceError(
            f"There is no committed offset{group} for {each}. Commit one, or choose where to begin "
            "without: committed_offsets(KafkaOffsetResetStrategy.EARLIEST), or LATEST; in SQL "
            "'properties.auto.offset.reset' = 'earliest', or another 'scan.startup.mode', such as "
            "'earliest-offset'"
        )
    raise SourceError(explain_missing(each, wanted[each], first[each], end[each]))


def explain_missing(partition: TopicPartition, offset: int, first: int, end: int) -> str:
    """Say that an offset cannot be read, why that may be, and what to do.

    >>> print(explain_missing(TopicPartition("orders", 0), 7, 100, 300).partition(".")[0])
    Topic 'orders', partition 0 has no offset 7: there are offsets 100 to 299
    """
    there = f"there are offsets {first} to {end - 1}" if end > first else f"it is empty, at {end}"
    if offset < first:
        why = f"Retention has deleted {first - offset} records before they were read"
    else:
        why = "The topic was probably deleted and created again"
    return (
        f"Topic '{partition.topic}', partition {partition.partition} has no offset {offset}: "
        f"{there}. {why}. To go on with what is there, set the property auto.offset.reset to "
        "earliest or latest"
    )
