"""A consumer of librdkafka.

librdkafka's threads must never wait for Python's lock, so they do not call ``wake``: they write a
byte to a pipe, and a thread of Python's that reads the pipe calls it. That thread ends when the
pipe is closed.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Final

from flott.connectors.kafka.client.ports import CommitOutcome, Fetched, TopicPartition
from flott.connectors.kafka.librdkafka.log import forward_log
from flott.connectors.kafka.librdkafka.settings import consumer_settings
from flott.kernels.kafka import open_consumer

if TYPE_CHECKING:
    from flott.kernels._native import KafkaConsumer, KafkaLibrary

_CLOSE_TIMEOUT_MS: Final = 1000


class LibrdkafkaConsumer:
    """Reads partitions into frames; see ``RecordConsumer``."""

    def __init__(
        self,
        library: KafkaLibrary,
        properties: Mapping[str, str],
        columns: Collection[str],
        wake: Callable[[], None],
    ) -> None:
        read_fd, write_fd = os.pipe()
        os.set_blocking(write_fd, False)
        try:
            self._consumer = open_consumer(
                library, consumer_settings(properties), columns, write_fd
            )
        except BaseException:
            os.close(read_fd)
            os.close(write_fd)
            raise
        self._native = self._consumer.native
        self._partitions: list[TopicPartition | None] = []
        self._numbers: dict[TopicPartition, int] = {}
        self._free: list[int] = []
        name = "kafka-wake"
        threading.Thread(target=_pass_on, args=(read_fd, wake), name=name, daemon=True).start()
        # Also runs when nobody has closed it, at the latest when Python ends.
        self._close = weakref.finalize(self, _shut, self._native, write_fd)

    @property
    def last_error(self) -> str | None:
        """The newest error that the client tries to get over by itself, if there was one."""
        return self._native.last_error or None

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions too, each from an offset on; those read already, from there on."""
        self._consumer.assign(
            [
                (self._number(partition), partition.topic, partition.partition, offset)
                for partition, offset in positions.items()
            ]
        )

    def _number(self, partition: TopicPartition) -> int:
        number = self._numbers.get(partition)
        if number is None:
            if self._free:
                number = self._free.pop()
                self._partitions[number] = partition
            else:
                number = len(self._partitions)
                self._partitions.append(partition)
            self._numbers[partition] = number
        return number

    def unassign(self, partitions: Collection[TopicPartition]) -> None:
        """Read these partitions no longer; what is not read is passed over."""
        numbers = self._known(partitions)
        if not numbers:
            return
        self._native.unassign(numbers)
        for number in numbers:
            partition = self._partitions[number]
            assert partition is not None, "a number in use belongs to a partition"
            del self._numbers[partition]
            self._partitions[number] = None
            self._free.append(number)

    def _known(self, partitions: Collection[TopicPartition]) -> list[int]:
        numbers = self._numbers
        return [numbers[partition] for partition in partitions if partition in numbers]

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Hold these partitions."""
        if numbers := self._known(partitions):
            self._native.pause(numbers)

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        """Go on with these partitions."""
        if numbers := self._known(partitions):
            self._native.resume(numbers)

    def poll(self, rows_max: int) -> Fetched | None:
        """What has arrived; see ``RecordConsumer``."""
        arrived = self._consumer.poll(rows_max)
        if arrived is None:
            forward_log(self._native)
            return None
        name = self._name
        return Fetched(
            arrived.frame,
            [(name(number), rows) for number, rows in arrived.parts],
            {name(number): position for number, position in arrived.positions},
            [name(number) for number in arrived.ends],
        )

    def _name(self, number: int) -> TopicPartition:
        partition = self._partitions[number]
        assert partition is not None, "records come from partitions that are assigned"
        return partition

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Send offsets for monitoring; does not wait."""
        self._native.commit([(*partition, offset) for partition, offset in offsets.items()])

    def take_commits(self) -> list[CommitOutcome]:
        """How commits have ended since the last call."""
        return [_outcome(entries) for entries in self._native.take_commits()]

    def end_offset(self, partition: TopicPartition) -> int | None:
        """Where the partition ended when the broker last said so."""
        number = self._numbers.get(partition)
        return None if number is None else self._native.end_offset(number)

    def close(self) -> None:
        """Release the connection; waits a second at most."""
        self._close()


def _outcome(entries: list[tuple[str, int, int, str]]) -> CommitOutcome:
    committed = {}
    failed = {}
    for topic, partition, offset, reason in entries:
        place = TopicPartition(topic, partition)
        if reason:
            failed[place] = reason
        else:
            committed[place] = offset
    return CommitOutcome(committed, failed)


def _pass_on(read_fd: int, wake: Callable[[], None]) -> None:
    """Call ``wake`` for what is written to the pipe, until its other end is closed."""
    while os.read(read_fd, 64):
        wake()
    os.close(read_fd)


def _shut(native: KafkaConsumer, write_fd: int) -> None:
    native.close(_CLOSE_TIMEOUT_MS)
    os.close(write_fd)
