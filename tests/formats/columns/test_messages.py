"""Messages become rows, in order; broken ones are named and hold up no others."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from flott.common import logical_types as t
from flott.common.errors import UnsupportedFeature
from flott.formats.columns.contract import FormatRequest
from tests.formats.columns.decoding import (
    decode_messages,
    encode_messages,
    fields_of,
    make_format,
    origins,
)

COLUMNS = {"id": t.IntType(), "name": t.STRING}
ROW = b'{"id": 1, "name": "ada"}'


def test_messages_that_are_all_rows_need_no_positions() -> None:
    decoded = decode_messages("json", COLUMNS, [ROW, b'{"name":"bob","id":2}'])
    assert decoded.frame.rows() == [(1, "ada"), (2, "bob")]
    assert (decoded.messages, decoded.kinds, list(decoded.malformed)) == (None, None, [])


@pytest.mark.parametrize("nothing", [None, b"", b" \n", b"null", b" null "])
def test_a_message_without_an_object_has_no_row(nothing: bytes | None) -> None:
    decoded = decode_messages("json", COLUMNS, [ROW, nothing, ROW])
    assert origins(decoded) == [0, 2]
    assert not decoded.malformed


def test_only_nothing_is_no_rows() -> None:
    decoded = decode_messages("json", COLUMNS, [None, b""])
    assert decoded.frame.height == 0
    assert decoded.frame.columns == ["f0", "f1"]


def test_an_object_may_be_written_on_several_lines() -> None:
    pretty = json.dumps({"id": 1, "name": "a\nb", "other": [{}, []]}, indent=2).encode()
    decoded = decode_messages("json", COLUMNS, [pretty, pretty.replace(b"\n", b"\r\n") + b"\n"])
    assert decoded.frame.rows() == [(1, "a\nb")] * 2


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (ROW + ROW, "Extra data"),
        (ROW + b"\n" + ROW, "Extra data"),
        (ROW + b"x", "Extra data"),
        (ROW[:-1], "no JSON"),
        (b'{"id": 1,}', "no JSON"),
        (b'{"id": 01}', "no JSON"),
        (b"{'id': 1}", "no JSON"),
        (b'{"name": "a\tb"}', "no JSON"),
        (b'{"name": "\xff"}', "byte 0xff at position 10 is not utf-8 text"),
        (b'"text"', "expected a JSON object"),
        (b'{"id": "one"}', "column 'id': no whole number: 'one'"),
        (b'{"id": 1}\0', "Extra data"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_broken_messages_are_found_at_their_place(broken: bytes, reason: str) -> None:
    decoded = decode_messages("json", COLUMNS, [ROW, broken, None, ROW, broken])
    assert origins(decoded) == [0, 3]
    assert [bad.position for bad in decoded.malformed] == [1, 4]
    assert reason in decoded.malformed[0].reason


def test_ignored_errors_are_not_listed() -> None:
    messages = [ROW, b"{", b'{"id": "one", "name": "eve"}']
    decoded = decode_messages("json", COLUMNS, messages, {"ignore-parse-errors": "true"})
    assert decoded.frame.rows() == [(1, "ada"), (None, "eve")]
    assert (origins(decoded), list(decoded.malformed)) == ([0, 2], [])


def test_an_array_of_objects_is_a_row_each() -> None:
    decoded = decode_messages("json", COLUMNS, [ROW, b'[{"id": 2}, null, {"id": 3}]', ROW])
    assert [row[0] for row in decoded.frame.rows()] == [1, 2, 3, 1]
    assert origins(decoded) == [0, 1, 1, 2]


def test_messages_beyond_the_kernel_come_back_to_their_places() -> None:
    messages = [ROW, b'{"id": "2", "id": " 3 "}', ROW, b'{"id": 4.5}', b"\xef\xbb\xbf" + ROW]
    decoded = decode_messages("json", COLUMNS, messages)
    assert [row[0] for row in decoded.frame.rows()] == [1, 3, 1, 4, 1]
    assert decoded.messages is None


def test_rows_without_columns_are_counted() -> None:
    decoded = decode_messages("json", COLUMNS, [ROW, None, b'{"id": 1, "id": 2}', b"{"], wanted=())
    assert decoded.frame.height == 2
    assert origins(decoded) == [0, 2]


def test_types_beyond_the_kernel_are_read_one_by_one() -> None:
    columns = {"raw": t.BYTES, "id": t.IntType()}
    decoded = decode_messages("json", columns, [b'{"raw":"YWJj","id":1}', b"", b'{"raw":1}'])
    assert decoded.frame.rows() == [(b"abc", 1)]
    assert [bad.position for bad in decoded.malformed] == [2]


def test_missing_fields_can_be_refused() -> None:
    options = {"fail-on-missing-field": "true"}
    decoded = decode_messages("json", COLUMNS, [ROW, b'{"id": 2}'], options)
    assert origins(decoded) == [0]
    assert decoded.malformed[0].reason == "column 'name' is missing"


def test_half_characters_are_question_marks_as_in_java() -> None:
    decoded = decode_messages("json", COLUMNS, [rb'{"name": "\ud83d\ude00 \ud83d"}'])
    assert decoded.frame["f1"].to_list() == ["😀 ?"]


def test_timestamps_that_no_column_of_nanoseconds_holds_are_broken() -> None:
    messages = [b'{"at": "9999-12-31 00:00:00"}', b'{"at": "2000-01-01 00:00:00.000000001"}']
    decoded = decode_messages("json", {"at": t.TimestampType(9)}, messages)
    assert origins(decoded) == [1]
    assert "1678" in decoded.malformed[0].reason


def test_csv_messages_are_a_record_each() -> None:
    messages = [b"1,ada", b'2,"b,""b"', b"3,c\n", None, b"4,d\r\n"]
    decoded = decode_messages("csv", COLUMNS, messages)
    assert decoded.frame.rows() == [(1, "ada"), (2, 'b,"b'), (3, "c"), (4, "d")]
    assert origins(decoded) == [0, 1, 2, 4]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"", "expected one record, found none"),
        (b"1,a\n2,b", "expected one record, found 2"),
        (b"1", "expected 2 columns, found 1"),
        (b"1,2,3", "expected 2 columns, found 3"),
        (b'1,"a', "a quote that is opened and never closed"),
        (b"x,a", "column 'id': no whole number"),
        (b"1,\xff", "not UTF-8"),
    ],
)
def test_broken_csv_messages_are_found_among_many(broken: bytes, reason: str) -> None:
    messages = [b"%d,a" % number for number in range(100)]
    messages[70] = broken
    decoded = decode_messages("csv", COLUMNS, messages)
    assert origins(decoded) == [*range(70), *range(71, 100)]
    assert [bad.position for bad in decoded.malformed] == [70]
    assert reason in decoded.malformed[0].reason


def test_csv_of_one_column_and_of_none() -> None:
    assert decode_messages("csv", {"v": t.STRING}, [b"a", b"b"]).frame.rows() == [("a",), ("b",)]
    assert decode_messages("csv", COLUMNS, [b"1,a", b"2,b"], wanted=()).frame.height == 2


def test_csv_comments_are_no_records() -> None:
    options = {"allow-comments": "true", "ignore-parse-errors": "true"}
    decoded = decode_messages("csv", COLUMNS, [b"1,a", b"# 2,b", b"3"], options)
    assert decoded.frame.rows() == [(1, "a"), (3, None)]


def test_raw_messages_are_values() -> None:
    assert decode_messages("raw", {"v": t.STRING}, [b"a\nb", b""]).frame.rows() == [
        ("a\nb",), ("",),
    ]  # fmt: skip
    decoded = decode_messages("raw", {"v": t.IntType()}, [b"\0\0\1\0", b"\0", None])
    assert decoded.frame.rows() == [(256,)]
    assert [bad.position for bad in decoded.malformed] == [1]


def test_raw_texts_that_are_none_are_found() -> None:
    decoded = decode_messages("raw", {"v": t.STRING}, [b"a", b"\xff", b"c"])
    assert origins(decoded) == [0, 2]
    assert decoded.malformed == [(1, "byte 0xff at position 0 is not utf-8 text")]


CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "debezium-json": (
        {"before": {"id": 1}, "after": {"id": 1, "name": "b"}, "op": "u"},
        {"before": {"id": 1}, "after": None, "op": "d"},
    ),
    "canal-json": (
        {"data": [{"id": "1", "name": "b"}], "old": [{"name": None}], "type": "UPDATE"},
        {"data": [{"id": "1", "name": None}], "type": "DELETE"},
    ),
    "maxwell-json": (
        {"data": {"id": 1, "name": "b"}, "old": {"name": None}, "type": "update"},
        {"data": {"id": 1}, "type": "delete"},
    ),
    "ogg-json": (
        {"before": {"id": 1}, "after": {"id": 1, "name": "b"}, "op_type": "U"},
        {"before": {"id": 1}, "op_type": "D"},
    ),
}


@pytest.mark.parametrize("identifier", CHANGES)
def test_changes_tell_their_message_and_kind(identifier: str) -> None:
    update, delete = (json.dumps(message).encode() for message in CHANGES[identifier])
    messages = [update, None, b"{", delete, b"", b'{"op": "?", "op_type": "?", "type": "?"}']
    decoded = decode_messages(identifier, COLUMNS, messages)
    assert decoded.frame.rows() == [(1, None), (1, "b"), (1, None)]
    assert decoded.kinds is not None
    assert decoded.kinds.to_list() == [1, 2, 3]
    assert origins(decoded) == [0, 0, 3]
    assert [bad.position for bad in decoded.malformed] == [2, 5]


@pytest.mark.parametrize("identifier", CHANGES)
def test_changes_have_kinds_even_if_there_are_none(identifier: str) -> None:
    decoded = decode_messages(identifier, COLUMNS, [None])
    assert decoded.kinds is not None
    assert decoded.kinds.dtype == pl.Int8


def test_changes_carry_their_metadata() -> None:
    message = b'{"after": {"id": 1}, "op": "c", "source": {"db": "shop"}, "ts_ms": 1500}'
    decoded = decode_messages(
        "debezium-json", COLUMNS, [message], wanted=("id",), metadata=("source.database",)
    )
    assert decoded.frame.rows() == [(1, "shop")]
    too_late = message.replace(b"1500", b"9223372036854775807")
    decoded = decode_messages(
        "debezium-json", COLUMNS, [too_late], metadata=("ingestion-timestamp",)
    )
    assert "not a time in milliseconds" in decoded.malformed[0].reason


def test_rows_are_written_as_messages() -> None:
    values = [(1, "a"), (None, 'b"')]
    assert encode_messages("json", COLUMNS, values) == [
        b'{"id":1,"name":"a"}', b'{"id":null,"name":"b\\""}',
    ]  # fmt: skip
    assert encode_messages("csv", COLUMNS, values) == [b"1,a", b',"b"""']
    assert encode_messages("raw", {"v": t.STRING}, [("a",), (None,)]) == [b"a", None]
    assert encode_messages("raw", {"v": t.SmallIntType()}, [(1,), (None,)]) == [b"\0\1", None]


def test_changes_are_written_as_messages() -> None:
    found = encode_messages("debezium-json", COLUMNS, [(1, "a"), (1, "a")], None, ["+I", "-D"])
    assert found == [
        b'{"before":null,"after":{"id":1,"name":"a"},"op":"c"}',
        b'{"before":{"id":1,"name":"a"},"after":null,"op":"d"}',
    ]


def test_formats_of_files_only_say_so() -> None:
    parquet = make_format("parquet")
    with pytest.raises(UnsupportedFeature, match="for messages"):
        parquet.create_message_decoder(FormatRequest(fields_of(COLUMNS), ("id",)))
    with pytest.raises(UnsupportedFeature, match="Writing messages"):
        parquet.create_message_encoder(fields_of(COLUMNS), ())
