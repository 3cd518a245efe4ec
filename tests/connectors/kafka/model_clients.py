"""Clients of the model broker, as ``flott.connectors.kafka.client.ports`` wants them; no threads.

A producer delivers when it is called; one that has to wait moves the broker's clock.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from flott.connectors.kafka.client.ports import (
    HEADERS,
    KEY,
    LEADER_EPOCH,
    OFFSET,
    PARTITION,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    TOPIC,
    VALUE,
    ClientError,
    Cluster,
    CommitOutcome,
    Fetched,
    KafkaClients,
    RecordConsumer,
    RecordProducer,
    TopicPartition,
)
from tests.connectors.kafka.model_broker import ModelBroker, Record, Transaction

SCHEMA: Final[dict[str, Any]] = {
    TOPIC: pl.String,
    PARTITION: pl.Int32,
    OFFSET: pl.Int64,
    TIMESTAMP: pl.Int64,
    TIMESTAMP_TYPE: pl.Int8,
    LEADER_EPOCH: pl.Int32,
    KEY: pl.Binary,
    VALUE: pl.Binary,
    HEADERS: pl.List(pl.Struct({"key": pl.String, "value": pl.Binary})),
}


@dataclass(frozen=True)
class ModelClients(KafkaClients):
    """Clients of one broker; what it makes is kept in ``made`` for tests to look at."""

    broker: ModelBroker

    def consumer(
        self, properties: Mapping[str, str], columns: Collection[str], wake: Callable[[], None]
    ) -> ModelConsumer:
        return ModelConsumer(self.broker, properties, columns, wake)

    def producer(self, properties: Mapping[str, str], topic: str | None) -> ModelProducer:
        return ModelProducer(self.broker, properties, topic)

    def cluster(self, properties: Mapping[str, str]) -> ModelCluster:
        return ModelCluster(self.broker)


class _Client:
    """One connection."""

    def __init__(self, broker: ModelBroker) -> None:
        self.broker = broker
        self.is_closed = False

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        assert not self.is_closed, f"{name} on a closed client"
        self.broker.enter(name)
        yield
        self.broker.leave(name)

    def answer(self, timeout_ms: int = 1_000) -> None:
        """What a call that needs the broker goes through."""
        if self.broker.is_down:
            self.broker.pass_time(timeout_ms)
            raise ClientError("_TIMED_OUT", "Local: Timed out", is_retriable=True)

    def close(self) -> None:
        self.is_closed = True


class ModelConsumer(_Client, RecordConsumer):
    """Reads in order of assignment."""

    def __init__(
        self,
        broker: ModelBroker,
        properties: Mapping[str, str],
        columns: Collection[str],
        wake: Callable[[], None],
    ) -> None:
        super().__init__(broker)
        self.properties = dict(properties)
        self.columns = [name for name in SCHEMA if name in columns]
        self.positions: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self.at_end: set[TopicPartition] = set()
        self.commits: list[CommitOutcome] = []
        self._wake = wake
        self._waits = False
        self._committed = properties.get("isolation.level", "read_committed") == "read_committed"
        broker.consumers.add(self)

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        with self.call("assign"):
            self.positions.update(positions)
            self.at_end -= set(positions)
        self.notice()

    def unassign(self, partitions: Collection[TopicPartition]) -> None:
        with self.call("unassign"):
            for partition in partitions:
                self.positions.pop(partition, None)
                self.paused.discard(partition)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        with self.call("pause"):
            self.paused.update(partitions)

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        with self.call("resume"):
            self.paused.difference_update(partitions)
        self.notice()

    def poll(self, rows_max: int) -> Fetched | None:
        with self.call("poll"):
            fetched = None if self.broker.is_down else self._fetch(rows_max)
        self._waits = fetched is None
        return fetched

    def _fetch(self, rows_max: int) -> Fetched | None:
        rows: list[Record] = []
        parts: list[tuple[TopicPartition, int]] = []
        moved: dict[TopicPartition, int] = {}
        ends = []
        for partition, position in self.positions.items():
            if partition in self.paused or len(rows) >= rows_max:
                continue
            found, after = self._read(partition, position, rows_max - len(rows))
            rows += found
            if found:
                parts.append((partition, len(found)))
            if after != position:
                moved[partition] = after
                self.at_end.discard(partition)
            if after >= self._end(partition) and partition not in self.at_end:
                self.at_end.add(partition)
                ends.append(partition)
        self.positions.update(moved)
        if not (moved or ends):
            return None
        return Fetched(self._frame(rows), parts, moved, ends)

    def _read(
        self, partition: TopicPartition, position: int, rows_max: int
    ) -> tuple[list[Record], int]:
        log = self.broker.log(partition)
        if not log.start <= position <= log.end:
            text = "Broker: Offset out of range"
            raise ClientError("OFFSET_OUT_OF_RANGE", text, partition=partition)
        found: list[Record] = []
        for offset, record in log.records(position, self._committed):
            if len(found) == rows_max:
                break
            if record is not None:
                found.append(record)
            position = offset + 1
        return found, position

    def _frame(self, rows: list[Record]) -> pl.DataFrame:
        values: dict[str, list[Any]] = {
            TOPIC: [row.topic for row in rows],
            PARTITION: [row.partition for row in rows],
            OFFSET: [row.offset for row in rows],
            TIMESTAMP: [row.timestamp for row in rows],
            TIMESTAMP_TYPE: [1] * len(rows),
            LEADER_EPOCH: [0] * len(rows),
            KEY: [row.key for row in rows],
            VALUE: [row.value for row in rows],
            HEADERS: [[{"key": name, "value": text} for name, text in r.headers] for r in rows],
        }
        schema = {name: SCHEMA[name] for name in self.columns}
        return pl.DataFrame({name: values[name] for name in self.columns}, schema=schema)

    def _end(self, partition: TopicPartition) -> int:
        log = self.broker.log(partition)
        return log.stable_end if self._committed else log.end

    def notice(self) -> None:
        """Something has happened; wake whoever found nothing before."""
        if self._waits and not self.is_closed:
            self._waits = False
            self._wake()

    def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        try:
            with self.call("commit"):
                for partition in offsets:
                    self.broker.log(partition)
                committed = {partition: (offset, "") for partition, offset in offsets.items()}
                self.broker.commit_offsets(self.properties["group.id"], committed)
        except ClientError as error:
            outcome = CommitOutcome({}, dict.fromkeys(offsets, error.text))
        else:
            outcome = CommitOutcome(dict(offsets), {})
        self.commits.append(outcome)
        self.notice()

    def take_commits(self) -> list[CommitOutcome]:
        commits, self.commits = self.commits, []
        return commits

    def end_offset(self, partition: TopicPartition) -> int | None:
        return self._end(partition) if partition in self.positions else None


class ModelProducer(_Client, RecordProducer):
    """Keeps records in a queue until it delivers them."""

    def __init__(
        self, broker: ModelBroker, properties: Mapping[str, str], topic: str | None
    ) -> None:
        super().__init__(broker)
        self.properties = dict(properties)
        self.topic = topic
        self.transactional_id = properties.get("transactional.id")
        self.queue: deque[dict[str, Any]] = deque()
        self.queue_max = int(properties.get("queue.buffering.max.messages", 100_000))
        self.size_max = int(properties.get("message.max.bytes", 1_000_000))
        self.delivery_ms = int(properties.get("message.timeout.ms", 300_000))
        self.error: ClientError | None = None
        self._epoch = -1
        self._is_open = False
        self._turn = 0

    def produce(self, records: pl.DataFrame) -> int:
        with self.call("produce"):
            self._raise_error()
            if self.transactional_id is not None and not self._is_open:
                raise ClientError("_STATE", "Local: Erroneous state")
            taken = 0
            for row in records.head(self.queue_max - len(self.queue)).iter_rows(named=True):
                if len(row[VALUE] or b"") + len(row.get(KEY) or b"") > self.size_max:
                    if taken:
                        break
                    text = "Broker: Message size too large"
                    place = TopicPartition(row.get(TOPIC) or self.topic or "", -1)
                    raise ClientError("MSG_SIZE_TOO_LARGE", text, partition=place)
                row["queued_ms"] = self.broker.clock.now_ms()
                self.queue.append(row)
                taken += 1
            self._deliver(self.broker.rows_per_delivery)
        return taken

    def check(self) -> None:
        with self.call("check"):
            self._deliver(self.broker.rows_per_delivery)
            self._raise_error()

    @property
    def outstanding(self) -> int:
        return len(self.queue)

    def flush(self, timeout_ms: int) -> bool:
        with self.call("flush"):
            self._deliver(None)
            if self.queue:
                self.broker.pass_time(timeout_ms)
                self._deliver(None)
            self._raise_error()
        return not self.queue

    def init_transactions(self, timeout_ms: int) -> None:
        assert self.transactional_id is not None
        with self.call("init_transactions"):
            self.answer(timeout_ms)
            timeout = int(self.properties.get("transaction.timeout.ms", 60_000))
            self._epoch = self.broker.init(self.transactional_id, timeout)

    def begin_transaction(self) -> None:
        with self.call("begin_transaction"):
            self._raise_error()
            if self._epoch < 0 or self._is_open:
                raise ClientError("_STATE", "Local: Erroneous state")
            self._is_open = True

    def send_offsets(
        self, group: str, offsets: Mapping[TopicPartition, tuple[int, str]], timeout_ms: int
    ) -> None:
        with self.call("send_offsets"):
            transaction = self._transaction(timeout_ms)
            for partition, (_, metadata) in offsets.items():
                self.broker.log(partition)
                assert len(metadata.encode()) <= 4096, "offset.metadata.max.bytes"
            self.broker.send_offsets(transaction, group, offsets)

    def commit_transaction(self, timeout_ms: int) -> None:
        with self.call("commit_transaction"):
            self._check_open(timeout_ms)
            self._deliver(None)
            self._raise_error()
            self._end("committed")

    def abort_transaction(self, timeout_ms: int) -> None:
        with self.call("abort_transaction"):
            if self.error is not None and self.error.is_fatal:
                raise self.error
            self.answer(timeout_ms)
            self.queue.clear()
            self.error = None
            self._end("aborted")

    def _transaction(self, timeout_ms: int) -> Transaction:
        self._check_open(timeout_ms)
        try:
            return self.broker.transaction(self.transactional_id or "", self._epoch)
        except ClientError as error:
            self.error = error
            raise

    def _check_open(self, timeout_ms: int) -> None:
        self._raise_error()
        if not self._is_open:
            raise ClientError("_STATE", "Local: Erroneous state")
        self.answer(timeout_ms)

    def _end(self, state: str) -> None:
        assert self.transactional_id is not None
        try:
            self.broker.end(self.transactional_id, self._epoch, state)
        except ClientError as error:
            self.error = error
            raise
        self._is_open = False

    def _deliver(self, rows_max: int | None) -> None:
        """What the client's threads do."""
        if self.broker.is_down:
            return self._expire()
        count = len(self.queue) if rows_max is None else min(rows_max, len(self.queue))
        for _ in range(count):
            if self.error is not None:
                return None
            row = self.queue.popleft()
            try:
                self._append(row)
            except ClientError as error:
                error.needs_abort = self.transactional_id is not None
                self.error = error
        return None

    def _expire(self) -> None:
        if (
            self.queue
            and self.broker.clock.now_ms() - self.queue[0]["queued_ms"] > self.delivery_ms
        ):
            row = self.queue.popleft()
            place = TopicPartition(row.get(TOPIC) or self.topic or "", row.get(PARTITION) or 0)
            self.error = ClientError(
                "_MSG_TIMED_OUT",
                "Local: Message timed out",
                needs_abort=self.transactional_id is not None,
                partition=place,
            )

    def _append(self, row: dict[str, Any]) -> None:
        topic = row.get(TOPIC) or self.topic
        assert topic is not None, "records without topic need a producer with one"
        transaction = None
        if self.transactional_id is not None:
            transaction = self.broker.transaction(self.transactional_id, self._epoch)
        headers = tuple((each["key"], each["value"]) for each in row.get(HEADERS) or ())
        self.broker.append(
            topic,
            row[VALUE],
            row.get(KEY),
            self._choose_partition(topic, row),
            row.get(TIMESTAMP),
            headers,
            transaction,
        )

    def _choose_partition(self, topic: str, row: dict[str, Any]) -> int:
        chosen = row.get(PARTITION)
        if chosen is not None:
            return int(chosen)
        count = len(self.broker.topics.get(topic, ())) or 1
        if row.get(KEY) is not None:
            return zlib.crc32(row[KEY]) % count
        self._turn += 1
        return self._turn % count

    def _raise_error(self) -> None:
        error = self.error
        if error is not None:
            if self.transactional_id is None:
                self.error = None
            raise error


class ModelCluster(_Client, Cluster):
    """Questions, answered at once."""

    def topics(self) -> Sequence[str]:
        with self.call("topics"):
            self.answer()
            names = sorted(name for name in self.broker.topics if not name.startswith("__"))
        return names

    def partitions(self, topics: Collection[str]) -> Mapping[str, Sequence[int]]:
        with self.call("partitions"):
            self.answer()
            known = self.broker.topics
            found = {name: range(len(known[name])) for name in topics if name in known}
        return found

    def earliest(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        with self.call("earliest"):
            self.answer()
            found = {each: self.broker.log(each).start for each in partitions}
        return found

    def latest(
        self, partitions: Collection[TopicPartition], *, read_committed: bool = False
    ) -> Mapping[TopicPartition, int]:
        with self.call("latest"):
            self.answer()
            logs = {each: self.broker.log(each) for each in partitions}
            found = {
                each: log.stable_end if read_committed else log.end for each, log in logs.items()
            }
        return found

    def offsets_at(
        self, times_ms: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int | None]:
        with self.call("offsets_at"):
            self.answer()
            found = {each: self._offset_at(each, time) for each, time in times_ms.items()}
        return found

    def _offset_at(self, partition: TopicPartition, time_ms: int) -> int | None:
        log = self.broker.log(partition)
        for offset, record in log.records(log.start, committed=False):
            if record is not None and record.timestamp >= time_ms:
                return offset
        return None

    def committed(
        self, group: str, partitions: Collection[TopicPartition], *, waits: bool = True
    ) -> Mapping[TopicPartition, tuple[int, str] | None]:
        with self.call("committed"):
            self.answer()
            if waits and self.broker.has_pending_offsets(group):
                text = "Broker: Unstable offset commit"
                raise ClientError("UNSTABLE_OFFSET_COMMIT", text, is_retriable=True)
            known = self.broker.groups.get(group, {})
            found = {each: known.get(each) for each in partitions}
        return found
