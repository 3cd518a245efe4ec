"""Formats of change data capture: a message of JSON tells the rows before and after a change.

Each of them says only what differs: how a message becomes changes, what metadata it carries, and
how a change becomes a message. A message is what a broker delivers, or a line of a file. Broken
ones are errors, or left out where those are ignored.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import polars as pl

from flott.common.logical_types import DataType, RowField
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.table import ChangelogMode
from flott.formats.columns.changes.kernel import (
    MILLIS_MAX,
    ChangeLayout,
    ChangeMessageDecoder,
    MessageField,
)
from flott.formats.columns.contract import ColumnEncoder, ColumnFormat, FormatRequest
from flott.formats.columns.json.decoder import read_message
from flott.formats.columns.json.format import JsonObjects, make_rows_writer
from flott.formats.columns.json.reader import (
    JsonRules,
    Reader,
    field_readers,
    nullable_reader,
    read_fields,
    shown,
)
from flott.formats.columns.json.writer import JsonStyle, json_bytes, without_nulls
from flott.formats.columns.message_lines import MessageLinesFormat
from flott.formats.columns.message_rows import Change, OneByOneDecoder
from flott.formats.columns.messages import MessageDecoder, MessageEncoder
from flott.formats.columns.temporal_text import TimestampStandard
from flott.formats.stream_format import StreamFormat

__all__ = [
    "DELETE",
    "INSERT",
    "UPDATE_AFTER",
    "UPDATE_BEFORE",
    "Change",
    "ChangeLayout",
    "MessageField",
]

#: Stands for the row where a message is taken apart.
_ROW: Final = "the row"
_MINUS: Final = (UPDATE_BEFORE, DELETE)


class RowReader:
    """Reads the wanted columns of a row in a message."""

    def __init__(self, request: FormatRequest, rules: JsonRules) -> None:
        self.names = request.wanted
        fields = {field.name: field.data_type for field in request.wanted_fields}
        self._readers = field_readers(fields, rules)
        self._rules = rules

    def read(self, value: Any, what: str) -> list[Any]:
        """The values of a row.

        Raises:
            ValueError: If it is not there or no row; says ``what`` it should be.
        """
        if value is None:
            raise ValueError(f"the message has no {what}")
        return read_fields(value, self._readers, self._rules)


@dataclass(frozen=True)
class ChangeFormat(ColumnFormat):
    """A format whose messages are changes.

    Attributes:
        rules: How JSON is read.
        style: How JSON is written.
        fields: The metadata of its messages, by key.
    """

    rules: JsonRules
    style: JsonStyle
    fields: ClassVar[Mapping[str, MessageField]] = {}

    @property
    def changelog_mode(self) -> ChangelogMode:
        return ChangelogMode.RETRACT

    @property
    def readable_metadata(self) -> Mapping[str, DataType]:
        return {key: field.data_type for key, field in self.fields.items()}

    @abstractmethod
    def read_changes(self, message: dict[str, Any], rows: RowReader) -> list[Change]:
        """The changes of a message.

        Raises:
            ValueError: If it is not one of this format.
        """

    @abstractmethod
    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        """The message that adds or takes away a row."""

    @abstractmethod
    def layout(self, request: FormatRequest) -> ChangeLayout | None:
        """Where a kernel finds what is asked for in messages; ``None`` if it cannot."""

    def metadata_root(self, message: dict[str, Any]) -> dict[str, Any]:
        """The object that paths of metadata begin in."""
        return message

    def check_writable(self) -> None:
        """Refuse to write messages, where only reading makes sense.

        Raises:
            ConfigurationError: Then.
        """

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        return MessageLinesFormat(self, request)

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        types = [field.data_type for field in request.wanted_fields]
        types += [self.fields[key].data_type for key in request.metadata]
        read = _ChangeReader(self, request).read
        exact = OneByOneDecoder(read, types, True, self.rules.ignores_errors)
        layout = self.layout(request)
        if layout is None:
            return exact
        metadata = [self.fields[key] for key in request.metadata]
        is_iso = self.rules.standard is TimestampStandard.ISO_8601
        try:
            return ChangeMessageDecoder(layout, request, metadata, is_iso, exact)
        except TypeError:
            return exact

    def create_encoder(self, fields: Sequence[RowField], metadata: Sequence[str]) -> ColumnEncoder:
        self.check_writable()
        return _ChangeLinesEncoder(_ChangeWriter(self, fields))

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        self.check_writable()
        return _ChangeMessageEncoder(_ChangeWriter(self, fields))


class _ChangeReader:
    def __init__(self, change_format: ChangeFormat, request: FormatRequest) -> None:
        self._format = change_format
        self._rows = RowReader(request, change_format.rules)
        fields = [change_format.fields[key] for key in request.metadata]
        self._metadata = [_metadata_reader(field, change_format.rules) for field in fields]

    def read(self, message: bytes) -> list[Change]:
        """The changes of a message.

        Raises:
            ValueError: If it is broken.
        """
        value = read_message(message)
        if value is None:
            return []
        if not isinstance(value, dict):
            raise ValueError(f"expected a JSON object, found {shown(value)}")
        changes = self._format.read_changes(value, self._rows)
        if self._metadata and changes:
            root = self._format.metadata_root(value)
            values = [read(root) for read in self._metadata]
            changes = [(kind, row + values) for kind, row in changes]
        return changes


def _metadata_reader(field: MessageField, rules: JsonRules) -> Callable[[dict[str, Any]], Any]:
    read: Reader = nullable_reader(field.read_type or field.data_type, rules)
    is_millis = field.read_type is not None

    def read_metadata(root: Any) -> Any:
        for name in field.path:
            root = root.get(name) if isinstance(root, dict) else None
        value = read(root)
        if not is_millis or value is None:
            return value
        if abs(value) > MILLIS_MAX:
            raise ValueError(f"{value} is not a time in milliseconds")
        return value * 1000

    return read_metadata


class _ChangeWriter:
    def __init__(self, change_format: ChangeFormat, fields: Sequence[RowField]) -> None:
        self._format = change_format
        self._objects = JsonObjects(fields, change_format.style)
        added, removed = (self._around(is_addition) for is_addition in (True, False))
        self.kernel = make_rows_writer(fields, change_format.style, (*added, *removed))

    def texts(self, batch: ColumnBatch) -> list[bytes]:
        """The messages of the rows."""
        rows = self._objects.of(batch)
        kinds = [INSERT] * len(rows) if batch.kinds is None else batch.kinds.to_list()
        return [self._text(kind not in _MINUS, row) for kind, row in zip(kinds, rows, strict=True)]

    def _text(self, is_addition: bool, row: Any) -> bytes:
        message = self._format.write_change(is_addition, row)
        if self._format.style.omits_nulls:
            message = without_nulls(message)
        return json_bytes(message)

    def _around(self, is_addition: bool) -> tuple[str, str]:
        """What stands before and behind the row in a message."""
        before, _, behind = self._text(is_addition, _ROW).decode().partition(f'"{_ROW}"')
        return before, behind


class _ChangeMessageEncoder(MessageEncoder):
    def __init__(self, writer: _ChangeWriter) -> None:
        self._writer = writer

    def encode(self, batch: ColumnBatch) -> pl.Series:
        kernel = self._writer.kernel
        messages = None if kernel is None else kernel.messages(batch.frame, batch.kinds)
        if messages is not None:
            return messages
        return pl.Series(self._writer.texts(batch), dtype=pl.Binary)


class _ChangeLinesEncoder(ColumnEncoder):
    def __init__(self, writer: _ChangeWriter) -> None:
        self._writer = writer

    def encode(self, batch: ColumnBatch) -> bytes:
        kernel = self._writer.kernel
        lines = None if kernel is None else kernel.lines(batch.frame, batch.kinds)
        if lines is not None:
            return lines
        return b"".join([text + b"\n" for text in self._writer.texts(batch)])
