from __future__ import annotations

import datetime
import io
import json
import pickle
from decimal import Decimal
from pathlib import Path

import fastavro
import pytest

from flott.common import Row, Types
from flott.common.errors import TypeMismatchError, UnsupportedFeature
from flott.common.typeinfo import PickledBytesTypeInfo
from flott.formats.avro.objects import (
    AvroRowDeserializationSchema,
    AvroRowSerializationSchema,
    AvroSchema,
    GenericRecordAvroTypeInfo,
    type_info_of,
)

INNER = {"type": "record", "name": "inner", "fields": [{"name": "x", "type": ["null", "int"]}]}
TEXT = json.dumps(
    {
        "type": "record",
        "name": "order",
        "fields": [
            {"name": "id", "type": "long"},
            {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal",
                                                "precision": 8, "scale": 2}]},
            {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
            {"name": "day", "type": {"type": "int", "logicalType": "date"}},
            {"name": "parts", "type": {"type": "array", "items": INNER}},
            {"name": "more", "type": {"type": "map", "values": ["null", "inner"]}},
            {"name": "kind", "type": {"type": "enum", "name": "kind", "symbols": ["A", "B"]}},
            {"name": "any", "type": ["null", "int", "string"]},
        ],
    }
)  # fmt: skip
MOMENT = datetime.datetime(2024, 2, 29, 12, 0, 0, 5000)
ORDER = Row(
    id=1,
    price=Decimal("1.50"),
    at=MOMENT,
    day=datetime.date(2024, 1, 1),
    parts=[Row(x=1), Row(x=None)],
    more={"a": Row(x=2), "b": None},
    kind="B",
    any="text",
)
RECORD = {
    "id": 1,
    "price": Decimal("1.50"),
    "at": MOMENT.replace(tzinfo=datetime.UTC),
    "day": datetime.date(2024, 1, 1),
    "parts": [{"x": 1}, {"x": None}],
    "more": {"a": {"x": 2}, "b": None},
    "kind": "B",
    "any": "text",
}


def oracle_message() -> bytes:
    stream = io.BytesIO()
    fastavro.schemaless_writer(stream, fastavro.parse_schema(json.loads(TEXT)), RECORD)
    return stream.getvalue()


def test_messages_are_read_into_rows() -> None:
    schema = pickle.loads(pickle.dumps(AvroRowDeserializationSchema(avro_schema_string=TEXT)))
    assert schema.deserialize(oracle_message()) == ORDER
    assert schema.deserialize_batch([oracle_message()] * 2) == [ORDER, ORDER]


def test_rows_tuples_and_dicts_are_written() -> None:
    schema = pickle.loads(pickle.dumps(AvroRowSerializationSchema(avro_schema_string=TEXT)))
    utc = datetime.UTC
    order = Row(**{**ORDER.as_dict(), "at": MOMENT.replace(tzinfo=utc)})
    for value in (order, tuple(order), RECORD):
        assert schema.serialize(value) == oracle_message()


def test_the_type_of_rows_comes_from_the_schema() -> None:
    produced = AvroRowDeserializationSchema(avro_schema_string=TEXT).get_produced_type()
    inner = Types.ROW_NAMED(["x"], [Types.INT()])
    assert produced == Types.ROW_NAMED(
        ["id", "price", "at", "day", "parts", "more", "kind", "any"],
        [
            Types.LONG(), Types.BIG_DEC(), Types.SQL_TIMESTAMP(), Types.SQL_DATE(),
            Types.LIST(inner), Types.MAP(Types.STRING(), inner), Types.STRING(),
            Types.PICKLED_BYTE_ARRAY(),
        ],
    )  # fmt: skip
    assert type_info_of(AvroSchema('"bytes"').schema) == Types.PRIMITIVE_ARRAY(Types.BYTE())


@pytest.mark.parametrize("length", [0, 1, 5, 30])
def test_messages_that_are_cut_off_are_errors(length: int) -> None:
    schema = AvroRowDeserializationSchema(avro_schema_string=TEXT)
    with pytest.raises(ValueError, match="no Avro of the schema"):
        schema.deserialize(oracle_message()[:length])


def test_a_value_that_does_not_fit_is_named() -> None:
    schema = AvroRowSerializationSchema(avro_schema_string=TEXT)
    with pytest.raises(TypeMismatchError, match="record order"):
        schema.serialize(Row(id="x"))


def test_schemas_come_from_texts_and_files(tmp_path: Path) -> None:
    file = tmp_path / "order.avsc"
    file.write_text(TEXT)
    schema = AvroSchema.parse_file(str(file))
    assert schema == AvroSchema.parse_string(TEXT)
    assert str(schema) == TEXT
    assert hash(schema) == hash(pickle.loads(pickle.dumps(schema)))
    with pytest.raises(ValueError, match="no Avro schema"):
        AvroSchema("{}")


def test_records_are_objects_to_the_engine() -> None:
    type_info = GenericRecordAvroTypeInfo(AvroSchema(TEXT))
    assert isinstance(type_info, PickledBytesTypeInfo)
    assert type_info == GenericRecordAvroTypeInfo(AvroSchema(TEXT))
    assert repr(type_info) == "GenericRecordAvroTypeInfo(record order)"


def test_classes_of_java_are_refused() -> None:
    with pytest.raises(UnsupportedFeature, match="with record_class is not supported"):
        AvroRowDeserializationSchema("com.acme.Order")
    with pytest.raises(TypeError, match="needs avro_schema_string"):
        AvroRowSerializationSchema()
    with pytest.raises(ValueError, match="Expected the schema of a record"):
        AvroRowSerializationSchema(avro_schema_string='"long"')
