"""The format ``canal-json``: ``{"data": [...], "old": [...], "type": "UPDATE"}``."""

from __future__ import annotations

import re
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

_TIME = t.LocalZonedTimestampType(3)


class CanalFormatFactory(FormatFactory):
    """Makes the format ``canal-json``."""

    identifier = "canal-json"
    options = {
        **JSON_OPTIONS,
        "database.include": "A pattern that the name of a message's database must have.",
        "table.include": "A pattern that the name of a message's table must have.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        patterns = []
        for key in ("database.include", "table.include"):
            pattern = options.optional(key)
            try:
                re.compile(pattern or "")
            except re.error as error:
                raise options.error(key, str(error)) from None
            patterns.append(pattern)
        return CanalFormat(read_rules(options), read_style(options), *patterns)


@dataclass(frozen=True)
class CanalFormat(ChangeFormat):
    """Messages of Canal: several rows of one change each.

    Attributes:
        database: Which databases to read; all if not given.
        table: Which tables to read; all if not given.
    """

    database: str | None = None
    table: str | None = None
    identifier = "canal-json"
    fields: ClassVar = {
        "database": MessageField(t.STRING, ("database",)),
        "table": MessageField(t.STRING, ("table",)),
        "sql-type": MessageField(t.MapType(t.STRING, t.IntType()), ("sqlType",)),
        "pk-names": MessageField(t.ArrayType(t.STRING), ("pkNames",)),
        "ingestion-timestamp": MessageField(_TIME, ("ts",), t.BigIntType()),
        "event-timestamp": MessageField(_TIME, ("es",), t.BigIntType()),
    }

    def read_changes(self, message: dict[str, Any], rows: RowReader) -> list[Change]:
        if not (
            _is_included(message, "database", self.database)
            and _is_included(message, "table", self.table)
        ):
            return []
        kind = message.get("type")
        if kind == "CREATE":
            return []
        if kind == "INSERT":
            return [(INSERT, rows.read(row, "'data'")) for row in _rows(message, "data")]
        if kind == "DELETE":
            return [(DELETE, rows.read(row, "'data'")) for row in _rows(message, "data")]
        if kind == "UPDATE":
            data, old = _rows(message, "data"), _rows(message, "old")
            if len(data) != len(old):
                raise ValueError(f"{len(data)} rows in 'data' and {len(old)} in 'old'")
            pairs = zip(data, old, strict=True)
            return [change for pair in pairs for change in read_update(*pair, rows)]
        if kind is None:
            raise ValueError("the message has no 'type'")
        raise ValueError(f"unknown 'type' {shown(kind)}")

    def layout(self, request: FormatRequest) -> ChangeLayout | None:
        if self.database is not None or self.table is not None:
            return None  # patterns are compared message by message
        operations = {"INSERT": INSERT, "UPDATE": UPDATE_AFTER, "DELETE": DELETE, "CREATE": None}
        return ChangeLayout(
            "type", "data", "old", "data", operations, is_partial=True, has_lists=True
        )

    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        return {"data": [row], "type": "INSERT" if is_addition else "DELETE"}


def read_update(data: Any, old: Any, rows: RowReader) -> list[Change]:
    """The changes of an update that tells the new row, and of the old one what was different."""
    after = rows.read(data, "'data'")
    before = rows.read(old, "'old'")
    former = [
        value if name in old else new
        for name, value, new in zip(rows.names, before, after, strict=True)
    ]
    return [(UPDATE_BEFORE, former), (UPDATE_AFTER, after)]


def _is_included(message: dict[str, Any], key: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    name = message.get(key)
    if not isinstance(name, str):
        raise ValueError(f"the message has no '{key}'")
    return re.fullmatch(pattern, name) is not None


def _rows(message: dict[str, Any], key: str) -> list[Any]:
    rows = message.get(key)
    if not isinstance(rows, list):
        raise ValueError(f"the message has no rows in '{key}'")
    return rows
