"""How messages are written."""

import json
import struct
from typing import Any

import pytest

from flott.cli.peeking.guess import Guess, Messages
from flott.cli.peeking.guessing import guess_format
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.formats.columns.registry import format_names


def guess(*texts: Any, name: str | None = None) -> Guess:
    messages = [text if isinstance(text, bytes) else json.dumps(text).encode() for text in texts]
    return guess_format(Messages(messages, "value"), name)


def columns(found: Guess) -> dict[str, str]:
    return {name: str(data_type) for name, data_type in found.fields.items()}


def test_objects_are_json() -> None:
    found = guess({"id": 1, "ts": 1_700_000_000_000}, {"id": 2})
    assert (found.format, columns(found)) == ("json", {"id": "BIGINT", "ts": "BIGINT"})
    assert [epoch.name for epoch in found.epochs] == ["ts"]
    assert found.rows[1] == {"id": 2}


def test_a_few_broken_messages_are_counted() -> None:
    assert guess({"a": 1}, {"a": 2}, {"a": 3}, b"oops").broken == 1
    assert guess({"a": 1}, b"oops", b"no").format == "raw"


def test_timestamps_of_iso_set_the_option() -> None:
    found = guess({"at": "2024-02-29T00:00:00Z"})
    assert found.options == {"timestamp-format.standard": "ISO-8601"}
    assert columns(found) == {"at": "TIMESTAMP_LTZ(3)"}


ROW = {"id": 1, "name": "x"}
CHANGES = {
    "debezium-json": {"before": None, "after": ROW, "op": "c", "ts_ms": 1},
    "canal-json": {"data": [ROW], "old": None, "type": "INSERT"},
    "maxwell-json": {"data": ROW, "type": "insert", "table": "t", "database": "d"},
    "ogg-json": {"after": ROW, "op_type": "I", "table": "t"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_changes_are_told_by_what_every_message_has(name: str) -> None:
    found = guess(CHANGES[name])
    assert (found.format, found.has_changes) == (name, True)
    assert columns(found) == {"id": "BIGINT", "name": "STRING"}
    assert guess(CHANGES[name], name=name).format == name


def test_debezium_with_its_schema_sets_the_option() -> None:
    found = guess({"schema": {}, "payload": {"before": ROW, "after": None, "op": "d"}})
    assert (found.format, found.options) == ("debezium-json", {"schema-include": "true"})


def test_json_that_was_asked_for_is_not_read_as_changes() -> None:
    found = guess(CHANGES["ogg-json"], name="json")
    assert columns(found)["after"] == "ROW<`id` BIGINT, `name` STRING>"
    assert not found.has_changes


@pytest.mark.parametrize(("delimiter", "options"), [(",", {}), (";", {"field-delimiter": ";"})])
def test_divided_texts_are_csv(delimiter: str, options: dict[str, str]) -> None:
    lines = [["1", "north", "2.5"], ["2", "south", "3"]]
    found = guess(*(delimiter.join(line).encode() for line in lines))
    assert (found.format, found.options) == ("csv", options)
    assert columns(found) == {"value1": "BIGINT", "value2": "STRING", "value3": "DOUBLE"}


def test_a_header_names_the_columns_of_csv() -> None:
    found = guess(b"id,unit price,region", b"1,2.5,north", b"2,3,south")
    assert columns(found) == {"id": "BIGINT", "unit price": "DOUBLE", "region": "STRING"}
    assert (found.options, found.broken) == ({"ignore-parse-errors": "true"}, 0)
    assert "header" in found.note


@pytest.mark.parametrize(
    "lines",
    [
        [b"north,south", b"east,west"],  # words all the way
        [b"id,id", b"1,2"],
        [b"id,2024", b"1,2"],
        [b"id,price"],
    ],
)
def test_a_line_of_words_may_be_no_header(lines: list[bytes]) -> None:
    found = guess(*lines)
    assert (list(columns(found)), found.note) == (["value1", "value2"], "")


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ([b"plain text", b"other"], "STRING"),
        ([struct.pack(">q", 42), struct.pack(">q", 7)], "BIGINT"),
        ([struct.pack(">i", 42)], "INT"),
        ([b"abcdefgh"], "STRING"),
        ([b"\xff\xfe\xfd"], "BYTES"),
        ([b'"text"', b"12"], "STRING"),
    ],
)
def test_everything_else_is_raw(messages: list[bytes], expected: str) -> None:
    found = guess(*messages)
    assert (found.format, columns(found)) == ("raw", {"value": expected})


def test_numbers_of_schemas_ask_for_the_registry() -> None:
    found = guess(b"\0\0\0\0\x07abcdef", b"\0\0\0\0\x07xyz")
    assert (found.format, dict(found.fields)) == ("avro-confluent", {})
    assert "schema 7" in found.missing


def test_what_is_not_of_the_format_named_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="not of format 'debezium-json'"):
        guess(ROW, name="debezium-json")
    with pytest.raises(ConfigurationError, match="Did you mean 'json'"):
        guess(ROW, name="jsn")


@pytest.mark.parametrize("name", ["avro", "parquet"])
def test_formats_that_do_not_tell_their_columns_are_refused(name: str) -> None:
    assert name in format_names()
    with pytest.raises(UnsupportedFeature, match="Guessing the columns"):
        guess(b"x", name=name)
