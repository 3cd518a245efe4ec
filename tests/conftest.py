"""Fixtures for all tests."""

from tests.services.fixtures import kafka, kafka_cluster, own_kafka

__all__ = ["kafka", "kafka_cluster", "own_kafka"]
