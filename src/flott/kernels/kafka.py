"""Kafka's records as frames: the consumer and producer of librdkafka, without an object a record.

Nothing of librdkafka is loaded before ``open_library``. Calls let other threads of Python run while
they work, and failures are raised as the error class that the caller gave.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import polars as pl

from flott.kernels._native import KafkaConsumer, KafkaGroup, KafkaLibrary, KafkaProducer
from flott.kernels.columns.frames import to_frame

__all__ = [
    "RECORD_COLUMNS",
    "Arrived",
    "Consumer",
    "KafkaGroup",
    "KafkaProducer",
    "MakeError",
    "open_consumer",
    "open_group",
    "open_library",
    "open_producer",
]

#: Columns that a consumer can give, in the order in which they stand in its frames.
RECORD_COLUMNS: Final = (
    "topic",
    "partition",
    "offset",
    "timestamp",
    "timestamp_type",
    "leader_epoch",
    "key",
    "value",
    "headers",
)


class MakeError(Protocol):
    """Makes the exception of a failure."""

    def __call__(
        self,
        name: str,
        text: str,
        is_fatal: bool,
        is_retriable: bool,
        needs_abort: bool,
        topic: str,
        partition: int,
        /,
    ) -> Exception:
        """``name`` is librdkafka's of the error; ``topic`` is empty and ``partition`` -1 where it
        is about none."""


class Arrived(NamedTuple):
    """What one poll found; partitions by the numbers they were given.

    Attributes:
        frame: One row a record, those of a partition together.
        parts: Partitions and their rows, in the order of the rows.
        positions: The next offset of each partition that moved.
        ends: Partitions that are read to their end.
    """

    frame: pl.DataFrame
    parts: list[tuple[int, int]]
    positions: list[tuple[int, int]]
    ends: list[int]


def open_library(path: str, make_error: MakeError) -> KafkaLibrary:
    """The librdkafka at ``path``, loaded into this process for good.

    Raises:
        RuntimeError: It cannot be loaded, or is too old.
    """
    return KafkaLibrary(path, make_error)


def open_consumer(
    library: KafkaLibrary, properties: Mapping[str, str], columns: Collection[str], wake_fd: int
) -> Consumer:
    """A consumer without partitions yet.

    Args:
        library: Where its functions are.
        properties: librdkafka's.
        columns: Those its frames are to have.
        wake_fd: Where to write a byte once something has arrived after a poll that found nothing.
    """
    mask = sum(1 << RECORD_COLUMNS.index(column) for column in set(columns))
    return Consumer(KafkaConsumer(library, list(properties.items()), mask, wake_fd))


def open_producer(
    library: KafkaLibrary, properties: Mapping[str, str], topic: str
) -> KafkaProducer:
    """A producer; ``topic`` is for records that name none, empty if there is none such."""
    return KafkaProducer(library, list(properties.items()), topic)


def open_group(library: KafkaLibrary, properties: Mapping[str, str]) -> KafkaGroup:
    """One who asks what the group named by ``properties`` has committed, without joining it."""
    return KafkaGroup(library, list(properties.items()))


class Consumer:
    """The native consumer, with frames of Polars."""

    def __init__(self, native: KafkaConsumer) -> None:
        self.native = native
        self._poll = native.poll

    def assign(self, starts: Sequence[tuple[int, str, int, int]]) -> None:
        """Read partitions, each given as number, topic, partition and offset to start at. Numbers
        are small, and free again once the partition is unassigned."""
        self.native.assign(list(starts))

    def poll(self, rows_max: int) -> Arrived | None:
        """At most ``rows_max`` records that have arrived; ``None`` if nothing has."""
        found = self._poll(rows_max)
        if found is None:
            return None
        native, parts, positions, ends = found
        return Arrived(to_frame(native), parts, positions, ends)
