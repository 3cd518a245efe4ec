"""Sinks made step by step, and run in jobs."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ConfigurationError
from flott.common.serialization import SimpleStringSchema
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.librdkafka.clients import LibrdkafkaClients
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.connectors.base import DeliveryGuarantee as Facade
from flott.datastream.connectors.kafka import KafkaRecordSerializationSchema, KafkaSink
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients


def serializer(topic: str = "words") -> KafkaRecordSerializationSchema:
    made = KafkaRecordSerializationSchema.builder().set_topic(topic)
    return made.set_value_serialization_schema(SimpleStringSchema()).build()


def builder(broker: ModelBroker) -> Any:
    return (
        KafkaSink.builder()
        .set_bootstrap_servers("broker:9092")
        .set_record_serializer(serializer())
        .set_clients(ModelClients(broker))
    )


def words(broker: ModelBroker) -> list[str]:
    return sorted((record.value or b"").decode() for record in broker.read("words"))


def test_the_names_are_those_of_flink() -> None:
    assert Facade is DeliveryGuarantee
    sink = (
        KafkaSink.builder()
        .set_bootstrap_servers("broker:9092")
        .set_record_serializer(serializer())
        .set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
        .set_transactional_id_prefix("words-job")
        .set_on_lost_marker("at-least-once")
        .set_marker_topic("markers")
        .set_property("linger.ms", 20)
        .set_kafka_producer_config({"compression.type": "lz4"})
        .build()
    )
    assert sink.get_transformer() is None
    assert isinstance(sink._clients, LibrdkafkaClients)


@pytest.mark.parametrize("guarantee", list(DeliveryGuarantee))
def test_a_job_writes_all_its_records(guarantee: DeliveryGuarantee) -> None:
    broker = ModelBroker()
    broker.create_topic("words", 2)
    env = StreamExecutionEnvironment.get_execution_environment()
    env.enable_checkpointing(50)
    sink = builder(broker).set_delivery_guarantee(guarantee).set_transactional_id_prefix("p")
    env.from_collection(["to", "be", "or", "not"]).sink_to(sink.build())
    env.execute()
    assert words(broker) == ["be", "not", "or", "to"]


def test_a_job_without_checkpoints_is_told_what_to_do() -> None:
    broker = ModelBroker()
    broker.create_topic("words")
    env = StreamExecutionEnvironment.get_execution_environment()
    sink = builder(broker).set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
    env.from_collection(["a"]).sink_to(sink.set_transactional_id_prefix("p").build())
    with pytest.raises(Exception, match=r"enable_checkpointing\(1000\)"):
        env.execute()


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigurationError, match="set_record_serializer"):
        KafkaSink.builder().set_bootstrap_servers("broker:9092").build()
    with pytest.raises(ConfigurationError, match=r"bootstrap\.servers"):
        KafkaSink.builder().set_record_serializer(serializer()).build()
    exact = builder(ModelBroker()).set_delivery_guarantee(DeliveryGuarantee.EXACTLY_ONCE)
    with pytest.raises(ConfigurationError, match="prefix"):
        exact.build()


def test_what_is_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(TypeError, match="DeliveryGuarantee"):
        KafkaSink.builder().set_delivery_guarantee("exactly-once")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="KafkaRecordSerializationSchema"):
        KafkaSink.builder().set_record_serializer(SimpleStringSchema())  # type: ignore[arg-type]
