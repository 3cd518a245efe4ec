"""Avro schemas become the types of columns that `flott peek` proposes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flott.cli.peeking.avro_types import column_type, record_of, record_types
from flott.formats.avro.schema import parse_schema

RECORD = {"type": "record", "name": "r", "fields": [{"name": "n", "type": "long"}]}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("int", "INT"),
        ("bytes", "BYTES"),
        (["null", "double"], "DOUBLE"),
        (["string", "long"], "STRING"),
        ({"type": "enum", "name": "e", "symbols": ["A"]}, "STRING"),
        ({"type": "fixed", "name": "f", "size": 4}, "BYTES"),
        ({"type": "map", "values": "int"}, "MAP<STRING, INT>"),
        ({"type": "array", "items": ["null", RECORD]}, "ARRAY<ROW<`n` BIGINT>>"),
        ({"type": "int", "logicalType": "date"}, "DATE"),
        ({"type": "long", "logicalType": "timestamp-micros"}, "TIMESTAMP_LTZ(6)"),
        ({"type": "long", "logicalType": "local-timestamp-millis"}, "TIMESTAMP(3)"),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 50, "scale": 2},
            "DECIMAL(38, 2)",
        ),
    ],
)
def test_a_schema_has_a_type(schema: Any, expected: str) -> None:
    assert str(column_type(parse_schema(json.dumps(schema)))) == expected


def test_a_record_is_found_beside_null() -> None:
    record = record_of(parse_schema(json.dumps(["null", RECORD])))
    assert record is not None
    assert {name: str(each) for name, each in record_types(record).items()} == {"n": "BIGINT"}


def test_what_is_not_a_record_has_none() -> None:
    assert record_of(parse_schema('"long"')) is None
