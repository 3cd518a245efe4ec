"""Records as columns: keys and values decoded each at once, what surrounds them put beside.

A record becomes as many rows as its value says. Columns of the key are repeated for each of them;
of a key that is needed only for tombstones no other is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import polars as pl

from flott.common.constant_series import constant
from flott.common.logical_types import DataType, RowType
from flott.common.physical_types import column_name, column_names, polars_type
from flott.connectors.kafka.client.ports import KEY, VALUE, Fetched
from flott.connectors.kafka.records.codecs import (
    DecodedRecords,
    MalformedRecord,
    RecordDecoder,
    RecordDecoderFactory,
)
from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.core.column_batch import DELETE, INSERT, ColumnBatch
from flott.core.context import OperatorContext
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.columns.messages import DecodedMessages

_NO_KEY: Final = "the record has no key"


class Place(NamedTuple):
    """Where a column of a table comes from.

    Attributes:
        part: ``key``, ``value``, or ``record`` for what surrounds them.
        column: Its position among the columns of its part, or the name of the metadata.
        data_type: The column's type.
        key_column: Of a column of the primary key, where it is in the key: there it is read from
            when a record has no value.
    """

    part: str
    column: int | str
    data_type: DataType
    key_column: int | None = None


@dataclass(frozen=True)
class MessagePart:
    """The keys, or the values, of records as columns.

    Attributes:
        column_format: How they are written.
        request: Which columns are read of them.
        whole_types: The types of ROW columns of which only some fields are read, by position; the
            other fields become NULL.
    """

    column_format: ColumnFormat
    request: FormatRequest
    whole_types: Mapping[int, RowType] = field(default_factory=dict)


@dataclass(frozen=True)
class ColumnDecoderFactory(RecordDecoderFactory):
    """Reads records into the columns of a table.

    Attributes:
        value: What the values hold.
        key: What the keys hold, if anything of them is read.
        places: Where each column comes from.
        is_upsert: Whether a record without value deletes the row of its key; it is left out else.
    """

    value: MessagePart
    key: MessagePart | None
    places: tuple[Place, ...]
    is_upsert: bool = False

    def create_decoder(self, context: OperatorContext | None) -> RecordDecoder:
        return _ColumnDecoder(self)


class _PartDecoder:
    def __init__(self, part: MessagePart) -> None:
        self._decoder = part.column_format.create_message_decoder(part.request)
        self._whole = part.whole_types

    def decode(self, messages: pl.Series) -> DecodedMessages:
        decoded = self._decoder.decode(messages)
        if not self._whole:
            return decoded
        wider = [_widened(column_name(place), wanted) for place, wanted in self._whole.items()]
        frame = decoded.frame.with_columns(wider)
        return DecodedMessages(frame, decoded.messages, decoded.kinds, decoded.malformed)


def _widened(name: str, wanted: RowType) -> pl.Expr:
    """A ROW of which some fields were read, as the ROW it stands for."""
    return pl.col(name).cast(polars_type(wanted), strict=False).alias(name)


class _ColumnDecoder(RecordDecoder):
    def __init__(self, factory: ColumnDecoderFactory) -> None:
        self._places = factory.places
        self._value = _PartDecoder(factory.value)
        self._key = None if factory.key is None else _PartDecoder(factory.key)
        self._is_upsert = factory.is_upsert
        self._reads_key = any(place.part == "key" for place in factory.places)
        self._needs_key = [
            place
            for place in factory.places
            if place.part == "key" and not place.data_type.nullable
        ]
        around = [place for place in factory.places if place.part == "record"]
        found = {RECORD_METADATA[str(place.column)].source for place in around}
        self.columns = frozenset({VALUE, *found} | ({KEY} if self._key is not None else set()))

    def decode(self, fetched: Fetched) -> DecodedRecords:
        frame = fetched.frame
        decoded = self._value.decode(frame[VALUE])
        malformed = [MalformedRecord(at, f"value: {why}") for at, why in decoded.malformed]
        rows, kinds, values, keys = decoded.messages, decoded.kinds, decoded.frame, None
        if self._reads_key:
            picked = self._keys_of(frame[KEY], rows, values.height, malformed)
            keys = picked.keys
            if picked.of_values is not None:
                values = values[picked.of_values]
                rows = picked.rows
                kinds = None if kinds is None else kinds.gather(picked.of_values)
        columns = self._columns(frame, rows, keys, values)
        batch = ColumnBatch(_framed(columns, values.height), kinds)
        if self._is_upsert:
            batch, rows = self._with_tombstones(frame, batch, rows, malformed)
        return DecodedRecords(batch, rows, _once(malformed))

    def _columns(
        self,
        frame: pl.DataFrame,
        rows: pl.Series | None,
        keys: pl.DataFrame | None,
        values: pl.DataFrame,
    ) -> list[pl.Series]:
        columns = []
        for place in self._places:
            if place.part == "value":
                column = values[column_name(int(place.column))]
            elif place.part == "record":
                column = _surroundings(frame, rows, str(place.column))
            elif keys is None:
                column = pl.Series(dtype=polars_type(place.data_type))
            else:
                column = keys[column_name(int(place.column))]
            columns.append(column)
        return columns

    def _keys_of(
        self,
        messages: pl.Series,
        rows: pl.Series | None,
        height: int,
        malformed: list[MalformedRecord],
    ) -> _Joined:
        """The columns of the keys, a row for each row of the values that has a key."""
        assert self._key is not None
        decoded = self._key.decode(messages)
        if decoded.messages is None:
            return _Joined(decoded.frame if rows is None else decoded.frame[rows])
        malformed += [MalformedRecord(at, f"key: {why}") for at, why in decoded.malformed]
        if rows is None:
            rows = _numbers(height)
        missing = messages.is_null()
        if self._needs_key and missing.any():
            reason = f"key: {_NO_KEY}, and its columns are NOT NULL"
            lacking = set(missing.arg_true()).intersection(rows)
            malformed += [MalformedRecord(row, reason) for row in lacking]
            missing = constant(False, messages.len(), pl.Boolean)
        of_values = pl.DataFrame({"row": rows, "value": _numbers(rows.len())})
        of_keys = pl.DataFrame({"row": decoded.messages, "key": _numbers(decoded.messages.len())})
        both = of_values.join(of_keys, on="row", how="left", maintain_order="left_right")
        # A record without key has NULL for its columns; one whose key gives no row gives none.
        both = both.filter(both["key"].is_not_null() | missing.gather(both["row"]))
        return _Joined(decoded.frame[both["key"]], both["value"], both["row"])

    def _with_tombstones(
        self,
        frame: pl.DataFrame,
        batch: ColumnBatch,
        rows: pl.Series | None,
        malformed: list[MalformedRecord],
    ) -> tuple[ColumnBatch, pl.Series | None]:
        """The batch with a delete for each record without value."""
        dead = frame[VALUE].is_null().arg_true()
        if not dead.len():
            return batch, rows
        assert self._key is not None, "the primary key is read from the key"
        decoded = self._key.decode(frame[KEY].gather(dead))
        malformed += [MalformedRecord(dead[at], f"key: {why}") for at, why in decoded.malformed]
        lacking = dead.filter(frame[KEY].gather(dead).is_null())
        malformed += [MalformedRecord(row, f"key: {_NO_KEY}, nor a value") for row in lacking]
        if decoded.messages is not None:
            dead = dead.gather(decoded.messages)
        deleted = _framed(self._deleted(frame, dead, decoded.frame), dead.len())
        rows = _numbers(batch.row_count) if rows is None else rows
        every = pl.concat([rows, dead.cast(pl.UInt32)])
        kinds = pl.concat(
            [
                constant(INSERT, batch.row_count, pl.Int8),
                constant(DELETE, dead.len(), pl.Int8),
            ]
        )
        order = every.arg_sort()
        whole = ColumnBatch(pl.concat([batch.frame, deleted]), kinds)
        return whole.gather(order), every.gather(order)

    def _deleted(
        self, frame: pl.DataFrame, dead: pl.Series, keys: pl.DataFrame
    ) -> Sequence[pl.Series]:
        """The columns of the records ``dead``, of which only keys are there."""
        columns = []
        for place in self._places:
            if place.key_column is not None:
                columns.append(keys[column_name(place.key_column)])
            elif place.part == "record":
                columns.append(_surroundings(frame, dead, str(place.column)))
            else:
                kind = polars_type(place.data_type)
                columns.append(constant(None, dead.len(), kind))
        return columns


class _Joined(NamedTuple):
    """Columns of keys, and which rows of the values they stand beside.

    Attributes:
        keys: The columns.
        of_values: Rows of the values; ``None`` for all, in order.
        rows: Their records; ``None`` likewise.
    """

    keys: pl.DataFrame
    of_values: pl.Series | None = None
    rows: pl.Series | None = None


def _once(malformed: Sequence[MalformedRecord]) -> list[MalformedRecord]:
    """Each record with the first reason that was found, in order."""
    first: dict[int, MalformedRecord] = {}
    for each in malformed:
        first.setdefault(each.row, each)
    return sorted(first.values())


def _surroundings(frame: pl.DataFrame, rows: pl.Series | None, key: str) -> pl.Series:
    metadata = RECORD_METADATA[key]
    column = frame[metadata.source]
    return metadata.read(column if rows is None else column.gather(rows))


def _numbers(count: int) -> pl.Series:
    return pl.int_range(count, dtype=pl.UInt32, eager=True)


def _framed(columns: Sequence[pl.Series], height: int) -> pl.DataFrame:
    if not columns:
        return pl.DataFrame(height=height)
    names = column_names(len(columns))
    return pl.DataFrame([each.alias(name) for each, name in zip(columns, names, strict=True)])
