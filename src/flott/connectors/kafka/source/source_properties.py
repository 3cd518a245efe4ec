"""What a Kafka source reads off its properties, for itself and for each of its clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flott.common.errors import ConfigurationError
from flott.connectors.kafka.client.properties import check_servers, redact, to_text, translate
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy

#: How often to look for new partitions.
DISCOVERY_MS: Final = 300_000
_WAIT_MS: Final = 60_000
_COMMIT_MS: Final = 5_000
#: How long a question may take before it is asked anew, so that waiting for brokers can be told.
_ANSWER_MS: Final = 5_000
_ANSWER_MS_MIN: Final = 100

DISCOVERY: Final = "partition.discovery.interval.ms"
_WAIT: Final = "default.api.timeout.ms"
_COMMIT_ON_CHECKPOINT: Final = "commit.offsets.on.checkpoint"


class SourceProperties:
    """The properties of a source, checked.

    Args:
        given: What the user set, under names of the Java client or of librdkafka.

    Attributes:
        group: The consumer group; ``None`` for none.
        wait_ms: How long to wait for brokers at the start.
        reset: What to do when the next record is gone.
        commits: Whether offsets are told to the group when a checkpoint completes.
        commit_interval_ms: How often they are told in jobs without checkpoints; ``None`` for never.

    Raises:
        ConfigurationError: If a property is unknown, missing or wrong.
    """

    def __init__(self, given: Mapping[str, Any]) -> None:
        check_servers(given)
        self._given = {name: to_text(value) for name, value in given.items()}
        for role in ("consumer", "producer", "cluster"):
            translate(self._given, role)
        self.group = self._given.get("group.id") or None
        self.wait_ms = read_ms(self._given, _WAIT, _WAIT_MS)
        self.reset = KafkaOffsetResetStrategy.parse(self._given.get("auto.offset.reset", "none"))
        self.commits = self._is_true(_COMMIT_ON_CHECKPOINT, "true") and self.group is not None
        interval_ms = read_ms(self._given, "auto.commit.interval.ms", _COMMIT_MS)
        commits_alone = self._is_true("enable.auto.commit", "false") and self.group is not None
        self.commit_interval_ms = interval_ms if commits_alone else None

    @property
    def reads_committed(self) -> bool:
        """Whether records of open and aborted transactions are left out."""
        return self.of_consumer("", "")["isolation.level"] == "read_committed"

    def of_consumer(self, job_id: str, suffix: str) -> dict[str, str]:
        """What the user set, and what the source decides itself whatever the user set."""
        return {
            "isolation.level": "read_uncommitted",  # as in Java; librdkafka's default is the other
            **translate(self._given, "consumer"),
            **self._client_id(suffix),
            "group.id": self.group or f"flott-{job_id}",  # nothing is committed to such a group
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
        }

    def of_producer(self, suffix: str) -> dict[str, str]:
        """The properties of the producer of dead letters."""
        return {**translate(self._given, "producer"), **self._client_id(suffix)}

    def of_cluster(self) -> dict[str, str]:
        """The properties of the client that finds partitions."""
        properties = translate(self._given, "cluster")
        properties.pop("auto.offset.reset", None)  # the source's own; librdkafka knows no "none"
        answer_ms = max(min(self.wait_ms, _ANSWER_MS), _ANSWER_MS_MIN)
        own = {"default.api.timeout.ms": str(answer_ms), **self._client_id("enumerator")}
        return {**properties, **own}

    def _client_id(self, suffix: str) -> dict[str, str]:
        given = self._given
        prefix = given.get("client.id.prefix") or given.get("client.id") or self.group or "flott"
        return {"client.id": f"{prefix}-{suffix}"}

    def _is_true(self, key: str, default: str) -> bool:
        text = self._given.get(key, default).strip().lower()
        if text not in ("true", "false"):
            raise ConfigurationError(f"{key} is true or false, found {text!r}", key=key)
        return text == "true"

    def __repr__(self) -> str:
        return repr(redact(self._given))


def read_ms(properties: Mapping[str, Any], key: str, default: int, least: int = 0) -> int:
    """Read a number of milliseconds.

    Raises:
        ConfigurationError: If it is not one, or too small.
    """
    text = str(properties.get(key, default))
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        raise ConfigurationError(f"{key} is a number of milliseconds, found {text!r}", key=key)
    return number
