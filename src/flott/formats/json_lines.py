"""JSON lines: one JSON value a line, as dicts or as rows of a declared type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import orjson

from flott.common.serialization import BulkWriter, BulkWriterFactory, Encoder
from flott.common.typeinfo import TypeInformation, Types
from flott.formats.json_rows import messages_reader_of
from flott.formats.json_values import WRITE_OPTIONS, dumps, reader_of, to_json
from flott.formats.kinds import Shape, shape_of, to_type_info
from flott.formats.stream_format import LineDecoder, StreamDecoder, StreamFormat


class JsonLinesFormat(StreamFormat):
    """Reads one JSON value from each line; blank lines are passed over.

    Args:
        type_info: The type of the records, such as a named row or a dataclass; without one they are
            what JSON has: dicts, lists, strings, numbers.
        fail_on_missing_field: Whether a field of that type must be there; else it is None.

    >>> from flott.common import Types
    >>> JsonLinesFormat().create_decoder().decode(b'{"id": 1}', True).rows
    [{'id': 1}]
    >>> clicks = JsonLinesFormat(Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()]))
    >>> clicks.create_decoder().decode(b'{"id": 1}', True).rows
    [Row(id=1, user=None)]
    """

    is_splittable = True

    def __init__(self, type_info: Any = None, fail_on_missing_field: bool = False) -> None:
        self._type_info = None if type_info is None else to_type_info(type_info)
        self._fail_on_missing_field = fail_on_missing_field

    def create_decoder(self) -> StreamDecoder:
        return _JsonLineDecoder(shape_of(self._type_info), self._fail_on_missing_field)

    def get_produced_type(self) -> TypeInformation:
        return Types.PICKLED_BYTE_ARRAY() if self._type_info is None else self._type_info


class _JsonLineDecoder(LineDecoder):
    def __init__(self, shape: Shape, fail_on_missing: bool) -> None:
        self._reader = reader_of(shape, fail_on_missing)
        self._read_lines = messages_reader_of(shape, fail_on_missing)

    def decode_lines(self, lines: list[bytes]) -> list[Any]:
        return self._read_lines(lines)

    def decode_line(self, line: bytes) -> Any:
        value = orjson.loads(line)
        return value if self._reader is None else self._reader(value)


class JsonLinesEncoder(Encoder):
    """Writes each record as a line of JSON: rows, dicts, dataclasses, tuples and plain values.

    >>> JsonLinesEncoder().encode({"id": 1})
    b'{"id":1}\\n'
    """

    def __init__(self) -> None:
        super().__init__(_JsonLineEncoding())


class _JsonLineEncoding:
    def __call__(self, element: Any) -> bytes:
        return dumps(element) + b"\n"

    def encode_all(self, values: list[Any]) -> bytes:
        """The lines of many records."""
        options = WRITE_OPTIONS | orjson.OPT_APPEND_NEWLINE
        write: Callable[..., bytes] = orjson.dumps
        try:
            return b"".join([write(value, to_json, options) for value in values])
        except orjson.JSONEncodeError:
            # Records that are large whole numbers, or the error in our words.
            return b"".join(map(self, values))


class JsonBulkWriters:
    """Makes writers of JSON files."""

    @staticmethod
    def for_lines() -> BulkWriterFactory:
        """Writers of one line of JSON for each record.

        >>> import io
        >>> stream = io.BytesIO()
        >>> writer = JsonBulkWriters.for_lines().create(stream)
        >>> writer.add_elements([{"id": 1}])
        >>> stream.getvalue()
        b'{"id":1}\\n'
        """
        return _JsonLinesWriterFactory()


class _JsonLinesWriterFactory(BulkWriterFactory):
    def create(self, stream: BinaryIO) -> BulkWriter:
        return _JsonLinesWriter(stream)


class _JsonLinesWriter(BulkWriter):
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._encode_all = _JsonLineEncoding().encode_all

    def add_elements(self, elements: list[Any]) -> None:
        self._stream.write(self._encode_all(elements))

    def flush(self) -> None:
        self._stream.flush()

    def finish(self) -> None:
        """Nothing is kept back."""
