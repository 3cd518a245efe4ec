"""Formats of change data capture: a line of JSON tells the rows before and after a change.

Each of them says only what differs: how a message becomes changes, what metadata it carries, and
how a change becomes a message. Broken lines are errors, or left out where those are ignored.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
import polars as pl

from flott.common.logical_types import DataType, RowField
from flott.core.column_batch import (
    DELETE,
    INSERT,
    UPDATE_AFTER,
    UPDATE_BEFORE,
    ColumnBatch,
)
from flott.core.table import ChangelogMode
from flott.formats.columns.contract import (
    ColumnEncoder,
    ColumnFormat,
    ColumnRows,
    FormatRequest,
)
from flott.formats.columns.json_decoder import make_rows
from flott.formats.columns.json_format import JsonEncoder
from flott.formats.columns.json_reader import (
    JsonRules,
    Reader,
    field_readers,
    nullable_reader,
    parse_json,
    read_fields,
    shown,
)
from flott.formats.columns.json_writer import JsonStyle, without_nulls
from flott.formats.stream_format import Decoded, LineDecoder, StreamDecoder, StreamFormat

__all__ = ["DELETE", "INSERT", "UPDATE_AFTER", "UPDATE_BEFORE"]

#: The kind of a change and the row's values.
Change = tuple[int, list[Any]]
_MINUS: Final = (UPDATE_BEFORE, DELETE)


@dataclass(frozen=True)
class MessageField:
    """Metadata that a message carries.

    Attributes:
        data_type: Its type as a column.
        path: Where it is in the message.
        read_type: The type by which it is read, where that is another; milliseconds become times.
    """

    data_type: DataType
    path: tuple[str, ...]
    read_type: DataType | None = None


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
    """A format whose lines are changes.

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
            ValueError: If it is none of this format.
        """

    @abstractmethod
    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        """The message that adds or takes away a row."""

    def metadata_root(self, message: dict[str, Any]) -> dict[str, Any]:
        """The object that paths of metadata begin in."""
        return message

    def create_stream_format(self, request: FormatRequest) -> StreamFormat:
        return ChangeLines(self, request)

    def create_encoder(self, fields: Sequence[RowField], metadata: Sequence[str]) -> ColumnEncoder:
        return _ChangeEncoder(self, fields)


class ChangeLines(StreamFormat):
    """Reads files of messages into changes.

    Args:
        change_format: What messages mean.
        request: Which columns.
    """

    is_splittable = True

    def __init__(self, change_format: ChangeFormat, request: FormatRequest) -> None:
        self._format = change_format
        self._request = request
        RowReader(request, change_format.rules)

    def create_decoder(self) -> StreamDecoder:
        return _ChangeDecoder(self._format, self._request)


class _ChangeDecoder(LineDecoder):
    def __init__(self, change_format: ChangeFormat, request: FormatRequest) -> None:
        self._format = change_format
        self._rows = RowReader(request, change_format.rules)
        fields = [change_format.fields[key] for key in request.metadata]
        self._types = [field.data_type for field in request.wanted_fields]
        self._types += [field.data_type for field in fields]
        self._metadata = [_metadata_reader(field, change_format.rules) for field in fields]

    def decode_lines(self, lines: list[bytes]) -> Any:
        return self._make([change for line in lines for change in self.decode_line(line)])

    def decode_line(self, line: bytes) -> list[Change]:
        text = line.decode("utf-8")
        message = parse_json(text)
        if not isinstance(message, dict):
            raise ValueError(f"expected a JSON object, found {shown(message)}")
        changes = self._format.read_changes(message, self._rows)
        if self._metadata and changes:
            root = self._format.metadata_root(message)
            values = [read(root) for read in self._metadata]
            changes = [(kind, row + values) for kind, row in changes]
        return changes

    def _decode_one_by_one(self, buffer: bytes, end: int) -> Decoded:
        decoded = super()._decode_one_by_one(buffer, end)
        if self._format.rules.ignores_errors:
            decoded.malformed = []
        changes = [change for line in decoded.rows for change in line]
        decoded.rows = self._make(changes)  # type: ignore[assignment]
        return decoded

    def _make(self, changes: list[Change]) -> ColumnRows:
        rows = make_rows([row for _, row in changes], self._types)
        return ColumnRows(rows.frame, pl.Series([kind for kind, _ in changes], dtype=pl.Int8))


def _metadata_reader(field: MessageField, rules: JsonRules) -> Callable[[dict[str, Any]], Any]:
    read: Reader = nullable_reader(field.read_type or field.data_type, rules)
    is_millis = field.read_type is not None

    def read_metadata(root: Any) -> Any:
        for name in field.path:
            root = root.get(name) if isinstance(root, dict) else None
        value = read(root)
        return value * 1000 if is_millis and value is not None else value

    return read_metadata


class _ChangeEncoder(ColumnEncoder):
    def __init__(self, change_format: ChangeFormat, fields: Sequence[RowField]) -> None:
        self._format = change_format
        self._encoder = JsonEncoder(fields, change_format.style)

    def encode(self, batch: ColumnBatch) -> bytes:
        rows = self._encoder.objects(batch)
        kinds = [INSERT] * len(rows) if batch.kinds is None else batch.kinds.to_list()
        write = self._format.write_change
        messages = [write(kind not in _MINUS, row) for kind, row in zip(kinds, rows, strict=True)]
        if self._format.style.omits_nulls:
            messages = [without_nulls(message) for message in messages]
        return b"".join([orjson.dumps(message) + b"\n" for message in messages])
