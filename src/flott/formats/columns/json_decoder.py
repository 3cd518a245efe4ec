"""JSON lines into columns: a block at once where it is well-formed, else line by line.

The lines of a block are parsed and turned into columns together. Where one of them is broken, the
block is gone through again line by line, which tells the broken ones from the good.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from flott.common.logical_types import DataType
from flott.formats.columns.contract import ColumnRows, FormatRequest
from flott.formats.columns.json_reader import (
    JsonRules,
    field_readers,
    parse_json,
    read_fields,
)
from flott.formats.columns.storage import make_column
from flott.formats.stream_format import (
    Decoded,
    LineDecoder,
    StreamDecoder,
    StreamFormat,
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
