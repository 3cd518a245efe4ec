"""Passwords in the options of a table are shown nowhere."""

import pytest

from flott.common.sql_errors import SqlError, SqlParserError
from tests.connectors.tables.test_kafka_options import JSON, UPSERT, sink_of, source_of
from tests.sql.kafka.model_tables import KafkaSql

PASSWORD = {"properties.sasl.password": "enigma"}


def test_definition_of_a_table_is_shown_without_them(sql: KafkaSql) -> None:
    sql.create("clicks", "n INT", PASSWORD)
    (row,) = sql.changes("SHOW CREATE TABLE clicks")
    assert "'properties.sasl.password' = '******'" in row[1]


def test_plan_shows_hints_without_them(sql: KafkaSql) -> None:
    sql.create("clicks", "n INT")
    hint = "/*+ OPTIONS('properties.sasl.password' = 'enigma') */"
    plan = sql.plan(f"SELECT * FROM clicks {hint}")
    assert "properties.sasl.password=******" in plan
    assert "enigma" not in plan


@pytest.mark.parametrize(
    ("statement", "mark"),
    [
        ("CREATE TABLE out (n INT) WITH ('sasl.password' = 'enigma')", 13),
        ("SELECT 'sasl.password' = 'enigma', out", 35),
    ],
)
def test_error_shows_its_line_without_them(sql: KafkaSql, statement: str, mark: int) -> None:
    with pytest.raises(SqlParserError) as caught:
        sql.environment.execute_sql(statement)
    _, line, marks, *_ = str(caught.value).splitlines()
    assert "enigma" not in line
    assert line[2:].replace("******", "enigma") == statement
    assert (marks.index("^") - 2, marks.count("^")) == (mark, 3)


def test_error_about_an_option_does_not_show_another(sql: KafkaSql) -> None:
    sql.create("clicks", "n INT", {**PASSWORD, "properties.nonsense": "1"})
    with pytest.raises(SqlError) as caught:
        sql.changes("SELECT * FROM clicks")
    assert "nonsense" in str(caught.value)
    assert "enigma" not in str(caught.value)


def test_descriptions_of_tables_are_without_them() -> None:
    for options, key in ((JSON, ()), (UPSERT, ("id",))):
        assert "enigma" not in repr(source_of(options | PASSWORD, key))
        sink = sink_of(options | PASSWORD, key)
        assert "enigma" not in repr(sink) + repr(sink.create_sink(()))
