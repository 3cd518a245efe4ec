"""A split of a Kafka source: a partition, how far it has been read, and where to stop."""

from __future__ import annotations

from dataclasses import dataclass

from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy


@dataclass(frozen=True, slots=True)
class KafkaPartitionSplit:
    """A partition.

    Attributes:
        topic: Its topic.
        partition: Its number in the topic.
        position: The offset of the next record to read.
        stop: The first offset that is not read any more; ``None`` to go on for ever.
        reset: Where to begin if ``position`` is gone before anything has been read; ``None`` once
            something has, when missing records would be a loss.

    >>> KafkaPartitionSplit("orders", 3, 17).split_id
    'orders-3'
    """

    topic: str
    partition: int
    position: int
    stop: int | None = None
    reset: KafkaOffsetResetStrategy | None = None

    @property
    def split_id(self) -> str:
        """Topic and partition."""
        return f"{self.topic}-{self.partition}"

    @property
    def topic_partition(self) -> TopicPartition:
        """The partition as clients name it."""
        return TopicPartition(self.topic, self.partition)

    @property
    def is_read(self) -> bool:
        """Whether nothing is left to read."""
        return self.stop is not None and self.position >= self.stop
