"""Frames of records as a consumer gives them, written down by hand."""

from __future__ import annotations

from typing import Any

import polars as pl

from flott.connectors.kafka.client.ports import Fetched, TopicPartition
from tests.connectors.kafka.model_clients import SCHEMA

A0, A1, B0 = TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("b", 0)


def fetched_of(
    values: list[bytes | None],
    parts: list[tuple[TopicPartition, int]] | None = None,
    start: int = 10,
    **columns: list[Any],
) -> Fetched:
    """Records whose offsets rise from ``start`` in each partition; by default all of ``a-0``."""
    parts = [(A0, len(values))] if parts is None else parts
    assert sum(rows for _, rows in parts) == len(values)
    places = [place for place, rows in parts for _ in range(rows)]
    given: dict[str, list[Any]] = {
        "topic": [place.topic for place in places],
        "partition": [place.partition for place in places],
        "offset": [start + row for _, rows in parts for row in range(rows)],
        "timestamp": list(range(1000, 1000 + len(values))),
        "timestamp_type": [1] * len(values),
        "leader_epoch": [None] * len(values),
        "key": [None] * len(values),
        "value": values,
        "headers": [[]] * len(values),
        **columns,
    }
    positions = {place: start + rows for place, rows in parts}
    return Fetched(pl.DataFrame(given, schema=SCHEMA), parts, positions)
