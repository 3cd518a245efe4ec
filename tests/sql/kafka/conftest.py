"""Fixtures of SQL over the Kafka in memory."""

from collections.abc import Iterator

import pytest

from tests.connectors.kafka.model_broker import ModelBroker
from tests.sql.kafka.model_tables import KafkaSql, connect


@pytest.fixture
def broker() -> Iterator[ModelBroker]:
    """A broker that the tables of a test are kept by."""
    found = ModelBroker()
    connect(found)
    yield found
    connect(None)


@pytest.fixture
def sql(broker: ModelBroker) -> KafkaSql:
    """Statements over it."""
    return KafkaSql(broker)
