"""Takes records out of a topic, without joining a group and without leaving a trace."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import polars as pl

from flott.cli.peeking.records import Sample, SeenRecord
from flott.common.errors import ConfigurationError
from flott.common.suggestions import did_you_mean
from flott.connectors.kafka.client.ports import (
    HEADERS,
    KEY,
    OFFSET,
    PARTITION,
    TIMESTAMP,
    VALUE,
    Cluster,
    KafkaClients,
    RecordConsumer,
    TopicPartition,
)
from flott.connectors.kafka.client.properties import translate

COLUMNS: Final = (PARTITION, OFFSET, TIMESTAMP, KEY, VALUE, HEADERS)
#: Longer nobody waits for records that are said to be there.
PATIENCE_S: Final = 10.0
_ROWS_MAX: Final = 1000
#: So many topics are named where there is none of a name.
_NAMED: Final = 5


def sample_topic(
    clients: KafkaClients,
    properties: Mapping[str, str],
    topic: str,
    rows: int,
    from_latest: bool = True,
) -> Sample:
    """The last or the first records of a topic.

    Args:
        clients: How to reach it.
        properties: Names and values as in ``properties.*`` of a table.
        topic: Its name.
        rows: How many records.
        from_latest: Whether the last ones are wanted, not the first.

    Raises:
        ConfigurationError: There is no such topic, or a property is wrong.
        ClientError: The cluster cannot be reached.
    """
    cluster = clients.cluster(translate(properties, "cluster"))
    try:
        partitions = _partitions(cluster, topic)
        begins, ends = cluster.earliest(partitions), cluster.latest(partitions)
    finally:
        cluster.close()
    total = sum(ends[each] - begins[each] for each in partitions)
    starts = {
        each: max(begins[each], ends[each] - rows) if from_latest else begins[each]
        for each in partitions
        if ends[each] > begins[each]
    }
    stops = {
        each: ends[each] if from_latest else min(ends[each], begins[each] + rows) for each in starts
    }
    settings = {
        "isolation.level": "read_uncommitted",
        **translate(properties, "consumer"),
        "group.id": "flott-peek",
        "enable.auto.commit": "false",
        "enable.partition.eof": "true",
        "auto.offset.reset": "error",
    }
    arrived = threading.Event()
    consumer = clients.consumer(settings, COLUMNS, arrived.set)
    try:
        found = _read(consumer, starts, stops, arrived) if starts else []
    finally:
        consumer.close()
    found.sort(key=lambda record: (record.timestamp or 0, record.partition, record.offset))
    chosen = found[-rows:] if from_latest else found[:rows]
    return Sample(chosen, total, len(partitions))


def _partitions(cluster: Cluster, topic: str) -> list[TopicPartition]:
    found = cluster.partitions([topic]).get(topic)
    if not found:
        raise ConfigurationError(f"There is no topic {topic!r}. {_choice(topic, cluster.topics())}")
    return [TopicPartition(topic, each) for each in found]


def _choice(topic: str, topics: Collection[str]) -> str:
    hint = did_you_mean(topic, topics, "There are")
    if hint is not None:
        return hint
    if not topics:
        return "There are none."
    alike = sorted(each for each in topics if topic in each) or sorted(topics)
    return f"There are {len(topics)}, such as {', '.join(alike[:_NAMED])}."


def _read(
    consumer: RecordConsumer,
    starts: Mapping[TopicPartition, int],
    stops: Mapping[TopicPartition, int],
    arrived: threading.Event,
) -> list[SeenRecord]:
    found: list[SeenRecord] = []
    missing = set(starts)
    deadline = time.monotonic() + PATIENCE_S
    consumer.assign(starts)
    while missing and time.monotonic() < deadline:
        arrived.clear()
        fetched = consumer.poll(_ROWS_MAX)
        if fetched is None:
            arrived.wait(0.2)
            continue
        found += _records(fetched.frame, stops)
        _leave_out(missing, fetched.positions, fetched.ends, stops)
    return found


def _leave_out(
    missing: set[TopicPartition],
    positions: Mapping[TopicPartition, int],
    ends: Collection[TopicPartition],
    stops: Mapping[TopicPartition, int],
) -> None:
    missing.difference_update(ends)
    missing.difference_update([each for each in missing if positions.get(each, -1) >= stops[each]])


def _records(frame: pl.DataFrame, stops: Mapping[TopicPartition, int]) -> Sequence[SeenRecord]:
    last = {partition: stop for (_, partition), stop in stops.items()}
    rows = frame.select(PARTITION, OFFSET, TIMESTAMP, KEY, VALUE, HEADERS).iter_rows()
    return [
        SeenRecord(
            partition,
            offset,
            timestamp,
            key,
            value,
            [(header["key"], header["value"]) for header in headers or ()],
        )
        for partition, offset, timestamp, key, value, headers in rows
        if offset < last[partition]
    ]
