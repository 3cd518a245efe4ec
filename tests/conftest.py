"""Fixtures for all tests."""

from hypothesis import settings

from tests.services.fixtures import (
    kafka,
    kafka_cluster,
    own_kafka,
    schema_registry,
    secure_kafka,
)

__all__ = ["kafka", "kafka_cluster", "own_kafka", "schema_registry", "secure_kafka"]

# How long an example takes says more about the machine than about the code.
settings.register_profile("flott", deadline=None)
settings.load_profile("flott")
