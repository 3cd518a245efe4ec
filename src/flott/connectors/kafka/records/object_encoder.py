"""Objects as records: keys and values of a batch each at once where the schema can do that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any, Final

import polars as pl

from flott.common.serialization import ByteArraySchema, SerializationSchema, SimpleStringSchema
from flott.connectors.kafka.client.ports import HEADERS, KEY, PARTITION, TIMESTAMP, TOPIC, VALUE
from flott.connectors.kafka.records.codecs import RecordEncoder
from flott.connectors.kafka.records.partitioner import KafkaPartitioner, TopicPartitions
from flott.connectors.kafka.records.record_serialization import (
    Headers,
    KafkaRecordSerializationSchema,
    PartedSchema,
    ProducerRecord,
)
from flott.core.batch import Batch, RowBatch

_HEADERS: Final = pl.List(pl.Struct({"key": pl.String, "value": pl.Binary}))
#: Tells UTF-8 from other encodings.
_PROBE: Final = "é"
_WHOLE_SCHEMA: Final[dict[str, Any]] = {
    TOPIC: pl.String,
    PARTITION: pl.Int32,
    TIMESTAMP: pl.Int64,
    KEY: pl.Binary,
    VALUE: pl.Binary,
    HEADERS: _HEADERS,
}


def create_object_encoder(
    schema: KafkaRecordSerializationSchema,
    subtask: int,
    parallelism: int,
    partitions: TopicPartitions,
) -> RecordEncoder:
    """The encoder for a schema.

    Args:
        schema: How elements become records.
        subtask: The subtask that writes.
        parallelism: How many there are.
        partitions: Tells a partitioner which partitions there are.
    """
    schema = copy(schema)  # subtasks may share a process
    schema.open(subtask, parallelism)
    if not isinstance(schema, PartedSchema):
        return WholeEncoder(schema)
    if schema.partitioner is not None:
        schema.partitioner = copy(schema.partitioner)
        schema.partitioner.open(subtask, parallelism)
    return PartedEncoder(schema, partitions)


class PartedEncoder(RecordEncoder):
    """Writes keys and values of a batch each at once."""

    def __init__(self, schema: PartedSchema, partitions: TopicPartitions) -> None:
        self._schema = schema
        self._partitions = partitions
        self._encode_value = _choose_series_encoder(schema.value)
        self._encode_key = None if schema.key is None else _choose_series_encoder(schema.key)

    def encode(self, batch: Batch) -> pl.DataFrame:
        assert isinstance(batch, RowBatch), "a schema for objects is given objects"
        schema, values = self._schema, batch.values
        columns: dict[str, Any] = {}
        if schema.topic_of is not None:
            topics = [schema.topic_of(value) for value in values]
            columns[TOPIC] = pl.Series(TOPIC, topics, dtype=pl.String)
        if batch.timestamps is not None:
            columns[TIMESTAMP] = _times(batch.timestamps)
        if self._encode_key is not None:
            columns[KEY] = self._encode_key(values)
        columns[VALUE] = self._encode_value(values)
        if schema.headers_of is not None:
            headers = [_header_list(schema.headers_of(value)) for value in values]
            columns[HEADERS] = pl.Series(HEADERS, headers, dtype=_HEADERS)
        if schema.partitioner is not None:
            columns[PARTITION] = self._choose_partitions(schema.partitioner, values, columns)
        return pl.DataFrame(columns)

    def _choose_partitions(
        self, partitioner: KafkaPartitioner, values: list[Any], columns: Mapping[str, pl.Series]
    ) -> pl.Series:
        count = len(values)
        topics = columns[TOPIC].to_list() if TOPIC in columns else [self._schema.topic] * count
        keys = columns[KEY].to_list() if KEY in columns else [None] * count
        texts = columns[VALUE].to_list()
        known = {topic: self._partitions.of(topic) for topic in set(topics)}
        chosen = [
            partitioner.partition(value, key, text, topic, known[topic])
            for value, key, text, topic in zip(values, keys, texts, topics)
        ]
        return pl.Series(PARTITION, chosen, dtype=pl.Int32)


class WholeEncoder(RecordEncoder):
    """Asks the schema for each record."""

    def __init__(self, schema: KafkaRecordSerializationSchema) -> None:
        self._schema = schema

    def encode(self, batch: Batch) -> pl.DataFrame:
        assert isinstance(batch, RowBatch), "a schema for objects is given objects"
        serialize = self._schema.serialize
        times: Sequence[int | None] = batch.timestamps or [None] * len(batch.values)
        rows = []
        for value, time in zip(batch.values, times):
            record = serialize(value, time)
            if record is not None:
                rows.append(_whole_row(record))
        return pl.DataFrame(rows, schema=_WHOLE_SCHEMA, orient="row")


def _choose_series_encoder(schema: SerializationSchema) -> Callable[[list[Any]], pl.Series]:
    """The fastest way to write many values."""
    if type(schema) is SimpleStringSchema and schema.serialize(_PROBE) == _PROBE.encode():
        return _TextEncoder(schema)
    if type(schema) is ByteArraySchema:
        return _BytesEncoder(schema)
    return _SchemaEncoder(schema)


class _SchemaEncoder:
    def __init__(self, schema: SerializationSchema) -> None:
        self._schema = schema

    def __call__(self, values: list[Any]) -> pl.Series:
        schema = self._schema
        try:
            column = schema.serialize_column(values)
            if column is not None:
                return pl.DataFrame(column).to_series()
            return pl.Series(VALUE, schema.serialize_batch(values), dtype=pl.Binary)
        except Exception:
            # One of them cannot be written; alone it names itself.
            for value in values:
                schema.serialize(value)
            raise


class _TextEncoder(_SchemaEncoder):
    """Texts need not become bytes one by one."""

    def __call__(self, values: list[Any]) -> pl.Series:
        try:
            texts = pl.Series(VALUE, values, dtype=pl.String, strict=True)
        except (TypeError, UnicodeEncodeError):
            return super().__call__(values)
        return super().__call__(values) if texts.null_count() else texts.cast(pl.Binary)


class _BytesEncoder(_SchemaEncoder):
    def __call__(self, values: list[Any]) -> pl.Series:
        if all(type(value) is bytes for value in values):
            return pl.Series(VALUE, values, dtype=pl.Binary)
        return super().__call__(values)


def _times(timestamps: list[int]) -> pl.Series:
    """Times as Kafka takes them: not before 1970."""
    times = pl.Series(TIMESTAMP, timestamps, dtype=pl.Int64)
    smallest = times.min()
    if isinstance(smallest, int) and smallest < 0:
        return times.set(times < 0, None)
    return times


def _header_list(headers: Headers) -> list[dict[str, Any]]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return [{"key": name, "value": text} for name, text in pairs]


def _whole_row(record: ProducerRecord) -> tuple[Any, ...]:
    time = record.timestamp
    return (
        record.topic,
        record.partition,
        None if time is None or time < 0 else time,
        record.key,
        record.value,
        _header_list(record.headers),
    )
