"""The format ``maxwell-json``: ``{"data": {...}, "old": {...}, "type": "update"}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flott.common import logical_types as t
from flott.common.table_options import TableOptions
from flott.formats.columns.changes.canal import read_update
from flott.formats.columns.changes.format import (
    DELETE,
    INSERT,
    UPDATE_AFTER,
    Change,
    ChangeFormat,
    ChangeLayout,
    MessageField,
    RowReader,
)
from flott.formats.columns.contract import ColumnFormat, FormatFactory, FormatRequest
from flott.formats.columns.json.format import JSON_OPTIONS, read_rules, read_style
from flott.formats.columns.json.reader import shown


class MaxwellFormatFactory(FormatFactory):
    """Makes the format ``maxwell-json``."""

    identifier = "maxwell-json"
    options = JSON_OPTIONS

    def create(self, options: TableOptions) -> ColumnFormat:
        return MaxwellFormat(read_rules(options), read_style(options))


@dataclass(frozen=True)
class MaxwellFormat(ChangeFormat):
    """Messages of Maxwell."""

    identifier = "maxwell-json"
    fields: ClassVar = {
        "database": MessageField(t.STRING, ("database",)),
        "table": MessageField(t.STRING, ("table",)),
        "primary-key-columns": MessageField(t.ArrayType(t.STRING), ("primary_key_columns",)),
        "ingestion-timestamp": MessageField(t.LocalZonedTimestampType(3), ("ts",), t.BigIntType()),
    }

    def read_changes(self, message: dict[str, Any], rows: RowReader) -> list[Change]:
        kind = message.get("type")
        data = message.get("data")
        if kind == "insert":
            return [(INSERT, rows.read(data, "'data'"))]
        if kind == "delete":
            return [(DELETE, rows.read(data, "'data'"))]
        if kind == "update":
            return read_update(data, message.get("old"), rows)
        if kind is None:
            raise ValueError("the message has no 'type'")
        raise ValueError(f"unknown 'type' {shown(kind)}")

    def layout(self, request: FormatRequest) -> ChangeLayout | None:
        operations = {"insert": INSERT, "update": UPDATE_AFTER, "delete": DELETE}
        return ChangeLayout("type", "data", "old", "data", operations, is_partial=True)

    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        return {"data": row, "type": "insert" if is_addition else "delete"}
