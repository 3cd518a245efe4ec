"""A sink that writes records to Kafka topics.

Exactly once is by a write-ahead log in checkpoints; ``docs/concepts/kafka-exactly-once.md`` has the
argument. Without it, a checkpoint waits until all records have arrived, or does not even wait.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from threading import Event
from typing import Any, Final

from flott.common.errors import ConfigurationError
from flott.common.options.checkpointing import CHECKPOINTING_INTERVAL
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import KafkaClients
from flott.connectors.kafka.records.codecs import RecordEncoderFactory
from flott.connectors.kafka.records.object_encoding import ObjectEncoderFactory
from flott.connectors.kafka.records.record_serialization import KafkaRecordSerializationSchema
from flott.connectors.kafka.sink.on_lost_marker import OnLostMarker
from flott.connectors.kafka.sink.producer_settings import ProducerSettings
from flott.connectors.kafka.sink.transactions import Access
from flott.connectors.write_ahead import WriterId
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter

_TOKEN_BYTES: Final = 8


class KafkaSink(Sink):
    """Writes to Kafka.

    Args:
        properties: Of the client, with names of the Java client or of librdkafka.
        topic: Where records go; ``None`` if each names its own.
        encoder_factory: Makes records of batches.
        guarantee: What is promised when something fails.
        transactional_id_prefix: For exactly once: begins the names of transactions and of the
            groups that hold markers. Unique among all sinks of all jobs that use the brokers.
        clients: Makes clients.
        on_lost_marker: What to do when nobody can tell whether a restored epoch was committed:
            ``fail``, ``at-least-once`` or ``at-most-once``.
        marker_topic: The topic that the marker is kept with, if it should not be ``topic`` or that
            of the first record.
        pause: Waits for so many milliseconds before a call is made again.

    Raises:
        ConfigurationError: A property or a choice is not possible.
    """

    def __init__(
        self,
        properties: Mapping[str, Any],
        topic: str | None,
        encoder_factory: RecordEncoderFactory,
        guarantee: DeliveryGuarantee,
        transactional_id_prefix: str | None,
        *,
        clients: KafkaClients,
        on_lost_marker: str = "fail",
        marker_topic: str | None = None,
        pause: Callable[[int], None] | None = None,
    ) -> None:
        self._settings = ProducerSettings.read(properties, guarantee, transactional_id_prefix)
        self._topic = topic
        self._encoder_factory = encoder_factory
        self._guarantee = guarantee
        self._prefix = transactional_id_prefix
        self._clients = clients
        self._on_lost_marker = OnLostMarker.parse(on_lost_marker)
        self._marker_topic = marker_topic
        self._pause = pause or wait_ms

    @staticmethod
    def builder() -> KafkaSinkBuilder:
        """Begin a sink."""
        return KafkaSinkBuilder()

    def get_transformer(self) -> None:
        """Return what changes the stream before it is written: nothing."""
        return None

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        from flott.connectors.kafka.sink.committer import KafkaCommitter
        from flott.connectors.kafka.sink.writer import (  # load Polars
            PlainWriter,
            TransactionalWriter,
        )

        encoder = self._encoder_factory.create_encoder(context)
        access = self._create_access(context)
        if self._guarantee is not DeliveryGuarantee.EXACTLY_ONCE:
            waits = self._guarantee is DeliveryGuarantee.AT_LEAST_ONCE
            return PlainWriter(access, encoder, waits, context.metrics)
        assert isinstance(committer, KafkaCommitter)
        self._settings.check_timeout(context)
        return TransactionalWriter(
            access,
            encoder,
            committer.open_transactions(self._derive_writer_id(context), self._create_token()),
            self._marker_topic or self._topic,
            context,
        )

    def create_committer(self, context: OperatorContext) -> Committer:
        if self._guarantee is DeliveryGuarantee.EXACTLY_ONCE:
            _check_checkpoints(context)
        from flott.connectors.kafka.sink.committer import KafkaCommitter  # loads Polars

        return KafkaCommitter(
            self._create_access(context), self._prefix or "", self._on_lost_marker
        )

    def _create_access(self, context: OperatorContext) -> Access:
        settings = self._settings
        return Access(
            self._clients,
            settings.for_producer(context),
            settings.for_cluster,
            self._topic,
            settings.describe(context, self._topic or self._marker_topic),
            context.clock,
            self._pause,
            context.job_id,
        )

    def _create_token(self) -> str:
        return secrets.token_hex(_TOKEN_BYTES)

    def _derive_writer_id(self, context: OperatorContext) -> WriterId:
        assert self._prefix, "checked when the sink was made"
        return WriterId(self._prefix, context.subtask_index, context.restored_checkpoint_id or 0)


class KafkaSinkBuilder:
    """Settings of a ``KafkaSink``, under Flink's names: servers and a record serializer are needed.

    >>> from flott.common.serialization import SimpleStringSchema
    >>> serializer = (
    ...     KafkaRecordSerializationSchema.builder()
    ...     .set_topic("words")
    ...     .set_value_serialization_schema(SimpleStringSchema())
    ...     .build()
    ... )
    >>> sink = (
    ...     KafkaSink.builder()
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


def wait_ms(duration_ms: int) -> None:
    """Wait, on a thread that has nothing else to do."""
    Event().wait(duration_ms / 1000)


def _check_checkpoints(context: OperatorContext) -> None:
    """Transactions are committed with checkpoints; a batch job commits one at its end."""
    if context.checkpoints_enabled or context.is_batch:
        return
    raise ConfigurationError(
        "A Kafka sink that writes exactly once commits with checkpoints, and this job takes none: "
        f"set {CHECKPOINTING_INTERVAL.key} (env.enable_checkpointing(1000)), or choose "
        "DeliveryGuarantee.AT_LEAST_ONCE ('sink.delivery-guarantee' = 'at-least-once').",
        key=CHECKPOINTING_INTERVAL.key,
    )


def _default_clients() -> KafkaClients:
    from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients  # needs an extra

    return LibrdkafkaClients()
