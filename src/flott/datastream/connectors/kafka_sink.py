"""Kafka as a sink; PyFlink's names are in ``flott.datastream.connectors.kafka``, too.

Beside them there are those that PyFlink leaves to Java: partitioners, headers, and whole records by
``KafkaRecordSerializationSchema.of``.
"""

from __future__ import annotations

from flott.connectors.kafka.records.partitioner import FixedPartitioner, KafkaPartitioner
from flott.connectors.kafka.records.record_serialization import (
    KafkaRecordSerializationSchema,
    KafkaRecordSerializationSchemaBuilder,
    KafkaTopicSelector,
    ProducerRecord,
)
from flott.connectors.kafka.sink.kafka_sink import KafkaSink, KafkaSinkBuilder

__all__ = [
    "FixedPartitioner",
    "KafkaPartitioner",
    "KafkaRecordSerializationSchema",
    "KafkaRecordSerializationSchemaBuilder",
    "KafkaSink",
    "KafkaSinkBuilder",
    "KafkaTopicSelector",
    "ProducerRecord",
]
