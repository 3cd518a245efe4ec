"""What the Kafka connector needs of a client: consumer, producer, and questions to the cluster.

The connector decides, a client acts. ``flott.connectors.kafka.librdkafka`` implements these for
real brokers; tests run the same source and sink against a broker in memory. Records travel as
frames with the columns named here, whichever way they go.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    import polars as pl

#: Columns of frames of records. A reader gives those it was asked for; a writer may leave out any
#: but ``value``: then the producer's topic, the partitioner and the clock decide.
TOPIC: Final = "topic"
PARTITION: Final = "partition"
OFFSET: Final = "offset"
TIMESTAMP: Final = "timestamp"
"""``Int64``, epoch milliseconds; null where a record has none."""
TIMESTAMP_TYPE: Final = "timestamp_type"
"""``Int8``: 0 none, 1 set by whoever wrote the record, 2 set by the broker."""
LEADER_EPOCH: Final = "leader_epoch"
KEY: Final = "key"
"""``Binary``; null where a record has no key."""
VALUE: Final = "value"
"""``Binary``; null is a tombstone."""
HEADERS: Final = "headers"
"""``List(Struct(key: String, value: Binary))``."""


class TopicPartition(NamedTuple):
    """A partition of a topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}"


class ClientError(Exception):
    """A call to Kafka failed, or the client met an error on its way.

    Args:
        code: librdkafka's name of the error, such as ``UNKNOWN_TOPIC_OR_PART`` or ``_FENCED``.
        text: What the client says.
        is_fatal: Whether the client can no longer be used.
        is_retriable: Whether the same call may succeed later.
        needs_abort: Whether the transaction has failed and must be aborted.
        partition: What it is about, if one partition.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        is_fatal: bool = False,
        is_retriable: bool = False,
        needs_abort: bool = False,
        partition: TopicPartition | None = None,
    ) -> None:
        super().__init__(f"{text} ({code})")
        self.code = code
        self.text = text
        self.is_fatal = is_fatal
        self.is_retriable = is_retriable
        self.needs_abort = needs_abort
        self.partition = partition


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records taken from the client at once, those of a partition together and in order.

    Attributes:
        frame: One row a record, with the columns asked for.
        parts: The partitions and how many rows each has, in the order of the rows.
        positions: The next offset to read of each partition that moved, also where it moved over
            what is not a record for us (aborted records, markers of transactions).
        ends: Partitions whose end was reached.
    """

    frame: pl.DataFrame
    parts: Sequence[tuple[TopicPartition, int]]
    positions: Mapping[TopicPartition, int]
    ends: Collection[TopicPartition] = ()

    def partition_of(self, row: int) -> TopicPartition:
        """The partition that a row of the frame was read from."""
        ends = accumulate(rows for _, rows in self.parts)
        return next(partition for (partition, _), end in zip(self.parts, ends) if row < end)


@dataclass(frozen=True, slots=True)
class CommitOutcome:
    """How a commit of a consumer ended.

    Attributes:
        committed: The offsets that the group has now.
        failed: The partitions whose offsets it has not, with the reason.
    """

    committed: Mapping[TopicPartition, int]
    failed: Mapping[TopicPartition, str]


class RecordConsumer(Protocol):
    """Reads partitions given to it. No call blocks; all come from one thread."""

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions too, each from an offset on."""

    def unassign(self, partitions: Collection[TopicPartition]) -> None:
        """Read these partitions no longer."""

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Hold these partitions; nothing of them comes until ``resume``."""

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        """Go on with these partitions."""

    def poll(self, rows_max: int) -> Fetched | None:
        """What has arrived; ``None`` if nothing has. The consumer then calls ``wake``, from any
        thread, once something has.

        Raises:
            ClientError: Reading cannot go on as it is. Errors that the client gets over by itself
                (a broker that is away) are not raised.
        """

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Tell the broker how far the group is, for monitoring; does not wait."""

    def take_commits(self) -> Sequence[CommitOutcome]:
        """How the commits ended that have ended since the last call, one for each ``commit``. The
        consumer calls ``wake`` for them, too."""

    def end_offset(self, partition: TopicPartition) -> int | None:
        """Where the partition ends as far as the client knows; for lag."""

    def close(self) -> None:
        """Release the connection; at most a second."""


class RecordProducer(Protocol):
    """Writes records, in transactions if its configuration has a ``transactional.id``."""

    def produce(self, records: pl.DataFrame) -> int:
        """Hand over rows from the front.

        Returns:
            How many were taken; fewer than all when the client's queue is full.

        Raises:
            ClientError: A record cannot be sent, such as one too large; it is not taken.
        """

    def check(self) -> None:
        """Take note of deliveries.

        Raises:
            ClientError: A record handed over before could not be delivered, or the client failed.
        """

    @property
    def outstanding(self) -> int:
        """How many records have been handed over and not been acknowledged yet."""

    def flush(self, timeout_ms: int) -> bool:
        """Wait until everything is acknowledged; whether it is. Raises as ``check``."""

    def init_transactions(self, timeout_ms: int) -> None:
        """Fence former owners of the transactional id and settle what they left under way.

        Raises:
            ClientError: As do all calls about transactions.
        """

    def begin_transaction(self) -> None:
        """Records produced from here on belong to a transaction."""

    def send_offsets(
        self,
        group: str,
        offsets: Mapping[TopicPartition, tuple[int, str]],
        timeout_ms: int,
    ) -> None:
        """Commit offsets, with metadata, for a group as part of the transaction."""

    def commit_transaction(self, timeout_ms: int) -> None:
        """Wait for deliveries and commit."""

    def abort_transaction(self, timeout_ms: int) -> None:
        """Give the transaction up."""

    def close(self) -> None:
        """Release the connection; an open transaction is left to the broker."""


class Cluster(Protocol):
    """Asks the cluster; every call blocks, and raises ``ClientError``."""

    def topics(self) -> Sequence[str]:
        """All topics one may see, without the cluster's own."""

    def partitions(self, topics: Collection[str]) -> Mapping[str, Sequence[int]]:
        """The partitions of topics; a topic that does not exist is not in the answer."""

    def earliest(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The first offset that can be read."""

    def latest(
        self, partitions: Collection[TopicPartition], *, read_committed: bool = False
    ) -> Mapping[TopicPartition, int]:
        """The offset behind the last record; the last stable one under ``read_committed``."""

    def offsets_at(
        self, times_ms: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int | None]:
        """The first offset whose record is not older; ``None`` if there is none."""

    def committed(
        self, group: str, partitions: Collection[TopicPartition], *, waits: bool = True
    ) -> Mapping[TopicPartition, tuple[int, str] | None]:
        """What a group has committed, with its metadata.

        Args:
            group: The group.
            partitions: Of which partitions.
            waits: Whether to wait for transactions under way that will commit offsets of the group;
                else the answer is what there is without them.
        """

    def close(self) -> None:
        """Release the connection."""


class KafkaClients(Protocol):
    """Makes clients; picklable. ``properties`` are librdkafka's."""

    def consumer(
        self,
        properties: Mapping[str, str],
        columns: Collection[str],
        wake: Callable[[], None],
    ) -> RecordConsumer:
        """A consumer whose frames have ``columns``, in the order of this module."""

    def producer(self, properties: Mapping[str, str], topic: str | None) -> RecordProducer:
        """A producer; ``topic`` is where records without one of their own go."""

    def cluster(self, properties: Mapping[str, str]) -> Cluster:
        """Answers questions."""
