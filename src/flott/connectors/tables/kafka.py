"""``kafka`` tables: topics as tables of rows that are added, or of changes where the format tells
them, and ``upsert-kafka`` tables: topics that hold the last row of each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from flott.common.errors import ConfigurationError
from flott.common.logical_types import DataType
from flott.common.suggestions import did_you_mean
from flott.connectors.kafka.client.ports import KafkaClients
from flott.connectors.kafka.records.column_encoder import (
    VALUE_PREFIX,
    ColumnEncoderFactory,
    Topics,
)
from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.connectors.kafka.sink.kafka_sink import KafkaSink
from flott.connectors.kafka.source.kafka_source import KafkaSource
from flott.connectors.tables.kafka_formats import (
    RecordFormats,
    read_formats,
    read_upsert_formats,
)
from flott.connectors.tables.kafka_options import (
    KAFKA_OPTIONS,
    UPSERT_OPTIONS,
    Reading,
    Writing,
    read_properties,
    read_reading,
    read_topics,
    read_writing,
    with_formats,
)
from flott.connectors.tables.options import options_of
from flott.connectors.tables.upsert_buffer import UpsertBufferSink
from flott.core.sink import Sink
from flott.core.source import Source
from flott.core.table import (
    ChangelogMode,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
    UsedFields,
)


def default_clients() -> KafkaClients:
    """The clients of real brokers."""
    from flott.connectors.kafka.librdkafka.clients import (
        LibrdkafkaClients,  # loads the native client
    )

    return LibrdkafkaClients()


class KafkaTableFactory(TableFactory):
    """Makes ``kafka`` tables.

    Attributes:
        clients: Makes the clients; those of real brokers unless something else is put here.
    """

    identifier = "kafka"
    options = with_formats(KAFKA_OPTIONS, plain=True)
    clients: KafkaClients | None = None

    def create_source(self, table: TableDescription) -> TableSource:
        return KafkaTableSource(
            table,
            self._formats(table),
            read_reading(table, from_start=self._is_upsert),
            self._properties(table),
            self.clients or default_clients(),
        )

    def create_sink(self, table: TableDescription) -> TableSink:
        names, pattern = read_topics(options_of(table))
        topics = Topics(names, pattern)
        if topics.single is None and not _writes_topic(table):
            raise ConfigurationError(
                f"Table {'.'.join(table.path)} has several topics; to write it, declare a column "
                "that says which: `topic` STRING METADATA.",
                key="topic",
            )
        return KafkaTableSink(
            table,
            self._formats(table),
            topics,
            read_writing(table),
            read_properties(table),
            self.clients or default_clients(),
            *self._buffering(table),
        )

    @property
    def _is_upsert(self) -> bool:
        return False

    def _formats(self, table: TableDescription) -> RecordFormats:
        formats = self._read_formats(table)
        names, _ = read_topics(options_of(table))
        return formats.for_topic(names[0]) if len(names) == 1 else formats

    def _read_formats(self, table: TableDescription) -> RecordFormats:
        return read_formats(table, KAFKA_OPTIONS)

    def _properties(self, table: TableDescription) -> dict[str, str]:
        return {"group.id": f"KafkaSource-{'.'.join(table.path)}", **read_properties(table)}

    def _buffering(self, table: TableDescription) -> tuple[int, int]:
        return 0, 0


class UpsertKafkaTableFactory(KafkaTableFactory):
    """Makes ``upsert-kafka`` tables."""

    identifier = "upsert-kafka"
    options = with_formats(UPSERT_OPTIONS, plain=False)

    @property
    def _is_upsert(self) -> bool:
        return True

    def _read_formats(self, table: TableDescription) -> RecordFormats:
        return read_upsert_formats(table, UPSERT_OPTIONS)

    def _buffering(self, table: TableDescription) -> tuple[int, int]:
        options = options_of(table)
        rows = options.number("sink.buffer-flush.max-rows", 0)
        interval_ms = options.duration_ms("sink.buffer-flush.interval", 0) or 0
        if bool(rows) != bool(interval_ms):
            missing = "interval" if rows else "max-rows"
            raise options.error(
                f"sink.buffer-flush.{missing}",
                "is needed, too: rows are kept back by number and time, or not at all",
            )
        return rows, interval_ms


def _writes_topic(table: TableDescription) -> bool:
    return any(each.key == "topic" and not each.is_virtual for each in table.metadata.values())


@dataclass(frozen=True)
class KafkaTableSource(TableSource):
    """Topics as a table to read."""

    table: TableDescription = field(repr=False)
    formats: RecordFormats = field(repr=False)
    reading: Reading
    properties: Mapping[str, str] = field(repr=False)
    clients: KafkaClients
    used: UsedFields = field(default_factory=dict)

    @property
    def changelog_mode(self) -> ChangelogMode:
        if self.formats.is_upsert:
            return ChangelogMode.UPSERT
        return self.formats.value_format.changelog_mode

    @property
    def is_bounded(self) -> bool:
        return self.reading.stopping is not None

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        return self.formats.readable_metadata

    @property
    def has_ordered_splits(self) -> bool:
        return True

    def with_used_fields(self, used: UsedFields) -> TableSource:
        return replace(self, used=dict(used))

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        decoding = self.formats.decoding(columns, metadata, self.used)
        decoding.create_decoder(None)  # what types or options do not allow is told at once
        reading = self.reading
        return KafkaSource(
            self.properties,
            reading.subscription,
            reading.starting,
            reading.stopping,
            decoder_factory=decoding,
            clients=self.clients,
            discovery_ms=reading.discovery_ms,
            dead_letter_topic=reading.dead_letter_topic,
        )


@dataclass(frozen=True)
class KafkaTableSink(TableSink):
    """Topics as a table to write."""

    table: TableDescription = field(repr=False)
    formats: RecordFormats = field(repr=False)
    topics: Topics
    writing: Writing
    properties: Mapping[str, str] = field(repr=False)
    clients: KafkaClients
    buffered_rows: int = 0
    buffered_ms: int = 0

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        if self.formats.is_upsert:
            return ChangelogMode.UPSERT
        if requested is ChangelogMode.INSERT_ONLY:
            return requested
        return self.formats.value_format.changelog_mode

    @property
    def metadata_types(self) -> Mapping[str, DataType]:
        of_format = self.formats.value_format.writable_metadata
        return {
            **{VALUE_PREFIX + key: data_type for key, data_type in of_format.items()},
            **{
                key: each.data_type
                for key, each in RECORD_METADATA.items()
                if each.write is not None and (key != "topic" or self.topics.single is None)
            },
        }

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        self._check_metadata(metadata)
        formats, writing = self.formats, self.writing
        start = len(self.table.columns)
        encoding = ColumnEncoderFactory(
            self.topics,
            formats.written_value(metadata),
            formats.written_key(),
            {key: start + at for at, key in enumerate(metadata)},
            formats.is_upsert,
            writing.partitioner,
            self.clients,
            self.properties,
        )
        encoding.check()
        sink = KafkaSink(
            self.properties,
            self.topics.single,
            encoding,
            writing.guarantee,
            writing.prefix,
            clients=self.clients,
            on_lost_marker=writing.on_lost_marker,
            marker_topic=self.topics.names[0] if self.topics.names else None,
        )
        if not self.buffered_rows:
            return sink
        return UpsertBufferSink(sink, formats.key_columns, self.buffered_rows, self.buffered_ms)

    def _check_metadata(self, metadata: Sequence[str]) -> None:
        known = self.metadata_types
        for key in metadata:
            if key not in known:
                hint = did_you_mean(key, known, "Keys that can be written") or ""
                raise ConfigurationError(
                    f"The metadata '{key}' of table {'.'.join(self.table.path)} cannot be "
                    f"written. Declare its column VIRTUAL. {hint}".rstrip(),
                    key=key,
                )
        if "headers" in metadata and "header-list" in metadata:
            raise ConfigurationError(
                f"Table {'.'.join(self.table.path)} writes headers by two columns, 'headers' and "
                "'header-list'. Declare one of them VIRTUAL.",
                key="headers",
            )
