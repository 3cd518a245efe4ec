"""ALTER TABLE."""

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.catalog.objects import TableObject
from flott.sql.ddl.changes import alter_table
from flott.sql.ddl.declaration import declare_table
from flott.sql.ddl.show_create import show_create_table
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import AlterTable, CreateTable

TABLE = """CREATE TABLE t (
  id INT NOT NULL, name STRING, ts TIMESTAMP(3), twice AS id * 2, dt STRING,
  PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
) PARTITIONED BY (dt) WITH ('connector' = 'x', 'a' = '1')"""


def _declared(sql: str = TABLE) -> TableObject:
    statement = parse_statement(sql)
    assert isinstance(statement, CreateTable)
    return declare_table(statement)


def _altered(change: str, table: TableObject | None = None) -> TableObject:
    statement = parse_statement(f"ALTER TABLE t {change}")
    assert isinstance(statement, AlterTable)
    return alter_table(table or _declared(), statement)


def _names(table: TableObject) -> list[str]:
    return [each.name for each in table.columns]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("ADD x INT", ["id", "name", "ts", "twice", "dt", "x"]),
        ("ADD (x INT FIRST, y AS id AFTER name)", ["x", "id", "name", "y", "ts", "twice", "dt"]),
        ("MODIFY name BIGINT", ["id", "name", "ts", "twice", "dt"]),
        ("MODIFY name BIGINT FIRST", ["name", "id", "ts", "twice", "dt"]),
        ("DROP (name, twice)", ["id", "ts", "dt"]),
        ("RENAME name TO title", ["id", "title", "ts", "twice", "dt"]),
    ],
)
def test_columns_come_go_and_move(change: str, names: list[str]) -> None:
    assert _names(_altered(change)) == names


def test_partition_columns_keep_their_names() -> None:
    with pytest.raises(SqlValidationError, match="partitions are made by it"):
        _altered("RENAME dt TO d")


def test_modified_columns_keep_their_comment() -> None:
    table = _altered("MODIFY name INT", _altered("MODIFY name STRING COMMENT 'x'"))
    assert [each.comment for each in table.columns if each.name == "name"] == ["x"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("ADD name INT", "'name' exists already"),
        ("ADD x INT AFTER nmae", "Did you mean 'name'"),
        ("ADD WATERMARK FOR ts AS ts", "has a watermark"),
        ("ADD PRIMARY KEY (name) NOT ENFORCED", "has the primary key"),
        ("MODIFY x INT", "'x' does not exist"),
        ("MODIFY PRIMARY KEY (z) NOT ENFORCED", "'z', which does not exist"),
        ("MODIFY PRIMARY KEY (twice) NOT ENFORCED", "not a physical column"),
        ("MODIFY PRIMARY KEY (name)", "ENFORCED"),
        ("DROP nope", "'nope' does not exist"),
        ("DROP ts", "the watermark reads it"),
        ("DROP id", "the computed column 'twice' reads it"),
        ("DROP dt", "partitions are made by it"),
        ("DROP (name, name)", "named twice"),
        ("RENAME id TO x", "the computed column"),
        ("RENAME name TO ts", "'ts' exists already"),
        ("DROP CONSTRAINT other", "no constraint 'other'"),
        ("DROP DISTRIBUTION", "no distribution"),
        ("RESET ()", "names no option"),
        ("RESET ('connector')", "cannot be reset"),
    ],
)
def test_impossible_changes_say_why(change: str, message: str) -> None:
    with pytest.raises(SqlValidationError, match=message):
        _altered(change)


def test_keys_and_watermarks_come_and_go() -> None:
    table = _altered("DROP PRIMARY KEY", _altered("DROP WATERMARK"))
    assert (table.primary_key, table.watermark) == ((), None)
    with pytest.raises(SqlValidationError, match="no watermark"):
        _altered("DROP WATERMARK", table)
    table = _altered("ADD (PRIMARY KEY (name) NOT ENFORCED, WATERMARK FOR ts AS ts)", table)
    assert table.primary_key == ("name",)
    column = table.column("name")
    assert column is not None
    assert column.data_type is not None
    assert not column.data_type.nullable


def test_options_are_set_and_reset() -> None:
    table = _altered("SET ('a' = '2', 'b' = '3')")
    assert table.options == {"connector": "x", "a": "2", "b": "3"}
    assert _altered("RESET ('b', 'absent')", table).options == {"connector": "x", "a": "2"}


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t (a INT, a INT)", "'a' is declared twice"),
        ("CREATE TABLE t (a INT) PARTITIONED BY (b)", "PARTITIONED BY names"),
        ("CREATE TABLE t (a INT, WATERMARK FOR b AS b)", "The watermark names"),
        ("CREATE TABLE t (a INT, PRIMARY KEY (a, a) NOT ENFORCED)", "a column twice"),
    ],
)
def test_tables_that_contradict_themselves_are_refused(sql: str, message: str) -> None:
    with pytest.raises(SqlValidationError, match=message):
        _declared(sql)


def test_show_create_gives_a_statement_that_makes_the_same_table() -> None:
    path = ("default_catalog", "default_database", "t")
    text = show_create_table(path, _declared())
    assert show_create_table(path, _declared(text)) == text
    assert "CONSTRAINT `PK_id` PRIMARY KEY (`id`) NOT ENFORCED" in text
    assert "WATERMARK FOR `ts` AS `ts` - INTERVAL '5' SECOND" in text
    assert "`name` VARCHAR(2147483647)" in text


def test_a_column_of_the_key_stays_not_null() -> None:
    table = _altered("MODIFY id BIGINT")
    assert [str(each.data_type) for each in table.columns][:1] == ["BIGINT NOT NULL"]


def test_types_are_shown_as_the_standard_writes_them() -> None:
    change = "ADD (r ROW<a STRING, b ARRAY<BYTES> NOT NULL> NOT NULL, z TIMESTAMP_LTZ(3))"
    text = show_create_table(("c", "d", "t"), _altered(change))
    row = "`r` ROW<`a` VARCHAR(2147483647), `b` ARRAY<VARBINARY(2147483647)> NOT NULL> NOT NULL"
    assert row in text
    assert "`z` TIMESTAMP(3) WITH LOCAL TIME ZONE" in text


def test_functions_and_types_of_expressions_are_shown_as_flink_does() -> None:
    text = show_create_table(
        ("c", "d", "t"), _altered("ADD x AS TO_TIMESTAMP_LTZ(CAST(id AS INT), 3)")
    )
    assert "`x` AS `TO_TIMESTAMP_LTZ`(CAST(`id` AS INTEGER), 3)" in text
