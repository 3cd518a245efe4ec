"""Schemas turn records into bytes and back, and say what they cannot write."""

import io
import pickle
from typing import Any, BinaryIO

import pytest

from flott.common import (
    ByteArraySchema,
    DeserializationSchema,
    Encoder,
    Row,
    SimpleStringSchema,
    Types,
    TypeSerializer,
)
from flott.common.errors import TypeMismatchError
from flott.common.io import InputFormat
from flott.common.serialization import (
    BulkWriter,
    RowDataBulkWriterFactory,
    RowFieldExtractorSchema,
    SerializationSchema,
)
from flott.common.serializer import VoidNamespaceSerializer


@pytest.mark.parametrize("charset", ["UTF-8", "latin-1", "utf-16"])
def test_strings_come_back(charset: str) -> None:
    schema = pickle.loads(pickle.dumps(SimpleStringSchema(charset)))
    assert schema.deserialize(schema.serialize("naïve")) == "naïve"
    assert schema.get_produced_type() == Types.STRING()
    assert not schema.is_end_of_stream("naïve")


def test_bytes_stay_as_they_are() -> None:
    schema = ByteArraySchema()
    assert schema.serialize(bytearray(b"ab")) == schema.deserialize(b"ab") == b"ab"
    assert schema.get_produced_type() == Types.PRIMITIVE_ARRAY(Types.BYTE())


def test_a_field_of_a_row() -> None:
    schema = RowFieldExtractorSchema(1)
    assert schema.serialize(Row("k", b"v")) == b"v"
    assert schema.serialize(Row("k", None)) == b""


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        (SimpleStringSchema(), 7, "declared as String, found int 7"),
        (ByteArraySchema(), "a", "declared as bytes, found str 'a'"),
        (RowFieldExtractorSchema(0), Row("a"), "field 0: declared as bytes, found str 'a'"),
        (RowFieldExtractorSchema(5), Row("a"), "Row with a field 5"),
        (RowFieldExtractorSchema(0), 7, "Row with a field 0"),
    ],
)
def test_what_cannot_be_written(schema: SerializationSchema, value: Any, text: str) -> None:
    with pytest.raises(TypeMismatchError, match=text):
        schema.serialize(value)


def test_broken_bytes_are_a_value_error() -> None:
    with pytest.raises(ValueError):
        SimpleStringSchema().deserialize(b"\xff")


def test_unknown_charsets_and_negative_fields_are_refused() -> None:
    for make in (SimpleStringSchema, Encoder.simple_string_encoder):
        with pytest.raises(ValueError, match="no encoding 'klingon'"):
            make("klingon")
    with pytest.raises(ValueError, match="negative"):
        RowFieldExtractorSchema(-1)


def test_encoder_writes_lines() -> None:
    encoder = pickle.loads(pickle.dumps(Encoder.simple_string_encoder("latin-1")))
    assert encoder.encode("naïve") == b"na\xefve\n"
    assert encoder.encode(Row(a=1)) == b"Row(a=1)\n"


def test_schemas_can_be_written_in_python() -> None:
    class Numbers(DeserializationSchema):
        def deserialize(self, data: bytes) -> int:
            return int(data)

    assert Numbers().deserialize(b"7") == 7
    assert Numbers().get_produced_type() == Types.PICKLED_BYTE_ARRAY()


def test_bulk_writers_know_their_type() -> None:
    class Factory(RowDataBulkWriterFactory):
        def create(self, stream: BinaryIO) -> BulkWriter:
            raise AssertionError

    assert Factory(Types.ROW([Types.INT()])).get_row_type() == Types.ROW([Types.INT()])


def test_input_formats_have_no_type_by_default() -> None:
    class Nothing(InputFormat):
        def create_splits(self, count_min: int) -> list[Any]:
            return []

        def read_split(self, split: Any) -> Any:
            raise AssertionError

    assert Nothing().get_produced_type() == Types.PICKLED_BYTE_ARRAY()


class LengthSerializer(TypeSerializer[bytes]):
    def __init__(self, width: int) -> None:
        self.width = width

    def serialize(self, element: bytes, stream: io.BytesIO) -> None:
        stream.write(len(element).to_bytes(self.width, "big") + element)

    def deserialize(self, stream: io.BytesIO) -> bytes:
        return stream.read(int.from_bytes(stream.read(self.width), "big"))


def test_serializers_are_equal_by_class_and_attributes() -> None:
    assert LengthSerializer(2) == LengthSerializer(2)
    assert hash(LengthSerializer(2)) == hash(LengthSerializer(2))
    assert LengthSerializer(2) != LengthSerializer(4)
    assert LengthSerializer(2) != VoidNamespaceSerializer()
    assert repr(LengthSerializer(2)) == "LengthSerializer()"


def test_the_void_serializer_writes_nothing() -> None:
    stream = io.BytesIO()
    VoidNamespaceSerializer().serialize(b"x", stream)
    assert stream.getvalue() == VoidNamespaceSerializer().deserialize(stream) == b""
