"""The broker inside librdkafka, for tests of the native client that need no Java.

It answers the protocol but is not Kafka: topics appear when they are asked for, with four
partitions, and transactions leave no markers. What depends on those is tested with a real broker.
"""

from __future__ import annotations

import itertools
import os
import select
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import confluent_kafka
import polars as pl

from flott.connectors.kafka.librdkafka.clients import find_library
from flott.kernels.kafka import (
    Arrived,
    Consumer,
    KafkaProducer,
    open_consumer,
    open_library,
    open_producer,
)

LIMIT_MS = 60_000
PARTITIONS = 4


class Failed(Exception):
    """What the native client raises here."""

    def __init__(self, name: str, text: str, *rest: Any) -> None:
        super().__init__(f"{text} ({name})")
        self.name = name
        self.is_fatal, self.is_retriable, self.needs_abort, self.topic, self.partition = rest


class MockKafka:
    """A broker and clients for it."""

    def __init__(self) -> None:
        self._owner = confluent_kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
        broker = self._owner.list_topics(timeout=LIMIT_MS / 1000).brokers[1]
        self.servers = f"{broker.host}:{broker.port}"
        self.library = open_library(find_library(), Failed)
        self._topics = (f"topic-{number}" for number in itertools.count())

    def topic(self) -> str:
        """A topic of its own, with four partitions."""
        topic = next(self._topics)
        self._owner.list_topics(topic, timeout=LIMIT_MS / 1000)
        return topic

    @contextmanager
    def producer(self, topic: str = "", **properties: str) -> Iterator[KafkaProducer]:
        """A producer; in names of properties `_` stands for a dot."""
        settings = {"bootstrap.servers": self.servers, "linger.ms": "0", **_dotted(properties)}
        producer = open_producer(self.library, settings, topic)
        try:
            yield producer
        finally:
            producer.close(1000)

    def send(self, records: pl.DataFrame, topic: str) -> None:
        """Produce all of a frame."""
        with self.producer(topic) as producer:
            assert producer.produce(records) == len(records)
            assert producer.flush(LIMIT_MS)

    @contextmanager
    def reading(self, columns: Collection[str], **properties: str) -> Iterator[Reading]:
        """A consumer without partitions."""
        settings = {
            "bootstrap.servers": self.servers,
            "group.id": "group",
            "enable.partition.eof": "true",
            "fetch.wait.max.ms": "10",
            **_dotted(properties),
        }
        read_fd, write_fd = os.pipe()
        consumer = open_consumer(self.library, settings, columns, write_fd)
        try:
            yield Reading(consumer, read_fd)
        finally:
            consumer.native.close(1000)
            os.close(write_fd)
            os.close(read_fd)


class Reading:
    """A consumer and what it gave so far."""

    def __init__(self, consumer: Consumer, read_fd: int) -> None:
        self.consumer = consumer
        self.read_fd = read_fd
        self.found: list[Arrived] = []

    def start(self, topic: str, *partitions: int, offset: int = 0) -> None:
        """Assign partitions; each has its own number as id."""
        self.consumer.assign([(number, topic, number, offset) for number in partitions])

    def waits_for_wake(self) -> None:
        """Block until the consumer says that there is something."""
        assert select.select([self.read_fd], [], [], LIMIT_MS / 1000)[0], "nobody woke us"
        os.read(self.read_fd, 64)

    def next(self, rows_max: int = 1000) -> Arrived:
        """What arrives next."""
        while (arrived := self.consumer.poll(rows_max)) is None:
            self.waits_for_wake()
        self.found.append(arrived)
        return arrived

    def until(self, condition: Callable[[Reading], bool], rows_max: int = 1000) -> Reading:
        """Poll until ``condition`` holds."""
        while not condition(self):
            self.next(rows_max)
        return self

    def rows(self, count: int, rows_max: int = 1000) -> pl.DataFrame:
        """All that has arrived, once it is so many records."""
        self.until(lambda reading: reading.count >= count, rows_max)
        frames = [arrived.frame for arrived in self.found if len(arrived.frame)]
        return pl.concat(frames)

    @property
    def count(self) -> int:
        """How many records have arrived."""
        return sum(len(arrived.frame) for arrived in self.found)

    @property
    def ends(self) -> set[int]:
        """Partitions whose end was seen."""
        return {end for arrived in self.found for end in arrived.ends}


def _dotted(properties: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in properties.items()}
