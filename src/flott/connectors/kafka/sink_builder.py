"""Makes Kafka sinks step by step, under Flink's names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flott.common.errors import ConfigurationError
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.partitioner import TopicPartitions
from flott.connectors.kafka.ports import KafkaClients
from flott.connectors.kafka.properties import translate
from flott.connectors.kafka.record_serialization import KafkaRecordSerializationSchema
from flott.connectors.kafka.sink import KafkaSink
from flott.core.context import OperatorContext


class KafkaSinkBuilder:
    """Settings of a ``KafkaSink``: servers and a record serializer are needed.

    >>> from flott.common.serialization import SimpleStringSchema
    >>> serializer = (
    ...     KafkaRecordSerializationSchema.builder()
    ...     .set_topic("words")
    ...     .set_value_serialization_schema(SimpleStringSchema())
    ...     .build()
    ... )
    >>> sink = (
    ...     KafkaSinkBuilder()
    ...     .set_bootstrap_servers("localhost:9092")
    ...     .set_record_serializer(serializer)
    ...     .set_delivery_guarantee(DeliveryGuarantee.AT_LEAST_ONCE)
    ...     .build()
    ... )
    """

    def __init__(self) -> None:
        self._properties: dict[str, Any] = {}
        self._serializer: KafkaRecordSerializationSchema | None = None
        self._guarantee = DeliveryGuarantee.NONE
        self._prefix: str | None = None
        self._on_lost_marker = "fail"
        self._marker_topic: str | None = None
        self._clients: KafkaClients | None = None

    def build(self) -> KafkaSink:
        """Make the sink.

        Raises:
            ConfigurationError: If something is missing, or a property is unknown or wrong.
        """
        if self._serializer is None:
            raise ConfigurationError("Say how to write records: set_record_serializer(...)")
        clients = _default_clients() if self._clients is None else self._clients
        return KafkaSink(
            self._properties,
            self._serializer.topic,
            ObjectEncoderFactory(self._serializer, self._properties, clients),
            self._guarantee,
            self._prefix,
            clients=clients,
            on_lost_marker=self._on_lost_marker,
            marker_topic=self._marker_topic,
        )

    def set_bootstrap_servers(self, bootstrap_servers: str) -> KafkaSinkBuilder:
        """Set the brokers to begin with.

        Args:
            bootstrap_servers: ``host:port``, several with commas.
        """
        return self.set_property("bootstrap.servers", bootstrap_servers)

    def set_delivery_guarantee(self, delivery_guarantee: DeliveryGuarantee) -> KafkaSinkBuilder:
        """Choose what is promised when something fails; by default nothing is."""
        if not isinstance(delivery_guarantee, DeliveryGuarantee):
            raise TypeError(f"Expected a DeliveryGuarantee, found {delivery_guarantee!r}")
        self._guarantee = delivery_guarantee
        return self

    def set_transactional_id_prefix(self, transactional_id_prefix: str) -> KafkaSinkBuilder:
        """Name the sink for exactly once.

        Args:
            transactional_id_prefix: Unique among all sinks of all jobs that use the brokers, and
                the same whenever the job starts again. Transactions and the consumer groups that
                hold the sink's marker have names that begin so.
        """
        self._prefix = transactional_id_prefix
        return self

    def set_record_serializer(
        self, record_serializer: KafkaRecordSerializationSchema
    ) -> KafkaSinkBuilder:
        """Say how elements become records."""
        if not isinstance(record_serializer, KafkaRecordSerializationSchema):
            raise TypeError(
                f"Expected a KafkaRecordSerializationSchema, found {record_serializer!r}"
            )
        self._serializer = record_serializer
        return self

    def set_on_lost_marker(self, choice: str) -> KafkaSinkBuilder:
        """Say what to do when nobody can tell whether records of a checkpoint were committed,
        because the offsets that hold the sink's marker have expired or were deleted.

        Args:
            choice: ``fail`` (the default), ``at-least-once`` to write them, perhaps for the second
                time, or ``at-most-once`` to leave them out.
        """
        self._on_lost_marker = choice
        return self

    def set_marker_topic(self, topic: str) -> KafkaSinkBuilder:
        """Keep the sink's marker with another topic than the one it writes to; with a topic
        selector by default that of the first record. Nothing is written there, but the marker goes
        if the topic does."""
        self._marker_topic = topic
        return self

    def set_property(self, key: str, value: Any) -> KafkaSinkBuilder:
        """Set a property of the client, by the name the Java client or librdkafka has for it."""
        self._properties[key] = value
        return self

    def set_kafka_producer_config(self, props: Mapping[str, Any]) -> KafkaSinkBuilder:
        """Set several properties."""
        self._properties.update(props)
        return self

    def set_properties(self, props: Mapping[str, Any]) -> KafkaSinkBuilder:
        """Set several properties."""
        return self.set_kafka_producer_config(props)

    def set_clients(self, clients: KafkaClients) -> KafkaSinkBuilder:
        """Use other clients, such as those of a broker in memory for tests."""
        self._clients = clients
        return self


class ObjectEncoderFactory(RecordEncoderFactory):
    """Makes encoders of objects.

    Args:
        schema: How elements become records.
        properties: The user's, for asking which partitions there are.
        clients: Makes clients.
    """

    def __init__(
        self,
        schema: KafkaRecordSerializationSchema,
        properties: Mapping[str, Any],
        clients: KafkaClients,
    ) -> None:
        self._schema = schema
        self._properties = dict(properties)
        self._clients = clients

    def create_encoder(self, context: OperatorContext) -> RecordEncoder:
        from flott.connectors.kafka import object_encoder  # loads Polars

        properties = translate(self._properties, "cluster")
        return object_encoder.create_object_encoder(
            self._schema,
            context.subtask_index,
            context.parallelism,
            TopicPartitions(self._clients, properties, context),
        )


def _default_clients() -> KafkaClients:
    from flott.connectors.kafka.librdkafka import LibrdkafkaClients  # needs an extra

    return LibrdkafkaClients()
