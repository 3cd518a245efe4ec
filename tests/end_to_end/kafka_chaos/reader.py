"""Reads what is committed, and checks each record as it comes."""

from __future__ import annotations

from collections import Counter

from confluent_kafka import Consumer, Message, TopicPartition

from tests.end_to_end.kafka_chaos.feed import Feed
from tests.services.kafka import KafkaCluster


class CommittedReader:
    """A reader with ``read_committed`` from the beginning of both topics.

    Args:
        every_change: Whether the job says each record's count; otherwise a count may come for
            several records at once, as long as it grows.

    Attributes:
        counts: The count each key has reached.
        windows: The count of each key's windows, by their start.
        problems: What should not have come.
    """

    def __init__(
        self, cluster: KafkaCluster, counts: str, windows: str, every_change: bool = True
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.windows: dict[tuple[str, int], int] = {}
        self.problems: list[str] = []
        self._every_change = every_change
        self._counts_topic = counts
        self._cluster = cluster
        settings = {
            "group.id": f"{counts}-reader",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
        }
        self._consumer = Consumer({**cluster.client_settings(), **settings})
        self._places = [
            TopicPartition(topic, partition, 0)
            for topic in (counts, windows)
            for partition in cluster.end_offsets(topic)
        ]
        self._consumer.assign(self._places)

    @property
    def total(self) -> int:
        """How many records of the feed have been counted."""
        return self.counts.total()

    def poll(self, wait_s: float) -> int:
        """Read what there is; give how many records it was."""
        messages = self._consumer.consume(5000, wait_s)
        for message in messages:
            if message.error() is None:
                self._take(message)
            elif not message.error().retriable() and message.error().fatal():
                self.problems.append(str(message.error()))
        return len(messages)

    def is_at_end(self) -> bool:
        """Whether all that is committed has been read."""
        ends = {
            (topic, partition): end
            for topic in {place.topic for place in self._places}
            for partition, end in self._cluster.end_offsets(topic, read_committed=True).items()
        }
        positions = self._consumer.position(self._places)
        return all(at.offset >= ends[at.topic, at.partition] for at in positions)

    def is_complete(self, feed: Feed) -> bool:
        """Whether every record has been counted and every window is there."""
        return self.total >= feed.total and len(self.windows) >= len(feed.windows)

    def check(self, feed: Feed) -> None:
        """Every record was counted once, in the order of its key, and is in its window."""
        assert not self.problems, self.problems[:20]
        assert self.counts == feed.counts
        assert self.windows == feed.windows

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()

    def _take(self, message: Message) -> None:
        value = message.value()
        assert value is not None, f"a deletion of {message.key()!r}"
        key, number, count = value.decode().split(" ")
        where = f"{message.topic()}-{message.partition()}@{message.offset()}: {value.decode()}"
        if message.topic() == self._counts_topic:
            self._take_count(key, int(number), int(count), where)
        elif (key, int(number)) in self.windows:
            self.problems.append(f"a window for the second time, {where}")
        else:
            self.windows[key, int(number)] = int(count)

    def _take_count(self, key: str, number: int, count: int, where: str) -> None:
        before = self.counts[key]
        is_next = count == before + 1 if self._every_change else count > before
        if not is_next or number != count - 1:
            self.problems.append(f"the count of {key} was {before}, then came {where}")
        self.counts[key] = max(before, count)
