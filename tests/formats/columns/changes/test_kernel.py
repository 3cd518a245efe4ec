"""Messages of changes read at once are what they are read one by one."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.formats.columns.changes.kernel import ChangeMessageDecoder
from flott.formats.columns.contract import FormatRequest
from tests.formats.columns.decoding import fields_of, make_format

COLUMNS = {"id": t.IntType(), "v": t.STRING, "r": t.RowType.of(("x", t.BigIntType()))}
METADATA = {
    "debezium-json": ("source.database", "ingestion-timestamp", "source.timestamp"),
    "canal-json": ("table", "sql-type", "pk-names", "event-timestamp"),
    "maxwell-json": ("database", "primary-key-columns", "ingestion-timestamp"),
    "ogg-json": ("table", "primary-keys", "event-timestamp"),
}

ids = st.sampled_from([None, 1, 2**31 - 1, "7", 2**40, 1.5, "x"])
plain_rows = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.integers(0, 9),
        "v": st.none() | st.text(max_size=3),
        "r": st.none() | st.fixed_dictionaries({"x": st.none() | st.integers(0, 9)}),
        "other": st.just([{}]),
    },
)
odd_rows = st.fixed_dictionaries({}, optional={"id": ids, "v": st.just({"a": 1}), "r": ids})
rows = st.one_of(plain_rows, plain_rows, plain_rows, st.none(), odd_rows)
lists = st.one_of(st.lists(rows, max_size=3), st.none(), rows)
millis = st.sampled_from([None, 1500, -1, 2**63 - 1, "12", "x"])
names = st.sampled_from([None, "shop", 1, {"a": 1}])
sources = st.none() | st.fixed_dictionaries({"db": names, "ts_ms": millis}) | st.just("s")
times = st.sampled_from([None, "2024-02-29 12:34:56.5Z", "2024-02-29", 5])
keys = st.sampled_from([None, ["id"], [None], "id", [1]])

debezium = st.fixed_dictionaries(
    {"op": st.sampled_from(["c", "r", "u", "d", "u", "d", "x", None, 1])},
    optional={"before": rows, "after": rows, "source": sources, "ts_ms": millis},
)
MESSAGES: dict[str, st.SearchStrategy[Any]] = {
    "debezium-json": debezium,
    "canal-json": st.fixed_dictionaries(
        {"type": st.sampled_from(["INSERT", "UPDATE", "UPDATE", "DELETE", "CREATE", "x", None])},
        optional={
            "data": lists, "old": lists, "table": names, "pkNames": keys, "es": millis,
            "sqlType": st.none() | st.just({"id": 4}) | st.just({"id": "x"}),
        },
    ),
    "maxwell-json": st.fixed_dictionaries(
        {"type": st.sampled_from(["insert", "update", "update", "delete", "x", None])},
        optional={
            "data": rows, "old": rows, "database": names, "primary_key_columns": keys, "ts": millis,
        },
    ),
    "ogg-json": st.fixed_dictionaries(
        {"op_type": st.sampled_from(["I", "U", "D", "U", "x", None])},
        optional={
            "before": rows, "after": rows, "table": names, "primary_keys": keys, "op_ts": times,
        },
    ),
}  # fmt: skip


def check_same(
    identifier: str, request: FormatRequest, messages: list[Any], **options: str
) -> None:
    texts = [
        each if each is None or isinstance(each, bytes) else json.dumps(each).encode()
        for each in messages
    ]
    decoder = make_format(identifier, options).create_message_decoder(request)
    assert isinstance(decoder, ChangeMessageDecoder)
    series = pl.Series(texts, dtype=pl.Binary)
    found, expected = decoder.decode_all(series), decoder.decode(series)
    assert found.frame.equals(expected.frame)
    assert found.frame.schema == expected.frame.schema
    assert found.kinds is not None
    assert found.kinds.to_list() == expected.kinds.to_list()  # type: ignore[union-attr]
    assert list(found.malformed) == list(expected.malformed)
    if expected.messages is None:
        assert found.messages is None
    else:
        assert found.messages is not None
        assert found.messages.to_list() == expected.messages.to_list()


@pytest.mark.parametrize("identifier", MESSAGES)
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_all_at_once_is_one_by_one(identifier: str, data: st.DataObject) -> None:
    wanted = data.draw(st.permutations(list(COLUMNS)).map(lambda each: tuple(each[:2])))
    metadata = data.draw(st.sampled_from([(), METADATA[identifier]]))
    request = FormatRequest(fields_of(COLUMNS), wanted, metadata)
    messages = data.draw(st.lists(MESSAGES[identifier] | st.sampled_from([None, b"{"]), max_size=8))
    ignores = data.draw(st.sampled_from(["true", "false"]))
    check_same(identifier, request, messages, **{"ignore-parse-errors": ignores})


@settings(max_examples=50, deadline=None)
@given(st.lists(debezium.map(lambda each: {"schema": {}, "payload": each}) | debezium, max_size=5))
def test_what_stands_under_a_payload_is_found(messages: list[Any]) -> None:
    request = FormatRequest(fields_of(COLUMNS), ("v", "id"), ("source.database",))
    check_same("debezium-json", request, messages, **{"schema-include": "true"})


@pytest.mark.parametrize(
    ("identifier", "wanted", "metadata", "options"),
    [
        ("debezium-json", (), (), {}),
        ("debezium-json", ("id",), ("source.properties", "source.database"), {}),
        ("debezium-json", ("id",), ("schema",), {"schema-include": "true"}),
        ("canal-json", ("id",), (), {"table.include": "a.*"}),
    ],
)
def test_what_a_kernel_cannot_give_is_read_one_by_one(
    identifier: str, wanted: tuple[str, ...], metadata: tuple[str, ...], options: dict[str, str]
) -> None:
    request = FormatRequest(fields_of(COLUMNS), wanted, metadata)
    decoder = make_format(identifier, options).create_message_decoder(request)
    assert not isinstance(decoder, ChangeMessageDecoder)


def test_updates_of_many_rows_keep_their_pairs() -> None:
    request = FormatRequest(fields_of(COLUMNS), ("id", "v"))
    message = {
        "type": "UPDATE",
        "data": [{"id": 1, "v": "new"}, {"id": 2, "v": None}],
        "old": [{"v": "old"}, {"v": "x"}],
    }
    decoder = make_format("canal-json").create_message_decoder(request)
    decoded = decoder.decode(pl.Series([json.dumps(message).encode()] * 100))
    rows = [(1, "old"), (1, "new"), (2, "x"), (2, None)]
    assert decoded.frame.rows() == rows * 100
    assert decoded.kinds is not None
    assert decoded.kinds.to_list() == [1, 2, 1, 2] * 100
