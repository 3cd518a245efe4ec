"""Tables and results as notebooks and other libraries see them."""

import sys

import pytest

from flott.common.errors import UnsupportedFeature
from flott.table import EnvironmentSettings, TableEnvironment


@pytest.fixture
def tables() -> TableEnvironment:
    return TableEnvironment.create(EnvironmentSettings.in_streaming_mode())


def test_a_table_shows_its_columns_without_running(tables: TableEnvironment) -> None:
    shown = tables.sql_query("SELECT 1 AS `a<b`")._repr_html_()
    assert "<td>a&lt;b</td><td>INT NOT NULL</td>" in shown


def test_statements_show_their_rows(tables: TableEnvironment) -> None:
    tables.execute_sql("CREATE VIEW v AS SELECT 1 AS a")
    assert "<td>v</td>" in tables.execute_sql("SHOW TABLES")._repr_html_()
    assert tables.execute_sql("DROP VIEW v")._repr_html_() == "<pre>OK</pre>"
    assert "Physical Plan" in tables.execute_sql("EXPLAIN SELECT 1")._repr_html_()


def test_a_query_can_still_be_read_after_a_notebook_has_shown_it(tables: TableEnvironment) -> None:
    result = tables.execute_sql("SELECT 1 AS a")
    assert "to_polars()" in result._repr_html_()
    assert result.to_arrow().to_pylist() == [{"a": 1}]


def test_rows_become_arrow(tables: TableEnvironment) -> None:
    assert tables.sql_query("SELECT 'x' AS b").to_arrow().column_names == ["b"]


def test_a_missing_pandas_is_named(
    tables: TableEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="pip install pandas"):
        tables.sql_query("SELECT 1 AS a").to_pandas()


def test_plans_and_statements_are_printed_as_they_are(
    tables: TableEnvironment, capsys: pytest.CaptureFixture[str]
) -> None:
    tables.execute_sql("CREATE TABLE t (a INT) WITH ('connector' = 'datagen')")
    tables.execute_sql("SHOW CREATE TABLE t").print()
    tables.execute_sql("EXPLAIN SELECT * FROM t").print()
    lines = capsys.readouterr().out.splitlines()
    assert "  `a` INT" in lines
    assert "== Optimized Physical Plan ==" in lines


def test_rows_of_python_leave_no_name_in_the_catalog(tables: TableEnvironment) -> None:
    table = tables.from_elements([(1,), (2,)], ["a"])
    assert tables.list_tables() == []
    tables.create_temporary_view("v", table)
    assert sorted(tables.sql_query("SELECT a FROM v").to_polars()["a"]) == [1, 2]


@pytest.mark.parametrize(
    "statement",
    [
        "from flott.table import ScalarFunction",
        "from flott.table.udf import udf",
        "from flott.table.expressions import col",
        "from flott.table.window import Tumble",
        "from flott.table.catalog import ObjectPath",
    ],
)
def test_what_is_for_later_says_so_when_it_is_imported(statement: str) -> None:
    with pytest.raises(UnsupportedFeature, match="is not supported"):
        exec(statement)


def test_a_name_that_nobody_knows_is_an_import_error() -> None:
    with pytest.raises(ImportError):
        exec("from flott.table import nonsense")
