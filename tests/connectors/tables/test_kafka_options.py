"""Options of ``kafka`` and ``upsert-kafka`` tables: what they mean, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ConfigurationError
from flott.common.logical_types import STRING, BigIntType, DataType, LocalZonedTimestampType
from flott.connectors.delivery_guarantee import DeliveryGuarantee
from flott.connectors.kafka.client.ports import TopicPartition
from flott.connectors.kafka.records.partitioner import FixedPartitioner
from flott.connectors.kafka.source.offsets import OffsetsInitializer
from flott.connectors.kafka.source.subscription import PartitionSet, TopicList, TopicPattern
from flott.connectors.tables.kafka import (
    KafkaTableFactory,
    KafkaTableSink,
    KafkaTableSource,
    UpsertKafkaTableFactory,
)
from flott.connectors.tables.kafka_options import read_reading, read_writing
from flott.connectors.tables.options import check_options
from flott.core.sink import Sink
from flott.core.source import Source
from flott.core.table import ChangelogMode, MetadataColumn, TableDescription
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients
from tests.connectors.tables.table_io import describe

COLUMNS: dict[str, DataType] = {"id": BigIntType(nullable=False), "name": STRING, "k_ey": STRING}
PLAIN = {"connector": "kafka", "topic": "t", "properties.bootstrap.servers": "b:1"}
JSON = PLAIN | {"format": "json"}
KEYED = JSON | {"key.format": "json", "key.fields": "id"}
UPSERT = PLAIN | {"connector": "upsert-kafka", "key.format": "json", "value.format": "json"}


def table(
    options: dict[str, Any], *, key: tuple[str, ...] = (), **columns: Any
) -> TableDescription:
    described = describe(COLUMNS, options, metadata=columns.get("metadata"))
    return TableDescription(
        described.path, described.columns, described.options, described.metadata, key
    )


def factory_for(options: dict[str, Any]) -> KafkaTableFactory:
    found = UpsertKafkaTableFactory() if options["connector"][0] == "u" else KafkaTableFactory()
    found.clients = ModelClients(ModelBroker())
    return found


def source_of(options: dict[str, Any], key: tuple[str, ...] = ()) -> KafkaTableSource:
    described = table(options, key=key)
    check_options(described, factory_for(options).options)
    source = factory_for(options).create_source(described)
    assert isinstance(source, KafkaTableSource)
    return source


def sink_of(options: dict[str, Any], key: tuple[str, ...] = (), **columns: Any) -> KafkaTableSink:
    described = table(options, key=key, **columns)
    check_options(described, factory_for(options).options)
    sink = factory_for(options).create_sink(described)
    assert isinstance(sink, KafkaTableSink)
    return sink


@pytest.mark.parametrize(
    ("options", "starting"),
    [
        ({}, OffsetsInitializer.committed_offsets("none")),
        (
            {"properties.auto.offset.reset": "latest"},
            OffsetsInitializer.committed_offsets("latest"),
        ),
        ({"scan.startup.mode": "earliest-offset"}, OffsetsInitializer.earliest()),
        ({"scan.startup.mode": "LATEST-OFFSET"}, OffsetsInitializer.latest()),
        (
            {"scan.startup.mode": "timestamp", "scan.startup.timestamp-millis": 7},
            OffsetsInitializer.timestamp(7),
        ),
        (
            {
                "scan.startup.mode": "specific-offsets",
                "scan.startup.specific-offsets": "partition:0,offset:42;partition:1,offset:300",
            },
            OffsetsInitializer.offsets({TopicPartition("t", 0): 42, TopicPartition("t", 1): 300}),
        ),
    ],
)
def test_reading_begins_where_the_options_say(
    options: dict[str, Any], starting: OffsetsInitializer
) -> None:
    assert read_reading(table(JSON | options)).starting == starting


@pytest.mark.parametrize(
    ("options", "stopping"),
    [
        ({}, None),
        ({"scan.bounded.mode": "latest-offset"}, OffsetsInitializer.latest()),
        ({"scan.bounded.mode": "group-offsets"}, OffsetsInitializer.committed_offsets()),
        (
            {"scan.bounded.mode": "timestamp", "scan.bounded.timestamp-millis": "9"},
            OffsetsInitializer.timestamp(9),
        ),
    ],
)
def test_reading_ends_where_the_options_say(
    options: dict[str, Any], stopping: OffsetsInitializer | None
) -> None:
    source = source_of(JSON | options)
    assert source.reading.stopping == stopping
    assert source.is_bounded is (stopping is not None)


def test_partitions_without_an_end_among_specific_ones_are_not_read() -> None:
    reading = source_of(
        JSON
        | {
            "scan.bounded.mode": "specific-offsets",
            "scan.bounded.specific-offsets": "partition:3,offset:5",
        }
    ).reading
    assert reading.subscription == PartitionSet(frozenset({TopicPartition("t", 3)}))
    assert reading.stopping == OffsetsInitializer.offsets({TopicPartition("t", 3): 5})


def test_topics_are_named_or_described() -> None:
    pattern = {key: text for key, text in JSON.items() if key != "topic"}
    assert source_of(JSON | {"topic": "a;b"}).reading.subscription == TopicList(("a", "b"))
    found = source_of(pattern | {"topic-pattern": "a.*"}).reading.subscription
    assert found == TopicPattern("a.*")


@pytest.mark.parametrize(
    ("text", "expected"), [(None, 300_000), ("0", None), ("0 ms", None), ("10 s", 10_000)]
)
def test_new_partitions_are_looked_for(text: str | None, expected: int | None) -> None:
    options = {} if text is None else {"scan.topic-partition-discovery.interval": text}
    assert source_of(JSON | options).reading.discovery_ms == expected


def test_group_is_named_after_the_table_unless_given() -> None:
    named = source_of(JSON | {"properties.group.id": "g"})
    assert (
        source_of(JSON).properties["group.id"] == "KafkaSource-default_catalog.default_database.t"
    )
    assert named.properties == {"bootstrap.servers": "b:1", "group.id": "g"}


def test_upserts_are_read_from_the_first_record_on() -> None:
    source = source_of(UPSERT, ("id",))
    assert source.reading.starting == OffsetsInitializer.earliest()
    assert source.changelog_mode is ChangelogMode.UPSERT


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, DeliveryGuarantee.AT_LEAST_ONCE),
        ({"sink.delivery-guarantee": "none"}, DeliveryGuarantee.NONE),
        ({"sink.semantic": "none"}, DeliveryGuarantee.NONE),
        (
            {"sink.delivery-guarantee": "exactly-once", "sink.transactional-id-prefix": "p"},
            DeliveryGuarantee.EXACTLY_ONCE,
        ),
    ],
)
def test_guarantee_is_read(options: dict[str, str], expected: DeliveryGuarantee) -> None:
    assert read_writing(table(JSON | options)).guarantee is expected


def test_partitioner_is_chosen() -> None:
    assert read_writing(table(JSON)).partitioner is None
    assert read_writing(table(JSON | {"sink.partitioner": "round-robin"})).partitioner is None
    fixed = read_writing(table(JSON | {"sink.partitioner": "fixed"})).partitioner
    own = "flott.connectors.kafka.records.partitioner:FixedPartitioner"
    named = read_writing(table(JSON | {"sink.partitioner": own})).partitioner
    assert isinstance(fixed, FixedPartitioner)
    assert isinstance(named, FixedPartitioner)


def test_key_columns_have_names_without_their_prefix_in_the_key() -> None:
    formats = source_of(
        JSON
        | {
            "key.format": "json",
            "key.fields": "k_ey",
            "key.fields-prefix": "k_",
            "value.fields-include": "EXCEPT_KEY",
        }
    ).formats
    assert [field.name for field in formats.key_fields()] == ["ey"]
    assert [field.name for field in formats.value_fields()] == ["id", "name"]


def test_columns_of_the_key_are_in_the_value_too_unless_excluded() -> None:
    formats = source_of(KEYED).formats
    assert [field.name for field in formats.value_fields()] == ["id", "name", "k_ey"]


def test_key_that_nobody_needs_is_not_decoded() -> None:
    decoding = source_of(KEYED).formats.decoding(["id", "name"], (), {})
    assert decoding.key is None


def test_only_wanted_fields_are_asked_of_the_formats() -> None:
    options = KEYED | {"value.fields-include": "EXCEPT_KEY"}
    decoding = source_of(options).formats.decoding(["k_ey", "id"], ("offset",), {})
    assert decoding.value.request.wanted == ("k_ey",)
    assert decoding.key is not None
    assert decoding.key.request.wanted == ("id",)
    assert [(each.part, each.column) for each in decoding.places] == [
        ("value", 0),
        ("key", 0),
        ("record", "offset"),
    ]


def test_source_and_sink_travel() -> None:
    assert isinstance(source_of(KEYED).create_source(["id"], ["offset"]), Source)
    assert isinstance(sink_of(KEYED).create_sink(()), Sink)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"format": "jsn"}, "'format' of table .*Did you mean 'json'"),
        ({"value.format": "json"}, "'value.format'.*beside 'format'"),
        ({"topic-pattern": "x"}, "cannot stand beside 'topic'"),
        ({"topic": "a;;b"}, "'topic'.*empty"),
        ({"scan.startup.mod": "x"}, "no option 'scan.startup.mod'.*'scan.startup.mode'"),
        ({"json.ignore-parse-error": "true"}, "Did you mean 'json.ignore-parse-errors'"),
        ({"scan.startup.mode": "timestamp"}, "'scan.startup.timestamp-millis'.*needed"),
        ({"scan.startup.mode": "specific-offsets"}, "'scan.startup.specific-offsets'.*needed"),
        ({"scan.startup.mode": "first"}, "'scan.startup.mode'.*earliest-offset"),
        ({"scan.bounded.mode": "timestamp"}, "'scan.bounded.timestamp-millis'.*needed"),
        ({"key.format": "json"}, "'key.format'.*needs 'key.fields'"),
        ({"key.fields": "id"}, "'key.fields'.*needs 'key.format'"),
        ({"key.format": "json", "key.fields": "nam"}, "no physical column 'nam'.*'name'"),
        ({"key.format": "json", "key.fields": "id", "key.fields-prefix": "k_"}, "EXCEPT_KEY"),
        (
            {
                "key.format": "json",
                "key.fields": "id",
                "key.fields-prefix": "k_",
                "value.fields-include": "EXCEPT_KEY",
            },
            "'id' does not begin with 'k_'",
        ),
        ({"value.fields-include": "SOME"}, "ALL, EXCEPT_KEY"),
        ({"properties.bootstrap.serverz": "x"}, "bootstrap.serverz"),
    ],
)
def test_wrong_option_of_reading_is_refused_by_name(change: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        source_of(JSON | change).create_source(["id"], ())


def test_servers_are_needed() -> None:
    options = {key: text for key, text in JSON.items() if "servers" not in key}
    with pytest.raises(ConfigurationError, match=r"lacks .* 'properties.bootstrap.servers'"):
        source_of(options)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"sink.semantic": "exactly-once"}, "needs 'sink.transactional-id-prefix'"),
        ({"sink.semantic": "twice"}, "'sink.semantic'.*at-least-once"),
        ({"sink.delivery-guarantee": "exactly-once"}, "needs 'sink.transactional-id-prefix'"),
        ({"sink.delivery-guarantee": "twice"}, "at-least-once"),
        ({"sink.partitioner": "by-magic"}, "'sink.partitioner'.*module:object"),
        ({"sink.partitioner": ""}, "'sink.partitioner'.*empty"),
        (
            {"key.format": "json", "key.fields": "id", "sink.partitioner": "round-robin"},
            "records without key",
        ),
        ({"sink.on-lost-marker": "guess"}, "'sink.on-lost-marker'"),
        ({"topic": "a;b"}, "`topic` STRING METADATA"),
    ],
)
def test_wrong_option_of_writing_is_refused_by_name(change: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        sink_of(JSON | change)


def test_key_of_a_table_that_only_adds_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="use the connector 'upsert-kafka'"):
        source_of(JSON, ("id",))


def test_upserts_need_a_primary_key() -> None:
    with pytest.raises(ConfigurationError, match=r"needs a PRIMARY KEY"):
        source_of(UPSERT)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"sink.buffer-flush.max-rows": "5"}, "'sink.buffer-flush.interval'.*needed"),
        ({"sink.buffer-flush.interval": "1 s"}, "'sink.buffer-flush.max-rows'.*needed"),
        ({"sink.buffer-flush.max-rows": "-1"}, "'sink.buffer-flush.max-rows'"),
    ],
)
def test_rows_are_kept_back_by_number_and_time(change: dict[str, str], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        sink_of(UPSERT | change, ("id",))


def test_format_of_upserts_is_named_for_keys_and_values() -> None:
    options = {key: text for key, text in UPSERT.items() if key != "key.format"}
    with pytest.raises(ConfigurationError, match=r"lacks the option 'key.format'"):
        source_of(options, ("id",))
    with pytest.raises(ConfigurationError, match=r"no option 'scan.startup.mode'"):
        source_of(UPSERT | {"scan.startup.mode": "latest-offset"}, ("id",))


def test_topic_can_be_written_where_there_are_several() -> None:
    column = {"to": MetadataColumn("topic", STRING)}
    several = sink_of(JSON | {"topic": "a;b"}, metadata=column)
    assert set(several.metadata_types) == {"topic", "timestamp", "headers", "header-list"}
    assert set(sink_of(JSON).metadata_types) == {"timestamp", "headers", "header-list"}


def test_headers_are_written_by_one_column() -> None:
    with pytest.raises(ConfigurationError, match="'headers' and 'header-list'"):
        sink_of(JSON).create_sink(["headers", "header-list"])


def test_metadata_of_records_can_be_read() -> None:
    known = source_of(JSON).metadata_types
    assert known["timestamp"] == LocalZonedTimestampType(3, nullable=False)
    assert str(known["headers"]) == "MAP<STRING NOT NULL, BYTES> NOT NULL"
