"""The format ``ogg-json``: ``{"before": ..., "after": ..., "op_type": "U"}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flott.common import logical_types as t
from flott.common.table_options import TableOptions
from flott.formats.columns.changes.format import (
    DELETE,
    INSERT,
    UPDATE_AFTER,
    UPDATE_BEFORE,
    Change,
    ChangeFormat,
    ChangeLayout,
    MessageField,
    RowReader,
)
from flott.formats.columns.contract import ColumnFormat, FormatFactory, FormatRequest
from flott.formats.columns.json.format import JSON_OPTIONS, read_rules, read_style
from flott.formats.columns.json.reader import shown

_TIME = t.LocalZonedTimestampType(6)


class OggFormatFactory(FormatFactory):
    """Makes the format ``ogg-json``."""

    identifier = "ogg-json"
    options = JSON_OPTIONS

    def create(self, options: TableOptions) -> ColumnFormat:
        return OggFormat(read_rules(options), read_style(options))


@dataclass(frozen=True)
class OggFormat(ChangeFormat):
    """Messages of Oracle GoldenGate."""

    identifier = "ogg-json"
    fields: ClassVar = {
        "table": MessageField(t.STRING, ("table",)),
        "primary-keys": MessageField(t.ArrayType(t.STRING), ("primary_keys",)),
        "ingestion-timestamp": MessageField(_TIME, ("current_ts",)),
        "event-timestamp": MessageField(_TIME, ("op_ts",)),
    }

    def read_changes(self, message: dict[str, Any], rows: RowReader) -> list[Change]:
        operation = message.get("op_type")
        before, after = message.get("before"), message.get("after")
        if operation == "I":
            return [(INSERT, rows.read(after, "'after'"))]
        if operation == "U":
            return [
                (UPDATE_BEFORE, rows.read(before, "'before', which updates need")),
                (UPDATE_AFTER, rows.read(after, "'after'")),
            ]
        if operation == "D":
            return [(DELETE, rows.read(before, "'before', which deletes need"))]
        if operation is None:
            raise ValueError("the message has no 'op_type'")
        raise ValueError(f"unknown 'op_type' {shown(operation)}")

    def layout(self, request: FormatRequest) -> ChangeLayout | None:
        operations = {"I": INSERT, "U": UPDATE_AFTER, "D": DELETE}
        return ChangeLayout("op_type", "after", "before", "before", operations)

    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        if is_addition:
            return {"before": None, "after": row, "op_type": "I"}
        return {"before": row, "after": None, "op_type": "D"}
