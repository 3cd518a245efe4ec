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

from collections.abc import Collection, Mapping
from typing import Any

from flott.common.errors import ConfigurationError
from flott.common.serialization import DeserializationSchema
from flott.common.typeinfo import TypeInformation, Types
from flott.connectors.bad_records import OnError
from flott.connectors.kafka.client.ports import KafkaClients, TopicPartition
from flott.connectors.kafka.records.codecs import RecordDecoderFactory
from flott.connectors.kafka.records.object_decoder import ObjectDecoderFactory
from flott.connectors.kafka.records.record_deserialization import KafkaRecordDeserializationSchema
from flott.connectors.kafka.source.discovery import DiscoverySettings
from flott.connectors.kafka.source.enumerator import EnumeratorSettings, KafkaEnumerator
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.connectors.kafka.source.source_properties import (
    DISCOVERY,
    DISCOVERY_MS,
    SourceProperties,
    read_ms,
)
from flott.connectors.kafka.source.subscription import (
    PartitionSet,
    Subscription,
    TopicList,
    TopicPattern,
)
from flott.core.context import OperatorContext
from flott.core.source import (
    Boundedness,
    EnumeratorContext,
    Source,
    SourceReader,
    SplitEnumerator,
)


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
        self._properties = SourceProperties(properties)
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
        self._check()

    @staticmethod
    def builder() -> KafkaSourceBuilder:
        """Begin a source."""
        return KafkaSourceBuilder()

    def _check(self) -> None:
        chosen = [each for each in (self._starting, self._stopping) if each is not None]
        if self._properties.group is None and any(each.needs_group for each in chosen):
            raise ConfigurationError(
                "committed_offsets() needs a consumer group: set group.id", key="group.id"
            )
        if self._boundedness is Boundedness.BOUNDED and self._stopping is None:
            raise ConfigurationError("A bounded source needs offsets to stop at")

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    @property
    def name(self) -> str:
        return f"Kafka {self._subscription.meaning}"

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        produced = getattr(self._decoder_factory, "get_produced_type", None)
        return Types.PICKLED_BYTE_ARRAY() if produced is None else produced()

    def create_enumerator(
        self, context: EnumeratorContext, restored: Any | None
    ) -> SplitEnumerator:
        properties = self._properties
        discovery = DiscoverySettings(
            self._clients,
            properties.of_cluster(),
            self._subscription,
            self._starting,
            self._stopping,
            properties.group,
            properties.reads_committed,
        )
        is_bounded = self._boundedness is Boundedness.BOUNDED
        settings = EnumeratorSettings(discovery, self._discovery_ms, properties.wait_ms, is_bounded)
        return KafkaEnumerator(context, settings, restored)

    def create_reader(self, context: OperatorContext) -> SourceReader:
        from flott.connectors.kafka.source.reader import KafkaReader, ReaderSettings  # loads Polars

        properties = self._properties
        subtask = str(context.subtask_index)
        is_unbounded = self._boundedness is Boundedness.CONTINUOUS_UNBOUNDED
        settings = ReaderSettings(
            clients=self._clients,
            properties=properties.of_consumer(context.job_id, subtask),
            producer_properties=properties.of_producer(subtask),
            decoder_factory=self._decoder_factory,
            on_error=self._on_error,
            dead_letter_topic=self._dead_letter_topic,
            reset=properties.reset,
            commits=properties.commits,
            commit_interval_ms=properties.commit_interval_ms,
            passes_over_deleted=is_unbounded and isinstance(self._subscription, TopicPattern),
        )
        return KafkaReader(context, settings)

    def __repr__(self) -> str:
        return f"KafkaSource({self._subscription.meaning}, {self._properties})"


class KafkaSourceBuilder:
    """Settings of a ``KafkaSource``: servers, what to read, and a deserializer are needed.

    >>> from flott.common.serialization import SimpleStringSchema
    >>> builder = KafkaSourceBuilder().set_bootstrap_servers("localhost:9092")
    >>> builder = builder.set_topics("orders").set_bounded(OffsetsInitializer.latest())
    >>> builder.set_value_only_deserializer(SimpleStringSchema()).build().boundedness.value
    'bounded'
    """

    #: What is made.
    source_class: type[KafkaSource] = KafkaSource

    def __init__(self) -> None:
        self._properties: dict[str, Any] = {}
        self._subscription: Subscription | None = None
        self._starting = OffsetsInitializer.earliest()
        self._stopping: OffsetsInitializer | None = None
        self._boundedness = Boundedness.CONTINUOUS_UNBOUNDED
        self._decoder_factory: RecordDecoderFactory | None = None
        self._on_error: OnError | None = None
        self._dead_letter_topic: str | None = None
        self._clients: KafkaClients | None = None

    def build(self) -> KafkaSource:
        """Make the source.

        Raises:
            ConfigurationError: If something is missing, or a property is unknown or wrong.
        """
        if self._subscription is None:
            raise ConfigurationError(
                "Say what to read: set_topics(...), set_topic_pattern(...) or set_partitions(...)"
            )
        if self._decoder_factory is None:
            raise ConfigurationError(
                "Say how to read records: set_value_only_deserializer(...) or set_deserializer(...)"
            )
        return self.source_class(
            self._properties,
            self._subscription,
            self._starting,
            self._stopping,
            decoder_factory=self._decoder_factory,
            clients=_default_clients() if self._clients is None else self._clients,
            discovery_ms=self._find_discovery_ms(),
            dead_letter_topic=self._dead_letter_topic,
            boundedness=self._boundedness,
            on_error=self._on_error,
        )

    def _find_discovery_ms(self) -> int | None:
        """By default every five minutes, and once if reading stops."""
        default = DISCOVERY_MS if self._stopping is None else -1
        interval_ms = read_ms(self._properties, DISCOVERY, default, least=-1)
        return interval_ms if interval_ms > 0 else None

    def set_bootstrap_servers(self, bootstrap_servers: str) -> KafkaSourceBuilder:
        """Set the brokers to begin with.

        Args:
            bootstrap_servers: ``host:port``, several with commas.
        """
        return self.set_property("bootstrap.servers", bootstrap_servers)

    def set_group_id(self, group_id: str) -> KafkaSourceBuilder:
        """Set the consumer group that sees how far the job is, and may say where it begins."""
        return self.set_property("group.id", group_id)

    def set_topics(self, *topics: str) -> KafkaSourceBuilder:
        """Read all partitions of some topics, which must exist.

        Raises:
            ConfigurationError: If it was said before what to read.
        """
        return self._subscribe(TopicList(topics))

    def set_topic_pattern(self, topic_pattern: str) -> KafkaSourceBuilder:
        """Read all topics whose whole name matches a regular expression, new ones too.

        Raises:
            ConfigurationError: If it is not one, or it was said before what to read.
        """
        return self._subscribe(TopicPattern(topic_pattern))

    def set_partitions(self, partitions: Collection[TopicPartition]) -> KafkaSourceBuilder:
        """Read single partitions.

        Raises:
            ConfigurationError: If it was said before what to read.
        """
        return self._subscribe(PartitionSet(frozenset(TopicPartition(*p) for p in partitions)))

    def set_starting_offsets(
        self, starting_offsets_initializer: OffsetsInitializer
    ) -> KafkaSourceBuilder:
        """Set where to begin in the partitions found at the start: at their first record if it is
        not said. Partitions that appear later are always read from their first record. After a
        restart the positions of the checkpoint count."""
        self._starting = _checked(starting_offsets_initializer)
        return self

    def set_unbounded(self, stopping_offsets_initializer: OffsetsInitializer) -> KafkaSourceBuilder:
        """Stop at some offsets, but count as a source that does not end, so that the job runs in
        streaming mode."""
        self._stopping = _checked(stopping_offsets_initializer)
        self._boundedness = Boundedness.CONTINUOUS_UNBOUNDED
        return self

    def set_bounded(self, stopping_offsets_initializer: OffsetsInitializer) -> KafkaSourceBuilder:
        """Stop at some offsets, chosen when the job starts, and count as a source that ends."""
        self._stopping = _checked(stopping_offsets_initializer)
        self._boundedness = Boundedness.BOUNDED
        return self

    def set_value_only_deserializer(
        self, deserialization_schema: DeserializationSchema
    ) -> KafkaSourceBuilder:
        """Read the values of records; records without a value are left out.

        Raises:
            TypeError: If it is not a schema.
        """
        schema = KafkaRecordDeserializationSchema.value_only(deserialization_schema)
        return self.set_deserializer(schema)

    def set_deserializer(
        self, record_deserializer: KafkaRecordDeserializationSchema
    ) -> KafkaSourceBuilder:
        """Read whole records: key, value, headers, and where they come from.

        Raises:
            TypeError: If it is not such a schema.
        """
        self._decoder_factory = ObjectDecoderFactory(record_deserializer)
        return self

    def set_client_id_prefix(self, prefix: str) -> KafkaSourceBuilder:
        """Set what the brokers call the clients, each with the number of its subtask added."""
        return self.set_property("client.id.prefix", prefix)

    def set_on_error(self, on_error: OnError | str) -> KafkaSourceBuilder:
        """Set what becomes of records that cannot be read, in place of ``flott.source.on-error``.

        Args:
            on_error: ``"fail"``, ``"skip"`` (counted as ``numRecordsInErrors``) or
                ``"dead-letter"``: into the side output ``OutputTag("rejected-records")``.

        Raises:
            ConfigurationError: If there is no such choice.
        """
        self._on_error = OnError.parse(on_error)
        return self

    def set_dead_letter_topic(self, topic: str) -> KafkaSourceBuilder:
        """Write records that cannot be read to a topic of the same cluster, as they came, with the
        headers ``flott.error``, ``flott.topic``, ``flott.partition``, ``flott.offset`` and
        ``flott.job`` added. At least once."""
        self._dead_letter_topic = topic
        return self

    def set_property(self, key: str, value: str) -> KafkaSourceBuilder:
        """Set a property of the client: of the Java client, of librdkafka, or of the source itself
        (``partition.discovery.interval.ms``, ``commit.offsets.on.checkpoint``)."""
        self._properties[key] = value
        return self

    def set_properties(self, props: Mapping[str, Any]) -> KafkaSourceBuilder:
        """Set several properties."""
        self._properties.update(props)
        return self

    def set_clients(self, clients: KafkaClients) -> KafkaSourceBuilder:
        """Use other clients, such as those of a broker in memory for tests."""
        self._clients = clients
        return self

    def _subscribe(self, subscription: Subscription) -> KafkaSourceBuilder:
        if self._subscription is not None:
            raise ConfigurationError(
                f"The source already reads {self._subscription.meaning}; "
                "it cannot read anything else as well"
            )
        self._subscription = subscription
        return self


def _checked(offsets: OffsetsInitializer) -> OffsetsInitializer:
    if not isinstance(offsets, OffsetsInitializer):
        raise TypeError(f"Expected a KafkaOffsetsInitializer, found {offsets!r}")
    return offsets


def _default_clients() -> KafkaClients:
    from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients  # needs an extra

    return LibrdkafkaClients()
