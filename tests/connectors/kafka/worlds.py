"""The model broker and a real one under one face, so that one test can hold both to the same."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import polars as pl

from flott.connectors.kafka.client.ports import (
    Cluster,
    Fetched,
    KafkaClients,
    RecordConsumer,
    RecordProducer,
    TopicPartition,
)
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.services.kafka import KafkaCluster

LIMIT_S = 60.0
LIMIT_MS = 60_000


@dataclass
class World:
    """A broker and clients, which are closed with it."""

    clients: KafkaClients
    properties: Mapping[str, str]
    create_topic: Callable[[int], str]
    _open: ExitStack = field(default_factory=ExitStack)

    def producer(self, topic: str | None, **properties: str) -> RecordProducer:
        """A producer; in names of properties ``_`` stands for a dot."""
        producer = self.clients.producer({**self.properties, **_dotted(properties)}, topic)
        self._open.callback(producer.close)
        return producer

    def cluster(self) -> Cluster:
        """Answers."""
        cluster = self.clients.cluster(self.properties)
        self._open.callback(cluster.close)
        return cluster

    def reading(self, *columns: str, **properties: str) -> Reading:
        """A consumer, of committed records unless told otherwise."""
        settings = {
            **self.properties,
            "group.id": "readers",
            "auto.offset.reset": "error",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": "50",
            **_dotted(properties),
        }
        woken = threading.Event()
        consumer = self.clients.consumer(settings, columns or ("value",), woken.set)
        self._open.callback(consumer.close)
        return Reading(consumer, woken)

    def send(self, records: pl.DataFrame, topic: str) -> None:
        """Produce all of a frame."""
        producer = self.producer(topic)
        assert producer.produce(records) == len(records)
        assert producer.flush(LIMIT_MS)

    def close(self) -> None:
        """Close all clients."""
        self._open.close()


@contextmanager
def model_world() -> Iterator[World]:
    """The model's."""
    broker = ModelBroker()
    names = (f"topic-{number}" for number in itertools.count())

    def create(partitions: int) -> str:
        name = next(names)
        broker.create_topic(name, partitions)
        return name

    world = World(ModelClients(broker), {}, create)
    yield world
    world.close()


@contextmanager
def real_world(kafka: KafkaCluster) -> Iterator[World]:
    """A real broker's."""
    world = World(
        LibrdkafkaClients(),
        {"bootstrap.servers": kafka.bootstrap_servers},
        lambda partitions: kafka.create_topic(partitions=partitions),
    )
    yield world
    world.close()


class Reading:
    """A consumer and all that it gave."""

    def __init__(self, consumer: RecordConsumer, woken: threading.Event) -> None:
        self.consumer = consumer
        self.woken = woken
        self.found: list[Fetched] = []

    def start(self, topic: str, *partitions: int, offset: int = 0) -> Reading:
        """Assign partitions."""
        self.consumer.assign({TopicPartition(topic, number): offset for number in partitions})
        return self

    def next(self, rows_max: int = 1000) -> Fetched:
        """What arrives next."""
        while (fetched := self.consumer.poll(rows_max)) is None:
            assert self.woken.wait(LIMIT_S), "nobody woke us"
            self.woken.clear()
        self.found.append(fetched)
        return fetched

    def until(self, condition: Callable[[Reading], bool], rows_max: int = 1000) -> Reading:
        """Poll until ``condition`` holds."""
        while not condition(self):
            self.next(rows_max)
        return self

    def to_ends(self, count: int = 1) -> Reading:
        """Poll until so many partitions have ended, and forget that they have."""
        return self.until(lambda reading: len(reading.ends) == count)

    def frame(self) -> pl.DataFrame:
        """All records."""
        return pl.concat(fetched.frame for fetched in self.found)

    def values(self) -> list[bytes | None]:
        """Their values."""
        return self.frame()["value"].to_list()

    @property
    def ends(self) -> set[TopicPartition]:
        """Partitions whose end was seen."""
        return {end for fetched in self.found for end in fetched.ends}

    @property
    def positions(self) -> dict[TopicPartition, int]:
        """How far each partition is."""
        return {part: at for fetched in self.found for part, at in fetched.positions.items()}


def values(*given: bytes | None, partition: int | None = None) -> pl.DataFrame:
    """A frame of records."""
    frame = pl.DataFrame({"value": given}, schema={"value": pl.Binary})
    return frame.with_columns(partition=pl.lit(partition, pl.Int32))


def parts_of(topic: str, numbers: Collection[int]) -> list[TopicPartition]:
    """Partitions of a topic."""
    return [TopicPartition(topic, number) for number in numbers]


def _dotted(properties: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in properties.items()}
