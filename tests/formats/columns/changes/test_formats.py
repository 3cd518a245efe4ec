from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError
from flott.core.table import ChangelogMode
from tests.formats.columns.decoding import changes, encode, make_format, reasons

COLUMNS = {"id": t.IntType(), "v": t.STRING}
OLD, NEW = {"id": 1, "v": "a"}, {"id": 1, "v": "b"}
FORMATS = ("debezium-json", "canal-json", "maxwell-json", "ogg-json")


def lines(*messages: Any) -> str:
    return "\n".join(json.dumps(message) for message in messages)


def test_debezium_operations() -> None:
    text = lines(
        {"after": OLD, "op": "r"},
        {"before": OLD, "after": NEW, "op": "u"},
        {"before": NEW, "after": None, "op": "d"},
        {"after": OLD, "op": "c"},
    )
    assert changes("debezium-json", COLUMNS, text) == [
        ("+I", (1, "a")), ("-U", (1, "a")), ("+U", (1, "b")), ("-D", (1, "b")), ("+I", (1, "a")),
    ]  # fmt: skip


def test_debezium_with_schema() -> None:
    text = lines({"schema": {"type": "struct"}, "payload": {"after": OLD, "op": "c"}})
    options = {"schema-include": "true"}
    assert changes("debezium-json", COLUMNS, text, options) == [("+I", (1, "a"))]
    assert reasons("debezium-json", COLUMNS, text) == ["the message has no 'op'"]


def test_debezium_metadata() -> None:
    source = {"db": "shop", "ts_ms": 1500, "table": "t"}
    text = lines({"after": OLD, "op": "c", "ts_ms": 2000, "source": source})
    keys = ["ingestion-timestamp", "source.timestamp", "source.database", "source.properties"]
    [(_, row)] = changes("debezium-json", COLUMNS, text, metadata=keys)
    assert row[2] == datetime.datetime(1970, 1, 1, 0, 0, 2)
    assert row[3] == datetime.datetime(1970, 1, 1, 0, 0, 1, 500000)
    assert row[4] == "shop"
    assert {"key": "ts_ms", "value": "1500"} in row[5]


def test_canal_rows_and_updates() -> None:
    columns = {"id": t.IntType(), "v": t.STRING, "n": t.IntType()}
    data = {"id": "1", "v": None, "n": "2"}
    text = lines(
        {"data": None, "type": "CREATE"},
        {"data": [data, data], "type": "INSERT"},
        {"data": [data], "old": [{"v": "old"}], "type": "UPDATE"},
        {"data": [data], "old": [{"v": None, "n": "1"}], "type": "UPDATE"},
        {"data": [data], "type": "DELETE"},
    )
    row = (1, None, 2)
    assert changes("canal-json", columns, text) == [
        ("+I", row), ("+I", row), ("-U", (1, "old", 2)), ("+U", row), ("-U", (1, None, 1)),
        ("+U", row), ("-D", row),
    ]  # fmt: skip


def test_canal_filters_and_metadata() -> None:
    text = lines(
        {
            "data": [OLD],
            "type": "INSERT",
            "database": "shop",
            "table": "a",
            "pkNames": ["id"],
            "es": 1,
        },
        {"data": [OLD], "type": "INSERT", "database": "depot", "table": "a"},
    )
    options = {"database.include": "sho.*"}
    found = changes(
        "canal-json", COLUMNS, text, options, metadata=["table", "pk-names", "event-timestamp"]
    )
    moment = datetime.datetime(1970, 1, 1, 0, 0, 0, 1000)
    assert found == [("+I", (1, "a", "a", ["id"], moment))]


def test_maxwell_operations() -> None:
    text = lines(
        {"data": OLD, "type": "insert", "database": "d"},
        {"data": NEW, "old": {"v": "a"}, "type": "update", "database": "d"},
        {"data": NEW, "type": "delete", "database": "d"},
    )
    assert changes("maxwell-json", COLUMNS, text, metadata=["database"]) == [
        ("+I", (1, "a", "d")), ("-U", (1, "a", "d")), ("+U", (1, "b", "d")), ("-D", (1, "b", "d")),
    ]  # fmt: skip


def test_ogg_operations() -> None:
    text = lines(
        {"after": OLD, "op_type": "I", "primary_keys": ["id"]},
        {"before": OLD, "after": NEW, "op_type": "U"},
        {"before": NEW, "op_type": "D"},
    )
    assert changes("ogg-json", COLUMNS, text, metadata=["primary-keys"]) == [
        ("+I", (1, "a", ["id"])), ("-U", (1, "a", None)), ("+U", (1, "b", None)),
        ("-D", (1, "b", None)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("identifier", "message", "reason"),
    [
        ("debezium-json", {"before": None, "after": NEW, "op": "u"}, "no 'before', which updates"),
        ("debezium-json", {"after": NEW, "op": "x"}, "unknown 'op' \"x\""),
        ("debezium-json", [1], "expected a JSON object"),
        ("canal-json", {"data": [NEW], "type": "TRUNCATE"}, "unknown 'type' \"TRUNCATE\""),
        ("canal-json", {"data": [{"id": "x"}], "type": "INSERT"}, "column 'id': no whole number"),
        ("canal-json", {"data": [NEW], "old": [], "type": "UPDATE"}, "1 rows in 'data' and 0"),
        ("maxwell-json", {"data": NEW, "type": "bootstrap-insert"}, "unknown 'type'"),
        ("maxwell-json", {"data": NEW, "type": "update"}, "no 'old'"),
        ("ogg-json", {"op_type": "T"}, "unknown 'op_type'"),
        ("ogg-json", {"before": None, "op_type": "D"}, "no 'before', which deletes"),
    ],
)
def test_broken_messages_are_errors_or_ignored(identifier: str, message: Any, reason: str) -> None:
    text = lines(message)
    [found] = reasons(identifier, COLUMNS, text)
    assert reason in found
    ignored = changes(identifier, COLUMNS, text, {"ignore-parse-errors": "true"})
    assert all(row == (None, None) for _, row in ignored)


@pytest.mark.parametrize("identifier", FORMATS)
def test_what_is_written_is_read_again(identifier: str) -> None:
    values = [(1, "a"), (1, "a"), (1, "b"), (1, None)]
    text = encode(identifier, COLUMNS, values, kinds=["+I", "-U", "+U", "-D"])
    kinds = ["+I", "-D", "+I", "-D"]
    assert changes(identifier, COLUMNS, text) == list(zip(kinds, values, strict=True))


def test_messages_are_written_as_flink_writes_them() -> None:
    def written(identifier: str) -> str:
        return encode(identifier, COLUMNS, [(1, "a")], kinds=["-D"]).strip()

    assert written("debezium-json") == '{"before":{"id":1,"v":"a"},"after":null,"op":"d"}'
    assert written("canal-json") == '{"data":[{"id":1,"v":"a"}],"type":"DELETE"}'
    assert written("maxwell-json") == '{"data":{"id":1,"v":"a"},"type":"delete"}'
    assert written("ogg-json") == '{"before":{"id":1,"v":"a"},"after":null,"op_type":"D"}'


@pytest.mark.parametrize("identifier", FORMATS)
def test_changes_are_retracted(identifier: str) -> None:
    assert make_format(identifier).changelog_mode is ChangelogMode.RETRACT


def test_a_schema_cannot_be_written() -> None:
    with pytest.raises(ConfigurationError, match="schema-include"):
        encode("debezium-json", COLUMNS, [], {"schema-include": "true"})


def test_a_wrong_pattern_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"database\.include"):
        make_format("canal-json", {"database.include": "("})
