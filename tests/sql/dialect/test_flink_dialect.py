"""Flink SQL through sqlglot."""

import pytest
import sqlglot
from sqlglot import exp

from flott.common.sql_errors import SqlParserError
from flott.sql.dialect import Flink


def test_sqlglot_knows_the_dialect_by_name() -> None:
    tree = sqlglot.parse_one("SELECT `a b` FROM t", read="flink")
    assert isinstance(tree, exp.Select)
    assert tree.sql("flink") == "SELECT `a b` FROM t"


def test_scripts_become_trees_and_commands() -> None:
    trees = sqlglot.parse("SET 'a' = 'b'; INSERT OVERWRITE t (a) SELECT 1; SHOW TABLES", read=Flink)
    assert [type(tree) for tree in trees] == [exp.Command, exp.Insert, exp.Command]


def test_what_flink_refuses_is_refused() -> None:
    with pytest.raises(SqlParserError):
        sqlglot.parse_one("SELECT 1 == 1", read=Flink)
