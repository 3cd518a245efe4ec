from __future__ import annotations

import pickle
from typing import Any

import pytest

from flott.common import Row, Types
from flott.common.errors import TypeMismatchError
from flott.formats.json_row import JsonRowDeserializationSchema, JsonRowSerializationSchema
from flott.formats.json_schema import parse_json_schema

CLICK = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])


def reader(**settings: bool) -> JsonRowDeserializationSchema:
    builder = JsonRowDeserializationSchema.builder().type_info(CLICK)
    for name in settings:
        getattr(builder, name)()
    return builder.build()


def writer(type_info: Any = CLICK) -> JsonRowSerializationSchema:
    return JsonRowSerializationSchema.builder().with_type_info(type_info).build()


def test_a_message_becomes_a_row() -> None:
    assert reader().deserialize(b'{"id": 1, "user": "ada"}') == Row(id=1, user="ada")
    assert reader().get_produced_type() == CLICK


def test_many_messages_at_once() -> None:
    rows = reader().deserialize_batch([b'{"id": 1}', b'{"id": 2}'])
    assert rows == [Row(id=1, user=None), Row(id=2, user=None)]


def test_a_missing_field_is_none_or_an_error() -> None:
    assert reader().deserialize(b"{}") == Row(id=None, user=None)
    with pytest.raises(ValueError, match="field 'id' is missing"):
        reader(fail_on_missing_field=True).deserialize(b"{}")


def test_a_broken_message_is_an_error_or_left_out() -> None:
    with pytest.raises(ValueError):
        reader().deserialize(b"{")
    assert reader(ignore_parse_errors=True).deserialize(b"{") is None


def test_a_schema_without_type_is_refused() -> None:
    with pytest.raises(TypeError, match=r"type_info\(...\)"):
        JsonRowDeserializationSchema.builder().build()
    with pytest.raises(TypeError, match="Typeinfo should be set"):
        JsonRowSerializationSchema.builder().build()


def test_a_row_becomes_a_message() -> None:
    assert writer().serialize(Row(1, "ada")) == b'{"id":1,"user":"ada"}'
    assert writer().serialize(Row(user="ada", id=1)) == b'{"id":1,"user":"ada"}'


def test_a_row_of_other_types_is_refused() -> None:
    with pytest.raises(TypeMismatchError, match="field 'id'"):
        writer().serialize(Row("x", "ada"))


def test_only_rows_are_written() -> None:
    with pytest.raises(TypeError, match="Expected the type of a row, found Integer"):
        writer(Types.INT())


def test_schemas_travel_to_workers() -> None:
    again = pickle.loads(pickle.dumps(reader(ignore_parse_errors=True)))
    assert again.deserialize(b"{") is None
    assert pickle.loads(pickle.dumps(writer())).serialize(Row(1, None)) == b'{"id":1,"user":null}'


def test_a_type_by_json_schema() -> None:
    text = """{"type": "object", "properties": {
        "name": {"type": "string"}, "age": {"type": ["null", "integer"]},
        "born": {"type": "string", "format": "date"}, "seen": {"$ref": "#/definitions/when"},
        "tags": {"type": "array", "items": {"type": "string"}}, "ok": {"type": "boolean"},
        "pair": {"type": "array", "items": [{"type": "boolean"}, {"type": "string"}]},
        "icon": {"type": "string", "contentEncoding": "base64"},
        "none": {"oneOf": [{"type": "null"}, {"type": "number"}]}},
        "definitions": {"when": {"type": "string", "format": "date-time"}}}"""
    assert str(parse_json_schema(text)) == (
        "RowTypeInfo(name: String, age: BigDecimal, born: DateTypeInfo, seen: TimestampTypeInfo, "
        "tags: ObjectArrayTypeInfo<String>, ok: Boolean, pair: RowTypeInfo(Boolean, String), "
        "icon: PrimitiveArrayTypeInfo<Byte>, none: BigDecimal)"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("[]", "expected an object"),
        ("{}", "says no type"),
        ('{"type": "date"}', "there is no type 'date'"),
        ('{"type": ["string", "number"]}', "more than one type"),
        ('{"allOf": []}', "'allOf' has no type here"),
        ('{"$ref": "other.json"}', "another document"),
        ('{"$ref": "#/nowhere"}', "has no '#/nowhere'"),
        ('{"$ref": "#"}', "refers to itself"),
        ('{"type": "array", "items": [{"type": "null"}], "additionalItems": true}', "additional"),
        ('{"oneOf": [{"type": "string"}, {"type": "number"}]}', "one type and null"),
    ],
)
def test_schemas_that_are_none(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_json_schema(text)
