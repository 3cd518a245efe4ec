"""Kafka as source and sink, under PyFlink's module path.

Beside PyFlink's names there are some that it leaves to Java: ``KafkaRecordDeserializationSchema``
reads keys, headers and positions; partitioners, header providers and
``KafkaRecordSerializationSchema.of`` decide about all of a record that is written. The source
builder adds ``set_deserializer``, ``set_on_error`` and ``set_dead_letter_topic``.

>>> from flott.common.serialization import SimpleStringSchema
>>> source = (
...     KafkaSource.builder()
...     .set_bootstrap_servers("localhost:9092")
...     .set_topics("orders")
...     .set_group_id("billing")
...     .set_starting_offsets(KafkaOffsetsInitializer.earliest())
...     .set_value_only_deserializer(SimpleStringSchema())
...     .build()
... )
"""

from __future__ import annotations

from typing import Any

from flott.common.errors import UnsupportedFeature
from flott.connectors.kafka.client.ports import TopicPartition as KafkaTopicPartition
from flott.connectors.kafka.records.partitioner import FixedPartitioner, KafkaPartitioner
from flott.connectors.kafka.records.record_deserialization import (
    ConsumerRecord,
    KafkaRecordDeserializationSchema,
)
from flott.connectors.kafka.records.record_serialization import (
    KafkaRecordSerializationSchema,
    KafkaRecordSerializationSchemaBuilder,
    KafkaTopicSelector,
    ProducerRecord,
)
from flott.connectors.kafka.sink.kafka_sink import KafkaSink, KafkaSinkBuilder
from flott.connectors.kafka.source.kafka_source import KafkaSource, KafkaSourceBuilder
from flott.connectors.kafka.source.offsets import KafkaOffsetResetStrategy
from flott.connectors.kafka.source.offsets import OffsetsInitializer as KafkaOffsetsInitializer

__all__ = [
    "ConsumerRecord",
    "FixedPartitioner",
    "FlinkKafkaConsumer",
    "FlinkKafkaProducer",
    "KafkaOffsetResetStrategy",
    "KafkaOffsetsInitializer",
    "KafkaPartitioner",
    "KafkaRecordDeserializationSchema",
    "KafkaRecordSerializationSchema",
    "KafkaRecordSerializationSchemaBuilder",
    "KafkaSink",
    "KafkaSinkBuilder",
    "KafkaSource",
    "KafkaSourceBuilder",
    "KafkaTopicPartition",
    "KafkaTopicSelector",
    "ProducerRecord",
    "Semantic",
]


class FlinkKafkaConsumer:
    """The Kafka source before Flink 1.14.

    Raises:
        UnsupportedFeature: always; ``KafkaSource`` took its place.
    """

    def __init__(self, topics: Any, deserialization_schema: Any, properties: Any) -> None:
        raise UnsupportedFeature("FlinkKafkaConsumer", successor="KafkaSource.builder()")


class FlinkKafkaProducer:
    """The Kafka sink before Flink 1.14.

    Raises:
        UnsupportedFeature: always; ``KafkaSink`` took its place.
    """

    def __init__(
        self,
        topic: str,
        serialization_schema: Any,
        producer_config: Any,
        kafka_producer_pool_size: int = 5,
        semantic: Any = None,
    ) -> None:
        raise UnsupportedFeature("FlinkKafkaProducer", successor="KafkaSink.builder()")


class _Removed(type):
    """Refuses the members of a class that is gone."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise UnsupportedFeature(f"Semantic.{name}", successor=f"DeliveryGuarantee.{name}")


class Semantic(metaclass=_Removed):
    """How often the sink before Flink 1.14 wrote a record; ``DeliveryGuarantee`` took its place.

    Raises:
        UnsupportedFeature: always.
    """

    def __init__(self, value: Any = None) -> None:
        raise UnsupportedFeature("Semantic", successor="DeliveryGuarantee")
