"""Which columns of a Kafka table are in the key of a record, and which in its value, and how.

Names in the key may differ from the table's by a prefix. Columns of the key are in the value, too,
unless ``value.fields-include`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flott.common.errors import ConfigurationError
from flott.common.logical_types import (
    ArrayType,
    DataType,
    MapType,
    MultisetType,
    RowField,
    RowType,
)
from flott.common.suggestions import did_you_mean
from flott.common.table_options import TableOptions
from flott.connectors.kafka.records.column_decoder import ColumnDecoderFactory, MessagePart, Place
from flott.connectors.kafka.records.column_encoder import VALUE_PREFIX, WrittenPart
from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.connectors.tables.options import check_options, options_of
from flott.core.table import ChangelogMode, TableDescription, UsedFields
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.registry import find_format

#: Formats that find the fields of a ROW by name, so that those nobody reads can be left out.
_BY_NAME: Final = frozenset(
    {
        "json",
        "debezium-json",
        "canal-json",
        "maxwell-json",
        "ogg-json",
        "avro",
        "avro-confluent",
        "debezium-avro-confluent",
        "protobuf",
    }
)
_NESTED: Final = (ArrayType, MapType, MultisetType, RowType)


@dataclass(frozen=True)
class RecordFormats:
    """How the rows of a table stand in records.

    Attributes:
        table: The table.
        value_format: How values are written.
        key_format: How keys are written; ``None`` if there are none.
        key_columns: The positions of the key's columns in the table.
        value_columns: The positions of the value's columns.
        key_prefix: What the names of key columns begin with in the table only.
        is_upsert: Whether the key is the table's primary key.
    """

    table: TableDescription
    value_format: ColumnFormat
    key_format: ColumnFormat | None
    key_columns: tuple[int, ...]
    value_columns: tuple[int, ...]
    key_prefix: str = ""
    is_upsert: bool = False

    def for_topic(self, topic: str) -> RecordFormats:
        """The same, the formats told where messages go."""
        key_format = self.key_format
        return RecordFormats(
            self.table,
            self.value_format.for_topic(topic, is_key=False),
            None if key_format is None else key_format.for_topic(topic, is_key=True),
            self.key_columns,
            self.value_columns,
            self.key_prefix,
            self.is_upsert,
        )

    @property
    def readable_metadata(self) -> Mapping[str, DataType]:
        """Metadata that can be read, of records and of their values."""
        return {
            **{VALUE_PREFIX + k: v for k, v in self.value_format.readable_metadata.items()},
            **{key: each.data_type for key, each in RECORD_METADATA.items()},
        }

    def key_fields(self) -> tuple[RowField, ...]:
        """The columns of the key as they are called there."""
        fields = (self.table.columns[each] for each in self.key_columns)
        start = len(self.key_prefix)
        return tuple(RowField(each.name[start:], each.data_type) for each in fields)

    def value_fields(self) -> tuple[RowField, ...]:
        """The columns of the value."""
        return tuple(self.table.columns[each] for each in self.value_columns)

    def decoding(
        self, columns: Sequence[str], metadata: Sequence[str], used: UsedFields
    ) -> ColumnDecoderFactory:
        """What reads some columns, and behind them some metadata.

        Args:
            columns: Names of physical columns.
            metadata: Keys.
            used: Of ROW columns the fields that are read, if not all are.
        """
        by_name = {field.name: at for at, field in enumerate(self.table.columns)}
        wanted = [by_name[name] for name in columns]
        of_value = [each for each in wanted if each in self.value_columns]
        in_key = self.is_upsert or any(each not in self.value_columns for each in wanted)
        of_key = [each for each in wanted if in_key and each in self.key_columns]
        of_format = [
            key.removeprefix(VALUE_PREFIX) for key in metadata if key not in RECORD_METADATA
        ]
        places = [self._place(each, of_value, of_key) for each in wanted]
        places += [self._metadata_place(key, len(of_value), of_format) for key in metadata]
        key_part = None
        if self.key_format is not None and in_key:
            names = tuple(self.table.columns[each].name[len(self.key_prefix) :] for each in of_key)
            key_part = MessagePart(self.key_format, self._request(self.key_fields(), names))
        return ColumnDecoderFactory(
            self._value_part(of_value, of_format, used), key_part, tuple(places), self.is_upsert
        )

    def _place(self, column: int, of_value: Sequence[int], of_key: Sequence[int]) -> Place:
        data_type = self.table.columns[column].data_type
        in_key = of_key.index(column) if column in of_key else None
        if column in of_value:
            at = in_key if self.is_upsert else None
            return Place("value", of_value.index(column), data_type, at)
        assert in_key is not None, "a column is in the value or in the key"
        return Place("key", in_key, data_type, in_key)

    def _metadata_place(self, key: str, offset: int, of_format: Sequence[str]) -> Place:
        if key in RECORD_METADATA:
            return Place("record", key, RECORD_METADATA[key].data_type)
        name = key.removeprefix(VALUE_PREFIX)
        data_type = self.value_format.readable_metadata[name]
        return Place("value", offset + of_format.index(name), data_type)

    def _value_part(
        self, columns: Sequence[int], metadata: Sequence[str], used: UsedFields
    ) -> MessagePart:
        narrowed: dict[str, RowType] = {}
        whole: dict[int, RowType] = {}
        if self.value_format.identifier in _BY_NAME:
            for place, column in enumerate(columns):
                field = self.table.columns[column]
                if field.name in used and isinstance(field.data_type, RowType):
                    narrowed[field.name] = _narrowed(field.data_type, used[field.name])
                    whole[place] = field.data_type
        names = tuple(self.table.columns[each].name for each in columns)
        request = FormatRequest(
            self.value_fields(), names, tuple(metadata), self.table.time_zone, narrowed
        )
        return MessagePart(self.value_format, request, whole)

    def _request(self, fields: tuple[RowField, ...], wanted: tuple[str, ...]) -> FormatRequest:
        return FormatRequest(fields, wanted, (), self.table.time_zone)

    def written_key(self) -> WrittenPart | None:
        """The key as it is written."""
        if self.key_format is None:
            return None
        return WrittenPart(self.key_format, self.key_fields(), self.key_columns)

    def written_value(self, metadata: Sequence[str]) -> WrittenPart:
        """The value as it is written; of the metadata that follows the columns in a batch its
        format has those under ``value.``."""
        start = len(self.table.columns)
        own = [(at, key) for at, key in enumerate(metadata) if key.startswith(VALUE_PREFIX)]
        return WrittenPart(
            self.value_format,
            self.value_fields(),
            (*self.value_columns, *(start + at for at, _ in own)),
            tuple(key.removeprefix(VALUE_PREFIX) for _, key in own),
        )


def _narrowed(data_type: RowType, used: frozenset[tuple[str, ...]]) -> RowType:
    """The type with the fields that are read, and of these, if they are rows, likewise."""
    fields = []
    for field in data_type.fields:
        deeper = frozenset(path[1:] for path in used if path[0] == field.name)
        if deeper and () not in deeper and isinstance(field.data_type, RowType):
            fields.append(RowField(field.name, _narrowed(field.data_type, deeper)))
        elif deeper:
            fields.append(field)
    if not fields:
        # Whether the row is NULL can be asked without a field; one must be there.
        fields = [min(data_type.fields, key=lambda each: isinstance(each.data_type, _NESTED))]
    return RowType(tuple(fields), nullable=data_type.nullable)


def read_formats(table: TableDescription, options: Mapping[str, str]) -> RecordFormats:
    """How the rows of a ``kafka`` table stand in records.

    Args:
        table: The table.
        options: Those of the connector, without those of formats.

    Raises:
        ConfigurationError: An option is missing or wrong.
    """
    given = options_of(table)
    if given.given("format") and given.given("value.format"):
        raise given.error("value.format", "cannot stand beside 'format'; give one of them")
    if not given.given("format") and not given.given("value.format"):
        given.required("format")
    side = "value." if given.given("value.format") else ""
    names = [each.strip() for each in given.text("key.fields", "").split(";") if each.strip()]
    if given.given("key.format") and not names:
        raise given.error("key.format", "needs 'key.fields': the columns that are in the key")
    if names and not given.given("key.format"):
        raise given.error("key.fields", "needs 'key.format': how keys are written")
    prefix = _read_prefix(given)
    keys = tuple(_find_column(table, name, prefix) for name in names)
    formats = _formats(table, options, side, keys, prefix)
    is_change = formats.value_format.changelog_mode is not ChangelogMode.INSERT_ONLY
    if table.primary_key and not is_change:
        raise ConfigurationError(
            f"Table {'.'.join(table.path)} has a PRIMARY KEY, but its format "
            f"'{formats.value_format.identifier}' only adds rows, so that a key may come twice. "
            "Leave the key out, or use the connector 'upsert-kafka'.",
            key="connector",
        )
    return formats


def read_upsert_formats(table: TableDescription, options: Mapping[str, str]) -> RecordFormats:
    """How the rows of an ``upsert-kafka`` table stand in records: the key is the primary key.

    Raises:
        ConfigurationError: An option is missing or wrong, or the table has no primary key.
    """
    given = options_of(table)
    if not table.primary_key:
        raise ConfigurationError(
            f"Table {'.'.join(table.path)} needs a PRIMARY KEY (...) NOT ENFORCED: the connector "
            "'upsert-kafka' writes and reads the last row of each key.",
            key="connector",
        )
    given.required("key.format")
    given.required("value.format")
    prefix = _read_prefix(given)
    keys = tuple(_find_column(table, name, prefix) for name in table.primary_key)
    formats = _formats(table, options, "value.", keys, prefix, is_upsert=True)
    _check_inserts(formats.value_format, "value.format")
    return formats


def _formats(
    table: TableDescription,
    options: Mapping[str, str],
    side: str,
    keys: tuple[int, ...],
    prefix: str,
    *,
    is_upsert: bool = False,
) -> RecordFormats:
    given = options_of(table)
    include = _read_include(given)
    every = range(len(table.columns))
    values = tuple(each for each in every if include == "ALL" or each not in keys)
    known = dict(options)
    value_format = _read_format(table, f"{side}format", side, known)
    key_format = None
    if given.given("key.format"):
        key_format = _read_format(table, "key.format", "key.", known)
        _check_inserts(key_format, "key.format")
    check_options(table, known)
    return RecordFormats(table, value_format, key_format, keys, values, prefix, is_upsert)


def _read_include(options: TableOptions) -> str:
    return options.choice("value.fields-include", "ALL", ("ALL", "EXCEPT_KEY"))


def _read_prefix(options: TableOptions) -> str:
    prefix = options.text("key.fields-prefix", "")
    if prefix and _read_include(options) == "ALL":
        raise options.error(
            "key.fields-prefix",
            "needs 'value.fields-include' = 'EXCEPT_KEY', so that no column has two names",
        )
    return prefix


def _find_column(table: TableDescription, name: str, prefix: str) -> int:
    for at, field in enumerate(table.columns):
        if field.name == name:
            if not name.startswith(prefix):
                raise options_of(table).error(
                    "key.fields-prefix", f"the key column '{name}' does not begin with '{prefix}'"
                )
            return at
    names = [field.name for field in table.columns]
    raise options_of(table).error(
        "key.fields",
        f"there is no physical column '{name}'. {did_you_mean(name, names, 'Columns') or ''}",
    )


def _read_format(
    table: TableDescription, option: str, side: str, known: dict[str, str]
) -> ColumnFormat:
    """The format that ``option`` names; what it knows is added to ``known``."""
    options = options_of(table)
    name = options.required(option)
    try:
        factory = find_format(name)
    except ConfigurationError as error:
        raise options.error(option, str(error)) from None
    prefix = f"{side}{factory.identifier}."
    known.update({prefix + key: text for key, text in factory.options.items()})
    return factory.create(options.below(prefix))


def _check_inserts(column_format: ColumnFormat, option: str) -> None:
    if column_format.changelog_mode is not ChangelogMode.INSERT_ONLY:
        raise ConfigurationError(
            f"Option '{option}' cannot be '{column_format.identifier}': its messages are changes "
            "themselves.",
            key=option,
        )
