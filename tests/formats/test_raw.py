from __future__ import annotations

import math
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Types
from flott.common.errors import TypeMismatchError
from flott.formats.raw import RawSchema

BYTES = Types.PRIMITIVE_ARRAY(Types.BYTE())


@pytest.mark.parametrize(
    ("type_info", "value", "data"),
    [
        (Types.STRING(), "naïve", b"na\xc3\xafve"),
        (BYTES, b"\x00\xff", b"\x00\xff"),
        (Types.BOOLEAN(), True, b"\x01"),
        (Types.BYTE(), -1, b"\xff"),
        (Types.SHORT(), 258, b"\x01\x02"),
        (Types.INT(), 1, b"\x00\x00\x00\x01"),
        (Types.LONG(), 1, b"\x00" * 7 + b"\x01"),
        (Types.FLOAT(), 1.0, b"\x3f\x80\x00\x00"),
        (Types.DOUBLE(), 1.0, b"\x3f\xf0" + b"\x00" * 6),
    ],
)
def test_bytes_of_each_type(type_info: Any, value: Any, data: bytes) -> None:
    schema = RawSchema(type_info)
    assert schema.serialize(value) == data
    assert schema.deserialize(data) == value
    assert schema.get_produced_type() == type_info


def test_the_other_end_first_on_demand() -> None:
    schema = RawSchema(Types.SHORT(), endianness="little-endian")
    assert schema.serialize(258) == b"\x02\x01"
    assert schema.deserialize(b"\x02\x01") == 258


def test_another_encoding() -> None:
    assert RawSchema(str, "latin-1").serialize("é") == b"\xe9"


def test_none_is_no_bytes() -> None:
    assert RawSchema(str).serialize(None) == b""


@given(st.floats())
def test_every_number_comes_back(value: float) -> None:
    again = RawSchema(float).deserialize(RawSchema(float).serialize(value))
    assert again == value or (math.isnan(again) and math.isnan(value))


@pytest.mark.parametrize(("type_info", "value"), [(int, 2**63), (int, "x"), (str, 7), (BYTES, "x")])
def test_values_of_other_types_are_refused(type_info: Any, value: Any) -> None:
    with pytest.raises(TypeMismatchError, match="declared as"):
        RawSchema(type_info).serialize(value)


def test_bytes_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 4 bytes for Integer, found 3"):
        RawSchema(Types.INT()).deserialize(b"\x00\x00\x01")


def test_schemas_that_make_no_sense_are_refused() -> None:
    with pytest.raises(TypeError, match="have no raw form"):
        RawSchema(Types.LIST(Types.INT()))
    with pytest.raises(ValueError, match="little-endian"):
        RawSchema(int, endianness="middle")
    with pytest.raises(ValueError, match="no encoding"):
        RawSchema(str, "klingon")


def test_a_schema_travels_to_workers() -> None:
    assert pickle.loads(pickle.dumps(RawSchema(int))).deserialize(b"\x00" * 8) == 0
