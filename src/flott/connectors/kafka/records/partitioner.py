"""Which partition a record goes to, where the client is not to decide by its key."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from flott.connectors.kafka.client.ports import Cluster, KafkaClients
from flott.core.context import OperatorContext

#: How long the partitions of a topic are taken to be those that were found.
_KNOWN_FOR_MS: Final = 300_000


class KafkaPartitioner(ABC):
    """Chooses partitions; picklable. One of your own is named ``module:object`` in the option
    ``sink.partitioner``.

    >>> class ByLength(KafkaPartitioner):
    ...     def partition(self, record, key, value, topic, partitions):
    ...         return partitions[len(value or b"") % len(partitions)]
    """

    def open(self, subtask_index: int, parallelism: int) -> None:  # noqa: B027 - most need nothing
        """Get ready.

        Args:
            subtask_index: The subtask that writes, from 0.
            parallelism: How many there are.
        """

    @abstractmethod
    def partition(
        self,
        record: tuple[Any, ...],
        key: bytes | None,
        value: bytes | None,
        topic: str,
        partitions: Sequence[int],
    ) -> int:
        """The partition of one record.

        Args:
            record: The row's physical columns.
            key: The record's key as it is written.
            value: Its value as it is written; ``None`` deletes the key.
            topic: Where it goes.
            partitions: The partitions there are.
        """


class FixedPartitioner(KafkaPartitioner):
    """All records of a subtask go to one partition, as Flink's ``fixed`` does.

    >>> fixed = FixedPartitioner()
    >>> fixed.open(4, 8)
    >>> fixed.partition((), None, b"", "topic", [0, 1, 2])
    1
    """

    _subtask = 0

    def open(self, subtask_index: int, parallelism: int) -> None:
        self._subtask = subtask_index

    def partition(
        self,
        record: tuple[Any, ...],
        key: bytes | None,
        value: bytes | None,
        topic: str,
        partitions: Sequence[int],
    ) -> int:
        return partitions[self._subtask % len(partitions)]


def load_partitioner(name: str) -> KafkaPartitioner:
    """A partitioner by the name ``module:object``: an instance, or a class that needs no arguments.

    Raises:
        ValueError: There is none of that name, or it is something else.

    >>> found = load_partitioner("flott.connectors.kafka.records.partitioner:FixedPartitioner")
    >>> type(found).__name__
    'FixedPartitioner'
    """
    module, separator, path = name.partition(":")
    if not separator:
        raise ValueError(
            f"expected default, fixed, round-robin or module:object in Python, found {name!r}"
        )
    try:
        found: Any = import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"cannot find {name!r}: {error}") from error
    if isinstance(found, type):
        found = found()
    if not isinstance(found, KafkaPartitioner):
        raise ValueError(f"{name!r} is not a KafkaPartitioner, but a {type(found).__name__}")
    return found


class TopicPartitions:
    """The partitions of the topics that are written, asked for once in a while.

    Args:
        clients: Whom to ask by.
        properties: The client's properties.
        context: Of the writer.
    """

    def __init__(
        self, clients: KafkaClients, properties: Mapping[str, str], context: OperatorContext
    ) -> None:
        self._clients = clients
        self._properties = properties
        self._clock = context.clock
        self._found: dict[str, tuple[float, Sequence[int]]] = {}
        self._cluster: Cluster | None = None

    def of(self, topic: str) -> Sequence[int]:
        """The partitions of a topic; the first alone while there is no such topic, so that the
        client tells what is wrong with it."""
        now_ms = self._clock.monotonic_ms()
        known = self._found.get(topic)
        if known is None or now_ms - known[0] > _KNOWN_FOR_MS:
            if self._cluster is None:
                self._cluster = self._clients.cluster(self._properties)
            found = self._cluster.partitions([topic]).get(topic) or (0,)
            known = self._found[topic] = now_ms, sorted(found)
        return known[1]
