"""A job between two topics is hurt, and every record is counted once and in order.

The short form; ``python -m tests.end_to_end.kafka_chaos --faults 60`` is the long one.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.kafka_chaos.faults import (
    kill_broker,
    kill_coordinator,
    kill_worker,
    pause_broker,
    pause_worker,
    rescale,
)
from tests.end_to_end.kafka_chaos.run import Run
from tests.services.kafka import KafkaCluster

#: On a machine that is busy each fault may take a minute.
pytestmark = pytest.mark.timeout(900)

STREAM_FAULTS = [kill_worker, kill_broker, pause_worker, rescale, pause_broker, kill_coordinator]
SQL_FAULTS = [kill_worker, rescale, kill_broker]


def test_stream_is_counted_once_whatever_is_killed(own_kafka: KafkaCluster, tmp_path: Path) -> None:
    outcome = Run(own_kafka, tmp_path, "stream", seed=3, rate=500)(
        len(STREAM_FAULTS), STREAM_FAULTS
    )
    assert outcome.faults == len(STREAM_FAULTS)


def test_sql_is_counted_once_whatever_is_killed(own_kafka: KafkaCluster, tmp_path: Path) -> None:
    outcome = Run(own_kafka, tmp_path, "sql", seed=5, rate=500)(len(SQL_FAULTS), SQL_FAULTS)
    assert outcome.faults == len(SQL_FAULTS)
