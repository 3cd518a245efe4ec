"""Reads topics of Kafka: all the time or up to some offsets, exactly once into the job's state.

>>> from flott.common.serialization import SimpleStringSchema
>>> source = (
...     KafkaSource.builder()
...     .set_bootstrap_servers("localhost:9092")
...     .set_topics("orders")
...     .set_group_id("billing")
...     .set_value_only_deserializer(SimpleStringSchema())
...     .build()
... )
>>> source.boundedness.value
'continuous-unbounded'
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from flott.common.errors import ConfigurationError
from flott.common.typeinfo import TypeInformation, Types
from flott.connectors.bad_records import OnError
from flott.connectors.kafka.codecs import RecordDecoderFactory
from flott.connectors.kafka.discovery import DiscoverySettings
from flott.connectors.kafka.enumerator import EnumeratorSettings, KafkaEnumerator
from flott.connectors.kafka.offsets import KafkaOffsetResetStrategy, OffsetsInitializer
from flott.connectors.kafka.ports import KafkaClients
from flott.connectors.kafka.properties import check_servers, redact, to_text, translate
from flott.connectors.kafka.subscription import Subscription, TopicPattern
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitEnumerator,
)

if TYPE_CHECKING:
    from flott.connectors.kafka.source_builder import KafkaSourceBuilder

#: How often to look for new partitions.
DISCOVERY_MS: Final = 300_000
_WAIT_MS: Final = 60_000
_COMMIT_MS: Final = 5_000


class KafkaSource(Source):
    """Reads partitions of topics; made by a builder, or by a table.

    Positions are part of checkpoints. They are told to the consumer group too, when a checkpoint
    completes, but only so that others can see them. No consumer group is joined: the job itself
    gives partitions to its subtasks.

    Args:
        properties: The client's, under their Java names or librdkafka's.
        subscription: What to read.
        starting: Where to begin in partitions that are there at the start.
        stopping: Where to stop; ``None`` to go on for ever.
        decoder_factory: What makes sense of records.
        clients: Makes the clients.
        discovery_ms: How often to look for new partitions; ``None`` for once. A bounded source
            looks once.
        dead_letter_topic: Where records go that cannot be read; ``None`` to follow ``on_error``.
        boundedness: Whether the source counts as one that ends; by default it does if it stops.
        on_error: What to do with records that cannot be read; ``None`` for
            ``flott.source.on-error``.

    Raises:
        ConfigurationError: If a property is unknown, missing or wrong.
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        subscription: Subscription,
        starting: OffsetsInitializer,
        stopping: OffsetsInitializer | None = None,
        *,
        decoder_factory: RecordDecoderFactory,
        clients: KafkaClients,
        discovery_ms: int | None = DISCOVERY_MS,
        dead_letter_topic: str | None = None,
        boundedness: Boundedness | None = None,
        on_error: OnError | None = None,
    ) -> None:
        check_servers(properties)
        for role in ("consumer", "producer", "cluster"):
            translate(properties, role)
        self._properties = {name: to_text(value) for name, value in properties.items()}
        self._subscription = subscription
        self._starting = starting
        self._stopping = stopping
        self._decoder_factory = decoder_factory
        self._clients = clients
        self._dead_letter_topic = dead_letter_topic
        self._on_error = on_error
        if boundedness is None:
            ends = stopping is not None
            boundedness = Boundedness.BOUNDED if ends else Boundedness.CONTINUOUS_UNBOUNDED
        self._boundedness = boundedness
        self._discovery_ms = None if boundedness is Boundedness.BOUNDED else discovery_ms
        self._group = self._properties.get("group.id") or None
        self._check()

    @staticmethod
    def builder() -> KafkaSourceBuilder:
        """Begin a source."""
        from flott.connectors.kafka.source_builder import KafkaSourceBuilder

        return KafkaSourceBuilder()

    def _check(self) -> None:
        chosen = [each for each in (self._starting, self._stopping) if each is not None]
        if self._group is None and any(each.needs_group for each in chosen):
            raise ConfigurationError(
                "committed_offsets() needs a consumer group: set group.id", key="group.id"
            )
        if self._boundedness is Boundedness.BOUNDED and self._stopping is None:
            raise ConfigurationError("A bounded source needs offsets to stop at")
        self._wait_ms()
        self._commit_interval_ms()
        self._reset()
        self._is_true("commit.offsets.on.checkpoint", "true")

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    @property
    def name(self) -> str:
        return f"Kafka {self._subscription.meaning}"

    def get_produced_type(self) -> TypeInformation:
        """Give the type of the records."""
        produced = getattr(self._decoder_factory, "get_produced_type", None)
        return Types.PICKLED_BYTE_ARRAY() if produced is None else produced()

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        consumer = translate(self._properties, "consumer")
        discovery = DiscoverySettings(
            self._clients,
            {**translate(self._properties, "cluster"), **self._client_id("enumerator")},
            self._subscription,
            self._starting,
            self._stopping,
            self._group,
            consumer.get("isolation.level") == "read_committed",
        )
        is_bounded = self._boundedness is Boundedness.BOUNDED
        settings = EnumeratorSettings(discovery, self._discovery_ms, self._wait_ms(), is_bounded)
        return KafkaEnumerator(context, settings, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        from flott.connectors.kafka.reader import KafkaReader, ReaderSettings  # loads Polars

        client_id = self._client_id(str(context.subtask_index))
        is_unbounded = self._boundedness is Boundedness.CONTINUOUS_UNBOUNDED
        settings = ReaderSettings(
            clients=self._clients,
            properties={**self._consumer_properties(context.job_id), **client_id},
            producer_properties={**translate(self._properties, "producer"), **client_id},
            decoder_factory=self._decoder_factory,
            on_error=self._on_error,
            dead_letter_topic=self._dead_letter_topic,
            reset=self._reset(),
            commits=self._group is not None
            and self._is_true("commit.offsets.on.checkpoint", "true"),
            commit_interval_ms=self._commit_interval_ms(),
            passes_over_deleted=is_unbounded and isinstance(self._subscription, TopicPattern),
        )
        return KafkaReader(context, settings)

    def __repr__(self) -> str:
        return f"KafkaSource({self._subscription.meaning}, {redact(self._properties)})"

    # --- properties ------------------------------------------------------------------------------

    def _consumer_properties(self, job_id: str) -> dict[str, str]:
        """What the user set, and what the source decides itself whatever the user set."""
        given = translate(self._properties, "consumer")
        return {
            "isolation.level": "read_uncommitted",  # as in Java; librdkafka's default is the other
            **given,
            "group.id": self._group or f"flott-{job_id}",  # nothing is committed to such a group
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
        }

    def _client_id(self, suffix: str) -> dict[str, str]:
        own = self._properties
        prefix = own.get("client.id.prefix") or own.get("client.id") or self._group or "flott"
        return {"client.id": f"{prefix}-{suffix}"}

    def _reset(self) -> KafkaOffsetResetStrategy:
        return KafkaOffsetResetStrategy.parse(self._properties.get("auto.offset.reset", "none"))

    def _wait_ms(self) -> int:
        return self._number("default.api.timeout.ms", _WAIT_MS)

    def _commit_interval_ms(self) -> int | None:
        interval_ms = self._number("auto.commit.interval.ms", _COMMIT_MS)
        wanted = self._group is not None and self._is_true("enable.auto.commit", "false")
        return interval_ms if wanted else None

    def _number(self, key: str, default: int) -> int:
        text = self._properties.get(key, str(default))
        try:
            number = int(text)
        except ValueError:
            number = -1
        if number < 0:
            raise ConfigurationError(f"{key} is a number of milliseconds, found {text!r}", key=key)
        return number

    def _is_true(self, key: str, default: str) -> bool:
        text = self._properties.get(key, default).strip().lower()
        if text not in ("true", "false"):
            raise ConfigurationError(f"{key} is true or false, found {text!r}", key=key)
        return text == "true"
