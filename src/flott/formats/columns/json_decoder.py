"""JSON lines into columns: a block at once by a kernel where it is plain, else line by line.

The kernel knows what most files hold. Where a line is more than it knows, or broken, the block is
read here, by all of Flink's rules; and where a line is broken, once more line by line, which tells
the broken ones from the good.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from flott.common.logical_types import DataType, RowField
from flott.formats.columns.contract import ColumnRows, FormatRequest
from flott.formats.columns.json_lines import JsonLinesReader
from flott.formats.columns.json_reader import (
    JsonRules,
    field_readers,
    parse_json,
    read_fields,
)
from flott.formats.columns.storage import make_column
from flott.formats.columns.temporal_text import TimestampStandard
from flott.formats.stream_format import (
    Decoded,
    LineDecoder,
    StreamDecoder,
    StreamFormat,
    complete_length,
)


class JsonColumnsFormat(StreamFormat):
    """Reads files of JSON lines into columns.

    >>> from flott.common import logical_types as t
    >>> fields = (t.RowField("id", t.IntType()), t.RowField("user", t.STRING))
    >>> lines = JsonColumnsFormat(FormatRequest(fields, ("user",)), JsonRules())
    >>> lines.create_decoder().decode(b'{"id": 1, "user": "ada"}', True).rows[0]
    ('ada',)
    """

    is_splittable = True

    def __init__(self, request: FormatRequest, rules: JsonRules) -> None:
        self._request = request
        self._rules = rules
        field_readers({each.name: each.data_type for each in request.fields}, rules)

    def create_decoder(self) -> StreamDecoder:
        return _JsonDecoder(self._request, self._rules)


class _JsonDecoder(LineDecoder):
    def __init__(self, request: FormatRequest, rules: JsonRules) -> None:
        fields = request.wanted_fields
        self._rules = rules
        self._types = [field.data_type for field in fields]
        self._readers = field_readers({each.name: each.data_type for each in fields}, rules)
        self._kernel = _make_kernel(fields, rules)

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        if self._kernel is not None:
            end = len(buffer) if is_last else complete_length(buffer)
            block = buffer if end == len(buffer) else buffer[:end]
            frame = self._kernel.read(block) if _is_utf8(block) else None
            if frame is not None:
                return Decoded(ColumnRows(frame), end)  # type: ignore[arg-type]
        return super().decode(buffer, is_last)

    def decode_lines(self, lines: list[bytes]) -> Any:
        return make_rows([self.decode_line(line) for line in lines], self._types)

    def decode_line(self, line: bytes) -> list[Any]:
        return read_fields(parse_json(line.decode("utf-8")), self._readers, self._rules)

    def _decode_one_by_one(self, buffer: bytes, end: int) -> Decoded:
        decoded = super()._decode_one_by_one(buffer, end)
        if self._rules.ignores_errors:
            decoded.malformed = []
        decoded.rows = make_rows(decoded.rows, self._types)  # type: ignore[assignment]
        return decoded


def _make_kernel(fields: Sequence[RowField], rules: JsonRules) -> JsonLinesReader | None:
    """The kernel for some columns, if it has one of every type."""
    is_iso = rules.standard is TimestampStandard.ISO_8601
    try:
        return JsonLinesReader(fields, is_iso, rules.fails_on_missing)
    except TypeError:
        return None


def _is_utf8(block: bytes) -> bool:
    if block.isascii():
        return True
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def make_rows(rows: list[list[Any]], types: list[DataType]) -> ColumnRows:
    """Columns of rows."""
    if not types:
        return ColumnRows(pl.DataFrame(height=len(rows)))
    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    return ColumnRows(
        pl.DataFrame(
            [
                make_column(values, data_type, f"f{index}")
                for index, (values, data_type) in enumerate(zip(columns, types, strict=True))
            ]
        )
    )
