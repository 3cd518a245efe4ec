"""Elements become records: topic, key, value, partition, time and headers."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from flott.common.errors import ConfigurationError, TypeMismatchError
from flott.common.serialization import ByteArraySchema, SerializationSchema, SimpleStringSchema
from flott.common.typeinfo import Types
from flott.common.types import Row
from flott.connectors.kafka.records.object_encoding import ObjectEncoderFactory
from flott.connectors.kafka.records.partitioner import FixedPartitioner
from flott.connectors.kafka.records.record_serialization import (
    KafkaRecordSerializationSchema,
    KafkaTopicSelector,
    ProducerRecord,
)
from flott.core.batch import RowBatch
from flott.formats.json_row import JsonRowSerializationSchema
from tests.connectors.fakes import FakeContext, travel
from tests.connectors.kafka.model_broker import ModelBroker
from tests.connectors.kafka.model_clients import ModelClients


def builder(value: SerializationSchema | None = None) -> Any:
    made = KafkaRecordSerializationSchema.builder().set_topic("words")
    return made.set_value_serialization_schema(value or SimpleStringSchema())


def encode(
    schema: KafkaRecordSerializationSchema,
    values: list[Any],
    times: list[int] | None = None,
    subtask: int = 0,
) -> pl.DataFrame:
    broker = ModelBroker()
    broker.create_topic("words", 3)
    properties = {"bootstrap.servers": "broker:9092"}
    factory = ObjectEncoderFactory(schema, properties, ModelClients(broker))
    return factory.create_encoder(FakeContext(subtask, 4)).encode(RowBatch(values, times))


class Upper(SerializationSchema):
    """A schema of a user's own; an empty text is a tombstone."""

    def serialize(self, value: str) -> bytes:
        return value.upper().encode() or None  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("schema", "values", "written"),
    [
        (SimpleStringSchema(), ["a", "naïve", ""], [b"a", "naïve".encode(), b""]),
        (SimpleStringSchema("latin-1"), ["naïve"], [b"na\xefve"]),
        (ByteArraySchema(), [b"a", bytearray(b"b")], [b"a", b"b"]),
        (Upper(), ["a", ""], [b"A", None]),
    ],
)
def test_values_are_written_by_their_schema(
    schema: SerializationSchema, values: list[Any], written: list[bytes | None]
) -> None:
    frame = encode(builder(schema).build(), values)
    assert frame.schema == {"value": pl.Binary}
    assert frame["value"].to_list() == written


def test_rows_become_json() -> None:
    rows = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])
    schema = JsonRowSerializationSchema.builder().with_type_info(rows).build()
    frame = encode(builder(schema).build(), [Row(1, "ada"), Row(2, None)])
    assert frame["value"].to_list() == [b'{"id":1,"user":"ada"}', b'{"id":2,"user":null}']


@pytest.mark.parametrize("broken", [7, None, b"bytes"])
def test_a_value_that_is_no_text_is_refused(broken: Any) -> None:
    with pytest.raises(TypeMismatchError, match="declared as String"):
        encode(builder().build(), ["a", broken, "b"])


def test_keys_times_and_headers_go_with_values() -> None:
    schema = (
        builder()
        .set_key_serialization_schema(Upper())
        .set_header_provider(lambda word: {"length": str(len(word)).encode()})
        .build()
    )
    frame = encode(schema, ["ab", "c"], [5, -1])
    assert frame["key"].to_list() == [b"AB", b"C"]
    assert frame["timestamp"].to_list() == [5, None]
    assert frame["headers"].to_list() == [
        [{"key": "length", "value": b"2"}],
        [{"key": "length", "value": b"1"}],
    ]


class ByFirstLetter(KafkaTopicSelector):
    def apply(self, data: str) -> str:
        return f"words-{data[0]}"


@pytest.mark.parametrize("selector", [ByFirstLetter(), lambda word: f"words-{word[0]}"])
def test_each_element_may_have_its_topic(selector: Any) -> None:
    schema = (
        KafkaRecordSerializationSchema.builder()
        .set_topic_selector(selector)
        .set_value_serialization_schema(SimpleStringSchema())
        .build()
    )
    assert schema.topic is None
    assert encode(schema, ["ab", "c"])["topic"].to_list() == ["words-a", "words-c"]


def test_a_partitioner_chooses_among_the_topics_partitions() -> None:
    seen: list[Any] = []

    def choose(word: str, key: Any, value: Any, topic: str, partitions: Any) -> int:
        seen.append((word, key, value, topic, list(partitions)))
        return len(word) % len(partitions)

    frame = encode(builder().set_partitioner(choose).build(), ["ab", "cde"])
    assert frame["partition"].to_list() == [2, 0]
    assert seen[0] == ("ab", None, b"ab", "words", [0, 1, 2])
    fixed = builder().set_partitioner(FixedPartitioner()).build()
    assert encode(fixed, ["a", "b"], subtask=2)["partition"].to_list() == [2, 2]


def test_a_function_may_make_whole_records_or_none() -> None:
    def whole(word: str, time: int | None) -> ProducerRecord | None:
        if not word:
            return None
        return ProducerRecord("words", None, word.encode(), 1, time, [("h", None)])

    frame = encode(KafkaRecordSerializationSchema.of(whole), ["a", "", "b"], [7, 8, 9])
    assert frame.rows() == [
        ("words", 1, 7, b"a", None, [{"key": "h", "value": None}]),
        ("words", 1, 9, b"b", None, [{"key": "h", "value": None}]),
    ]


def test_no_elements_make_no_records() -> None:
    assert encode(builder().build(), []).height == 0
    assert encode(KafkaRecordSerializationSchema.of(lambda word, time: None), ["a"]).height == 0


def test_a_schema_out_of_parts_travels() -> None:
    schema = travel(builder().set_key_serialization_schema(SimpleStringSchema()).build())
    record = schema.serialize("a", 5)
    assert record == ProducerRecord("words", b"a", b"a", None, 5)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda new: new.build(), "Say where to write"),
        (lambda new: new.set_topic("a").build(), "Say how to write values"),
        (lambda new: new.set_topic("a").set_topic_selector(str), "There is a topic already"),
        (lambda new: new.set_topic_selector(str).set_topic("a"), "a topic selector already"),
    ],
)
def test_what_is_missing_or_said_twice_is_named(make: Any, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        make(KafkaRecordSerializationSchema.builder())


@pytest.mark.parametrize(
    "make",
    [
        lambda new: new.set_topic(""),
        lambda new: new.set_topic_selector("a"),
        lambda new: new.set_key_serialization_schema("a"),
        lambda new: new.set_value_serialization_schema(None),
        lambda new: new.set_partitioner(FixedPartitioner),
        lambda new: new.set_header_provider({}),
        lambda new: KafkaRecordSerializationSchema.of("a"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_the_wrong_kind_is_refused(make: Any) -> None:
    with pytest.raises(TypeError):
        make(KafkaRecordSerializationSchema.builder())
