"""CREATE TABLE ... LIKE."""

import pytest

from flott.common.sql_errors import SqlValidationError
from flott.sql.catalog.objects import TableObject
from flott.sql.ddl.declaration import declare_table
from flott.sql.ddl.like import merge_like
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import CreateTable, CreateTableLike

SOURCE = """CREATE TABLE s (
  id INT, c AS id + 1, m INT METADATA, ts TIMESTAMP(3),
  PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts
) COMMENT 'old' PARTITIONED BY (id) WITH ('connector' = 'x', 'a' = '1')"""


def _merged(sql: str) -> TableObject:
    source, statement = parse_statement(SOURCE), parse_statement(sql)
    assert isinstance(source, CreateTable)
    assert isinstance(statement, CreateTableLike)
    return merge_like(statement, declare_table(source))


def test_everything_is_taken_by_default_and_options_are_laid_over() -> None:
    table = _merged("CREATE TABLE t (x INT) WITH ('a' = '2') LIKE s")
    assert [each.name for each in table.columns] == ["id", "c", "m", "ts", "x"]
    assert table.options == {"connector": "x", "a": "2"}
    assert (table.primary_key, table.partition_keys) == (("id",), ("id",))
    assert table.watermark is not None


def test_excluding_all_takes_physical_columns_only() -> None:
    table = _merged("CREATE TABLE t WITH ('b' = '2') LIKE s (EXCLUDING ALL)")
    assert [each.name for each in table.columns] == ["id", "ts"]
    assert table.options == {"b": "2"}
    assert (table.primary_key, table.comment, table.watermark) == ((), None, None)


def test_excluded_partitions_stay_unless_others_are_declared() -> None:
    assert _merged("CREATE TABLE t LIKE s (EXCLUDING PARTITIONS)").partition_keys == ("id",)
    other = _merged("CREATE TABLE t (x INT) PARTITIONED BY (x) LIKE s (EXCLUDING PARTITIONS)")
    assert other.partition_keys == ("x",)


def test_one_feature_differs_from_all() -> None:
    table = _merged("CREATE TABLE t LIKE s (EXCLUDING ALL INCLUDING GENERATED)")
    assert [each.name for each in table.columns] == ["id", "c", "ts"]


def test_computed_columns_are_overwritten_in_place() -> None:
    table = _merged("CREATE TABLE t (c AS id + 100) LIKE s (OVERWRITING GENERATED)")
    assert [each.name for each in table.columns] == ["id", "c", "m", "ts"]
    column = table.column("c")
    assert column is not None
    assert column.expression_text == "id + 100"


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("CREATE TABLE t (c AS id) LIKE s", "has the column 'c'"),
        ("CREATE TABLE t (id BIGINT) LIKE s (OVERWRITING GENERATED)", "has the column 'id'"),
        ("CREATE TABLE t WITH ('a' = '2') LIKE s (INCLUDING OPTIONS)", "has the option 'a'"),
        ("CREATE TABLE t (WATERMARK FOR ts AS ts) LIKE s", "has a watermark"),
        ("CREATE TABLE t (x INT, PRIMARY KEY (x) NOT ENFORCED) LIKE s", "has a primary key"),
        ("CREATE TABLE t PARTITIONED BY (ts) LIKE s", "has partitions"),
        (
            "CREATE TABLE t (PRIMARY KEY (ts) NOT ENFORCED) LIKE s (EXCLUDING CONSTRAINTS)",
            "may be NULL",
        ),
    ],
)
def test_what_both_declare_is_refused(sql: str, message: str) -> None:
    with pytest.raises(SqlValidationError, match=message):
        _merged(sql)
