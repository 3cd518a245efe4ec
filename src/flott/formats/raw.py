"""One value as nothing but its bytes: text, bytes, or a number of fixed size."""

from __future__ import annotations

import codecs
import struct
from typing import Any, Final

from flott.common.errors import TypeMismatchError
from flott.common.redaction import shorten_record
from flott.common.serialization import DeserializationSchema, SerializationSchema
from flott.common.typeinfo import TypeInformation
from flott.formats.kinds import Kind, shape_of, to_type_info

_NUMBERS: Final = {
    Kind.BOOLEAN: "?",
    Kind.INT8: "b",
    Kind.INT16: "h",
    Kind.INT32: "i",
    Kind.INT64: "q",
    Kind.FLOAT: "f",
    Kind.DOUBLE: "d",
}


class RawSchema(SerializationSchema, DeserializationSchema):
    """Turns one value into bytes and back, without any envelope.

    Args:
        type_info: Text, bytes, a number or a boolean.
        charset: The encoding of text.
        endianness: ``"big-endian"`` or ``"little-endian"``, for numbers.

    Raises:
        TypeError: If values of this type have no raw form.
        ValueError: If there is no such encoding or endianness.

    >>> RawSchema(int).serialize(258)
    b'\\x00\\x00\\x00\\x00\\x00\\x00\\x01\\x02'
    """

    def __init__(
        self, type_info: Any, charset: str = "UTF-8", endianness: str = "big-endian"
    ) -> None:
        self._type_info = to_type_info(type_info)
        kind = shape_of(self._type_info).kind
        if kind not in _NUMBERS and kind not in (Kind.STRING, Kind.BYTES):
            raise TypeError(f"Values of type {self._type_info} have no raw form")
        if endianness not in ("big-endian", "little-endian"):
            raise ValueError(f"Expected 'big-endian' or 'little-endian', found {endianness!r}")
        try:
            self._charset = codecs.lookup(charset).name
        except LookupError:
            raise ValueError(f"There is no encoding {charset!r}; try 'UTF-8'") from None
        self._kind = kind
        order = ">" if endianness == "big-endian" else "<"
        self._layout = order + _NUMBERS[kind] if kind in _NUMBERS else ""

    def serialize(self, value: Any) -> bytes:
        """Return the bytes of a value; none for None.

        Raises:
            TypeMismatchError: If it is not such a value.
        """
        if value is None:
            return b""
        try:
            if self._layout:
                return struct.pack(self._layout, value)
            return value.encode(self._charset) if self._kind is Kind.STRING else bytes(value)
        except (struct.error, AttributeError, TypeError, OverflowError, ValueError) as error:
            found = f"{type(value).__name__} {shorten_record(value, 80)}"
            raise TypeMismatchError(str(self._type_info), found, reason=str(error)) from error

    def deserialize(self, data: bytes) -> Any:
        """Return the value of bytes.

        Raises:
            ValueError: If they are none of this type.
        """
        if self._layout:
            size = struct.calcsize(self._layout)
            if len(data) != size:
                raise ValueError(f"expected {size} bytes for {self._type_info}, found {len(data)}")
            return struct.unpack(self._layout, data)[0]
        return data.decode(self._charset) if self._kind is Kind.STRING else data

    def get_produced_type(self) -> TypeInformation:
        return self._type_info
