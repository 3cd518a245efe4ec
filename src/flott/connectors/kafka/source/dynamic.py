"""``DynamicKafkaSource``: streams that a service of metadata says where to find.

A stream is known by an id, and the service tells its cluster and topics. From Python, PyFlink has
one such service, that of a single cluster, where the id of a stream is the name of its topic; with
it the source is a ``KafkaSource`` that looks for new streams now and then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.serialization import DeserializationSchema
from flott.connectors.kafka.client.ports import KafkaClients
from flott.connectors.kafka.records.record_deserialization import KafkaRecordDeserializationSchema
from flott.connectors.kafka.source.kafka_source import KafkaSource, KafkaSourceBuilder
from flott.connectors.kafka.source.offsets import OffsetsInitializer

#: Flink's name for how often the service is asked, and that of the source beneath.
_INTERVAL: Final = "stream-metadata-discovery-interval-ms"
_DISCOVERY: Final = "partition.discovery.interval.ms"
#: How often the service may fail in Flink; here it is asked until it answers.
_IGNORED: Final = "stream-metadata-discovery-failure-threshold"


class KafkaMetadataService:
    """Tells in which cluster and topics a stream is.

    Only ``SingleClusterTopicMetadataService`` can be made from Python, here as in PyFlink.
    """


class SingleClusterTopicMetadataService(KafkaMetadataService):
    """One cluster, in which each stream is the topic of its name.

    Args:
        kafka_cluster_id: What to call the cluster.
        properties: Those of its clients; ``bootstrap.servers`` is needed.
    """

    def __init__(self, kafka_cluster_id: str, properties: Mapping[str, str]) -> None:
        self.kafka_cluster_id = kafka_cluster_id
        self.properties = dict(properties)


class KafkaStreamSubscriber:
    """Says which streams are read: some, or all by a pattern; the two below."""

    def subscribe(self, builder: KafkaSourceBuilder) -> None:
        """Have a source of one cluster read them."""
        raise UnsupportedFeature(
            f"{type(self).__name__} as a subscriber of streams",
            reason="There are KafkaStreamSetSubscriber and StreamPatternSubscriber.",
        )


class KafkaStreamSetSubscriber(KafkaStreamSubscriber):
    """Some streams.

    Args:
        stream_ids: Their ids.
    """

    def __init__(self, stream_ids: Collection[str]) -> None:
        self._stream_ids = tuple(sorted(set(stream_ids)))

    def subscribe(self, builder: KafkaSourceBuilder) -> None:
        builder.set_topics(*self._stream_ids)


class StreamPatternSubscriber(KafkaStreamSubscriber):
    """All streams by a pattern, those to come as well.

    Args:
        stream_pattern: A regular expression that the whole id must match.
    """

    def __init__(self, stream_pattern: str) -> None:
        self._stream_pattern = stream_pattern

    def subscribe(self, builder: KafkaSourceBuilder) -> None:
        builder.set_topic_pattern(self._stream_pattern)


class DynamicKafkaSource(KafkaSource):
    """Reads streams; made by its builder.

    >>> from flott.common.serialization import SimpleStringSchema
    >>> service = SingleClusterTopicMetadataService("a", {"bootstrap.servers": "localhost:9092"})
    >>> builder = DynamicKafkaSource.builder().set_stream_ids({"orders"})
    >>> builder = builder.set_kafka_metadata_service(service)
    >>> source = builder.set_value_only_deserializer(SimpleStringSchema()).build()
    """

    @staticmethod
    def builder() -> DynamicKafkaSourceBuilder:  # type: ignore[override]
        """Begin a source."""
        return DynamicKafkaSourceBuilder()


class _SingleClusterBuilder(KafkaSourceBuilder):
    source_class = DynamicKafkaSource


class DynamicKafkaSourceBuilder:
    """Settings of a ``DynamicKafkaSource``: streams, a service of metadata, and a deserializer are
    needed."""

    def __init__(self) -> None:
        self._inner = _SingleClusterBuilder()
        self._properties: dict[str, Any] = {}
        self._subscriber: KafkaStreamSubscriber | None = None
        self._service: SingleClusterTopicMetadataService | None = None

    def build(self) -> DynamicKafkaSource:
        """Make the source.

        Raises:
            ConfigurationError: If something is missing, or a property is unknown or wrong.
        """
        if self._service is None:
            raise ConfigurationError("Say where streams are: set_kafka_metadata_service(...)")
        if self._subscriber is None:
            raise ConfigurationError(
                "Say what to read: set_stream_ids(...), set_stream_pattern(...) or "
                "set_kafka_stream_subscriber(...)"
            )
        properties = {**self._properties, **self._service.properties}
        properties.pop(_IGNORED, None)
        # As in Flink, streams are looked for once unless an interval is given.
        properties.setdefault(_DISCOVERY, properties.pop(_INTERVAL, "-1"))
        properties.pop(_INTERVAL, None)
        self._inner.set_properties(properties)
        self._subscriber.subscribe(self._inner)
        source = self._inner.build()
        assert isinstance(source, DynamicKafkaSource), "the builder makes no other"
        return source

    def set_stream_ids(self, stream_ids: Collection[str]) -> DynamicKafkaSourceBuilder:
        """Read some streams."""
        return self.set_kafka_stream_subscriber(KafkaStreamSetSubscriber(stream_ids))

    def set_stream_pattern(self, stream_pattern: str) -> DynamicKafkaSourceBuilder:
        """Read all streams whose whole id matches a regular expression, new ones too."""
        return self.set_kafka_stream_subscriber(StreamPatternSubscriber(stream_pattern))

    def set_kafka_stream_subscriber(
        self, kafka_stream_subscriber: KafkaStreamSubscriber
    ) -> DynamicKafkaSourceBuilder:
        """Read the streams that a subscriber names.

        Raises:
            TypeError: If it is not one.
        """
        if not isinstance(kafka_stream_subscriber, KafkaStreamSubscriber):
            raise TypeError(f"Expected a KafkaStreamSubscriber, found {kafka_stream_subscriber!r}")
        self._subscriber = kafka_stream_subscriber
        return self

    def set_kafka_metadata_service(
        self, kafka_metadata_service: KafkaMetadataService
    ) -> DynamicKafkaSourceBuilder:
        """Set who tells where streams are.

        Raises:
            UnsupportedFeature: If it is not that of a single cluster.
        """
        if not isinstance(kafka_metadata_service, SingleClusterTopicMetadataService):
            raise UnsupportedFeature(
                f"{type(kafka_metadata_service).__name__} as a service of metadata",
                reason="There is SingleClusterTopicMetadataService; for several clusters, make a "
                "source of each and union their streams.",
            )
        self._service = kafka_metadata_service
        return self

    def set_deserializer(
        self, deserializer: KafkaRecordDeserializationSchema
    ) -> DynamicKafkaSourceBuilder:
        """Read whole records: key, value, headers, and where they come from."""
        self._inner.set_deserializer(deserializer)
        return self

    def set_value_only_deserializer(
        self, deserialization_schema: DeserializationSchema
    ) -> DynamicKafkaSourceBuilder:
        """Read the values of records."""
        self._inner.set_value_only_deserializer(deserialization_schema)
        return self

    def set_starting_offsets(
        self, starting_offsets_initializer: OffsetsInitializer
    ) -> DynamicKafkaSourceBuilder:
        """Set where to begin in streams found at the start."""
        self._inner.set_starting_offsets(starting_offsets_initializer)
        return self

    def set_bounded(
        self, stopping_offsets_initializer: OffsetsInitializer
    ) -> DynamicKafkaSourceBuilder:
        """Stop at some offsets, chosen when the job starts."""
        self._inner.set_bounded(stopping_offsets_initializer)
        return self

    def set_properties(self, props: Mapping[str, str]) -> DynamicKafkaSourceBuilder:
        """Set several properties of the clients of all clusters."""
        self._properties.update(props)
        return self

    def set_property(self, key: str, value: str) -> DynamicKafkaSourceBuilder:
        """Set a property of the clients of all clusters."""
        self._properties[key] = value
        return self

    def set_group_id(self, group_id: str) -> DynamicKafkaSourceBuilder:
        """Set the consumer group that sees how far the job is."""
        return self.set_property("group.id", group_id)

    def set_client_id_prefix(self, prefix: str) -> DynamicKafkaSourceBuilder:
        """Set what the brokers call the clients."""
        return self.set_property("client.id.prefix", prefix)

    def set_clients(self, clients: KafkaClients) -> DynamicKafkaSourceBuilder:
        """Use other clients, such as those of a broker in memory for tests."""
        self._inner.set_clients(clients)
        return self
