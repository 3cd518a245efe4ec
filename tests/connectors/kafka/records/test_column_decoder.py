"""Records into columns: keys, values, what surrounds them, tombstones, broken ones."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.logical_types import STRING, DataType, RowField
from flott.connectors.kafka.client.ports import Fetched
from flott.connectors.kafka.records.codecs import DecodedRecords
from flott.connectors.kafka.records.column_decoder import ColumnDecoderFactory, MessagePart, Place
from flott.connectors.kafka.records.record_metadata import RECORD_METADATA
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.contract import FormatRequest
from tests.connectors.kafka.model_clients import SCHEMA
from tests.connectors.kafka.text_format import TextFormat

KINDS = ["+I", "-U", "+U", "-D"]
NOT_NULL = STRING.not_null()


def part(*names: str, wanted: Sequence[str] | None = None, **settings: Any) -> MessagePart:
    metadata = settings.pop("metadata", ())
    fields = tuple(RowField(name, STRING) for name in names)
    request = FormatRequest(fields, tuple(names if wanted is None else wanted), metadata)
    return MessagePart(TextFormat(**settings), request)


def value(column: int, key_column: int | None = None) -> Place:
    return Place("value", column, STRING, key_column)


def key(column: int, data_type: DataType = STRING) -> Place:
    return Place("key", column, data_type, column)


def around(name: str) -> Place:
    return Place("record", name, RECORD_METADATA[name].data_type)


def fetched(*records: Mapping[str, Any]) -> Fetched:
    """Records with a value each; what else they have is left to the test."""
    defaults = dict.fromkeys(SCHEMA) | {"topic": "t", "partition": 0, "timestamp_type": 1}
    rows = [{**defaults, "offset": at, **record} for at, record in enumerate(records)]
    return Fetched(pl.DataFrame(rows, schema=SCHEMA), [], {})


def values(*messages: bytes | None) -> Fetched:
    return fetched(*({"value": each} for each in messages))


def pairs(*messages: tuple[bytes | None, bytes | None]) -> Fetched:
    return fetched(*({"key": one, "value": other} for one, other in messages))


def decode(factory: ColumnDecoderFactory, records: Fetched) -> DecodedRecords:
    decoder = factory.create_decoder(None)
    narrow = Fetched(records.frame.select(sorted(decoder.columns)), [], {})
    return decoder.decode(narrow)


def rows(decoded: DecodedRecords) -> list[tuple[Any, ...]]:
    assert isinstance(decoded.batch, ColumnBatch)
    return decoded.batch.frame.rows()


def changes(decoded: DecodedRecords) -> list[tuple[Any, ...]]:
    batch = decoded.batch
    assert isinstance(batch, ColumnBatch)
    kinds = [0] * batch.row_count if batch.kinds is None else batch.kinds.to_list()
    return [(KINDS[kind], *row) for kind, row in zip(kinds, batch.frame.rows(), strict=True)]


def origin(decoded: DecodedRecords) -> list[int] | None:
    return None if decoded.rows is None else decoded.rows.to_list()


def test_values_become_columns() -> None:
    decoded = decode(
        ColumnDecoderFactory(part("a", "b"), None, (value(0), value(1))), values(b"1,2", b"3,4")
    )
    assert rows(decoded) == [("1", "2"), ("3", "4")]
    assert (decoded.rows, list(decoded.malformed)) == (None, [])


def test_only_what_is_asked_for_is_fetched() -> None:
    plain = ColumnDecoderFactory(part("a"), None, (value(0), around("offset")))
    keyed = ColumnDecoderFactory(part("a"), part("k"), (value(0), key(0)))
    assert plain.create_decoder(None).columns == {"value", "offset"}
    assert keyed.create_decoder(None).columns == {"value", "key"}


def test_rows_are_counted_where_no_column_is_read() -> None:
    decoded = decode(ColumnDecoderFactory(part("a", wanted=()), None, ()), values(b"1", b"2"))
    assert decoded.batch.row_count == 2


def test_record_without_value_is_left_out() -> None:
    decoded = decode(ColumnDecoderFactory(part("a"), None, (value(0),)), values(b"1", None, b"2"))
    assert (rows(decoded), origin(decoded)) == ([("1",), ("2",)], [0, 2])


def test_broken_value_is_listed_with_its_record() -> None:
    decoded = decode(ColumnDecoderFactory(part("a"), None, (value(0),)), values(b"1", b"?", b"2"))
    assert rows(decoded) == [("1",), ("2",)]
    assert list(decoded.malformed) == [(1, "value: it is a question")]


def test_key_and_value_are_put_together() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0), value(0)))
    assert rows(decode(factory, pairs((b"x", b"1"), (b"y", b"2")))) == [("x", "1"), ("y", "2")]


def test_key_stands_beside_every_row_of_its_value() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0), value(0)))
    decoded = decode(factory, pairs((b"x", b"1|2"), (b"y", None), (b"z", b"3")))
    assert rows(decoded) == [("x", "1"), ("x", "2"), ("z", "3")]
    assert origin(decoded) == [0, 0, 2]


def test_key_of_several_rows_gives_each_of_them() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0), value(0)))
    decoded = decode(factory, pairs((b"x|y", b"1|2")))
    assert rows(decoded) == [("x", "1"), ("y", "1"), ("x", "2"), ("y", "2")]


def test_missing_key_is_null() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0), value(0)))
    decoded = decode(factory, pairs((None, b"1"), (b"y", b"2")))
    assert rows(decoded) == [(None, "1"), ("y", "2")]


def test_missing_key_breaks_a_record_whose_columns_are_not_null() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0, NOT_NULL), value(0)))
    decoded = decode(factory, pairs((None, b"1"), (b"y", b"2")))
    assert rows(decoded) == [("y", "2")]
    reason = "key: the record has no key, and its columns are NOT NULL"
    assert list(decoded.malformed) == [(0, reason)]


def test_broken_key_breaks_its_record_and_an_ignored_one_leaves_it_out() -> None:
    factory = ColumnDecoderFactory(part("a"), part("k"), (key(0), value(0)))
    decoded = decode(factory, pairs((b"?", b"1"), (b"~", b"2"), (b"z", b"3"), (b"?", b"?")))
    assert (rows(decoded), origin(decoded)) == ([("z", "3")], [2])
    reasons = [(0, "key: it is a question"), (3, "value: it is a question")]
    assert list(decoded.malformed) == reasons


def test_changes_keep_their_kinds_beside_keys() -> None:
    factory = ColumnDecoderFactory(part("a", has_changes=True), part("k"), (key(0), value(0)))
    decoded = decode(factory, pairs((b"x", b"1|-2"), (b"~", b"-3"), (b"z", b"-4")))
    assert changes(decoded) == [("+I", "x", "1"), ("-D", "x", "2"), ("-D", "z", "4")]


def test_metadata_of_records_and_of_their_values_can_be_read() -> None:
    factory = ColumnDecoderFactory(
        part("a", metadata=("size",)), None, (around("partition"), value(1), around("topic"))
    )
    decoded = decode(factory, fetched({"value": b"12|3", "partition": 7}))
    assert rows(decoded) == [(7, "4", "t"), (7, "4", "t")]


def test_time_and_its_type_are_read() -> None:
    factory = ColumnDecoderFactory(
        part("a", wanted=()), None, (around("timestamp"), around("timestamp-type"))
    )
    record = {"value": b"1", "timestamp": 1_500, "timestamp_type": 2}
    moment = datetime.datetime(1970, 1, 1, 0, 0, 1, 500_000)
    assert rows(decode(factory, fetched(record))) == [(moment, "LogAppendTime")]


def test_record_without_time_has_that_of_flink() -> None:
    factory = ColumnDecoderFactory(
        part("a", wanted=()), None, (around("timestamp"), around("timestamp-type"))
    )
    record = {"value": b"1", "timestamp": None, "timestamp_type": 0}
    moment = datetime.datetime(1969, 12, 31, 23, 59, 59, 999_000)
    assert rows(decode(factory, fetched(record))) == [(moment, "NoTimestampType")]


def test_headers_are_a_map_whose_last_entry_counts_and_a_list_of_all() -> None:
    factory = ColumnDecoderFactory(
        part("a", wanted=()), None, (around("headers"), around("header-list"))
    )
    headers = [
        {"key": "a", "value": b"1"},
        {"key": "b", "value": None},
        {"key": "a", "value": b"2"},
    ]
    decoded = decode(factory, fetched({"value": b"1", "headers": headers}, {"value": b"2"}))
    assert rows(decoded) == [(headers[1:], headers), ([], [])]


UPSERT = ColumnDecoderFactory(
    part("k", "a"), part("k"), (value(0, key_column=0), value(1)), is_upsert=True
)


def test_record_without_value_deletes_the_row_of_its_key() -> None:
    decoded = decode(UPSERT, pairs((b"x", b"x,1"), (b"x", None), (b"y", b"y,2")))
    assert changes(decoded) == [("+I", "x", "1"), ("-D", "x", None), ("+I", "y", "2")]
    assert origin(decoded) == [0, 1, 2]


def test_upserts_without_tombstones_cost_no_kinds() -> None:
    decoded = decode(UPSERT, pairs((b"x", b"x,1")))
    assert isinstance(decoded.batch, ColumnBatch)
    assert (decoded.batch.kinds, decoded.rows) == (None, None)


def test_columns_of_the_key_alone_are_read_from_it() -> None:
    factory = ColumnDecoderFactory(
        part("a"), part("k"), (key(0, NOT_NULL), value(0), around("offset")), is_upsert=True
    )
    decoded = decode(factory, pairs((b"x", b"1"), (b"x", None)))
    assert changes(decoded) == [("+I", "x", "1", 0), ("-D", "x", None, 1)]


@pytest.mark.parametrize("message", [None, b"?"])
def test_tombstone_needs_a_key(message: bytes | None) -> None:
    decoded = decode(UPSERT, pairs((b"x", b"x,1"), (message, None)))
    assert changes(decoded) == [("+I", "x", "1")]
    assert [row for row, _ in decoded.malformed] == [1]


messages = st.sampled_from([None, b"?", b"~", b"1", b"2|3"])


@given(st.lists(st.tuples(st.sampled_from([None, b"?", b"~", b"k", b"m|n"]), messages)))
def test_records_together_are_what_they_are_alone(
    records: list[tuple[bytes | None, bytes | None]],
) -> None:
    factory = ColumnDecoderFactory(
        part("a"), part("k"), (key(0), value(0), around("offset")), is_upsert=True
    )
    whole = decode(factory, pairs(*records))
    single = [decode(factory, pairs(each)) for each in records]
    alone = [(*row[:-1], at) for at, each in enumerate(single) for row in changes(each)]
    assert changes(whole) == alone
    broken = [(at, *why[1:]) for at, each in enumerate(single) for why in each.malformed]
    assert [tuple(each) for each in whole.malformed] == broken
