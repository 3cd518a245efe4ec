"""Streams of a single cluster: topics under another name."""

from __future__ import annotations

import pytest

from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.core.source import Boundedness
from flott.datastream.connectors import DynamicKafkaSource as FromPackage
from flott.datastream.connectors.dynamic_kafka import (
    DynamicKafkaSource,
    DynamicKafkaSourceBuilder,
    KafkaMetadataService,
    KafkaStreamSetSubscriber,
    KafkaStreamSubscriber,
    SingleClusterTopicMetadataService,
    StreamPatternSubscriber,
)
from flott.testing.connectors.source_suite import SourceJob
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.kafka.source.test_source import Places, fill

SERVICE = SingleClusterTopicMetadataService("a", {"bootstrap.servers": "model:9092"})
LATEST = OffsetsInitializer.latest()


def builder_of(broker: ModelBroker) -> DynamicKafkaSourceBuilder:
    builder = DynamicKafkaSource.builder().set_kafka_metadata_service(SERVICE)
    return builder.set_clients(ModelClients(broker)).set_deserializer(Places())


@pytest.mark.parametrize(
    "subscriber", [KafkaStreamSetSubscriber({"a", "b"}), StreamPatternSubscriber("[ab]")]
)
def test_streams_are_topics(subscriber: KafkaStreamSubscriber) -> None:
    broker = ModelBroker()
    expected = fill(broker, {"a": [3, 2], "b": [1]})
    fill(broker, {"other": [4]})
    builder = builder_of(broker).set_kafka_stream_subscriber(subscriber).set_bounded(LATEST)
    source = builder.set_group_id("g").set_client_id_prefix("c").build()
    assert isinstance(source, DynamicKafkaSource)
    assert source.boundedness is Boundedness.BOUNDED
    assert sorted(SourceJob(source, 2).finish()) == expected


def test_the_package_has_it_too() -> None:
    assert FromPackage is DynamicKafkaSource


def test_ids_and_patterns_are_shorthands() -> None:
    broker = ModelBroker()
    assert "a, b" in repr(builder_of(broker).set_stream_ids({"b", "a"}).build())
    assert "x.*" in repr(builder_of(broker).set_stream_pattern("x.*").build())


def test_properties_of_the_cluster_win() -> None:
    builder = builder_of(ModelBroker()).set_stream_ids({"a"})
    builder.set_properties({"bootstrap.servers": "nowhere:1", "client.id": "c"})
    builder.set_property("stream-metadata-discovery-interval-ms", "1000")
    builder.set_property("stream-metadata-discovery-failure-threshold", "3")
    assert "nowhere" not in repr(builder.build())


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ConfigurationError, match="set_kafka_metadata_service"):
        DynamicKafkaSource.builder().set_stream_ids({"a"}).build()
    with pytest.raises(ConfigurationError, match="set_stream_ids"):
        builder_of(ModelBroker()).build()
    with pytest.raises(TypeError, match="KafkaStreamSubscriber"):
        builder_of(ModelBroker()).set_kafka_stream_subscriber("a")  # type: ignore[arg-type]


def test_one_cluster_only() -> None:
    class Mine(KafkaMetadataService):
        pass

    class Some(KafkaStreamSubscriber):
        pass

    with pytest.raises(UnsupportedFeature, match="union their streams"):
        DynamicKafkaSource.builder().set_kafka_metadata_service(Mine())
    with pytest.raises(UnsupportedFeature, match="Some as a subscriber"):
        builder_of(ModelBroker()).set_kafka_stream_subscriber(Some()).build()
