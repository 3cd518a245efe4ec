"""The format ``debezium-json``: ``{"before": ..., "after": ..., "op": "u"}``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError
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


class DebeziumFormatFactory(FormatFactory):
    """Makes the format ``debezium-json``."""

    identifier = "debezium-json"
    options = {
        **JSON_OPTIONS,
        "schema-include": "Whether messages hold their schema, and the change under 'payload'.",
    }

    def create(self, options: TableOptions) -> ColumnFormat:
        return DebeziumFormat(
            read_rules(options), read_style(options), options.flag("schema-include")
        )


@dataclass(frozen=True)
class DebeziumFormat(ChangeFormat):
    """Messages of Debezium.

    Attributes:
        has_schema: Whether the change stands under ``payload``.
    """

    has_schema: bool = False
    identifier = "debezium-json"
    fields: ClassVar = {
        "schema": MessageField(t.STRING, ("schema",)),
        "ingestion-timestamp": MessageField(_TIME, ("ts_ms",), t.BigIntType()),
        "source.timestamp": MessageField(_TIME, ("source", "ts_ms"), t.BigIntType()),
        "source.database": MessageField(t.STRING, ("source", "db")),
        "source.schema": MessageField(t.STRING, ("source", "schema")),
        "source.table": MessageField(t.STRING, ("source", "table")),
        "source.properties": MessageField(t.MapType(t.STRING, t.STRING), ("source",)),
    }

    def read_changes(self, message: dict[str, Any], rows: RowReader) -> list[Change]:
        payload = self._payload(message)
        operation = payload.get("op")
        if operation in ("c", "r"):
            return [(INSERT, rows.read(payload.get("after"), "'after'"))]
        if operation == "u":
            return [
                (UPDATE_BEFORE, rows.read(payload.get("before"), "'before', which updates need")),
                (UPDATE_AFTER, rows.read(payload.get("after"), "'after'")),
            ]
        if operation == "d":
            return [(DELETE, rows.read(payload.get("before"), "'before', which deletes need"))]
        if operation is None:
            raise ValueError("the message has no 'op'")
        raise ValueError(f"unknown 'op' {shown(operation)}")

    def metadata_root(self, message: dict[str, Any]) -> dict[str, Any]:
        if not self.has_schema:
            return message
        return {**self._payload(message), "schema": message.get("schema")}

    def layout(self, request: FormatRequest) -> ChangeLayout | None:
        if self.has_schema and "schema" in request.metadata:
            return None  # which stands beside the payload, not in it
        operations = {"c": INSERT, "r": INSERT, "u": UPDATE_AFTER, "d": DELETE}
        payload = "payload" if self.has_schema else None
        return ChangeLayout("op", "after", "before", "before", operations, payload=payload)

    def write_change(self, is_addition: bool, row: dict[str, Any]) -> dict[str, Any]:
        if is_addition:
            return {"before": None, "after": row, "op": "c"}
        return {"before": row, "after": None, "op": "d"}

    def check_writable(self) -> None:
        if self.has_schema:
            raise ConfigurationError(
                "Messages with a schema cannot be written: set 'debezium-json.schema-include' to "
                "false.",
                key="debezium-json.schema-include",
            )

    def _payload(self, message: dict[str, Any]) -> dict[str, Any]:
        if not self.has_schema:
            return message
        payload = message.get("payload")
        if not isinstance(payload, dict):
            raise ValueError("the message has no 'payload'")
        return payload
