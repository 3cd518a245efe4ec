"""Makes encoders of objects, in the writer: ``object_encoder`` does the work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flott.connectors.kafka.client.ports import KafkaClients
from flott.connectors.kafka.client.properties import translate
from flott.connectors.kafka.records.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.records.partitioner import TopicPartitions
from flott.connectors.kafka.records.record_serialization import KafkaRecordSerializationSchema
from flott.core.context import OperatorContext


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
        from flott.connectors.kafka.records import object_encoder  # loads Polars

        properties = translate(self._properties, "cluster")
        return object_encoder.create_object_encoder(
            self._schema,
            context.subtask_index,
            context.parallelism,
            TopicPartitions(self._clients, properties, context),
        )
