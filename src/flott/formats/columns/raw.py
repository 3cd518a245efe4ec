"""The format ``raw``: each line is the one value of a row, its bytes as they are."""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import (
    ColumnEncoder,
    ColumnFormat,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.json_decoder import make_rows
from flott.formats.stream_format import Decoded, LineDecoder, StreamDecoder, StreamFormat

_CODES: Final[dict[type[t.DataType], str]] = {
    t.TinyIntType: "b",
    t.SmallIntType: "h",
    t.IntType: "i",
    t.BigIntType: "q",
    t.FloatType: "f",
    t.DoubleType: "d",
    t.BooleanType: "?",
}


class RawFormatFactory(FormatFactory):
    """Makes the format ``raw``."""

    identifier = "raw"
    options = {
        "charset": "The encoding of texts; UTF-8 if not given.",
        "endianness": "The order of the bytes of numbers: 'big-endian' or 'little-endian'.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        charset = options.text("charset", "UTF-8")
        try:
            codecs.lookup(charset)
        except LookupError:
            raise options.error("charset", f"there is no encoding {charset!r}") from None
        order = options.choice("endianness", "big-endian", ("big-endian", "little-endian"))
        return RawFormat(charset, ">" if order == "big-endian" else "<")


@dataclass(frozen=True)
class RawFormat(ColumnFormat):
    """Values as bytes.

    Attributes:
        charset: The encoding of texts.
        order: ``>`` for the most significant byte first, ``<`` for the least.
    """

    charset: str = "UTF-8"
    order: str = ">"
    identifier = "raw"

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        self._check(request.fields)
        return RawColumnsFormat(request, self)

    def create_encoder(
        self, fields: Sequence[t.RowField], metadata: Sequence[str]
    ) -> ColumnEncoder:
        self._check(fields)
        return _RawEncoder(self.writer(fields[0].data_type))

    def reader(self, data_type: t.DataType) -> Callable[[bytes], Any]:
        """The function that reads the bytes of a value."""
        if isinstance(data_type, t.CharType | t.VarCharType):
            return lambda line: line.decode(self.charset)
        if isinstance(data_type, t.BinaryType | t.VarBinaryType):
            return bytes
        packed = struct.Struct(self.order + self._code(data_type))

        def read(line: bytes) -> Any:
            if len(line) != packed.size:
                raise ValueError(
                    f"a raw {data_type} has {packed.size} bytes, this line {len(line)}"
                )
            return packed.unpack(line)[0]

        return read

    def writer(self, data_type: t.DataType) -> Callable[[Any], bytes]:
        """The function that writes a value as bytes."""
        if isinstance(data_type, t.CharType | t.VarCharType):
            return lambda value: str(value).encode(self.charset)
        if isinstance(data_type, t.BinaryType | t.VarBinaryType):
            return bytes
        return struct.Struct(self.order + self._code(data_type)).pack

    def _code(self, data_type: t.DataType) -> str:
        code = _CODES.get(type(data_type))
        if code is None:
            raise UnsupportedFeature(f"Format 'raw' for type {data_type}")
        return code

    def _check(self, fields: Sequence[t.RowField]) -> None:
        if len(fields) != 1:
            raise UnsupportedFeature(
                f"Format 'raw' for {len(fields)} columns",
                reason="It holds one column: the whole line.",
            )
        self.writer(fields[0].data_type)


class RawColumnsFormat(StreamFormat):
    """Reads files of lines into one column."""

    is_splittable = True

    def __init__(self, request: FormatRequest, raw: RawFormat) -> None:
        self._request = request
        self._raw = raw

    def create_decoder(self) -> StreamDecoder:
        return _RawDecoder(self._request, self._raw)


class _RawDecoder(LineDecoder):
    skips_blank = False

    def __init__(self, request: FormatRequest, raw: RawFormat) -> None:
        self._types = [field.data_type for field in request.wanted_fields]
        self._read = raw.reader(request.fields[0].data_type)

    def decode_lines(self, lines: list[bytes]) -> Any:
        return make_rows([self.decode_line(line) for line in lines], self._types)

    def decode_line(self, line: bytes) -> list[Any]:
        return [self._read(line)] if self._types else []

    def _decode_one_by_one(self, buffer: bytes, end: int) -> Decoded:
        decoded = super()._decode_one_by_one(buffer, end)
        decoded.rows = make_rows(decoded.rows, self._types)  # type: ignore[assignment]
        return decoded


class _RawEncoder(ColumnEncoder):
    def __init__(self, write: Callable[[Any], bytes]) -> None:
        self._write = write

    def encode(self, batch: ColumnBatch) -> bytes:
        write = self._write
        values = batch.frame.to_series(0).to_list()
        return b"".join([(b"" if value is None else write(value)) + b"\n" for value in values])
