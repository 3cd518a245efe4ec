"""What surrounds a record, as columns of a table: topic, partition, offset, time, headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from flott.common.logical_types import (
    BYTES,
    STRING,
    ArrayType,
    BigIntType,
    DataType,
    IntType,
    LocalZonedTimestampType,
    MapType,
    RowField,
    RowType,
)
from flott.connectors.kafka.client.ports import (
    HEADERS,
    LEADER_EPOCH,
    OFFSET,
    PARTITION,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    TOPIC,
)

#: What Flink shows for a record without time.
_NO_TIME_MS: Final = -1
_TIMESTAMP_TYPES: Final = {0: "NoTimestampType", 1: "CreateTime", 2: "LogAppendTime"}


@dataclass(frozen=True)
class RecordMetadata:
    """Metadata of records.

    Attributes:
        data_type: Its type as a column.
        source: The column of a frame of records that holds it.
        read: That column as a column of a table.
        write: A column of a table as that column; ``None`` where it is only read.
    """

    data_type: DataType
    source: str
    read: Callable[[pl.Series], pl.Series]
    write: Callable[[pl.Series], pl.Series] | None = None


def _same(column: pl.Series) -> pl.Series:
    return column


def _read_time(column: pl.Series) -> pl.Series:
    if column.null_count():
        column = column.fill_null(_NO_TIME_MS)
    return (column * 1000).cast(pl.Datetime("us"))


def _write_time(column: pl.Series) -> pl.Series:
    return column.dt.epoch("ms")


def _read_time_type(column: pl.Series) -> pl.Series:
    return column.cast(pl.Int64).replace_strict(_TIMESTAMP_TYPES, return_dtype=pl.String)


def _read_map(column: pl.Series) -> pl.Series:
    """Headers as a map: of several with one name the last counts."""
    column = _read_list(column)
    entry = pl.element()
    many = column.list.eval(entry.struct.field("key")).list.n_unique() < column.list.len()
    if not many.any():
        return column
    last = entry.filter(entry.struct.field("key").is_last_distinct())
    return column.list.eval(last)


def _read_list(column: pl.Series) -> pl.Series:
    return column.fill_null([]) if column.null_count() else column


_HEADER_FIELDS: Final = (RowField("key", STRING), RowField("value", BYTES))

#: By the key in ``METADATA FROM '...'``.
RECORD_METADATA: Final[Mapping[str, RecordMetadata]] = {
    "topic": RecordMetadata(STRING.not_null(), TOPIC, _same, _same),
    "partition": RecordMetadata(IntType(nullable=False), PARTITION, _same),
    "headers": RecordMetadata(
        MapType(STRING.not_null(), BYTES, nullable=False), HEADERS, _read_map, _same
    ),
    "header-list": RecordMetadata(
        ArrayType(RowType(_HEADER_FIELDS), nullable=False), HEADERS, _read_list, _same
    ),
    "leader-epoch": RecordMetadata(IntType(), LEADER_EPOCH, _same),
    "offset": RecordMetadata(BigIntType(nullable=False), OFFSET, _same),
    "timestamp": RecordMetadata(
        LocalZonedTimestampType(3, nullable=False), TIMESTAMP, _read_time, _write_time
    ),
    "timestamp-type": RecordMetadata(STRING.not_null(), TIMESTAMP_TYPE, _read_time_type),
}
