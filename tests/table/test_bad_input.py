"""What is said about statements and rows that cannot be: the place, the row, and no engine."""

import traceback
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from flott.common.errors import FlottError
from flott.common.sql_errors import SqlValidationError
from flott.table import EnvironmentSettings, TableEnvironment


@pytest.fixture
def tables() -> TableEnvironment:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    rows = pl.DataFrame({"id": [1, 0], "text": ["1", "x"], "password": ["a", "b"]})
    environment.create_temporary_view("t", rows)
    return environment


def _failure(tables: TableEnvironment, query: str) -> str:
    with pytest.raises(FlottError) as caught:
        tables.execute_sql(query).to_polars()
    return str(caught.value)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT 1/0", "x / NULLIF(y, 0) gives NULL instead"),
        ("SELECT PARSE_JSON('{')", "TRY_PARSE_JSON gives NULL instead"),
        ("SELECT CAST('abc' AS INT)", "'abc'"),
        ("SELECT 10 / id FROM t", "Division by zero in 10 / id for the row (id = 0)"),
        ("SELECT id FROM t WHERE CAST(text AS INT) > 0", "for the row (id = 0, text = 'x')"),
        ("SELECT SUM(MOD(3, id)) FROM t", "in MOD(3, id) for the row (id = 0)"),
    ],
)
def test_a_row_that_fails_is_shown_with_the_expression(
    tables: TableEnvironment, query: str, said: str
) -> None:
    assert said in _failure(tables, query)


def test_secret_columns_of_a_row_are_masked(tables: TableEnvironment) -> None:
    said = _failure(tables, "SELECT password, 10 / id FROM t")
    assert "password = ******" in said
    assert "'b'" not in said


def test_errors_of_libraries_are_told_without_their_frames(
    tables: TableEnvironment, tmp_path: Path
) -> None:
    file = tmp_path / "x.parquet"
    file.write_text("no parquet")
    tables.execute_sql(
        f"CREATE TABLE p (a INT) WITH ('connector' = 'filesystem', 'path' = '{file}', "
        "'format' = 'parquet')"
    )
    said = _failure(tables, "SELECT * FROM p")
    assert said.startswith("Job 'collect' failed: SourceError: ")
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "call",
    [
        lambda tables: tables.execute_sql("SELECT nothing FROM t"),
        lambda tables: tables.sql_query("SELECT nothing FROM t"),
        lambda tables: tables.from_path("nowhere"),
        lambda tables: tables.execute_sql("SELECT 1 / 0").print(),
        lambda tables: list(tables.execute_sql("SELECT 1 / 0").collect()),
        lambda tables: tables.sql_query("SELECT 1 / 0").to_polars(),
    ],
)
def test_tracebacks_end_in_the_program(
    tables: TableEnvironment, call: Callable[[TableEnvironment], object]
) -> None:
    with pytest.raises(FlottError) as caught:
        call(tables)
    shown = "".join(traceback.format_exception(caught.value))
    assert "/flott/" not in shown
    assert "direct cause" not in shown


def test_a_misspelt_table_function_is_named_before_its_arguments(tables: TableEnvironment) -> None:
    with pytest.raises(SqlValidationError, match="No table function TUMBEL") as caught:
        tables.execute_sql("SELECT * FROM TUMBEL(TABLE t, DESCRIPTOR(id), INTERVAL '1' DAY)")
    assert caught.value.hint == "Did you mean 'TUMBLE'?"


def test_a_table_that_its_connector_refuses_is_named_once(tables: TableEnvironment) -> None:
    tables.execute_sql("CREATE TABLE g (a INT) WITH ('connector' = 'datagen', 'fields.a.mn' = '1')")
    with pytest.raises(SqlValidationError) as caught:
        tables.execute_sql("SELECT * FROM g")
    assert caught.value.message.count("default_database.g") == 1
    assert caught.value.hint == "Did you mean 'min'?"
