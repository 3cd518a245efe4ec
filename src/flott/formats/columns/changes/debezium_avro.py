"""The format ``debezium-avro-confluent``: changes as Avro records of a registry.

A record has the row before and after a change and the operation; so read, it is two columns of rows
and one of letters, which become one row or two of a changelog.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common import logical_types as t
from flott.common.constant_series import constant
from flott.common.physical_types import polars_schema
from flott.common.table_options import TableOptions
from flott.core.column_batch import DELETE, INSERT, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.table import ChangelogMode
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import build_schema
from flott.formats.avro.write import make_writer
from flott.formats.columns.avro.confluent import AvroConfluentFormat, read_registry_options
from flott.formats.columns.avro.format import LEGACY_OPTION
from flott.formats.columns.avro.registry_messages import RegistryDecoder, RegistryEncoder
from flott.formats.columns.contract import ColumnFormat, FormatFactory, FormatRequest
from flott.formats.columns.messages import (
    DecodedMessages,
    MalformedMessage,
    MessageDecoder,
    MessageEncoder,
)
from flott.formats.schema_registry import REGISTRY_OPTIONS, SchemaRegistry

_ADDS: Final = ("c", "r", "u")
_TAKES: Final = ("u", "d")
_REMOVALS: Final = (UPDATE_BEFORE, DELETE)


class DebeziumAvroFormatFactory(FormatFactory):
    """Makes the format ``debezium-avro-confluent``."""

    identifier = "debezium-avro-confluent"
    options = {**REGISTRY_OPTIONS, "timestamp_mapping.legacy": LEGACY_OPTION}

    def create(self, options: TableOptions) -> ColumnFormat:
        return DebeziumAvroFormat(*read_registry_options(options))


@dataclass(frozen=True)
class DebeziumAvroFormat(AvroConfluentFormat):
    """Changes of Debezium in Avro."""

    identifier = "debezium-avro-confluent"

    @property
    def changelog_mode(self) -> ChangelogMode:
        return ChangelogMode.RETRACT

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        every = change_fields(request.fields)
        # A row must have a field to be told from NULL.
        wanted = change_fields(request.wanted_fields or request.fields[:1])
        reader = build_schema(self.declared_schema(every))
        try:
            make_reader(reader, reader, every)
            inner = RegistryDecoder(SchemaRegistry(self.registry), reader, wanted)
        except SchemaMismatch as error:
            raise self.mismatch(error) from error
        return DebeziumAvroDecoder(inner, request)

    def create_message_encoder(
        self, fields: Sequence[t.RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        changes = change_fields(fields)
        declared = self.declared_schema(changes)
        try:
            writer = make_writer(build_schema(declared), changes)
        except SchemaMismatch as error:
            raise self.mismatch(error) from error
        names = [field.name for field in fields]
        return RegistryEncoder(
            SchemaRegistry(self.registry),
            self.known_subject(),
            json.dumps(declared),
            writer,
            lambda batch: change_records(batch, names),
        )


def change_fields(fields: Sequence[t.RowField]) -> tuple[t.RowField, ...]:
    """The columns of a record that tells the change of a row."""
    row = t.RowType(tuple(fields))
    return t.RowField("before", row), t.RowField("after", row), t.RowField("op", t.STRING)


def change_records(batch: ColumnBatch, names: Sequence[str]) -> pl.DataFrame:
    """The records that tell the changes of a batch: rows are added or taken away."""
    rows = batch.frame.rename(dict(zip(batch.frame.columns, names, strict=True))).to_struct()
    if batch.kinds is None:
        is_removal = constant(False, len(rows), pl.Boolean)
    else:
        is_removal = batch.kinds.is_in(_REMOVALS)
    made = pl.DataFrame({"rows": rows, "is_removal": is_removal})
    row, removal = pl.col("rows"), pl.col("is_removal")
    return made.select(
        f0=pl.when(removal).then(row),
        f1=pl.when(~removal).then(row),
        f2=pl.when(removal).then(pl.lit("d")).otherwise(pl.lit("c")),
    )


class DebeziumAvroDecoder(MessageDecoder):
    """Reads records of changes.

    Args:
        inner: Reads them into the columns of ``change_fields``.
        request: Which columns the rows shall have.
    """

    def __init__(self, inner: RegistryDecoder, request: FormatRequest) -> None:
        self._inner = inner
        self._types = [field.data_type for field in request.wanted_fields]

    def decode(self, messages: pl.Series) -> DecodedMessages:
        decoded = self._inner.decode(messages)
        records = decoded.frame.with_columns(message=_positions(decoded))
        faults = records.filter(~_IS_CHANGE)
        malformed = [
            MalformedMessage(record["message"], _why_no_change(record))
            for record in faults.with_columns(
                pl.col("f0").is_null(), pl.col("f1").is_null()
            ).iter_rows(named=True)
        ]
        if malformed:
            records = records.filter(_IS_CHANGE)
        taken = _side(records, "f0", _TAKES, UPDATE_BEFORE, DELETE)
        added = _side(records, "f1", _ADDS, UPDATE_AFTER, INSERT)
        changes = pl.concat([taken, added]).sort("message", "kind")
        return DecodedMessages(
            self._rows(changes),
            changes.get_column("message"),
            changes.get_column("kind"),
            sorted([*decoded.malformed, *malformed]),
        )

    def _rows(self, changes: pl.DataFrame) -> pl.DataFrame:
        if not self._types:
            return pl.DataFrame(height=changes.height)
        rows = changes.get_column("row").struct.unnest()
        rows.columns = list(polars_schema(self._types))
        return rows


def _needs(column: str, operations: Sequence[str]) -> pl.Expr:
    return ~pl.col("f2").is_in(operations) | pl.col(column).is_not_null()


_IS_CHANGE: Final = (
    pl.col("f2").is_in(("c", "r", "u", "d")).fill_null(False)
    & _needs("f0", _TAKES)
    & _needs("f1", _ADDS)
)


def _positions(decoded: DecodedMessages) -> pl.Series:
    if decoded.messages is not None:
        return decoded.messages
    return pl.int_range(decoded.frame.height, dtype=pl.UInt32, eager=True)


def _side(
    records: pl.DataFrame, column: str, operations: Sequence[str], update: int, other: int
) -> pl.DataFrame:
    """The rows that changes take away, or those they add."""
    kind = pl.when(pl.col("f2") == "u").then(pl.lit(update)).otherwise(pl.lit(other))
    return records.filter(pl.col("f2").is_in(operations)).select(
        "message", kind=kind.cast(pl.Int8), row=pl.col(column)
    )


def _why_no_change(record: dict[str, object]) -> str:
    operation = record["f2"]
    if operation not in ("c", "r", "u", "d"):
        return "the message has no 'op'" if operation is None else f"unknown 'op' {operation!r}"
    if operation in _TAKES and record["f0"]:
        what = "updates" if operation == "u" else "deletes"
        return f"the message has no 'before', which {what} need"
    return "the message has no 'after'"
