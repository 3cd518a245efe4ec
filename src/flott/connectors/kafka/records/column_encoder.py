"""Columns as records: keys and values encoded each at once, and what goes around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

import polars as pl

from flott.common.logical_types import RowField
from flott.common.physical_types import column_name
from flott.common.sql_errors import RecordError
from flott.connectors.kafka.client.ports import KEY, PARTITION, TOPIC, VALUE, KafkaClients
from flott.connectors.kafka.client.properties import translate
from flott.connectors.kafka.records.codecs import RecordEncoder, RecordEncoderFactory
from flott.connectors.kafka.records.partitioner import KafkaPartitioner, TopicPartitions
from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.core.batch import Batch
from flott.core.column_batch import DELETE, UPDATE_AFTER, UPDATE_BEFORE, ColumnBatch
from flott.core.context import OperatorContext
from flott.core.table import ChangelogMode
from flott.formats.columns.contract import ColumnFormat

#: Of metadata keys those that belong to the format of values begin so.
VALUE_PREFIX: Final = "value."


@dataclass(frozen=True)
class WrittenPart:
    """The keys, or the values, of records as they are written.

    Attributes:
        column_format: How.
        fields: The names they have there, and their types.
        columns: Which columns of a batch they are.
        metadata: Keys of the format's own metadata that follow.
    """

    column_format: ColumnFormat
    fields: tuple[RowField, ...]
    columns: tuple[int, ...]
    metadata: tuple[str, ...] = ()


@dataclass(frozen=True)
class Topics:
    """Where records may go.

    Attributes:
        names: The topics.
        pattern: What topics must be called, if ``names`` are not given.
    """

    names: tuple[str, ...] = ()
    pattern: str | None = None

    @property
    def single(self) -> str | None:
        """The topic of all records, if there is only one."""
        return self.names[0] if len(self.names) == 1 else None

    def allows(self, topic: str | None) -> bool:
        """Whether a record may go to ``topic``.

        >>> Topics(pattern="orders-.*").allows("orders-eu")
        True
        """
        if topic is None:
            return False
        if self.pattern is None:
            return topic in self.names
        return re.fullmatch(self.pattern, topic) is not None

    def __str__(self) -> str:
        return f"those like '{self.pattern}'" if self.pattern else ", ".join(self.names)


@dataclass(frozen=True)
class ColumnEncoderFactory(RecordEncoderFactory):
    """Writes the rows of a table as records.

    Attributes:
        topics: Where they go.
        value: What their values hold.
        key: What their keys hold; they have none without.
        metadata: Where what surrounds records stands in a batch, by metadata key.
        is_upsert: Whether a row that is taken away is written as a key without value.
        partitioner: What chooses partitions; the client does if not given.
        clients: Makes what tells a topic's partitions to a partitioner.
        properties: The client's own, for that.
    """

    topics: Topics
    value: WrittenPart
    key: WrittenPart | None = None
    metadata: Mapping[str, int] = field(default_factory=dict)
    is_upsert: bool = False
    partitioner: KafkaPartitioner | None = None
    clients: KafkaClients | None = None
    properties: Mapping[str, str] = field(default_factory=dict, repr=False)

    def check(self) -> None:
        """Tell what types or options do not allow.

        Raises:
            UnsupportedFeature: A format cannot write a column.
        """
        _ColumnEncoder(self)

    def create_encoder(self, context: OperatorContext) -> RecordEncoder:
        if self.partitioner is None:
            return _ColumnEncoder(self)
        assert self.clients is not None, "a partitioner is told the partitions"
        partitioner = copy(self.partitioner)  # subtasks may share a process
        partitioner.open(context.subtask_index, context.parallelism)
        partitions = TopicPartitions(self.clients, translate(self.properties, "cluster"), context)
        return _PartitionedEncoder(self, partitioner, partitions)


class _PartEncoder:
    def __init__(self, part: WrittenPart) -> None:
        self._names = [column_name(each) for each in part.columns]
        self._encoder = part.column_format.create_message_encoder(part.fields, part.metadata)
        self._takes_changes = part.column_format.changelog_mode is not ChangelogMode.INSERT_ONLY

    def encode(self, batch: ColumnBatch) -> pl.Series:
        columns = [
            batch.frame[name].alias(column_name(place)) for place, name in enumerate(self._names)
        ]
        frame = pl.DataFrame(columns) if columns else pl.DataFrame(height=batch.row_count)
        kinds = batch.kinds if self._takes_changes else None
        return self._encoder.encode(ColumnBatch(frame, kinds))


class _ColumnEncoder(RecordEncoder):
    def __init__(self, factory: ColumnEncoderFactory) -> None:
        self._value = _PartEncoder(factory.value)
        self._key = None if factory.key is None else _PartEncoder(factory.key)
        self._topics = factory.topics
        self._metadata = {
            key: column_name(place)
            for key, place in factory.metadata.items()
            if not key.startswith(VALUE_PREFIX)
        }
        self._is_upsert = factory.is_upsert

    def encode(self, batch: Batch) -> pl.DataFrame:
        return self.encode_rows(batch)[1]

    def encode_rows(self, batch: Batch) -> tuple[ColumnBatch, pl.DataFrame]:
        """The rows that are written, and the record of each."""
        assert isinstance(batch, ColumnBatch)
        if self._is_upsert and batch.kinds is not None:
            kinds = batch.kinds
            if ((kinds == DELETE) | (kinds == UPDATE_BEFORE)).any():
                return self._upserts(batch, kinds)
            batch = ColumnBatch(batch.frame)
        columns = self._surroundings(batch)
        if self._key is not None:
            columns.append(self._key.encode(ColumnBatch(batch.frame)).alias(KEY))
        columns.append(self._value.encode(batch).alias(VALUE))
        return batch, pl.DataFrame(columns)

    def _upserts(self, batch: ColumnBatch, kinds: pl.Series) -> tuple[ColumnBatch, pl.DataFrame]:
        """Rows by key; those taken away have no value."""
        assert self._key is not None, "upserts have keys"
        keys = self._key.encode(ColumnBatch(batch.frame))
        before = kinds == UPDATE_BEFORE
        if before.any():
            after = kinds.shift(-1, fill_value=DELETE) == UPDATE_AFTER
            # What replaces a row tells all there is to tell.
            kept = ~(before & after & keys.eq_missing(keys.shift(-1)))
            batch, keys, kinds = batch.filter(kept), keys.filter(kept), kinds.filter(kept)
        lives = (kinds != UPDATE_BEFORE) & (kinds != DELETE)
        written = self._value.encode(ColumnBatch(batch.frame.filter(lives)))
        if written.len() < batch.row_count:
            places = lives.cum_sum().cast(pl.Int64) - 1
            written = written.gather(pl.select(pl.when(lives).then(places)).to_series())
        columns = [*self._surroundings(batch), keys.alias(KEY), written.alias(VALUE)]
        return batch, pl.DataFrame(columns)

    def _surroundings(self, batch: ColumnBatch) -> list[pl.Series]:
        columns = []
        for key, name in self._metadata.items():
            metadata = RECORD_METADATA[key]
            assert metadata.write is not None, f"{key} is only read"
            column = metadata.write(batch.frame[name]).alias(metadata.source)
            if metadata.source == TOPIC:
                self._check_topics(batch, column)
            columns.append(column)
        return columns

    def _check_topics(self, batch: ColumnBatch, topics: pl.Series) -> None:
        for topic in topics.unique():
            if not self._topics.allows(topic):
                row = topics.to_list().index(topic)
                raise RecordError(
                    f"The topic {topic!r} is not one of the table's: {self._topics}",
                    "the metadata column 'topic'",
                    str(batch.frame.row(row)),
                )


class _PartitionedEncoder(RecordEncoder):
    """Asks a partitioner about each row."""

    def __init__(
        self,
        factory: ColumnEncoderFactory,
        partitioner: KafkaPartitioner,
        partitions: TopicPartitions,
    ) -> None:
        self._encoder = _ColumnEncoder(factory)
        self._choose = partitioner.partition
        self._partitions_of = partitions.of
        self._topic = factory.topics.single

    def encode(self, batch: Batch) -> pl.DataFrame:
        written, records = self._encoder.encode_rows(batch)
        choose, partitions_of = self._choose, self._partitions_of
        same: Sequence[Any] = [self._topic] * records.height
        topics = records[TOPIC] if TOPIC in records.columns else same
        keys = records[KEY] if KEY in records.columns else [None] * records.height
        found = [
            choose(value, key, message, topic, partitions_of(topic))
            for value, key, message, topic in zip(
                written.frame.iter_rows(), keys, records[VALUE], topics, strict=True
            )
        ]
        return records.with_columns(pl.Series(PARTITION, found, dtype=pl.Int32))
