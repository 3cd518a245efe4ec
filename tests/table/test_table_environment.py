"""Statements through a table environment."""

import datetime
from pathlib import Path

import polars as pl
import pytest

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.sql_errors import SqlParserError, SqlValidationError
from flott.datastream import StreamExecutionEnvironment
from flott.table import (
    DataTypes,
    EnvironmentSettings,
    ResultKind,
    Schema,
    StreamTableEnvironment,
    TableDescriptor,
    TableEnvironment,
)


@pytest.fixture
def batch() -> TableEnvironment:
    return TableEnvironment.create(EnvironmentSettings.in_batch_mode())


def _rows(environment: TableEnvironment, sql: str) -> list[tuple[object, ...]]:
    with environment.execute_sql(sql).collect() as rows:
        return [tuple(row) for row in rows]


def test_a_query_gives_rows_with_names_and_kinds(batch: TableEnvironment) -> None:
    with batch.execute_sql("SELECT 1 AS a, 'x' AS b").collect() as rows:
        row = rows.next()
    assert (row.a, row["b"], str(row.get_row_kind())) == (1, "x", "+I")


def test_ddl_says_ok(batch: TableEnvironment) -> None:
    result = batch.execute_sql("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole')")
    assert result.get_result_kind() is ResultKind.SUCCESS
    assert list(result.lines()) == ["OK"]
    assert result.get_job_client() is None


def test_an_insert_starts_a_job_and_counts_nothing(batch: TableEnvironment, tmp_path: Path) -> None:
    batch.execute_sql(
        "CREATE TABLE t (a INT, b STRING) WITH ('connector' = 'filesystem', "
        f"'path' = '{tmp_path}/t', 'format' = 'json')"
    )
    result = batch.execute_sql("INSERT INTO t VALUES (1, 'x'), (2, CAST(NULL AS STRING))")
    assert result.get_job_client() is not None
    assert result.get_table_schema().get_field_names() == ["default_catalog.default_database.t"]
    assert [tuple(row) for row in result.collect()] == [(-1,)]
    assert sorted(_rows(batch, "SELECT * FROM t")) == [(1, "x"), (2, None)]


def test_a_table_can_be_written_by_name_and_by_descriptor(
    batch: TableEnvironment, tmp_path: Path
) -> None:
    schema = Schema.new_builder().column("a", DataTypes.INT()).build()
    descriptor = (
        TableDescriptor.for_connector("filesystem")
        .schema(schema)
        .option("path", f"{tmp_path}/t")
        .format("csv")
        .build()
    )
    table = batch.sql_query("SELECT 7 AS a")
    table.execute_insert(descriptor).wait()
    batch.create_temporary_table("t", descriptor)
    table.execute_insert("t").wait()
    assert batch.from_path("t").to_polars()["a"].to_list() == [7, 7]


def test_a_statement_set_is_one_job(batch: TableEnvironment, tmp_path: Path) -> None:
    for name in ("t", "u"):
        batch.execute_sql(
            f"CREATE TABLE {name} (a INT) WITH ('connector' = 'filesystem', "
            f"'path' = '{tmp_path}/{name}', 'format' = 'json')"
        )
    statements = batch.create_statement_set()
    statements.add_insert_sql("INSERT INTO t VALUES (1)")
    statements.add_insert("u", batch.sql_query("SELECT 2"))
    result = statements.execute()
    assert [tuple(row) for row in result.collect()] == [(-1, -1)]
    assert (_rows(batch, "SELECT * FROM t"), _rows(batch, "SELECT * FROM u")) == ([(1,)], [(2,)])
    with pytest.raises(ProgramError, match="empty"):
        statements.execute()


def test_frames_become_tables(batch: TableEnvironment) -> None:
    batch.create_temporary_view("f", pl.DataFrame({"id": [1, 2], "name": ["a", None]}))
    assert _rows(batch, "SELECT name, id * 2 FROM f WHERE id > 1") == [(None, 4)]
    assert batch.list_temporary_tables() == ["f"]
    assert batch.drop_temporary_view("f")


def test_a_stream_is_no_table_yet() -> None:
    stream = StreamExecutionEnvironment.get_execution_environment().from_collection([1])
    tables = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    with pytest.raises(UnsupportedFeature, match="bridge between tables and streams"):
        tables.create_temporary_view("v", stream)


def test_a_frame_may_have_computed_columns(batch: TableEnvironment) -> None:
    schema = Schema.new_builder().column_by_expression("twice", "id * 2").build()
    batch.create_temporary_view("f", pl.DataFrame({"id": [1, 2]}), schema=schema)
    assert _rows(batch, "SELECT twice FROM f") == [(2,), (4,)]


def test_python_rows_become_tables(batch: TableEnvironment) -> None:
    moment = datetime.datetime(2024, 2, 29, 12, 30)
    elements = [(1, "a", moment, [1.5], {"k": 1}), (2, None, None, [], {})]
    table = batch.from_elements(elements, ["id", "name", "at", "list", "map"])
    types = [str(each) for each in table.get_schema().get_field_data_types()]
    assert types == ["BIGINT", "STRING", "TIMESTAMP(6)", "ARRAY<DOUBLE>", "MAP<STRING, BIGINT>"]
    with table.execute().collect() as rows:
        assert [tuple(row) for row in rows] == elements


def test_values_come_as_python_objects(batch: TableEnvironment) -> None:
    batch.get_config().set_local_timezone("Europe/Berlin")
    (row,) = batch.execute_sql(
        "SELECT CAST(1.5 AS DECIMAL(5, 2)) AS d, INTERVAL '1' HOUR AS i, ROW(1, 'x') AS r, "
        "MAP['k', 2] AS m, TO_TIMESTAMP_LTZ(0, 3) AS z, DATE '2024-01-01' AS e, x'0a' AS b"
    ).collect()
    assert str(row.d) == "1.50"
    assert row.i == datetime.timedelta(hours=1)
    assert (list(row.r), row.m, bytes(row.b)) == ([1, "x"], {"k": 2}, b"\n")
    assert row.z.isoformat() == "1970-01-01T01:00:00+01:00"


def test_a_view_of_a_table_object_keeps_its_plan(batch: TableEnvironment) -> None:
    table = batch.sql_query("SELECT 1 AS a, 2 AS b")
    batch.create_temporary_view("v", table)
    batch.create_view("w", table)
    assert _rows(batch, "SELECT b FROM v UNION ALL SELECT a FROM w") in ([(2,), (1,)], [(1,), (2,)])
    assert _rows(batch, f"SELECT a FROM {table}") == [(1,)]


def test_errors_of_statements_point_at_them(batch: TableEnvironment) -> None:
    with pytest.raises(SqlValidationError) as caught:
        batch.execute_sql("DROP TABLE nope")
    assert str(caught.value).splitlines()[:3] == [
        "Table 'default_catalog.default_database.nope' does not exist (line 1, column 12)",
        "  DROP TABLE nope",
        "             ^^^^",
    ]
    with pytest.raises(SqlParserError):
        batch.execute_sql("SELEC 1")
    with pytest.raises(ProgramError, match="takes a query"):
        batch.sql_query("SHOW TABLES")


def test_options_are_set_listed_and_reset(batch: TableEnvironment) -> None:
    batch.execute_sql("SET 'parallelism.default' = '3'")
    assert ("parallelism.default", "3") in _rows(batch, "SET")
    batch.execute_sql("RESET 'parallelism.default'")
    assert ("parallelism.default", "3") not in _rows(batch, "SET")
    batch.execute_sql("SET 'pipeline.name' = 'c'")
    batch.execute_sql("RESET")
    assert "pipeline.name" not in dict(_rows(batch, "SET"))  # type: ignore[arg-type]
    assert ("execution.runtime-mode", "BATCH") in _rows(batch, "SET")


def test_scripts_run_statement_by_statement(batch: TableEnvironment) -> None:
    results = batch.execute_script("CREATE VIEW v AS SELECT 1 AS a; SELECT a FROM v; SHOW VIEWS")
    assert [next(iter(result.collect()))[0] for result in results] == ["OK", 1, "v"]


def test_the_stream_environment_shares_its_options() -> None:
    from flott.datastream import StreamExecutionEnvironment

    stream = StreamExecutionEnvironment.get_execution_environment().set_parallelism(2)
    environment = StreamTableEnvironment.create(stream)
    assert environment.get_config().get("parallelism.default", "") == "2"
    assert _rows(environment, "SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.sql_query("SELECT 1").select("a"),
        lambda e: e.to_data_stream(None),
        lambda e: e.load_plan(None),
        lambda e: e.execute_sql("COMPILE PLAN 'x' FOR INSERT INTO t SELECT 1"),
    ],
)
def test_what_is_not_there_says_so(batch: TableEnvironment, call: object) -> None:
    with pytest.raises(UnsupportedFeature):
        call(batch)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("DELETE FROM t", "batch mode only"),
        ("TRUNCATE TABLE t", "batch mode only"),
        ("ANALYZE TABLE t COMPUTE STATISTICS", "batch mode only"),
        ("UPDATE t SET z = 1", "Column 'z' does not exist"),
        ("CALL p()", "no procedure 'p'"),
        ("USE nope", "Database 'nope' does not exist"),
        ("UNLOAD MODULE x", "not loaded"),
        ("LOAD MODULE core", "loaded already"),
        ("STOP JOB 'x'", "no job 'x'"),
        ("BEGIN STATEMENT SET", "scripts and the SQL shell"),
        ("CREATE VIEW v (a, b) AS SELECT 1", "names 2 columns"),
        ("CREATE VIEW v (a, a) AS SELECT 1, 2", "stands twice"),
        ("CREATE TEMPORARY FUNCTION f AS 'x.Y'", "no JVM"),
        ("CREATE FUNCTION f AS 'nope.f' LANGUAGE PYTHON", "cannot be loaded"),
        ("CREATE TABLE u (a STRING, WATERMARK FOR a AS a)", "whose type is STRING"),
        ("CREATE TABLE u (a INT, b AS z + 1)", "z"),
        ("ALTER TABLE v RENAME TO w", "not found"),
        ("ALTER VIEW t RENAME TO w", "is a table"),
        ("SHOW CREATE VIEW t", "is a table"),
    ],
)
def test_statements_without_meaning_say_why(sql: str, message: str) -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.execute_sql("CREATE TABLE t (a INT) WITH ('connector' = 'blackhole')")
    with pytest.raises(SqlValidationError, match=message):
        environment.execute_sql(sql)


def test_columns_of_a_view_without_names_are_numbered(batch: TableEnvironment) -> None:
    batch.execute_sql(
        "CREATE VIEW v AS SELECT a, CAST(a AS STRING), CAST(a AS DOUBLE), (b) "
        "FROM (VALUES (1, 2)) AS t (a, b)"
    )
    names = [row[0] for row in _rows(batch, "DESCRIBE v")]
    assert names == ["a", "EXPR$1", "EXPR$2", "b"]
    with pytest.raises(SqlValidationError, match="two columns called 'a'"):
        batch.execute_sql("CREATE VIEW w AS SELECT a, (a) FROM v")
