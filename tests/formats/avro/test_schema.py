from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.formats.avro.datum import DatumReader, encode_datum, encode_long
from flott.formats.avro.schema import build_schema, parse_schema


def test_names_are_found_in_their_namespaces() -> None:
    schema = build_schema(
        {
            "type": "record",
            "name": "a.b.Outer",
            "fields": [
                {"name": "x", "type": {"type": "fixed", "name": "Inner", "size": 2}},
                {"name": "y", "type": "Inner"},
                {"name": "z", "type": ["null", "a.b.Inner", "Outer"]},
            ],
        }
    )
    inner = schema.fields[0].schema
    assert inner.name == "a.b.Inner"
    assert schema.fields[1].schema is inner
    assert schema.fields[2].schema.parts[1:] == (inner, schema)


def test_logical_types_that_do_not_fit_are_passed_over() -> None:
    for declared in (
        {"type": "string", "logicalType": "date"},
        {"type": "bytes", "logicalType": "decimal"},
        {"type": "bytes", "logicalType": "decimal", "precision": 2, "scale": 3},
        {"type": "int", "logicalType": "of my own"},
    ):
        assert build_schema(declared).logical is None
    decimal = build_schema({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 1})
    assert (decimal.logical, decimal.precision, decimal.scale) == ("decimal", 4, 1)


def test_a_schema_may_be_a_bare_name_or_nested_in_a_type() -> None:
    assert parse_schema("long").kind == parse_schema('"long"').kind == "long"
    assert parse_schema('{"type": {"type": "array", "items": "int"}}').kind == "array"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "is not JSON"),
        ("{}", "no Avro schema"),
        ('"Nothing"', "names 'Nothing' and does not define it"),
        ('{"type": "array"}', "has no 'items'"),
        ('{"type": "record", "name": "r"}', "has no 'fields'"),
    ],
)
def test_what_is_no_schema_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_schema(text)


EVERYTHING = build_schema(
    {
        "type": "record",
        "name": "r",
        "fields": [
            {"name": "a", "type": ["null", "int", "string", "r"]},
            {"name": "b", "type": {"type": "map", "values": {"type": "array", "items": "double"}}},
            {"name": "c", "type": {"type": "enum", "name": "e", "symbols": ["X", "Y"]}},
            {"name": "d", "type": {"type": "fixed", "name": "f", "size": 2}},
            {"name": "e", "type": "bytes"},
            {"name": "f", "type": "boolean"},
            {"name": "g", "type": "float", "default": 0.5},
        ],
    }
)
VALUE: dict[str, Any] = {
    "a": {"string": "x"},
    "b": {"k": [0.5, "NaN", "-Infinity"], "l": []},
    "c": "Y",
    "d": "\x00\xff",
    "e": "ab",
    "f": True,
    "g": 1.5,
}


def test_json_and_binary_are_the_same_values() -> None:
    nested = {**VALUE, "a": {"r": {**VALUE, "a": None}}}
    for value in (VALUE, nested):
        assert DatumReader(encode_datum(EVERYTHING, value, tagged=True)).read(EVERYTHING) == value


def test_fields_with_defaults_may_be_missing_in_json() -> None:
    short = {name: value for name, value in VALUE.items() if name != "g"}
    data = encode_datum(EVERYTHING, short, tagged=True)
    assert DatumReader(data).read(EVERYTHING) == {**VALUE, "g": 0.5}


@pytest.mark.parametrize(
    "change",
    [
        {"a": {"long": 1}},
        {"a": 5},
        {"a": {"int": 1 << 31}},
        {"b": []},
        {"c": "Z"},
        {"d": "x"},
        {"e": "\u0100"},
        {"f": 1},
        {"g": "x"},
        {"g": True},
    ],
)
def test_json_that_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        encode_datum(EVERYTHING, {**VALUE, **change}, tagged=True)
    with pytest.raises(ValueError, match="has no field 'a'"):
        encode_datum(EVERYTHING, {}, tagged=True)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_numbers_are_read_again(value: int) -> None:
    assert DatumReader(encode_long(value)).long() == value


def test_defaults_of_unions_are_bare_values() -> None:
    union = parse_schema(json.dumps(["string", "null"]))
    assert encode_datum(union, "x") == b"\x00\x02x"
    assert encode_datum(union, None) == b"\x02"
    with pytest.raises(ValueError, match="is not union of string, null"):
        encode_datum(union, 5)
