"""Schemas read and write many records as they read and write each."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import Row, Types
from flott.common.serialization import (
    ByteArraySchema,
    DeserializationSchema,
    SerializationSchema,
    SimpleStringSchema,
)
from flott.formats.csv_row import CsvRowDeserializationSchema, CsvRowSerializationSchema
from flott.formats.json_row import JsonRowDeserializationSchema, JsonRowSerializationSchema

ROW = Types.ROW_NAMED(
    ["id", "name", "size", "ok"], [Types.INT(), Types.STRING(), Types.DOUBLE(), Types.BOOLEAN()]
)
NAMES = ("id", "name", "size", "ok")


def json_reader() -> JsonRowDeserializationSchema:
    return JsonRowDeserializationSchema.builder().type_info(ROW).build()


def json_writer() -> JsonRowSerializationSchema:
    return JsonRowSerializationSchema.builder().with_type_info(ROW).build()


def csv_reader() -> CsvRowDeserializationSchema:
    return CsvRowDeserializationSchema.Builder(ROW).build()


def csv_writer() -> CsvRowSerializationSchema:
    return CsvRowSerializationSchema.Builder(ROW).build()


def outcome(run: Callable[[], Any]) -> Any:
    """What comes out, or that nothing does."""
    try:
        return repr(run())
    except Exception as error:
        return type(error).__mro__[-3]


def check_reading(schema: DeserializationSchema, messages: list[bytes]) -> None:
    each = outcome(lambda: list(map(schema.deserialize, messages)))
    assert outcome(lambda: schema.deserialize_batch(messages)) == each


def check_writing(schema: SerializationSchema, values: list[Any]) -> None:
    each = outcome(lambda: list(map(schema.serialize, values)))
    assert outcome(lambda: schema.serialize_batch(values)) == each


fields = st.tuples(
    st.none() | st.integers(-(2**31), 2**31) | st.just("7"),
    st.none() | st.text(max_size=5),
    st.none() | st.floats() | st.integers(0, 5),
    st.none() | st.booleans(),
)
rows = st.one_of(
    fields.map(lambda values: Row(*values)),
    fields.map(lambda values: Row(**dict(zip(NAMES, values, strict=True)))),
    fields.map(lambda values: Row(**dict(zip(reversed(NAMES), reversed(values), strict=True)))),
    fields,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, max_size=4))
def test_rows_are_written_together_as_alone(values: list[Any]) -> None:
    check_writing(json_writer(), values)
    check_writing(csv_writer(), values)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows | st.just(b"{"), max_size=4))
def test_json_messages_are_read_together_as_alone(values: list[Any]) -> None:
    def message(value: Any) -> bytes:
        try:
            return value if isinstance(value, bytes) else json_writer().serialize(value)
        except Exception:
            return b'{"id": 1.5}'

    check_reading(json_reader(), list(map(message, values)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**33), 2**65) | st.floats() | st.text(max_size=3)
    | st.sampled_from(["7", " 7", "1.5", "true", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=1), inner, max_size=2)
    ),
    max_leaves=3,
)  # fmt: skip
json_objects = st.dictionaries(st.sampled_from([*NAMES, "other"]), json_values, max_size=5)
json_texts = st.one_of(
    st.builds(json.dumps, json_objects | json_values, ensure_ascii=st.booleans()),
    st.sampled_from(
        ["", " ", "{", '{"id":1} x', '{"id":1,"id":2}', '{"id":-0}', '["a"]', "[1,2,3,4]"]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(json_texts, max_size=4), st.booleans())
def test_any_json_is_read_together_as_alone(texts: list[str], all_needed: bool) -> None:
    schema = JsonRowDeserializationSchema(ROW, fail_on_missing_field=all_needed)
    check_reading(schema, [text.encode("utf-8", "surrogatepass") for text in texts])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text('1a,"\n\r# .', max_size=8), max_size=5))
def test_csv_messages_are_read_together_as_alone(texts: list[str]) -> None:
    pair = Types.ROW_NAMED(["a", "b"], [Types.STRING(), Types.INT()])
    for comments in (False, True):
        builder = CsvRowDeserializationSchema.Builder(pair).set_allow_comments(comments)
        check_reading(builder.build(), [text.encode() for text in texts])


@pytest.mark.parametrize("charset", ["UTF-8", "UTF-16", "latin-1"])
def test_texts_are_written_and_read_together(charset: str) -> None:
    schema = SimpleStringSchema(charset)
    texts = ["a", "", "grün"]
    assert schema.deserialize_batch(schema.serialize_batch(texts)) == texts
    check_writing(schema, ["a", 1])
    check_reading(schema, [b"a", b"\xff"])


def test_bytes_are_left_as_they_are() -> None:
    assert ByteArraySchema().deserialize_batch([b"a"]) == [b"a"]
    assert ByteArraySchema().serialize_batch([b"a", bytearray(b"b")]) == [b"a", b"b"]


def test_a_schema_of_ones_own_is_asked_for_each() -> None:
    class Shouting(SimpleStringSchema):
        def deserialize(self, data: bytes) -> str:
            return super().deserialize(data).upper()

    class Louder(Shouting):
        def serialize(self, value: str) -> bytes:
            return super().serialize(value + "!")

    assert Shouting().deserialize_batch([b"a", b"b"]) == ["A", "B"]
    assert Shouting().serialize_batch(["a"]) == [b"a"]
    assert Louder().deserialize_batch([b"a"]) == ["A"]
    assert Louder().serialize_batch(["a"]) == [b"a!"]


def test_what_is_mixed_in_counts_too() -> None:
    class Upper:
        def deserialize(self, data: bytes) -> str:
            return data.decode().upper()

    class Mixed(Upper, SimpleStringSchema):
        pass

    assert Mixed().deserialize_batch([b"a"]) == ["A"]
