from __future__ import annotations

import json
import pickle
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row, Types
from flott.common.errors import UnsupportedFeature
from flott.common.serialization import (
    ByteArraySchema,
    DeserializationSchema,
    SimpleStringSchema,
)
from flott.connectors.kafka.client.ports import Fetched
from flott.connectors.kafka.records.codecs import DecodedRecords
from flott.connectors.kafka.records.object_decoder import ObjectDecoderFactory
from flott.connectors.kafka.records.record_decoding import decode_in_halves
from flott.connectors.kafka.records.record_deserialization import (
    ConsumerRecord,
    KafkaRecordDeserializationSchema,
)
from flott.core.element import MIN_WATERMARK
from flott.formats.json_row import JsonRowDeserializationSchema
from tests.connectors.fakes import FakeContext
from tests.connectors.kafka.frames import A0, B0, fetched_of

CLICK = Types.ROW_NAMED(["id"], [Types.INT()])
CLICKS = JsonRowDeserializationSchema.builder().type_info(CLICK).build()


class Words(KafkaRecordDeserializationSchema):
    """Each word of a value, with the record's offset."""

    def deserialize(self, record: ConsumerRecord) -> Iterable[Any]:
        for word in (record.value or b"").split():
            if word == b"bad":
                raise ValueError("a bad word")
            yield record.offset, word.decode()


def decode(schema: Any, fetched: Fetched) -> DecodedRecords:
    if isinstance(schema, DeserializationSchema):
        schema = KafkaRecordDeserializationSchema.value_only(schema)
    decoder = ObjectDecoderFactory(schema).create_decoder(FakeContext())
    wanted = [name for name in fetched.frame.columns if name in decoder.columns]
    assert "value" in wanted
    found = decoder.decode(Fetched(fetched.frame.select(wanted), fetched.parts, fetched.positions))
    rows = found.rows
    assert (fetched.frame.height if rows is None else len(rows)) == found.batch.row_count
    return found


def rows_of(found: DecodedRecords) -> list[int] | None:
    return None if found.rows is None else found.rows.to_list()


# --- values --------------------------------------------------------------------------------------


def test_values_with_the_times_of_their_records() -> None:
    found = decode(SimpleStringSchema(), fetched_of([b"x", "é".encode()]))
    assert found.batch.values == ["x", "é"]
    assert found.batch.timestamps == [1000, 1001]
    assert (found.rows, list(found.malformed)) == (None, [])


@pytest.mark.parametrize(
    ("schema", "message", "value"),
    [
        (SimpleStringSchema("latin-1"), b"\xe9", "é"),
        (SimpleStringSchema("utf-16-le"), b"x\0", "x"),
        (ByteArraySchema(), b"\xff", b"\xff"),
        (CLICKS, b'{"id": 7}', Row(id=7)),
    ],
)
def test_values_by_any_schema(schema: DeserializationSchema, message: bytes, value: Any) -> None:
    assert decode(schema, fetched_of([message])).batch.values == [value]


def test_records_without_value_are_left_out() -> None:
    found = decode(SimpleStringSchema(), fetched_of([None, b"x", None, b"y"]))
    assert found.batch.values == ["x", "y"]
    assert found.batch.timestamps == [1001, 1003]
    assert rows_of(found) == [1, 3]


def test_what_the_schema_leaves_out_is_left_out() -> None:
    schema = JsonRowDeserializationSchema.builder().type_info(CLICK).ignore_parse_errors().build()
    found = decode(schema, fetched_of([b'{"id": 1}', None, b"oops", b'{"id": 2}']))
    assert found.batch.values == [Row(id=1), Row(id=2)]
    assert rows_of(found) == [0, 3]
    assert list(found.malformed) == []


def test_malformed_values_are_found_and_the_others_kept() -> None:
    found = decode(CLICKS, fetched_of([None, b'{"id": 1}', b"oops", b"", b'{"id": 2}']))
    assert found.batch.values == [Row(id=1), Row(id=2)]
    assert rows_of(found) == [1, 4]
    assert [each.row for each in found.malformed] == [2, 3]
    assert all(each.reason.startswith("value: ") for each in found.malformed)


def test_text_that_is_none_is_malformed() -> None:
    found = decode(SimpleStringSchema(), fetched_of([b"x", b"\xff"]))
    assert found.batch.values == ["x"]
    (malformed,) = found.malformed
    assert malformed.row == 1
    assert "'utf-8' codec can't decode byte 0xff" in malformed.reason


@given(st.lists(st.one_of(st.none(), st.just(b"bad"), st.integers().map(lambda n: b"%d" % n))))
def test_values_are_those_of_one_by_one(values: list[bytes | None]) -> None:
    found = decode(IntSchema(), fetched_of(values))
    plain = [(row, int(each)) for row, each in enumerate(values) if each not in (None, b"bad")]
    assert found.batch.values == [value for _, value in plain]
    if found.rows is not None:
        assert rows_of(found) == [row for row, _ in plain]
    broken = [row for row, each in enumerate(values) if each == b"bad"]
    assert [each.row for each in found.malformed] == broken


class IntSchema(DeserializationSchema):
    def deserialize(self, data: bytes) -> Any:
        return int(data)


def test_one_broken_record_among_many_costs_few_calls() -> None:
    calls = []

    def batch(messages: list[bytes]) -> list[Any]:
        calls.append(len(messages))
        return [int(each) for each in messages]

    values: list[Any] = []
    messages = [b"1"] * 700 + [b"bad"] + [b"1"] * 323
    decode_in_halves(messages, batch, lambda message: None, values)
    assert values == [1] * 700 + [None] + [1] * 323
    assert len(calls) == 21
    assert max(calls) == 1024


def test_missing_times() -> None:
    none = decode(SimpleStringSchema(), fetched_of([b"x", b"y"], timestamp=[None, None]))
    assert none.batch.timestamps is None
    some = decode(SimpleStringSchema(), fetched_of([b"x", b"y"], timestamp=[None, 7]))
    assert some.batch.timestamps == [MIN_WATERMARK, 7]


def test_a_mistake_in_a_schema_is_no_malformed_record() -> None:
    class Broken(DeserializationSchema):
        def deserialize(self, data: bytes) -> Any:
            raise AttributeError("no such thing")

    fetched = fetched_of([b"x", b"y"], [(A0, 1), (B0, 1)])
    with pytest.raises(AttributeError) as caught:
        decode(Broken(), fetched)
    assert caught.value.__notes__ == ["while decoding topic 'a', partition 0, offset 10"]


# --- whole records -------------------------------------------------------------------------------


def test_a_function_sees_everything() -> None:
    seen: list[ConsumerRecord] = []
    schema = KafkaRecordDeserializationSchema.of(lambda record: seen.append(record) or record.key)
    headers = [[{"key": "h", "value": b"1"}, {"key": "h", "value": None}]]
    found = decode(schema, fetched_of([b"v"], key=[b"k"], headers=headers, leader_epoch=[3]))
    assert found.batch.values == [b"k"]
    assert seen == [ConsumerRecord("a", 0, 10, 1000, 1, b"k", b"v", (("h", b"1"), ("h", None)), 3)]


def test_what_a_function_gives_none_for_is_left_out() -> None:
    schema = KafkaRecordDeserializationSchema.of(lambda record: record.value)
    found = decode(schema, fetched_of([b"x", None, b"y"]))
    assert (found.batch.values, rows_of(found)) == ([b"x", b"y"], [0, 2])
    assert found.batch.timestamps == [1000, 1002]


def test_a_schema_may_make_several_objects_of_a_record() -> None:
    found = decode(Words(), fetched_of([b"a b", b"", b"c"]))
    assert found.batch.values == [(10, "a"), (10, "b"), (12, "c")]
    assert rows_of(found) == [0, 0, 2]
    assert found.batch.timestamps == [1000, 1000, 1002]


def test_a_malformed_record_gives_nothing() -> None:
    found = decode(Words(), fetched_of([b"a bad", b"b"]))
    assert found.batch.values == [(11, "b")]
    assert [tuple(each) for each in found.malformed] == [(0, "a bad word")]


def test_errors_that_data_causes_are_malformed_records() -> None:
    schema = KafkaRecordDeserializationSchema.of(lambda record: 1 / json.loads(record.value)["id"])
    found = decode(schema, fetched_of([b'{"id": 1}', b"{}", b'{"id": 0}', None]))
    assert found.batch.values == [1.0]
    assert [each.reason.partition(":")[0] for each in found.malformed] == [
        "KeyError",
        "ZeroDivisionError",
        "TypeError",
    ]


def test_a_mistake_in_a_function_fails_and_names_the_record() -> None:
    schema = KafkaRecordDeserializationSchema.of(lambda record: record.vlaue)
    with pytest.raises(AttributeError) as caught:
        decode(schema, fetched_of([b"x"], [(B0, 1)]))
    assert caught.value.__notes__ == ["while decoding topic 'b', partition 0, offset 10"]


# --- descriptions --------------------------------------------------------------------------------


def test_types() -> None:
    of = KafkaRecordDeserializationSchema.of
    assert ObjectDecoderFactory(of(len, Types.INT())).get_produced_type() == Types.INT()
    assert of(len).get_produced_type() == Types.PICKLED_BYTE_ARRAY()
    value_only = KafkaRecordDeserializationSchema.value_only
    assert value_only(SimpleStringSchema()).get_produced_type() == Types.STRING()


def test_value_only_of_a_single_record() -> None:
    schema = KafkaRecordDeserializationSchema.value_only(CLICKS)
    record = ConsumerRecord("a", 0, 0, 0, 1, None, b'{"id": 7}', (), None)
    assert list(schema.deserialize(record)) == [Row(id=7)]
    assert list(schema.deserialize(record._replace(value=None))) == []


def test_factories_travel() -> None:
    schema = KafkaRecordDeserializationSchema.value_only(CLICKS)
    factory = pickle.loads(pickle.dumps(ObjectDecoderFactory(schema)))
    assert factory.get_produced_type() == CLICK


def test_mistakes_are_refused() -> None:
    with pytest.raises(TypeError, match="Expected a DeserializationSchema"):
        KafkaRecordDeserializationSchema.value_only(len)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a function"):
        KafkaRecordDeserializationSchema.of("x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Expected a KafkaRecordDeserializationSchema"):
        ObjectDecoderFactory(SimpleStringSchema())  # type: ignore[arg-type]


def test_a_schema_cannot_end_the_stream() -> None:
    class Ending(SimpleStringSchema):
        def is_end_of_stream(self, value: Any) -> bool:
            return value == "end"

    with pytest.raises(UnsupportedFeature, match=r"Ending.is_end_of_stream .* set_bounded"):
        KafkaRecordDeserializationSchema.value_only(Ending())
