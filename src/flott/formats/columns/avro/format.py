"""The format ``avro``: messages of one record each, and files of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.formats.avro.codecs import CODECS
from flott.formats.avro.derive import derive_schema
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import Schema, build_schema
from flott.formats.avro.write import make_writer
from flott.formats.columns.avro.files import AvroFileReader, AvroFileWriter
from flott.formats.columns.avro.messages import AvroMessageDecoder, AvroMessageEncoder
from flott.formats.columns.contract import (
    ColumnFormat,
    ColumnGroupReader,
    ColumnGroupWriter,
    FormatFactory,
    FormatRequest,
)
from flott.formats.columns.messages import MessageDecoder, MessageEncoder

_ENCODINGS: Final = ("binary", "json")
#: An option of all formats that derive a schema.
LEGACY_OPTION: Final = (
    "Whether TIMESTAMP is an instant in the schema, and TIMESTAMP_LTZ refused; 'true' if not given."
)


class AvroFormatFactory(FormatFactory):
    """Makes the format ``avro``."""

    identifier = "avro"
    options = {
        "encoding": "How messages are written: 'binary' or 'json'; files are always binary.",
        "codec": "How the blocks of files are compressed; one of " + ", ".join(CODECS) + ".",
        "timestamp_mapping.legacy": LEGACY_OPTION,
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        return AvroFormat(
            options.choice("encoding", "binary", _ENCODINGS) == "json",
            options.choice("codec", "snappy", tuple(CODECS)),
            options.flag("timestamp_mapping.legacy", True),
        )


@dataclass(frozen=True)
class AvroFormat(ColumnFormat):
    """Avro data of the schema that the table's columns have.

    Attributes:
        is_json: Whether messages are in JSON.
        codec: How the blocks of files are compressed.
        is_legacy: How timestamps are mapped.
    """

    is_json: bool = False
    codec: str = "snappy"
    is_legacy: bool = True
    identifier = "avro"
    is_grouped = True

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        schema = self._schema(request.fields)
        reader = make_reader(schema, schema, request.wanted_fields)
        return AvroMessageDecoder(reader, len(request.wanted), schema if self.is_json else None)

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        schema = self._schema(fields)
        writer = make_writer(schema, fields)
        return AvroMessageEncoder(writer, schema if self.is_json else None)

    def open_groups(
        self, request: FormatRequest, stream: BinaryIO, start: int, stop: int
    ) -> ColumnGroupReader:
        schema = self._schema(request.fields)
        return AvroFileReader(stream, schema, request.wanted_fields, start, stop)

    def create_group_writer(
        self, fields: Sequence[RowField], stream: BinaryIO
    ) -> ColumnGroupWriter:
        schema = derive_schema(fields, self.is_legacy)
        return AvroFileWriter(stream, schema, fields, self.codec)

    def _schema(self, fields: Sequence[RowField]) -> Schema:
        return build_schema(derive_schema(fields, self.is_legacy))
