"""What Kafka's errors mean to whoever runs a sink: what happened, where, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flott.common.errors import SinkError
from flott.connectors.kafka.client.ports import ClientError

#: Another producer has the transactional id, or its transaction has timed out.
_FENCED: Final = frozenset({"_FENCED", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"})
#: A record did not arrive in time.
TIMED_OUT: Final = "_MSG_TIMED_OUT"
_UNKNOWN_TOPIC: Final = frozenset({"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "UNKNOWN_TOPIC_ID"})
_TOO_LARGE: Final = frozenset({"MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_MSG_SIZE"})
#: The brokers did not answer.
_AWAY: Final = frozenset(
    {
        TIMED_OUT,
        "_TIMED_OUT",
        "_TIMED_OUT_QUEUE",
        "_TRANSPORT",
        "_ALL_BROKERS_DOWN",
        "_RESOLVE",
        "REQUEST_TIMED_OUT",
        "NOT_ENOUGH_REPLICAS",
        "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
        "COORDINATOR_NOT_AVAILABLE",
        "COORDINATOR_LOAD_IN_PROGRESS",
    }
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is needed to explain an error.

    Attributes:
        servers: The brokers that were asked.
        topic: The topic of the sink, if it is one; else where the marker is.
        prefix: The prefix of transactional ids; ``None`` without transactions.
        delivery_ms: How long a record may take to arrive.
        timeout_ms: How long a transaction may take.
        size_max: The largest record that the client sends, in bytes.
    """

    servers: str
    topic: str | None
    prefix: str | None
    delivery_ms: int
    timeout_ms: int
    size_max: int

    def explain(self, error: ClientError, doing: str, size: int | None = None) -> SinkError:
        """The error to raise.

        Args:
            error: What the client says.
            doing: What failed, to follow "Cannot".
            size: Bytes of the record that it is about, if known.
        """
        advice = self._advise(error, size)
        return SinkError(f"Cannot {doing}: {error.text} ({error.code}). {advice}")

    def _advise(self, error: ClientError, size: int | None) -> str:
        topic = error.partition.topic if error.partition is not None else self.topic
        if is_fencing(error):
            return self._fenced()
        if error.code in _TOO_LARGE:
            return self._too_large(topic, size)
        if error.code in _UNKNOWN_TOPIC:
            return (
                f"Topic {topic!r} does not exist on {self.servers}, or no longer. Create it, or "
                "correct the name."
            )
        if error.code == "_UNKNOWN_PARTITION":
            return (
                f"Partition {error.partition} does not exist. Topics cannot lose partitions, so "
                "the partitioner gave a number that is too high."
            )
        if error.code in _AWAY:
            return (
                f"The brokers {self.servers} did not answer in time. Records are given up after "
                f"delivery.timeout.ms={self.delivery_ms}. Once the brokers are back the job goes "
                "on from its last checkpoint."
            )
        rights = _RIGHTS.get(error.code)
        if rights is not None:
            return rights(self, topic)
        return f"Brokers: {self.servers}; topic: {topic!r}."

    def _fenced(self) -> str:
        return (
            f"Somebody else has taken over the transactional ids that begin with {self.prefix!r}. "
            "If another job uses this prefix, give each its own "
            "(set_transactional_id_prefix, or 'sink.transactional-id-prefix'). If this is a worker "
            "that had been replaced, nothing is to be done. Nothing is lost: what the last "
            "checkpoint covers is committed by whoever starts from it."
        )

    def _too_large(self, topic: str | None, size: int | None) -> str:
        found = f"A record of {size:,} bytes" if size else "A record"
        return (
            f"{found} for topic {topic!r} is larger than allowed: this client sends at most "
            f"message.max.bytes={self.size_max:,} (Java: max.request.size), the topic takes its "
            "own max.message.bytes, the brokers their message.max.bytes. Raise all three, turn on "
            "compression.type, or split the record."
        )


def is_fencing(error: ClientError) -> bool:
    """Whether the client no longer owns its transactional id."""
    return error.code in _FENCED


def is_final(error: ClientError) -> bool:
    """Whether writing the same again would fail the same way."""
    return (
        error.code in _UNKNOWN_TOPIC
        or error.code in _TOO_LARGE
        or error.code in _RIGHTS
        or error.code == "_UNKNOWN_PARTITION"
    )


def _topic_rights(at: Situation, topic: str | None) -> str:
    return (
        f"The user of this client may not write to topic {topic!r}. Allow WRITE and DESCRIBE on it"
        + (", and READ on the topic that holds the sink's marker." if at.prefix else ".")
    )


def _id_rights(at: Situation, topic: str | None) -> str:
    return (
        "The user of this client may not use the transactional ids. Allow WRITE and DESCRIBE on "
        f"transactional ids with the prefix {at.prefix!r}."
    )


def _group_rights(at: Situation, topic: str | None) -> str:
    return (
        "The sink keeps its marker as offsets of consumer groups. Allow READ and DESCRIBE on "
        f"groups with the prefix {at.prefix!r}."
    )


def _login(at: Situation, topic: str | None) -> str:
    return (
        f"The brokers {at.servers} refused the login. Check security.protocol, sasl.mechanism, "
        "user and password."
    )


def _certificate(at: Situation, topic: str | None) -> str:
    return (
        f"The TLS connection to {at.servers} failed. Check security.protocol, ssl.ca.location, and "
        "that the name in bootstrap.servers is in the broker's certificate."
    )


def _timeout(at: Situation, topic: str | None) -> str:
    return (
        f"transaction.timeout.ms={at.timeout_ms} is more than the brokers allow "
        "(transaction.max.timeout.ms there, 15 minutes by default). Lower it: the sink loses no "
        "records by a transaction that times out."
    )


def _metadata(at: Situation, topic: str | None) -> str:
    return (
        "The sink's marker has up to 2,000 bytes; the brokers' offset.metadata.max.bytes is less. "
        "Its default is 4096."
    )


def _invalid_topic(at: Situation, topic: str | None) -> str:
    return f"Topic {topic!r} has a name that Kafka does not allow."


_RIGHTS: Final[dict[str, Callable[[Situation, str | None], str]]] = {
    "TOPIC_AUTHORIZATION_FAILED": _topic_rights,
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": _id_rights,
    "GROUP_AUTHORIZATION_FAILED": _group_rights,
    "CLUSTER_AUTHORIZATION_FAILED": _topic_rights,
    "SASL_AUTHENTICATION_FAILED": _login,
    "_AUTHENTICATION": _login,
    "_SSL": _certificate,
    "INVALID_TRANSACTION_TIMEOUT": _timeout,
    "OFFSET_METADATA_TOO_LARGE": _metadata,
    "TOPIC_EXCEPTION": _invalid_topic,
    "INVALID_TOPIC_EXCEPTION": _invalid_topic,
}
