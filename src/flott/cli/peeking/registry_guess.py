"""Guesses about messages that carry the number of a schema in a registry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from flott.cli.peeking.avro_types import record_of, record_types
from flott.cli.peeking.guess import Guess, Messages, fits
from flott.common.errors import SourceError
from flott.common.logical_types import DataType, RowField
from flott.formats.avro.schema import Schema
from flott.formats.columns.avro.registry_messages import RegistryDecoder
from flott.formats.schema_registry import (
    HEADER_BYTES,
    RegistrySettings,
    SchemaRegistry,
    UnknownSchema,
)

_MAGIC: Final = 0
#: Registries number schemas from 1; what looks like a larger number is something else.
_ID_MAX: Final = 10_000_000
_SETTINGS: Final = (("max.retries", 1), ("timeout", 5))


def guess_registered(messages: Messages) -> Guess | None:
    """Avro with numbers of schemas; ``None`` if messages are something else.

    Raises:
        SourceError: The registry does not answer, or does not know the schema.
    """
    ids = [number for number in map(schema_id, messages.texts) if number is not None]
    if not fits(len(ids), messages):
        return None
    most = max(Counter(ids).items(), key=lambda each: (each[1], each[0]))[0]
    broken = len(messages.texts) - len(ids)
    if messages.registry is None:
        missing = f"schema {most} of a registry: name it with --registry URL"
        return Guess("avro-confluent", {}, missing=missing, broken=broken)
    return _guess(messages, most, broken, messages.registry)


def schema_id(message: bytes) -> int | None:
    """The number of the schema that a message begins with; ``None`` if it has none.

    >>> schema_id(bytes([0, 0, 0, 0, 7, 2])), schema_id(b"plain")
    (7, None)
    """
    if len(message) <= HEADER_BYTES or message[0] != _MAGIC:
        return None
    number = int.from_bytes(message[1:HEADER_BYTES], "big")
    return number if 0 < number <= _ID_MAX else None


def _guess(messages: Messages, number: int, broken: int, url: str) -> Guess:
    registry = SchemaRegistry(RegistrySettings(url, _SETTINGS))
    try:
        schema = registry.schema(number)
    except UnknownSchema as error:
        raise SourceError(f"Values cannot be read: {error}") from None
    record = record_of(schema)
    if record is None:
        missing = f"schema {number}, which is not a record but {schema}"
        return Guess("avro-confluent", {}, missing=missing, broken=broken)
    changed = _changed_record(record)
    fields = record_types(record if changed is None else changed)
    options = {"url": url}
    if _has_moments(fields):
        options["timestamp_mapping.legacy"] = "false"
    rows = _read(registry, schema, record_types(record), messages)
    name = "avro-confluent" if changed is None else "debezium-avro-confluent"
    return Guess(name, fields, options, (), rows, changed is not None, broken)


def _changed_record(record: Schema) -> Schema | None:
    """The record of a row, if a record tells the change of one."""
    by_name = {each.name: each.schema for each in record.fields}
    if "op" not in by_name or "after" not in by_name or "before" not in by_name:
        return None
    return record_of(by_name["after"])


def _has_moments(fields: Mapping[str, DataType]) -> bool:
    return any("TIMESTAMP" in str(data_type) for data_type in fields.values())


def _read(
    registry: SchemaRegistry, schema: Schema, fields: Mapping[str, DataType], messages: Messages
) -> list[dict[str, Any] | None]:
    """What the messages hold; None for those that cannot be read."""
    columns = [RowField(name, data_type) for name, data_type in fields.items()]
    decoded = RegistryDecoder(registry, schema, columns).decode(
        pl.Series("f0", messages.texts, dtype=pl.Binary)
    )
    frame = decoded.frame.rename(dict(zip(decoded.frame.columns, fields)))
    rows = list(frame.iter_rows(named=True))
    if decoded.messages is None:
        return list(rows)
    by_message = dict(zip(decoded.messages.to_list(), rows))
    return [by_message.get(position) for position in range(len(messages.texts))]
