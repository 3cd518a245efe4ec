"""A Kafka in memory: logs, transactions and groups, with a clock that is moved by hand.

It follows the protocol where a source or a sink can tell the difference: markers of transactions
that take an offset, the last stable offset, epochs that fence former owners of a transactional id,
transactions that time out, offsets of groups that are part of transactions, or expire. Clients are
in ``model_clients``. Every call of a client passes ``broker.enter(name)`` before and
``broker.leave(name)`` after its effect: ``hook`` sees both and may raise; ``fail`` queues errors.

>>> broker = ModelBroker()
>>> broker.create_topic("orders", partitions=2)
>>> broker.append("orders", b"1"), broker.append("orders", b"2")
(0, 1)
>>> [record.value for record in broker.read("orders")]
[b'1', b'2']
"""

from __future__ import annotations

import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from tests.connectors.fakes import ManualClock

if TYPE_CHECKING:
    from tests.connectors.kafka.model_clients import ModelConsumer


class Record(NamedTuple):
    """A record as readers see it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


@dataclass(eq=False)
class Transaction:
    """What one owner of a transactional id has under way.

    Attributes:
        state: ``open``, ``committed`` or ``aborted``.
        offsets: What it will commit for groups, each with its place among all that was sent.
    """

    started_ms: int
    state: str = "open"
    partitions: set[TopicPartition] = field(default_factory=set)
    offsets: dict[str, dict[TopicPartition, tuple[int, tuple[int, str]]]] = field(
        default_factory=dict
    )


@dataclass
class Owner:
    """A transactional id: who has it last called ``init_transactions`` owns it."""

    epoch: int = -1
    timeout_ms: int = 60_000
    transaction: Transaction | None = None


class Entry(NamedTuple):
    record: Record | None
    """``None`` for the marker of a transaction."""
    transaction: Transaction | None


class Log:
    """A partition."""

    def __init__(self) -> None:
        self.start = 0
        self.entries: list[Entry] = []

    @property
    def end(self) -> int:
        return len(self.entries)

    @property
    def stable_end(self) -> int:
        """The first offset of a transaction under way, else the end."""
        for offset in range(self.start, self.end):
            transaction = self.entries[offset].transaction
            if transaction is not None and transaction.state == "open":
                return offset
        return self.end

    def records(self, position: int, committed: bool) -> Iterator[tuple[int, Record | None]]:
        """Offsets from ``position`` on with their records; ``None`` where there is none to see."""
        for offset in range(position, self.stable_end if committed else self.end):
            record, transaction = self.entries[offset]
            hidden = committed and transaction is not None and transaction.state == "aborted"
            yield offset, None if hidden else record


class ModelBroker:
    """The broker.

    Attributes:
        clock: Its time; clients that wait move it.
        hook: Called with the name of a call and ``before`` or ``after``; may raise anything.
        is_down: Nothing arrives and nothing is answered.
        rows_per_delivery: How many records a producer delivers by itself in a call to ``produce``
            or ``check``; ``None`` for all.
        message_max_bytes: Larger records are refused when they arrive.
    """

    _all: weakref.WeakValueDictionary[int, ModelBroker] = weakref.WeakValueDictionary()

    def __init__(self, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock()
        self.topics: dict[str, list[Log]] = {}
        self.owners: dict[str, Owner] = defaultdict(Owner)
        self.groups: dict[str, dict[TopicPartition, tuple[int, str]]] = {}
        self._sent_offsets = count()
        self._places: dict[tuple[str, TopicPartition], int] = {}
        self.hook: Callable[[str, str], None] = lambda call, phase: None
        self.failures: dict[tuple[str, str], list[BaseException]] = defaultdict(list)
        self.calls: list[str] = []
        self.is_down = False
        self.rows_per_delivery: int | None = None
        self.message_max_bytes = 1_048_588
        self.consumers: weakref.WeakSet[ModelConsumer] = weakref.WeakSet()
        self._all[id(self)] = self

    def __reduce__(self) -> tuple[object, ...]:
        # A description of a source or sink travels; the broker stays where it is.
        return _find_broker, (id(self),)

    def pass_time(self, ms: int) -> None:
        """Move the clock."""
        self.clock.set(self.clock.now_ms() + ms)

    # Faults.

    def enter(self, call: str) -> None:
        """A client has made a call."""
        self.calls.append(call)
        self._meet(call, "before")
        self.expire_transactions()

    def leave(self, call: str) -> None:
        """The call has had its effect."""
        self._meet(call, "after")

    def fail(self, call: str, error: BaseException, phase: str = "before", times: int = 1) -> None:
        """Have the next calls fail, before or after their effect.

        >>> ModelBroker().fail("commit_transaction", ClientError("_TIMED_OUT", "no answer"))
        """
        self.failures[call, phase] += [error] * times

    def _meet(self, call: str, phase: str) -> None:
        self.hook(call, phase)
        if self.failures[call, phase]:
            raise self.failures[call, phase].pop(0)

    # Topics and records.

    def create_topic(self, topic: str, partitions: int = 1) -> None:
        """A topic, or more partitions for one that there is."""
        logs = self.topics.setdefault(topic, [])
        logs += [Log() for _ in range(partitions - len(logs))]

    def delete_topic(self, topic: str) -> None:
        """The topic is gone, and what groups committed for it."""
        del self.topics[topic]
        for offsets in self.groups.values():
            for partition in [each for each in offsets if each.topic == topic]:
                del offsets[partition]

    def log(self, partition: TopicPartition) -> Log:
        """The log of a partition.

        Raises:
            ClientError: There is none.
        """
        logs = self.topics.get(partition.topic, [])
        if partition.partition >= len(logs):
            text = "Broker: Unknown topic or partition"
            raise ClientError("UNKNOWN_TOPIC_OR_PART", text, partition=partition)
        return logs[partition.partition]

    def append(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None = None,
        partition: int = 0,
        timestamp: int | None = None,
        headers: tuple[tuple[str, bytes | None], ...] = (),
        transaction: Transaction | None = None,
    ) -> int:
        """Put a record at the end; its offset."""
        place = TopicPartition(topic, partition)
        log = self.log(place)
        if len(value or b"") + len(key or b"") > self.message_max_bytes:
            text = "Broker: Message size too large"
            raise ClientError("MSG_SIZE_TOO_LARGE", text, partition=place)
        time = self.clock.now_ms() if timestamp is None else timestamp
        record = Record(topic, partition, log.end, time, key, value, headers)
        log.entries.append(Entry(record, transaction))
        if transaction is not None:
            transaction.partitions.add(place)
        self.wake()
        return record.offset

    def delete_records(self, topic: str, partition: int, before: int) -> None:
        """What retention does: offsets below ``before`` can no longer be read."""
        self.log(TopicPartition(topic, partition)).start = before

    def read(self, topic: str, committed: bool = True) -> list[Record]:
        """All records that readers see now, by partition and offset."""
        found = []
        for log in self.topics.get(topic, []):
            records = log.records(log.start, committed)
            found += [record for _, record in records if record is not None]
        return found

    def wake(self) -> None:
        """Something has happened that readers may wait for."""
        for consumer in list(self.consumers):
            consumer.notice()

    # Transactions.

    def init(self, transactional_id: str, timeout_ms: int) -> int:
        """A new owner; its epoch. What the former one had under way is aborted."""
        owner = self.owners[transactional_id]
        if owner.transaction is not None:
            self._end(owner, "aborted")
        owner.epoch += 1
        owner.timeout_ms = timeout_ms
        return owner.epoch

    def owner(self, transactional_id: str, epoch: int) -> Owner:
        """The owner with this epoch.

        Raises:
            ClientError: Somebody else has it by now, or its transaction has timed out.
        """
        owner = self.owners[transactional_id]
        if owner.epoch != epoch:
            text = "Producer fenced by newer instance"
            raise ClientError("_FENCED", text, is_fatal=True)
        return owner

    def transaction(self, transactional_id: str, epoch: int) -> Transaction:
        """The transaction under way, begun at need."""
        owner = self.owner(transactional_id, epoch)
        if owner.transaction is None:
            owner.transaction = Transaction(self.clock.now_ms())
        return owner.transaction

    def end(self, transactional_id: str, epoch: int, state: str) -> None:
        """Commit or abort what is under way, if anything."""
        owner = self.owner(transactional_id, epoch)
        if owner.transaction is not None:
            self._end(owner, state)

    def expire_transactions(self) -> None:
        """Abort transactions that have been open for too long; their owners are fenced."""
        for owner in list(self.owners.values()):
            transaction = owner.transaction
            if transaction is None:
                continue
            if self.clock.now_ms() - transaction.started_ms >= owner.timeout_ms:
                self._end(owner, "aborted")
                owner.epoch += 1

    def _end(self, owner: Owner, state: str) -> None:
        transaction, owner.transaction = owner.transaction, None
        assert transaction is not None
        transaction.state = state
        for place in sorted(transaction.partitions):
            if place.partition < len(self.topics.get(place.topic, [])):
                self.log(place).entries.append(Entry(None, None))
        if state == "committed":
            for group, offsets in transaction.offsets.items():
                for partition, (place, committed) in offsets.items():
                    self._keep(group, partition, place, committed)
        self.wake()

    # Groups.

    def commit_offsets(self, group: str, offsets: Mapping[TopicPartition, tuple[int, str]]) -> None:
        """What a group has read, at once."""
        for partition, committed in offsets.items():
            self._keep(group, partition, next(self._sent_offsets), committed)

    def send_offsets(
        self,
        transaction: Transaction,
        group: str,
        offsets: Mapping[TopicPartition, tuple[int, str]],
    ) -> None:
        """What a group has read once the transaction is committed."""
        sent = {partition: (next(self._sent_offsets), each) for partition, each in offsets.items()}
        transaction.offsets.setdefault(group, {}).update(sent)

    def _keep(
        self, group: str, partition: TopicPartition, place: int, committed: tuple[int, str]
    ) -> None:
        """Of several, what was sent last stays, in whatever order transactions are committed."""
        known = self.groups.setdefault(group, {})
        if partition in known and self._places[group, partition] > place:
            return
        known[partition] = committed
        self._places[group, partition] = place

    def has_pending_offsets(self, group: str) -> bool:
        """Whether a transaction under way will commit offsets of the group."""
        transactions = [owner.transaction for owner in self.owners.values()]
        return any(each is not None and group in each.offsets for each in transactions)

    def delete_group(self, group: str) -> None:
        """What an administrator does, or time."""
        self.groups.pop(group, None)

    def expire_offsets(self) -> None:
        """Nobody has committed for longer than ``offsets.retention.minutes``."""
        self.groups.clear()


def _find_broker(number: int) -> ModelBroker:
    return ModelBroker._all[number]
