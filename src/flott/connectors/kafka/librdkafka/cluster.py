"""Questions to the cluster, most of them by confluent-kafka's admin client.

An admin client is in no group and creates no topics by asking for them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Final

import confluent_kafka as ck
from confluent_kafka import admin

from flott.connectors.kafka.client.ports import ClientError, TopicPartition
from flott.connectors.kafka.librdkafka.causes import find_cause
from flott.connectors.kafka.librdkafka.log import QuietLogger
from flott.connectors.kafka.librdkafka.settings import cluster_settings, timeout_ms_of

if TYPE_CHECKING:
    from flott.kernels._native import KafkaGroup, KafkaLibrary

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
_CLOSE_TIMEOUT_MS: Final = 1000
_TIMED_OUT: Final = frozenset({"_TIMED_OUT", "_TRANSPORT", "_ALL_BROKERS_DOWN"})


class LibrdkafkaCluster:
    """Answers; see ``Cluster``. Every call waits, half a minute at most, or as long as the Java
    client's property ``default.api.timeout.ms`` says."""

    def __init__(
        self, load_library: Callable[[], KafkaLibrary], properties: Mapping[str, str]
    ) -> None:
        self._load_library = load_library
        self._timeout_s = timeout_ms_of(properties) / 1000
        self._last_error: str | None = None
        self._properties = cluster_settings(properties)
        settings: dict[str, Any] = {**self._properties, "error_cb": self._note}
        try:
            self._admin: admin.AdminClient | None = admin.AdminClient(
                settings, logger=QuietLogger()
            )
        except ck.KafkaException as error:
            raise self._failure(error) from None

    def _note(self, error: ck.KafkaError) -> None:
        # That all brokers are away says less than why the last of them is.
        if self._last_error is None or error.name() != "_ALL_BROKERS_DOWN":
            self._last_error = f"{error.str()} ({error.name()})"

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
        self, group: str, partitions: Collection[TopicPartition], *, waits: bool = True
    ) -> Mapping[TopicPartition, tuple[int, str] | None]:
        """What a group has committed; may wait for transactions under way.

        Asked by the native client, which joins nothing: confluent-kafka's consumer reads metadata
        beyond their end, and its admin client crashes while the group's coordinator is moving.
        """
        if not partitions:
            return {}
        deadline = time.monotonic() + self._timeout_s
        asked = [(partition.topic, partition.partition) for partition in partitions]
        reader = self._open_reader(group, waits)
        try:
            while True:
                try:
                    found = reader.committed(asked, int(self._timeout_s * 1000))
                    break
                except ClientError as error:
                    if error.code not in _NOT_YET or time.monotonic() > deadline:
                        raise self._with_reason(error) from None
                self._client.poll(_NOT_YET_PAUSE_S)
        finally:
            reader.close(_CLOSE_TIMEOUT_MS)
        return {
            TopicPartition(topic, partition): _read_commit(offset, metadata)
            for topic, partition, offset, metadata in found
        }

    def _open_reader(self, group: str, waits: bool) -> KafkaGroup:
        from flott.kernels.kafka import (
            open_group,
        )  # brings Polars, which other questions do not need

        # Only readers of committed records wait for what an open transaction may still change.
        level = "read_committed" if waits else "read_uncommitted"
        own = {"group.id": group, "isolation.level": level}
        return open_group(self._load_library(), {**self._properties, **own})

    def _with_reason(self, error: ClientError) -> ClientError:
        self._client.poll(0)  # brings the reasons
        if error.code not in _TIMED_OUT:
            return error
        cause = find_cause(error, self._last_error)
        return cause or ClientError(error.code, self._reasoned(error.text), is_retriable=True)

    def _reasoned(self, text: str) -> str:
        return text if self._last_error is None else f"{text}; last error: {self._last_error}"

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
        failure = ClientError(
            code,
            self._reasoned(text) if code in _TIMED_OUT else text,
            is_fatal=cause.fatal(),
            is_retriable=cause.retriable() or code in _TIMED_OUT,
            partition=partition,
        )
        return find_cause(failure, self._last_error) or failure


def _read_commit(offset: int, metadata: bytes) -> tuple[int, str] | None:
    return (offset, metadata.decode(errors="replace")) if offset >= 0 else None
