"""Kafka under PyFlink's module path."""

from __future__ import annotations

import subprocess
import sys

import pytest

from flott.common.errors import UnsupportedFeature
from flott.datastream import connectors
from flott.datastream.connectors import kafka

PROGRAM = """
import sys
import flott.connectors.kafka.source.kafka_source
assert not {"polars", "confluent_kafka"} & set(sys.modules), "a description loads nothing heavy"
from flott.cli.pyflink_imports import install
install()
from pyflink.datastream.connectors.kafka import KafkaOffsetsInitializer, KafkaSource
assert KafkaSource is flott.connectors.kafka.source.kafka_source.KafkaSource
"""


def test_programs_for_pyflink_find_it() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert done.stderr == ""


def test_the_source_is_a_connector_among_others() -> None:
    assert connectors.KafkaSource is kafka.KafkaSource


def test_partitions_are_compared_by_what_they_are() -> None:
    place = kafka.KafkaTopicPartition("a", 1)
    assert place == kafka.KafkaTopicPartition("a", 1)
    assert len({place, kafka.KafkaTopicPartition("a", 1), kafka.KafkaTopicPartition("b", 1)}) == 2


def test_what_flink_removed_names_its_successor() -> None:
    with pytest.raises(UnsupportedFeature, match=r"Use KafkaSource.builder\(\) instead"):
        kafka.FlinkKafkaConsumer("a", None, {})
    with pytest.raises(UnsupportedFeature, match=r"Use KafkaSink.builder\(\) instead"):
        kafka.FlinkKafkaProducer("a", None, {})
    with pytest.raises(UnsupportedFeature, match=r"Use DeliveryGuarantee.EXACTLY_ONCE instead"):
        _ = kafka.Semantic.EXACTLY_ONCE
    with pytest.raises(UnsupportedFeature, match="Use DeliveryGuarantee instead"):
        kafka.Semantic(0)
