"""Questions to the cluster, by confluent-kafka's admin client.

An admin client is in no group and creates no topics by asking for them.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Final

import confluent_kafka as ck
from confluent_kafka import admin

from flott.connectors.kafka.librdkafka_log import QuietLogger
from flott.connectors.kafka.librdkafka_settings import cluster_settings, timeout_ms_of
from flott.connectors.kafka.ports import ClientError, TopicPartition

#: Has no types.
_OffsetSpec: Final[Any] = admin.OffsetSpec  # type: ignore[attr-defined]
#: What the broker keeps for itself.
_INTERNAL: Final = frozenset(
    {"__cluster_metadata", "__consumer_offsets", "__share_group_state", "__transaction_state"}
)
_UNKNOWN_TOPIC: Final = "UNKNOWN_TOPIC_OR_PART"
#: What a group's coordinator says that is not ready: a transaction with offsets of the group has
#: been committed or not, but not everywhere yet; or the coordinator has moved, or is starting.
_NOT_YET: Final = frozenset(
    {
        "UNSTABLE_OFFSET_COMMIT",
        "NOT_COORDINATOR",
        "COORDINATOR_NOT_AVAILABLE",
        "COORDINATOR_LOAD_IN_PROGRESS",
        "_WAIT_COORD",
    }
)
_NOT_YET_PAUSE_S: Final = 0.02
_TIMED_OUT: Final = frozenset({"_TIMED_OUT", "_TRANSPORT", "_ALL_BROKERS_DOWN"})


class LibrdkafkaCluster:
    """Answers; see ``Cluster``. Every call waits, half a minute at most, or as long as the Java
    client's property ``default.api.timeout.ms`` says."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._timeout_s = timeout_ms_of(properties) / 1000
        self._last_error: str | None = None
        self._settings: dict[str, Any] = {**cluster_settings(properties), "error_cb": self._note}
        try:
            self._admin: admin.AdminClient | None = admin.AdminClient(
                self._settings, logger=QuietLogger()
            )
        except ck.KafkaException as error:
            raise self._failure(error) from None

    def _note(self, error: ck.KafkaError) -> None:
        # That all brokers are away says less than why the last of them is.
        if self._last_error is None or error.name() != "_ALL_BROKERS_DOWN":
            self._last_error = error.str()

    def topics(self) -> Sequence[str]:
        """All topics one may see, sorted."""
        try:
            found = self._client.list_topics(timeout=self._timeout_s).topics
        except ck.KafkaException as error:
            raise self._failure(error) from None
        return sorted(found.keys() - _INTERNAL)

    def partitions(self, topics: Collection[str]) -> Mapping[str, Sequence[int]]:
        """The partitions of those topics that exist."""
        if not topics:
            return {}
        asked = self._client.describe_topics(
            ck.TopicCollection(sorted(set(topics))), request_timeout=self._timeout_s
        )
        answer: dict[str, Sequence[int]] = {}
        for topic, future in asked.items():
            try:
                description = self._wait(future)
            except ClientError as error:
                if error.code != _UNKNOWN_TOPIC:
                    raise
            else:
                answer[topic] = sorted(partition.id for partition in description.partitions)
        return answer

    def earliest(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The first offsets that can be read."""
        return self._offsets({partition: _OffsetSpec.earliest() for partition in partitions})

    def latest(
        self, partitions: Collection[TopicPartition], *, read_committed: bool = False
    ) -> Mapping[TopicPartition, int]:
        """The offsets behind the last records, or behind those of settled transactions."""
        specs = {partition: _OffsetSpec.latest() for partition in partitions}
        return self._offsets(specs, read_committed=read_committed)

    def offsets_at(
        self, times_ms: Mapping[TopicPartition, int]
    ) -> Mapping[TopicPartition, int | None]:
        """The first offsets that are not older."""
        found = self._offsets(
            {part: _OffsetSpec.for_timestamp(time) for part, time in times_ms.items()}
        )
        return {partition: offset if offset >= 0 else None for partition, offset in found.items()}

    def _offsets(
        self, specs: Mapping[TopicPartition, Any], *, read_committed: bool = False
    ) -> dict[TopicPartition, int]:
        if not specs:
            return {}
        level = ck.IsolationLevel
        asked = self._client.list_offsets(
            {ck.TopicPartition(*partition): spec for partition, spec in specs.items()},
            isolation_level=level.READ_COMMITTED if read_committed else level.READ_UNCOMMITTED,
            request_timeout=self._timeout_s,
        )
        return {
            (named := TopicPartition(key.topic, key.partition)): self._wait(future, named).offset
            for key, future in asked.items()
        }

    def committed(
        self, group: str, partitions: Collection[TopicPartition]
    ) -> Mapping[TopicPartition, tuple[int, str] | None]:
        """What a group has committed; waits for transactions under way.

        A consumer asks, which joins nothing: librdkafka's admin client crashes when the group's
        coordinator has moved or is starting.
        """
        if not partitions:
            return {}
        settings = {**self._settings, "group.id": group, "enable.auto.commit": False}
        # Only then are offsets waited for that an open transaction may still change.
        settings["isolation.level"] = "read_committed"
        wanted = [ck.TopicPartition(*partition) for partition in partitions]
        deadline = time.monotonic() + self._timeout_s
        consumer = self._consumer_of_group(settings)
        try:
            while True:
                try:
                    return dict(self._committed(consumer.committed(wanted, self._timeout_s)))
                except ck.KafkaException as error:
                    failure = self._failure(error)
                except ClientError as error:
                    failure = error
                if failure.code not in _NOT_YET or time.monotonic() > deadline:
                    raise failure
                self._client.poll(_NOT_YET_PAUSE_S)
        finally:
            consumer.close()

    def _consumer_of_group(self, settings: Mapping[str, Any]) -> ck.Consumer:
        try:
            return ck.Consumer(dict(settings), logger=QuietLogger())
        except ck.KafkaException as error:
            raise self._failure(error) from None

    def _committed(
        self, found: Iterable[ck.TopicPartition]
    ) -> Iterable[tuple[TopicPartition, tuple[int, str] | None]]:
        for entry in found:
            partition = TopicPartition(entry.topic, entry.partition)
            if entry.error is not None:
                raise self._failure(ck.KafkaException(entry.error), partition)
            is_there = entry.offset >= 0
            yield partition, (entry.offset, entry.metadata or "") if is_there else None

    def close(self) -> None:
        """Release the connection."""
        self._admin = None

    @property
    def _client(self) -> admin.AdminClient:
        if self._admin is None:
            raise ClientError("_STATE", "the client is closed")
        return self._admin

    def _wait(self, future: Future[Any], partition: TopicPartition | None = None) -> Any:
        try:
            return future.result()
        except ck.KafkaException as error:
            raise self._failure(error, partition) from None

    def _failure(
        self, error: ck.KafkaException, partition: TopicPartition | None = None
    ) -> ClientError:
        if getattr(self, "_admin", None) is not None:
            self._client.poll(0)  # brings the reasons
        cause = error.args[0]
        code = cause.name()
        text = cause.str()
        if code in _TIMED_OUT and self._last_error is not None:
            text = f"{text}; last error: {self._last_error}"
        return ClientError(
            code,
            text,
            is_fatal=cause.fatal(),
            is_retriable=cause.retriable() or code in _TIMED_OUT,
            partition=partition,
        )
