"""Makes objects of the records a reader has fetched.

A batch is decoded at once. Only when that fails is it halved, and halved again, until the broken
records are found, so that one among thousands costs little.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any, Final

import polars as pl

from flott.common.serialization import DeserializationSchema, SimpleStringSchema
from flott.connectors.kafka.client.ports import (
    HEADERS,
    KEY,
    LEADER_EPOCH,
    OFFSET,
    PARTITION,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    TOPIC,
    VALUE,
    Fetched,
)
from flott.connectors.kafka.records.codecs import DecodedRecords, MalformedRecord, RecordDecoder
from flott.connectors.kafka.records.record_deserialization import (
    ConsumerRecord,
    KafkaRecordDeserializationSchema,
)
from flott.core.batch import RowBatch
from flott.core.element import MIN_WATERMARK

#: What a record that does not fit makes schemas and functions raise. Anything else is a mistake in
#: the program and fails the job, whatever is done about malformed records.
_MALFORMED: Final = (ValueError, LookupError, TypeError, ArithmeticError)

#: The fields of a ConsumerRecord as columns, in its order.
_RECORD_COLUMNS: Final = (
    TOPIC,
    PARTITION,
    OFFSET,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    KEY,
    VALUE,
    HEADERS,
    LEADER_EPOCH,
)
#: Whether a value is None, without calling its own __eq__ nor Python.
_is_none: Final = partial(operator.is_, None)
_UTF8_PROBE: Final = "\ufeff\u00e9\U0001f600"


class ValueDecoder(RecordDecoder):
    """Decodes all values of a batch at once.

    Args:
        schema: Reads values; those it gives ``None`` for are left out, and tombstones are.
    """

    columns = frozenset({VALUE, TIMESTAMP, OFFSET})

    def __init__(self, schema: DeserializationSchema) -> None:
        self._schema = schema
        self._is_utf8 = type(schema) is SimpleStringSchema and _reads_utf8(schema)

    def decode(self, fetched: Fetched) -> DecodedRecords:
        messages = fetched.frame[VALUE]
        times = fetched.frame[TIMESTAMP]
        rows: pl.Series | None = None
        if messages.null_count():
            rows = messages.is_not_null().arg_true()
            messages = messages.drop_nulls()
        values, reasons = self._decode_values(fetched, messages, rows)
        if True in map(_is_none, values):
            kept = [index for index, value in enumerate(values) if value is not None]
            values = [values[index] for index in kept]
            chosen = pl.Series(kept, dtype=pl.UInt32)
            rows = chosen if rows is None else rows.gather(chosen)
        if rows is not None:
            times = times.gather(rows)
        malformed = [MalformedRecord(row, f"value: {why}") for row, why in reasons]
        return DecodedRecords(RowBatch(values, _times_of(times)), rows, malformed)

    def _decode_values(
        self, fetched: Fetched, messages: pl.Series, rows: pl.Series | None
    ) -> tuple[list[Any], list[tuple[int, str]]]:
        """The values, ``None`` for a broken one, and the rows of broken ones with the reason."""
        if self._is_utf8:
            try:
                return messages.cast(pl.String).to_list(), []
            except pl.exceptions.PolarsError:
                pass  # some are not UTF-8; the schema says which
        try:
            found = self._schema.deserialize_column(messages)
        except Exception:
            found = None  # halving finds out about which of them it is
        if found is not None:
            return found, []
        values: list[Any] = []
        reasons: list[tuple[int, str]] = []

        def decode_one(message: bytes) -> Any:
            row = len(values) if rows is None else int(rows[len(values)])
            try:
                return self._schema.deserialize(message)
            except _MALFORMED as error:
                reasons.append((row, _reason_of(error)))
                return None
            except Exception as error:
                _note_position(error, fetched, row)
                raise

        decode_in_halves(messages.to_list(), self._schema.deserialize_batch, decode_one, values)
        return values, reasons


class WholeRecordDecoder(RecordDecoder):
    """Has a schema look at whole records, one by one.

    Args:
        schema: Makes any number of objects of a record.
    """

    columns = frozenset(_RECORD_COLUMNS)

    def __init__(self, schema: KafkaRecordDeserializationSchema) -> None:
        self._schema = schema

    def decode(self, fetched: Fetched) -> DecodedRecords:
        deserialize = self._schema.deserialize
        values: list[Any] = []
        rows: list[int] = []
        malformed = []
        for row, value in enumerate(_records_of(fetched.frame)):
            try:
                found = list(deserialize(value))
            except _MALFORMED as error:
                malformed.append(MalformedRecord(row, _reason_of(error)))
                continue
            except Exception as error:
                _note_position(error, fetched, row)
                raise
            values += found
            rows += [row] * len(found)
        times = fetched.frame[TIMESTAMP]
        if len(rows) == fetched.frame.height and rows == list(range(len(rows))):
            return DecodedRecords(RowBatch(values, _times_of(times)), None, malformed)
        places = pl.Series(rows, dtype=pl.UInt32)
        return DecodedRecords(RowBatch(values, _times_of(times.gather(places))), places, malformed)


def decode_in_halves(
    messages: list[bytes],
    decode_batch: Callable[[list[bytes]], list[Any]],
    decode_one: Callable[[bytes], Any],
    values: list[Any],
) -> None:
    """Decode messages in order, as many at once as can be.

    Args:
        messages: The messages.
        decode_batch: Decodes them all, or raises if one is broken.
        decode_one: Decodes one, broken or not.
        values: Where the results are appended, one a message.
    """
    if not messages:
        return
    try:
        found = decode_batch(messages)
    except Exception:  # about one of them; decode_one finds out which and what it means
        if len(messages) == 1:
            values.append(decode_one(messages[0]))
            return
        half = len(messages) // 2
        decode_in_halves(messages[:half], decode_batch, decode_one, values)
        decode_in_halves(messages[half:], decode_batch, decode_one, values)
        return
    assert len(found) == len(messages), "deserialize_batch gives one object a message"
    values += found


def _records_of(frame: pl.DataFrame) -> Any:
    columns: list[Any] = [frame[name].to_list() for name in _RECORD_COLUMNS]
    place = _RECORD_COLUMNS.index(HEADERS)
    columns[place] = [
        tuple((each["key"], each["value"]) for each in headers) if headers else ()
        for headers in columns[place]
    ]
    return map(ConsumerRecord._make, zip(*columns, strict=True))


def _times_of(times: pl.Series) -> list[int] | None:
    """Event times; records without a time of their own have none if no other has."""
    missing = times.null_count()
    if missing == len(times):
        return None
    return (times.fill_null(MIN_WATERMARK) if missing else times).to_list()


def _reads_utf8(schema: DeserializationSchema) -> bool:
    try:
        return bool(schema.deserialize(_UTF8_PROBE.encode()) == _UTF8_PROBE)
    except ValueError:
        return False


def _reason_of(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def _note_position(error: Exception, fetched: Fetched, row: int) -> None:
    partition = fetched.partition_of(row)
    error.add_note(
        f"while decoding topic '{partition.topic}', partition {partition.partition}, "
        f"offset {fetched.frame[OFFSET][row]}"
    )
