"""The CREATE TABLE for what was seen."""

from typing import Any

import pytest

from flott.cli.peeking.definition import TableParts, create_table, table_name, written_name
from flott.cli.peeking.guess import Guess
from flott.cli.peeking.texts import EpochField
from flott.common import logical_types as t
from flott.sql.dialect import parse_statement

OPTIONS = {"connector": "kafka", "topic": "orders", "scan.startup.mode": "earliest-offset"}
VALUE = Guess("json", {"id": t.BigIntType(), "name": t.STRING})


def table(value: Guess = VALUE, **more: Any) -> str:
    statement = create_table(TableParts("orders", OPTIONS, value, **more))
    parse_statement(statement)
    return statement


def test_names_are_quoted_where_they_must_be() -> None:
    assert [*map(written_name, ["id", "unit price", "table", "a`b"])] == [
        "id",
        "`unit price`",
        "`table`",
        "`a``b`",
    ]
    assert [*map(table_name, ["a.b-c", "7up", "-"])] == ["a_b_c", "t_7up", "seen"]


def test_a_timestamp_column_gets_the_watermark() -> None:
    fields = {"printed": t.TimestampType(3), "event_time": t.LocalZonedTimestampType(6)}
    assert "WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND" in table(
        Guess("json", fields)
    )


@pytest.mark.parametrize(
    ("per_second", "expression"),
    [
        (1, "TO_TIMESTAMP_LTZ(`ts`, 0)"),
        (1000, "TO_TIMESTAMP_LTZ(`ts`, 3)"),
        (1_000_000, "TO_TIMESTAMP_LTZ(`ts` / 1000, 3)"),
    ],
)
def test_numbers_become_a_computed_column(per_second: int, expression: str) -> None:
    fields = {"ts": t.BigIntType(), "row_time": t.STRING}
    statement = table(Guess("json", fields, epochs=[EpochField("ts", per_second)]))
    assert f"row_time_ AS {expression}" in statement
    assert "WATERMARK FOR row_time_ AS" in statement


def test_else_the_time_of_the_record_is_taken() -> None:
    statement = table(has_timestamps=True)
    assert "row_time TIMESTAMP_LTZ(3) METADATA FROM 'timestamp' VIRTUAL" in statement
    assert "WATERMARK" not in table()


def test_the_watermark_waits_for_what_was_late() -> None:
    guess = Guess("json", {"ts": t.BigIntType()}, epochs=[EpochField("ts", 1)])
    rows = [[{"ts": 100}, {"ts": 60}], [{"ts": 0}, {"ts": None}]]
    assert "INTERVAL '1' MINUTE" in table(guess, rows=rows)


def test_fields_of_the_key_that_the_value_has_too_stand_there_once() -> None:
    key = Guess("json", {"id": t.BigIntType()})
    statement = table(key=key, pairs=[({"id": 1}, {"id": 1, "name": "x"})])
    assert statement.count("id BIGINT") == 1
    assert "'key.fields' = 'id'" in statement
    assert "EXCEPT_KEY" not in statement


def test_a_text_that_is_the_key_and_in_the_value_stands_there_once() -> None:
    key = Guess("raw", {"message_key": t.STRING})
    statement = table(key=key, pairs=[({"message_key": "x"}, {"id": 1, "name": "x"})])
    assert "message_key" not in statement
    assert "'key.fields' = 'name'" in statement


def test_fields_of_the_key_that_differ_get_a_prefix() -> None:
    key = Guess("json", {"id": t.BigIntType()})
    statement = table(key=key, pairs=[({"id": 1}, {"id": 2})])
    assert "'key.fields' = 'key_id'" in statement
    assert "'key.fields-prefix' = 'key_'" in statement
    assert "'value.fields-include' = 'EXCEPT_KEY'" in statement


def test_tombstones_make_an_upsert_table() -> None:
    key = Guess("raw", {"message_key": t.STRING})
    statement = table(key=key, has_tombstones=True, has_timestamps=True)
    assert "'connector' = 'upsert-kafka'" in statement
    assert "PRIMARY KEY (message_key) NOT ENFORCED" in statement
    assert "scan.startup.mode" not in statement
    assert "WATERMARK" not in statement


def test_changes_need_no_key() -> None:
    key = Guess("json", {"id": t.BigIntType()})
    value = Guess("debezium-json", VALUE.fields, {"schema-include": "true"}, has_changes=True)
    statement = table(value, key=key, has_tombstones=True, has_timestamps=True)
    assert "'format' = 'debezium-json'" in statement
    assert "'debezium-json.schema-include' = 'true'" in statement
    assert "key" not in statement.lower()


def test_secrets_are_not_shown_and_quotes_are_doubled() -> None:
    options = {**OPTIONS, "properties.sasl.password": "hunter2", "topic": "it's"}
    statement = create_table(TableParts("x", options, VALUE))
    assert "hunter2" not in statement
    assert "'topic' = 'it''s'" in statement
