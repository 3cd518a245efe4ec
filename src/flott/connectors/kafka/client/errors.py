"""What went wrong at the client, and what its user can do about it."""

from __future__ import annotations

from typing import Final

from flott.connectors.kafka.client.ports import ClientError

#: Errors that pass without anybody doing anything, or once somebody starts a broker.
_PASSING: Final = frozenset(
    {
        "_ALL_BROKERS_DOWN",
        "_DESTROY_BROKER",
        "_RESOLVE",
        "_TIMED_OUT",
        "_TIMED_OUT_QUEUE",
        "_TRANSPORT",
        "_WAIT_CACHE",
        "_WAIT_COORD",
        "BROKER_NOT_AVAILABLE",
        "COORDINATOR_LOAD_IN_PROGRESS",
        "COORDINATOR_NOT_AVAILABLE",
        "GROUP_COORDINATOR_NOT_AVAILABLE",
        "GROUP_LOAD_IN_PROGRESS",
        "KAFKA_STORAGE_ERROR",
        "LEADER_NOT_AVAILABLE",
        "NETWORK_EXCEPTION",
        "NOT_COORDINATOR",
        "NOT_COORDINATOR_FOR_GROUP",
        "NOT_LEADER_FOR_PARTITION",
        "OFFSET_NOT_AVAILABLE",
        "REQUEST_TIMED_OUT",
        "UNSTABLE_OFFSET_COMMIT",
    }
)

MISSING_OFFSET: Final = frozenset({"OFFSET_OUT_OF_RANGE", "_AUTO_OFFSET_RESET"})
MISSING_TOPIC: Final = frozenset({"UNKNOWN_TOPIC_OR_PART", "_UNKNOWN_TOPIC", "_UNKNOWN_PARTITION"})

_DENIED: Final = (
    "The user is known but not allowed to do this: ask for the access control list to be extended"
)
_SIGN_IN: Final = (
    "Signing in failed: check sasl.mechanism, sasl.username and sasl.password "
    "(or sasl.jaas.config), and that security.protocol is what this listener of the broker speaks"
)
_TLS: Final = (
    "The TLS connection failed: check security.protocol, ssl.ca.location, and that the name in "
    "bootstrap.servers is in the broker's certificate"
)
_CORRUPT: Final = (
    "The broker sent a batch that is damaged or cannot be decompressed; see the broker's log, and "
    "whether other consumers can read the partition"
)
_ADVICE: Final = {
    "TOPIC_AUTHORIZATION_FAILED": f"{_DENIED} by READ and DESCRIBE on the topic",
    "GROUP_AUTHORIZATION_FAILED": f"{_DENIED} by READ on the group",
    "CLUSTER_AUTHORIZATION_FAILED": f"{_DENIED} by what it lacks on the cluster",
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED": f"{_DENIED} by WRITE on the transactional id",
    "_AUTHENTICATION": _SIGN_IN,
    "SASL_AUTHENTICATION_FAILED": _SIGN_IN,
    "UNSUPPORTED_SASL_MECHANISM": _SIGN_IN,
    "ILLEGAL_SASL_STATE": _SIGN_IN,
    "_SSL": _TLS,
    "_BAD_MSG": _CORRUPT,
    "_BAD_COMPRESSION": _CORRUPT,
    "INVALID_MSG": _CORRUPT,
    "CORRUPT_MESSAGE": _CORRUPT,
    "UNSUPPORTED_VERSION": "The broker is too old for this, or for this client",
    "UNSUPPORTED_COMPRESSION_TYPE": "The broker is too old for the compression of the topic",
}


def is_passing(error: ClientError) -> bool:
    """Whether trying again later may help."""
    return not error.is_fatal and (error.is_retriable or error.code in _PASSING)


def advice(error: ClientError) -> str:
    """What the user can do; empty if nothing is known.

    >>> print(advice(ClientError("_SSL", "handshake failed"))[:29])
    The TLS connection failed: ch
    """
    return _ADVICE.get(error.code, "")


def explain(error: ClientError, doing: str, servers: str) -> str:
    """Say what could not be done, where, why, and what helps.

    Args:
        error: The error.
        doing: What was tried, as in "reading orders-3".
        servers: The servers it was tried with.

    >>> print(explain(ClientError("_TRANSPORT", "Connection refused"), "reading a-0", "k:9092"))
    Kafka at k:9092 failed while reading a-0: Connection refused (_TRANSPORT)
    """
    hint = advice(error)
    return f"Kafka at {servers} failed while {doing}: {error}" + (f". {hint}" if hint else "")
