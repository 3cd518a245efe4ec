"""The options of ``kafka`` and ``upsert-kafka`` tables: which there are, and what they say."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flott.common.errors import ConfigurationError
from flott.common.option_values import parse_int
from flott.common.table_options import TableOptions
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.client.properties import Role, translate
from flott.connectors.kafka.records.partitioner import (
    FixedPartitioner,
    KafkaPartitioner,
    load_partitioner,
)
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.connectors.kafka.source.subscription import (
    PartitionSet,
    Subscription,
    TopicList,
    TopicPattern,
)
from flott.connectors.tables.options import options_of
from flott.core.table import TableDescription
from flott.formats.columns.registry import format_names

_log = logging.getLogger("flott.kafka")

_STARTUP_MODES: Final = (
    "earliest-offset",
    "latest-offset",
    "group-offsets",
    "timestamp",
    "specific-offsets",
)
_BOUNDED_MODES: Final = (
    "unbounded",
    "latest-offset",
    "group-offsets",
    "timestamp",
    "specific-offsets",
)
_DISCOVERY_MS: Final = 300_000
_GUARANTEES: Final = {
    "exactly-once": DeliveryGuarantee.EXACTLY_ONCE,
    "at-least-once": DeliveryGuarantee.AT_LEAST_ONCE,
    "none": DeliveryGuarantee.NONE,
}
_ROLES: Final[tuple[Role, ...]] = ("consumer", "producer", "cluster")
_OFFSET: Final = re.compile(r"\s*partition:(\d+)\s*,\s*offset:(\d+)\s*")

#: Options of both connectors.
_SHARED: Final[Mapping[str, str]] = {
    "topic": "The topic, or several divided by `;`.",
    "topic-pattern": "What the topics are called, as a regular expression, in place of `topic`.",
    "properties.*": "Properties of the client, under the names of the Java client or of "
    "librdkafka; `properties.bootstrap.servers` is needed.",
    "key.format": "How keys are written; one of the formats.",
    "key.fields-prefix": "What the names of the key's columns begin with in the table, and not in "
    "the key.",
    "value.format": "How values are written; one of the formats.",
    "value.fields-include": "Whether values hold the key's columns, too: `ALL` or `EXCEPT_KEY`.",
    "scan.bounded.mode": "Where reading ends: `unbounded`, `latest-offset`, `group-offsets`, "
    "`timestamp` or `specific-offsets`.",
    "scan.bounded.specific-offsets": "Where it ends in each partition: "
    "`partition:0,offset:42;partition:1,offset:300`. Others are not read.",
    "scan.bounded.timestamp-millis": "The time from which on records are not read.",
    "scan.topic-partition-discovery.interval": "How often to look for new partitions and topics; "
    "5 minutes unless given, `0` for never.",
    "scan.dead-letter.topic": "Where records go that cannot be read, with the reason in their "
    "headers.",
    "sink.delivery-guarantee": "`at-least-once` unless given; `exactly-once` or `none`.",
    "sink.transactional-id-prefix": "The name of job and table, under `exactly-once`.",
    "sink.transaction-naming-strategy": "Without effect: transactions are fenced by their ids.",
    "sink.on-lost-marker": "What to do when the cluster has forgotten which transactions were "
    "committed: `fail` unless given, `at-least-once` or `at-most-once`.",
}
KAFKA_OPTIONS: Final[Mapping[str, str]] = {
    **_SHARED,
    "format": "The same as `value.format`.",
    "key.fields": "The columns that are in the key, divided by `;`.",
    "scan.startup.mode": "Where reading begins: `group-offsets` unless given, `earliest-offset`, "
    "`latest-offset`, `timestamp` or `specific-offsets`.",
    "scan.startup.specific-offsets": "Where it begins in each partition: "
    "`partition:0,offset:42;partition:1,offset:300`.",
    "scan.startup.timestamp-millis": "The time of the first record that is read.",
    "sink.partitioner": "What chooses partitions: `default` (by key), `fixed` (one for each "
    "subtask), `round-robin` (without keys), or a `KafkaPartitioner` as `module:object`.",
    "sink.semantic": "The former name of `sink.delivery-guarantee`.",
}
UPSERT_OPTIONS: Final[Mapping[str, str]] = {
    **_SHARED,
    "sink.buffer-flush.max-rows": "How many rows are kept back at most, the last of each key; "
    "needs the interval beside it.",
    "sink.buffer-flush.interval": "How long rows are kept back at most.",
}


def with_formats(options: Mapping[str, str], *, plain: bool) -> dict[str, str]:
    """``options`` and those of formats; which of these there are is known once a table names its
    own.

    Args:
        options: The connector's.
        plain: Whether the value's may be written without ``value.``, for the option ``format``.
    """
    of_formats = {
        "key.*": "Options of the key's format, such as `key.json.ignore-parse-errors`.",
        "value.*": "Options of the value's format.",
    }
    if plain:
        of_formats |= {f"{name}.*": f"Options of format {name}." for name in format_names()}
    return {**options, **of_formats}


@dataclass(frozen=True)
class Reading:
    """Which records are read.

    Attributes:
        subscription: Of which topics.
        starting: From where on.
        stopping: Up to where; ``None`` for ever.
        discovery_ms: How often to look for new partitions; ``None`` for never.
        dead_letter_topic: Where broken records go.
    """

    subscription: Subscription
    starting: OffsetsInitializer
    stopping: OffsetsInitializer | None
    discovery_ms: int | None
    dead_letter_topic: str | None


def read_reading(table: TableDescription, *, from_start: bool = False) -> Reading:
    """What the options say about reading.

    Args:
        table: The table.
        from_start: Whether it is read from the earliest records on in any case.

    Raises:
        ConfigurationError: An option is missing or wrong.
    """
    options = options_of(table)
    topics, pattern = read_topics(options)
    starting = OffsetsInitializer.earliest() if from_start else _read_starting(options, topics)
    stopping, only = _read_stopping(options, topics)
    subscription: Subscription
    if only is not None:
        subscription = PartitionSet(frozenset(only))
    else:
        subscription = TopicPattern(pattern) if pattern is not None else TopicList(topics)
    discovery_ms = options.duration_ms("scan.topic-partition-discovery.interval", _DISCOVERY_MS)
    return Reading(
        subscription,
        starting,
        stopping,
        discovery_ms if discovery_ms and stopping is None else None,
        options.optional("scan.dead-letter.topic"),
    )


def read_topics(options: TableOptions) -> tuple[tuple[str, ...], str | None]:
    """The topics' names, or what they are like.

    Raises:
        ConfigurationError: Neither is given, or both are.
    """
    names, pattern = options.optional("topic"), options.optional("topic-pattern")
    if names is not None and pattern is not None:
        raise options.error("topic-pattern", "cannot stand beside 'topic'; give one of them")
    if pattern is not None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise options.error("topic-pattern", str(error)) from None
        return (), pattern
    topics = tuple(each.strip() for each in options.required("topic").split(";"))
    if not all(topics):
        raise options.error("topic", f"a name is empty in '{names}'")
    return topics, None


def read_properties(table: TableDescription) -> dict[str, str]:
    """The client's properties.

    Raises:
        ConfigurationError: There are no servers among them, or one is unknown or wrong.
    """
    options = options_of(table)
    properties = options.matching("properties.")
    if "metadata.broker.list" not in properties:
        options.required("properties.bootstrap.servers")
    try:
        for role in _ROLES:
            translate(properties, role)
    except ConfigurationError as error:
        raise options.error(f"properties.{error.key}", str(error)) from None
    return properties


def _read_starting(options: TableOptions, topics: tuple[str, ...]) -> OffsetsInitializer:
    key = "scan.startup.mode"
    mode = options.choice(key, "group-offsets", _STARTUP_MODES)
    if mode == "earliest-offset":
        return OffsetsInitializer.earliest()
    if mode == "latest-offset":
        return OffsetsInitializer.latest()
    if mode == "timestamp":
        return OffsetsInitializer.timestamp(_read_time(options, "startup"))
    if mode == "specific-offsets":
        return OffsetsInitializer.offsets(_read_offsets(options, "startup", topics))
    return OffsetsInitializer.committed_offsets(
        options.text("properties.auto.offset.reset", "none")
    )


def _read_stopping(
    options: TableOptions, topics: tuple[str, ...]
) -> tuple[OffsetsInitializer | None, Mapping[TopicPartition, int] | None]:
    """Where reading ends; and the partitions that are read, if not all are."""
    mode = options.choice("scan.bounded.mode", "unbounded", _BOUNDED_MODES)
    if mode == "unbounded":
        return None, None
    if mode == "latest-offset":
        return OffsetsInitializer.latest(), None
    if mode == "timestamp":
        return OffsetsInitializer.timestamp(_read_time(options, "bounded")), None
    if mode == "group-offsets":
        return OffsetsInitializer.committed_offsets(), None
    offsets = _read_offsets(options, "bounded", topics)
    return OffsetsInitializer.offsets(offsets), offsets


def _read_time(options: TableOptions, side: str) -> int:
    key = f"scan.{side}.timestamp-millis"
    if not options.given(key):
        raise options.error(key, f"is needed by 'scan.{side}.mode' = 'timestamp'")
    return options.number(key, 0)


def _read_offsets(
    options: TableOptions, side: str, topics: tuple[str, ...]
) -> dict[TopicPartition, int]:
    key = f"scan.{side}.specific-offsets"
    text = options.optional(key)
    if text is None:
        raise options.error(key, f"is needed by 'scan.{side}.mode' = 'specific-offsets'")
    if len(topics) != 1:
        raise options.error(key, "needs a single topic in 'topic'")
    found: dict[TopicPartition, int] = {}
    for part in text.rstrip("; ").split(";"):
        match = _OFFSET.fullmatch(part)
        if match is None:
            expected = "partition:0,offset:42;partition:1,offset:300"
            raise options.error(key, f"expected '{expected}', found '{text}'")
        found[TopicPartition(topics[0], parse_int(match[1]))] = parse_int(match[2])
    return found


@dataclass(frozen=True)
class Writing:
    """How records are written.

    Attributes:
        guarantee: What holds after a failure.
        prefix: Of the transactional ids.
        on_lost_marker: What to do where it cannot be known what was committed.
        partitioner: What chooses partitions; the client does if not given.
    """

    guarantee: DeliveryGuarantee
    prefix: str | None
    on_lost_marker: str
    partitioner: KafkaPartitioner | None


def read_writing(table: TableDescription) -> Writing:
    """What the options say about writing.

    Raises:
        ConfigurationError: An option is missing or wrong.
    """
    options = options_of(table)
    options.choice("sink.transaction-naming-strategy", "incrementing", ("incrementing", "pooling"))
    key = "sink.delivery-guarantee"
    if options.given("sink.semantic"):
        key = "sink.semantic"
        _log.warning("Option 'sink.semantic' is called 'sink.delivery-guarantee' now")
    guarantee = _GUARANTEES[options.choice(key, "at-least-once", tuple(_GUARANTEES))]
    prefix = options.optional("sink.transactional-id-prefix")
    if guarantee is DeliveryGuarantee.EXACTLY_ONCE and not prefix:
        raise ConfigurationError(
            f"Option '{key}' = 'exactly-once' of table {'.'.join(table.path)} needs "
            "'sink.transactional-id-prefix': a name of job and table that no other job has.",
            key="sink.transactional-id-prefix",
        )
    choices = ("fail", "at-least-once", "at-most-once")
    lost = options.choice("sink.on-lost-marker", "fail", choices)
    return Writing(guarantee, prefix, lost, _read_partitioner(options))


def _read_partitioner(options: TableOptions) -> KafkaPartitioner | None:
    key = "sink.partitioner"
    name = options.text(key, "default")
    if not name:
        raise options.error(key, "is empty")
    if name == "round-robin" and options.given("key.fields"):
        raise options.error(key, "'round-robin' is for records without key; leave out 'key.fields'")
    if name in ("default", "round-robin"):
        return None
    if name == "fixed":
        return FixedPartitioner()
    return options.read(key, None, load_partitioner)
