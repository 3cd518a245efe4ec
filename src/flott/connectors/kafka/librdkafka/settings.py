"""What our clients set where a user has not, and what they set whatever a user says.

Each difference from librdkafka's own defaults has its reason here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: The Java client's name for what librdkafka takes as an argument.
_QUESTION_TIMEOUT: Final = "default.api.timeout.ms"
_QUESTION_TIMEOUT_DEFAULT_MS: Final = 30_000

_DEFAULTS: Final = {
    # A broker that comes back is used within a second, as by the Java client; else within ten.
    "reconnect.backoff.max.ms": "1000",
}
_CONSUMER_DEFAULTS: Final = {
    **_DEFAULTS,
    # A full queue pauses fetching for so long. A poll empties the queue in milliseconds, and would
    # find nothing for the rest of the second that is librdkafka's default.
    "fetch.queue.backoff.ms": "10",
}
_PRODUCER_DEFAULTS: Final = {
    **_DEFAULTS,
    # Same partitions as the Java client for the same keys.
    "partitioner": "murmur2_random",
}
_CONSUMER_FIXED: Final = {
    # Positions are kept in checkpoints, and the source wants to know where partitions end.
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "enable.partition.eof": "true",
}
_PRODUCER_FIXED: Final = {
    # Only failures are worth a message to us.
    "delivery.report.only.error": "true",
}


def consumer_settings(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties of a consumer.

    >>> consumer_settings({"group.id": "g"})["enable.partition.eof"]
    'true'
    """
    return {**_CONSUMER_DEFAULTS, **properties, **_CONSUMER_FIXED}


def producer_settings(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties of a producer.

    >>> producer_settings({"partitioner": "random"})["partitioner"]
    'random'
    """
    return {**_PRODUCER_DEFAULTS, **properties, **_PRODUCER_FIXED}


def cluster_settings(properties: Mapping[str, str]) -> dict[str, str]:
    """The properties of a client that only asks questions.

    >>> cluster_settings({"default.api.timeout.ms": "5000"})
    {'reconnect.backoff.max.ms': '1000'}
    """
    own = {key: value for key, value in properties.items() if key != _QUESTION_TIMEOUT}
    return {**_DEFAULTS, **own}


def timeout_ms_of(properties: Mapping[str, str]) -> int:
    """How long to wait for an answer.

    >>> timeout_ms_of({}), timeout_ms_of({"default.api.timeout.ms": "5000"})
    (30000, 5000)
    """
    return int(properties.get(_QUESTION_TIMEOUT, _QUESTION_TIMEOUT_DEFAULT_MS))
