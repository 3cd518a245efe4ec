"""Schemas: how one record becomes bytes for an outside system, and bytes become a record.

Subclass ``SerializationSchema`` or ``DeserializationSchema`` for a format of your own; in PyFlink
that takes Java, here it takes one method.
"""

from __future__ import annotations

import codecs
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, BinaryIO

from flott.common.errors import TypeMismatchError
from flott.common.typeinfo import TypeInformation, Types

__all__ = [
    "BulkWriter",
    "BulkWriterFactory",
    "ByteArraySchema",
    "DeserializationSchema",
    "Encoder",
    "RowDataBulkWriterFactory",
    "RowFieldExtractorSchema",
    "SerializationSchema",
    "SimpleStringSchema",
]


def _keep_in_step(cls: type, base: type, single: str, batch: str) -> None:
    """Give a class that says anew what one record is a way for many that asks it for each.

    Else it would inherit a faster one, of a class that knows nothing of what it says.
    """
    for each in cls.__mro__:
        if single in vars(each) and batch not in vars(each):
            setattr(cls, batch, vars(base)[batch])
        if single in vars(each) or batch in vars(each):
            return


class SerializationSchema(ABC):
    """Turns a record into bytes."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        _keep_in_step(cls, SerializationSchema, "serialize", "serialize_batch")
        _keep_in_step(cls, SerializationSchema, "serialize_batch", "serialize_column")

    @abstractmethod
    def serialize(self, value: Any) -> bytes:
        """Return the bytes of one record.

        Raises:
            TypeMismatchError: if the record is not what this schema writes.
        """

    def serialize_batch(self, values: list[Any]) -> list[bytes]:
        """Return the bytes of many records, in order.

        A subclass that can do better than one by one overrides it together with ``serialize``.

        Raises:
            Exception: as ``serialize`` does about one of them, which alone tells of which.
        """
        return list(map(self.serialize, values))

    def serialize_column(self, values: list[Any]) -> Any:
        """Return the bytes of many records as a column that Arrow's PyCapsule interface can read.

        None if ``serialize_batch`` is as fast, which is what it gives here.

        Raises:
            Exception: as ``serialize`` does about one of them, which alone tells of which.
        """
        return None


class DeserializationSchema(ABC):
    """Turns bytes into a record."""

    def __init_subclass__(cls, **settings: Any) -> None:
        super().__init_subclass__(**settings)
        _keep_in_step(cls, DeserializationSchema, "deserialize", "deserialize_batch")
        _keep_in_step(cls, DeserializationSchema, "deserialize_batch", "deserialize_column")

    @abstractmethod
    def deserialize(self, data: bytes) -> Any:
        """Return the record that the bytes hold; None to leave it out.

        Raises:
            ValueError: if the bytes hold no such record.
        """

    def deserialize_batch(self, messages: list[bytes]) -> list[Any]:
        """Return the records of many messages, in order; None for one that is left out.

        A subclass that can do better than one by one overrides it together with ``deserialize``.

        Raises:
            Exception: if they cannot be read at once, since one of them is broken or to be left
                out; ``deserialize`` tells for each.
        """
        return list(map(self.deserialize, messages))

    def deserialize_column(self, messages: Any) -> list[Any] | None:
        """Return the records of many messages in a column of bytes without NULL.

        None if ``deserialize_batch`` is as fast, which is what it gives here.

        Args:
            messages: anything with Arrow's PyCapsule interface.

        Raises:
            Exception: as ``deserialize_batch`` does.
        """
        return None

    def is_end_of_stream(self, value: Any) -> bool:
        """Return whether this record says that no more will come."""
        return False

    def get_produced_type(self) -> TypeInformation:
        """Return the type of the records."""
        return Types.PICKLED_BYTE_ARRAY()


class SimpleStringSchema(SerializationSchema, DeserializationSchema):
    """Text as bytes.

    Args:
        charset: the encoding.

    Raises:
        ValueError: if Python knows no such encoding.

    >>> SimpleStringSchema().serialize("naïve")
    b'na\\xc3\\xafve'
    """

    def __init__(self, charset: str = "UTF-8") -> None:
        self._charset = _checked_charset(charset)

    def serialize(self, value: str) -> bytes:
        if not isinstance(value, str):
            raise _mismatch("String", value)
        return value.encode(self._charset)

    def serialize_batch(self, values: list[Any]) -> list[bytes]:
        if set(map(type, values)) - {str}:
            return list(map(self.serialize, values))
        charset = self._charset
        return [value.encode(charset) for value in values]

    def deserialize(self, data: bytes) -> str:
        return data.decode(self._charset)

    def deserialize_batch(self, messages: list[bytes]) -> list[Any]:
        charset = self._charset
        return [message.decode(charset) for message in messages]

    def get_produced_type(self) -> TypeInformation:
        return Types.STRING()


class ByteArraySchema(SerializationSchema, DeserializationSchema):
    """Bytes as they are."""

    def serialize(self, value: bytes) -> bytes:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise _mismatch("bytes", value)
        return bytes(value)

    def deserialize(self, data: bytes) -> bytes:
        return data

    def deserialize_batch(self, messages: list[bytes]) -> list[Any]:
        return messages

    def get_produced_type(self) -> TypeInformation:
        return Types.PRIMITIVE_ARRAY(Types.BYTE())


class RowFieldExtractorSchema(SerializationSchema):
    """One field of a row, which must hold bytes already; useful as a message key.

    Args:
        field_index: position of the field, counted from 0.

    Raises:
        ValueError: if the position is negative.

    >>> RowFieldExtractorSchema(1).serialize(("k", b"v"))
    b'v'
    """

    def __init__(self, field_index: int) -> None:
        if field_index < 0:
            raise ValueError(f"The field index must not be negative, found {field_index}")
        self._field_index = field_index

    def serialize(self, value: Any) -> bytes:
        try:
            field = value[self._field_index]
        except (IndexError, TypeError) as error:
            raise _mismatch(f"Row with a field {self._field_index}", value) from error
        if field is None:
            return b""
        if not isinstance(field, (bytes, bytearray, memoryview)):
            raise _mismatch("bytes", field).within(f"field {self._field_index}")
        return bytes(field)


class Encoder:
    """Writes records to a file, one after the other.

    Args:
        encode: gives the bytes of one record, with whatever separates it from the next.
    """

    def __init__(self, encode: Callable[[Any], bytes]) -> None:
        self.encode = encode

    @staticmethod
    def simple_string_encoder(charset_name: str = "UTF-8") -> Encoder:
        """Make an encoder that writes ``str(record)`` and a line feed.

        Raises:
            ValueError: if Python knows no such encoding.

        >>> Encoder.simple_string_encoder().encode(7)
        b'7\\n'
        """
        return Encoder(_StringEncoding(_checked_charset(charset_name)))

    def for_text(self, to_text: Callable[[Any], str]) -> Encoder:
        """Return the same encoder for records whose text is not that of ``str``.

        Only the simple string encoder asks for their text; any other is given back as it is.

        >>> Encoder.simple_string_encoder().for_text(repr).encode("a")
        b"'a'\\n"
        """
        encoding = self.encode
        if not isinstance(encoding, _StringEncoding):
            return self
        return Encoder(_StringEncoding(encoding.charset, to_text))


class _StringEncoding:
    """Encodes the text of a record; a class, so that plain pickle can carry it."""

    def __init__(self, charset: str, to_text: Callable[[Any], str] = str) -> None:
        self.charset = charset
        self._to_text = to_text

    def __call__(self, element: Any) -> bytes:
        return f"{self._to_text(element)}\n".encode(self.charset)


class BulkWriter(ABC):
    """Writes records to one file in a format that needs all of them, such as Parquet."""

    @abstractmethod
    def add_elements(self, elements: list[Any]) -> None:
        """Take records; they may be kept in memory for now."""

    @abstractmethod
    def flush(self) -> None:
        """Hand what is kept to the file, as far as the format allows."""

    @abstractmethod
    def finish(self) -> None:
        """Write what is left, headers and footers included; the caller closes the file."""


class BulkWriterFactory(ABC):
    """Makes a writer for each file."""

    @abstractmethod
    def create(self, stream: BinaryIO) -> BulkWriter:
        """Make a writer for an open file."""


class RowDataBulkWriterFactory(BulkWriterFactory):
    """Makes writers that need the type of the rows.

    Args:
        row_type: the type.
    """

    def __init__(self, row_type: TypeInformation) -> None:
        self._row_type = row_type

    def get_row_type(self) -> TypeInformation:
        """Return the type of the rows."""
        return self._row_type


def _checked_charset(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"There is no encoding {name!r}; try 'UTF-8'") from None


def _mismatch(declared: str, value: Any) -> TypeMismatchError:
    from flott.common.redaction import shorten_record

    return TypeMismatchError(declared, f"{type(value).__name__} {shorten_record(value, 80)}")
