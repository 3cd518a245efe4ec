"""The format ``avro-confluent``: Avro messages whose schemas are in a registry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from flott.common.errors import ConfigurationError
from flott.common.logical_types import RowField
from flott.common.table_options import TableOptions
from flott.formats.avro.derive import derive_schema
from flott.formats.avro.mismatch import SchemaMismatch
from flott.formats.avro.resolve import make_reader
from flott.formats.avro.schema import build_schema, parse_schema
from flott.formats.avro.write import make_writer
from flott.formats.columns.avro.format import LEGACY_OPTION
from flott.formats.columns.avro.registry_messages import RegistryDecoder, RegistryEncoder
from flott.formats.columns.contract import ColumnFormat, FormatFactory, FormatRequest
from flott.formats.columns.messages import MessageDecoder, MessageEncoder
from flott.formats.schema_registry import (
    REGISTRY_OPTIONS,
    RegistrySettings,
    SchemaRegistry,
    read_settings,
)


class AvroConfluentFormatFactory(FormatFactory):
    """Makes the format ``avro-confluent``."""

    identifier = "avro-confluent"
    options = {**REGISTRY_OPTIONS, "timestamp_mapping.legacy": LEGACY_OPTION}

    def create(self, options: TableOptions) -> ColumnFormat:
        return AvroConfluentFormat(*read_registry_options(options))


def read_registry_options(
    options: TableOptions,
) -> tuple[RegistrySettings, str | None, str | None, bool]:
    """Registry, subject, schema and mapping of timestamps.

    Raises:
        ConfigurationError: One of the options is wrong.
    """
    schema = options.read("schema", None, _checked_schema)
    legacy = options.flag("timestamp_mapping.legacy", True)
    return read_settings(options), options.optional("subject"), schema, legacy


def _checked_schema(text: str) -> str | None:
    parse_schema(text)
    return text


@dataclass(frozen=True)
class AvroConfluentFormat(ColumnFormat):
    """Avro messages of a registry.

    Attributes:
        registry: Where the schemas are.
        subject: The subject to register schemas under, where one is known.
        schema: The schema to read and write by; ``None`` for that of the columns.
        is_legacy: How timestamps are mapped to a schema.
    """

    registry: RegistrySettings
    subject: str | None = None
    schema: str | None = None
    is_legacy: bool = True
    identifier = "avro-confluent"

    def for_topic(self, topic: str, is_key: bool) -> ColumnFormat:
        if self.subject is not None:
            return self
        return replace(self, subject=f"{topic}-{'key' if is_key else 'value'}")

    def create_message_decoder(self, request: FormatRequest) -> MessageDecoder:
        declared = self.declared_schema(request.fields)
        reader = build_schema(declared)
        try:
            make_reader(reader, reader, request.fields)
            return RegistryDecoder(SchemaRegistry(self.registry), reader, request.wanted_fields)
        except SchemaMismatch as error:
            raise self.mismatch(error) from error

    def create_message_encoder(
        self, fields: Sequence[RowField], metadata: Sequence[str]
    ) -> MessageEncoder:
        declared = self.declared_schema(fields)
        try:
            writer = make_writer(build_schema(declared), fields)
        except SchemaMismatch as error:
            raise self.mismatch(error) from error
        registry, subject = SchemaRegistry(self.registry), self.known_subject()
        text = json.dumps(declared)
        return RegistryEncoder(registry, subject, text, writer, lambda batch: batch.frame)

    def declared_schema(self, fields: Sequence[RowField]) -> Any:
        """The schema to read and write by, as JSON."""
        if self.schema is None:
            return derive_schema(fields, self.is_legacy)
        return json.loads(self.schema)

    def known_subject(self) -> str:
        """The subject.

        Raises:
            ConfigurationError: There is none.
        """
        if self.subject is None:
            key = f"{self.identifier}.subject"
            raise ConfigurationError(
                f"Option '{key}' is needed to write: there is no one topic to name it by.", key=key
            )
        return self.subject

    def mismatch(self, error: SchemaMismatch) -> ConfigurationError:
        """The error of a given schema that the table's columns do not fit."""
        key = f"{self.identifier}.schema"
        return ConfigurationError(
            f"The schema of option '{key}' does not fit the table: {error}", key=key
        )
