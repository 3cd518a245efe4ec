"""The format ``protobuf``: messages of one record each, by a descriptor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from flott.common.errors import ConfigurationError
from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import ColumnFormat, FormatFactory, FormatRequest
from flott.formats.columns.message_frames import read_frames, written_messages
from flott.formats.columns.messages import DecodedMessages, MessageDecoder, MessageEncoder
from flott.formats.protobuf.descriptors import compile_proto, find_message, read_descriptors
from flott.formats.protobuf.program import make_reader, make_writer
from flott.kernels import _native


class ProtobufFormatFactory(FormatFactory):
    """Makes the format ``protobuf``."""

    identifier = "protobuf"
    options = {
        "message-class-name": "The message: its full name, or that of its class in Java.",
        "descriptor-file": "A file made by protoc --include_imports --descriptor_set_out.",
        "proto-file": "In place of it a .proto file, compiled with grpcio-tools or protoc.",
        "ignore-parse-errors": "Whether broken messages are left out.",
        "read-default-values": "Whether fields that are not there are their defaults, not NULL.",
        "write-null-string-literal": "What is written for NULL among the texts of arrays and maps.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        name = options.required("message-class-name")
        if options.given("descriptor-file") == options.given("proto-file"):
            raise options.error(
                "descriptor-file",
                "give the message's descriptor by this option, or by 'protobuf.proto-file'",
            )
        descriptors = options.read("descriptor-file", b"", read_descriptors) or options.read(
            "proto-file", b"", compile_proto
        )
        options.read("message-class-name", None, lambda text: find_message(descriptors, text))
        return ProtobufFormat(
            name,
            descriptors,
            options.flag("ignore-parse-errors"),
            options.flag("read-default-values"),
            options.text("write-null-string-literal", ""),
        )


@dataclass(frozen=True)
class ProtobufFormat(ColumnFormat):
    """Messages of one type.

    Attributes:
        name: Of the message.
        descriptors: A ``FileDescriptorSet`` that has it.
        ignores_errors: Whether broken messages are left out.
        reads_defaults: Whether fields that are not there are their defaults.
        null_text: What is written for NULL among texts.
    """

    name: str
    descriptors: bytes = field(repr=False)
    ignores_errors: bool = False
    reads_defaults: bool = False
    null_text: str = ""
    identifier = "protobuf"

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        message = find_message(self.descriptors, self.name)
        try:
            make_reader(message, request.fields, self.reads_defaults)
        except ValueError as error:
            raise self._mismatch(error) from error
        reader = make_reader(message, request.wanted_fields, self.reads_defaults)
        return ProtobufDecoder(reader, len(request.wanted), self.ignores_errors)

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        message = find_message(self.descriptors, self.name)
        try:
            return ProtobufEncoder(make_writer(message, fields, self.null_text))
        except ValueError as error:
            raise self._mismatch(error) from error

    def _mismatch(self, error: ValueError) -> ConfigurationError:
        return ConfigurationError(
            f"The message {self.name} does not fit the table: {error}.",
            key="protobuf.message-class-name",
        )


class ProtobufDecoder(MessageDecoder):
    """Reads messages of one type.

    Args:
        reader: Reads them.
        width: How many columns it gives.
        ignores_errors: Whether broken messages are left out.
    """

    def __init__(self, reader: _native.ProtobufReader, width: int, ignores_errors: bool) -> None:
        self._reader = reader
        self._width = width
        self._ignores_errors = ignores_errors

    def decode(self, messages: pl.Series) -> DecodedMessages:
        found = self._reader.read_messages(messages.rename("f0"))
        decoded = read_frames(found, len(messages), self._width)
        return replace(decoded, malformed=()) if self._ignores_errors else decoded


class ProtobufEncoder(MessageEncoder):
    """Writes messages of one type.

    Args:
        writer: Writes them.
    """

    def __init__(self, writer: _native.ProtobufWriter) -> None:
        self._writer = writer

    def encode(self, batch: ColumnBatch) -> pl.Series:
        return written_messages(self._writer.write_messages(batch.frame), batch.frame, "Protobuf")
