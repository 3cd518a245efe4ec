"""Which module knows which format: a table of names, loaded when asked for."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from importlib import import_module
from typing import Final

from flott.common.errors import ConfigurationError
from flott.formats.columns.contract import FormatFactory

_FACTORIES: Final = {
    "avro": "flott.formats.columns.avro.format:AvroFormatFactory",
    "avro-confluent": "flott.formats.columns.avro.confluent:AvroConfluentFormatFactory",
    "canal-json": "flott.formats.columns.changes.canal:CanalFormatFactory",
    "csv": "flott.formats.columns.csv.format:CsvFormatFactory",
    "debezium-avro-confluent": (
        "flott.formats.columns.changes.debezium_avro:DebeziumAvroFormatFactory"
    ),
    "debezium-json": "flott.formats.columns.changes.debezium:DebeziumFormatFactory",
    "json": "flott.formats.columns.json.format:JsonFormatFactory",
    "maxwell-json": "flott.formats.columns.changes.maxwell:MaxwellFormatFactory",
    "ogg-json": "flott.formats.columns.changes.ogg:OggFormatFactory",
    "orc": "flott.formats.columns.orc:OrcFormatFactory",
    "parquet": "flott.formats.columns.parquet:ParquetFormatFactory",
    "protobuf": "flott.formats.columns.protobuf_format:ProtobufFormatFactory",
    "raw": "flott.formats.columns.raw:RawFormatFactory",
}


def format_names() -> tuple[str, ...]:
    """The names ``format`` can have, in order."""
    return tuple(sorted(_FACTORIES))


@cache
def find_format(identifier: str) -> FormatFactory:
    """The factory of a format.

    Raises:
        ConfigurationError: There is no such format; names the nearest.

    >>> find_format("jsn")
    Traceback (most recent call last):
    ...
    flott.common.errors.ConfigurationError: There is no format 'jsn'. Did you mean 'json'?
    """
    place = _FACTORIES.get(identifier)
    if place is None:
        nearest = get_close_matches(identifier.lower(), _FACTORIES, 1)
        hint = f"Did you mean {nearest[0]!r}?" if nearest else f"There are {', '.join(_FACTORIES)}."
        raise ConfigurationError(f"There is no format {identifier!r}. {hint}", key="format")
    module, _, name = place.partition(":")
    factory: FormatFactory = getattr(import_module(module), name)()
    return factory
