"""Transactions of a writer: two transactional ids, used in turn, and how an epoch gets into one.

While the epoch before is being committed under one id, records already flow under the other. An
object made here is used by one thread at a time: a producer by whoever holds its lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Final, TypeVar

import polars as pl

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import ClientError, Cluster, KafkaClients, RecordProducer
from flott.connectors.kafka.sink.errors import TIMED_OUT, Situation
from flott.connectors.kafka.sink.marker import MarkerOffsets, marker_offsets
from flott.connectors.write_ahead import Marker, WriterId
from flott.core.clock import Clock

T = TypeVar("T")

#: How long one call may wait for the brokers; a call that may be repeated is, until the delivery
#: timeout.
CALL_TIMEOUT_MS: Final = 10_000
#: How long to wait for what is only to be begun.
_START_MS: Final = 1
#: How long to wait for room in the client's queue before trying again.
_ROOM_STEP_MS: Final = 20
_PAUSE_MIN_MS: Final = 20
_PAUSE_MAX_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Access:
    """How a sink reaches Kafka.

    Attributes:
        clients: Makes clients.
        properties: librdkafka's, for producers.
        cluster_properties: librdkafka's, for questions.
        topic: Where records without a topic go.
        situation: What errors have to name.
        clock: Tells how long something takes.
        pause: Waits for so many milliseconds.
        job_id: The job.
    """

    clients: KafkaClients
    properties: Mapping[str, str]
    cluster_properties: Mapping[str, str]
    topic: str | None
    situation: Situation
    clock: Clock
    pause: Callable[[int], None]
    job_id: str

    def create_producer(self, transactional_id: str | None = None) -> RecordProducer:
        """A producer of its own connection."""
        properties = dict(self.properties)
        if transactional_id is not None:
            properties["transactional.id"] = transactional_id
        return self.clients.producer(properties, self.topic)

    def explain(self, error: ClientError, doing: str, size: int | None = None) -> SinkError:
        """The error to raise; see ``Situation.explain``.

        A client goes on trying where a topic is gone, so that its records only time out.
        """
        topic = error.partition.topic if error.partition is not None else self.topic
        if error.code == TIMED_OUT and topic is not None and self.is_missing(topic):
            error = ClientError("UNKNOWN_TOPIC_OR_PART", error.text, partition=error.partition)
        return self.situation.explain(error, doing, size)

    def is_missing(self, topic: str) -> bool:
        """Whether the brokers are there and the topic is not."""
        try:
            cluster = self.clients.cluster(self.cluster_properties)
            try:
                return topic not in cluster.partitions([topic])
            finally:
                cluster.close()
        except ClientError:
            return False

    def ask(self, question: Callable[[Cluster], T]) -> T:
        """Ask the cluster something."""
        cluster = self.clients.cluster(self.cluster_properties)
        try:
            return self.repeat(lambda: question(cluster))
        finally:
            cluster.close()

    def repeat(self, call: Callable[[], T]) -> T:
        """Make a call, again and again while Kafka says that it may succeed later.

        Raises:
            ClientError: It failed, or did not succeed within the delivery timeout.
        """
        deadline_ms = self.clock.monotonic_ms() + self.situation.delivery_ms
        pause_ms = _PAUSE_MIN_MS
        while True:
            try:
                return call()
            except ClientError as error:
                is_over = error.is_fatal or error.needs_abort or not error.is_retriable
                if is_over or self.clock.monotonic_ms() >= deadline_ms:
                    raise
            self.pause(pause_ms)
            pause_ms = min(2 * pause_ms, _PAUSE_MAX_MS)

    def hand_over(self, producer: RecordProducer, frame: pl.DataFrame) -> None:
        """Give all records to a producer; wait in steps while its queue is full.

        Raises:
            ClientError: A record cannot be sent, one sent before did not arrive, or there is no
                room within the delivery timeout.
        """
        deadline_ms = None
        while True:
            taken = producer.produce(frame)
            if taken == frame.height:
                return
            if taken or deadline_ms is None:
                frame = frame.slice(taken)
                deadline_ms = self.clock.monotonic_ms() + self.situation.delivery_ms
            producer.flush(_ROOM_STEP_MS)
            if self.clock.monotonic_ms() > deadline_ms:
                text = "The client's queue is full and nothing leaves it"
                raise ClientError("_TIMED_OUT_QUEUE", text)


class TransactionalProducer:
    """One transactional id and the client that owns it.

    Attributes:
        lock: Held by whoever uses the producer, where it could be more than one.
        began_ms: When its transaction began, on the clock that never goes back.
        is_ending: Whether it was asked to commit, so that it may have.
        sealed_for: The checkpoint whose barrier ended its epoch; ``None`` before that barrier.
        is_delivered: Whether all that was handed over before that barrier is in the log.
    """

    __slots__ = (
        "_access",
        "_client",
        "_failure",
        "_is_begun",
        "_is_owner",
        "_marker_sent",
        "began_ms",
        "is_delivered",
        "is_ending",
        "lock",
        "sealed_for",
        "transactional_id",
    )

    def __init__(self, access: Access, transactional_id: str) -> None:
        self.lock = Lock()
        self.transactional_id = transactional_id
        self.began_ms = 0.0
        self.is_ending = False
        self.sealed_for: int | None = None
        self.is_delivered = False
        self._access = access
        self._marker_sent: MarkerOffsets | None = None
        self._failure: ClientError | None = None
        self._is_begun = False
        self._is_owner = False
        self._client: RecordProducer | None = access.create_producer(transactional_id)

    @property
    def client(self) -> RecordProducer:
        """The client, which has not been closed."""
        assert self._client is not None, "a closed producer is not used"
        return self._client

    @property
    def is_closed(self) -> bool:
        """Whether it was given up."""
        return self._client is None

    @property
    def may_have_timed_out(self) -> bool:
        """Whether the brokers may have aborted the transaction because it takes so long."""
        age_ms = self._access.clock.monotonic_ms() - self.began_ms
        return self._is_begun and age_ms >= self._access.situation.timeout_ms

    def start_init(self) -> None:
        """Begin to do what ``init`` waits for; the client goes on with it by itself."""
        try:
            self.client.init_transactions(_START_MS)
            self._is_owner = True
        except ClientError as error:
            if error.is_fatal or not error.is_retriable:
                raise

    def init(self) -> None:
        """Fence former owners, and abort what they have under way."""
        if not self._is_owner:
            client = self.client
            self._access.repeat(lambda: client.init_transactions(CALL_TIMEOUT_MS))
            self._is_owner = True

    def begin(self) -> None:
        """Begin a transaction, unless one has begun."""
        if not self._is_begun:
            self.client.begin_transaction()
            self._is_begun = True
            self.began_ms = self._access.clock.monotonic_ms()

    def check_delivered(self) -> bool:
        """Whether all that was handed over is in the log."""
        if not self.is_delivered:
            self.client.check()
            self.is_delivered = self.sealed_for is not None and self.client.outstanding == 0
        return self.is_delivered

    def add_marker(self, group: str, offsets: MarkerOffsets) -> None:
        """Do what ``commit`` would have to wait for: send what waits, then the marker.

        It is tried once, and what goes wrong is left to ``commit``.
        """
        assert self.sealed_for is not None, "the marker belongs to an epoch that has ended"
        client = self.client
        try:
            self.is_delivered = client.flush(CALL_TIMEOUT_MS)
            client.send_offsets(group, offsets, CALL_TIMEOUT_MS)
            self._marker_sent = offsets
        except ClientError as error:
            if error.is_fatal or error.needs_abort or not error.is_retriable:
                self._failure = error

    def commit(self, frames: Iterable[pl.DataFrame], group: str, offsets: MarkerOffsets) -> None:
        """Put records and marker into the transaction, unless they are there, and commit it.

        Raises:
            ClientError: The transaction is lost, or nobody can tell.
        """
        if self._failure is not None:
            raise self._failure
        self.begin()
        client = self.client
        for frame in frames:
            self._access.hand_over(client, frame)
        repeat = self._access.repeat
        if self._marker_sent != offsets:
            repeat(lambda: client.send_offsets(group, offsets, CALL_TIMEOUT_MS))
        self.is_ending = True
        repeat(lambda: client.commit_transaction(CALL_TIMEOUT_MS))
        self._is_begun = self.is_ending = self.is_delivered = False
        self.sealed_for = self._marker_sent = None

    def close(self) -> None:
        """Release the connection; a transaction under way is left to the next owner."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


class ProducerPair:
    """Both transactional ids of a writer, owned by whoever opened them last.

    Attributes:
        writer_id: The writer.
        producers: One for each id.
    """

    def __init__(self, access: Access, writer_id: WriterId) -> None:
        self.writer_id = writer_id
        self._access = access
        self.producers: list[TransactionalProducer] = []
        try:
            for number in range(2):
                self.producers.append(TransactionalProducer(access, f"{writer_id.name}-{number}"))
            for producer in self.producers:
                producer.start_init()
            for producer in self.producers:
                producer.init()
        except BaseException:
            self.close()
            raise

    def commit(
        self,
        producer: TransactionalProducer,
        frames: Iterable[pl.DataFrame],
        marker: Marker,
        marker_topic: str,
        checkpoint_id: int,
    ) -> None:
        """Commit records under one of the ids, with the marker.

        Raises:
            ClientError: As ``TransactionalProducer.commit``.
        """
        producer.commit(
            frames, self.writer_id.name, self._offsets(marker, marker_topic, checkpoint_id)
        )

    def add_marker(
        self, producer: TransactionalProducer, marker: Marker, marker_topic: str, checkpoint_id: int
    ) -> None:
        """Put the marker into an open transaction; see ``TransactionalProducer.add_marker``."""
        producer.add_marker(self.writer_id.name, self._offsets(marker, marker_topic, checkpoint_id))

    def _offsets(self, marker: Marker, marker_topic: str, checkpoint_id: int) -> MarkerOffsets:
        subtask = self.writer_id.subtask
        return marker_offsets(marker, marker_topic, checkpoint_id, self._access.job_id, subtask)

    def close(self) -> None:
        """Release both."""
        for producer in self.producers:
            producer.close()
