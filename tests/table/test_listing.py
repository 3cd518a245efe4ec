"""SHOW and DESCRIBE."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.sql_errors import SqlValidationError
from flott.sql.dialect.statements import Pattern
from flott.table import EnvironmentSettings, TableEnvironment
from flott.table.execution.listing import like_pattern

SCRIPT = """
CREATE TABLE t (
  id BIGINT COMMENT 'the key', name STRING, n AS id + 1, p AS PROCTIME(), ts TIMESTAMP(3),
  PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts
) COMMENT 'all' WITH ('connector' = 'blackhole');
CREATE VIEW v AS SELECT 1 AS a;
CREATE TEMPORARY VIEW w AS SELECT 2 AS b;
CREATE DATABASE d COMMENT 'other' WITH ('k' = 'v');
"""


@pytest.fixture(scope="module")
def environment() -> TableEnvironment:
    found = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    found.execute_script(SCRIPT)
    return found


def _rows(environment: TableEnvironment, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row) for row in environment.execute_sql(sql).collect()]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SHOW TABLES", ["t", "v", "w"]),
        ("SHOW TABLES NOT LIKE 't%'", ["v", "w"]),
        ("SHOW TABLES FROM d", []),
        ("SHOW VIEWS", ["v", "w"]),
        ("SHOW DATABASES", ["d", "default_database"]),
        ("SHOW CATALOGS", ["default_catalog"]),
        ("SHOW CURRENT CATALOG", ["default_catalog"]),
        ("SHOW CURRENT DATABASE", ["default_database"]),
        ("SHOW MODULES", ["core"]),
        ("SHOW USER FUNCTIONS", []),
        ("SHOW JARS", []),
        ("SHOW MODELS", []),
        ("SHOW FUNCTIONS LIKE 'upp_r'", ["upper"]),
        (
            "SHOW FUNCTIONS ILIKE 'to%'",
            ["TO_CHANGELOG", "TO_TIMESTAMP_LTZ", "toBase64", "toDate", "toTimestamp"],
        ),
    ],
)
def test_show_lists_names(environment: TableEnvironment, sql: str, names: list[str]) -> None:
    assert [name for (name,) in _rows(environment, sql)] == names


def test_describe_tells_all_of_a_column(environment: TableEnvironment) -> None:
    assert _rows(environment, "DESCRIBE t") == [
        ("id", "BIGINT", False, "PRI(id)", None, None, "the key"),
        ("name", "STRING", True, None, None, None, None),
        ("n", "BIGINT", False, None, "AS `id` + 1", None, None),
        ("p", "TIMESTAMP_LTZ(3) *PROCTIME*", False, None, "AS PROCTIME()", None, None),
        ("ts", "TIMESTAMP(3) *ROWTIME*", True, None, None, "`ts`", None),
    ]


def test_views_are_described_too(environment: TableEnvironment) -> None:
    assert _rows(environment, "DESC v") == [("a", "INT", False, None, None, None)]


def test_databases_and_catalogs_are_described(environment: TableEnvironment) -> None:
    assert ("k", "v") in _rows(environment, "DESCRIBE DATABASE EXTENDED d")
    assert ("comment", "other") in _rows(environment, "DESCRIBE DATABASE d")
    assert ("name", "default_catalog") in _rows(environment, "DESCRIBE CATALOG default_catalog")
    assert ("is system function", "true") in _rows(environment, "DESCRIBE FUNCTION `upper`")


def test_functions_are_described_at_length(environment: TableEnvironment) -> None:
    rows = dict(_rows(environment, "DESCRIBE FUNCTION EXTENDED sha256"))
    assert rows["kind"] == "SCALAR"
    assert rows["signature"] == "SHA256(string)"
    assert dict(_rows(environment, "DESCRIBE FUNCTION EXTENDED `sum`"))["kind"] == "AGGREGATE"
    assert dict(_rows(environment, "DESCRIBE FUNCTION EXTENDED `unnest`"))["kind"] == "TABLE"
    assert "kind" not in dict(_rows(environment, "DESCRIBE FUNCTION sha256"))


def test_a_job_is_described_as_it_is_listed() -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    environment.execute_sql("CREATE TABLE b (a INT) WITH ('connector' = 'blackhole')")
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(milliseconds=1)
    result = environment.execute_sql("INSERT INTO b VALUES 1")
    result.wait()
    client = result.get_job_client()
    assert client is not None
    ((job_id, name, status, start),) = _rows(environment, f"DESCRIBE JOB '{client.get_job_id()}'")
    assert _rows(environment, "SHOW JOBS") == [(job_id, name, status, start)]
    assert (name, status) == ("insert-into_default_catalog.default_database.b", "FINISHED")
    assert isinstance(start, datetime.datetime)
    assert before <= start <= datetime.datetime.now(datetime.UTC)
    with pytest.raises(SqlValidationError, match="There is no job 'x'"):
        environment.execute_sql("DESCRIBE JOB 'x'")


def test_databases_are_those_of_a_catalog(environment: TableEnvironment) -> None:
    with pytest.raises(SqlValidationError, match="name of one part"):
        environment.execute_sql("SHOW DATABASES IN default_catalog.d")


def test_show_create_can_be_run_again(environment: TableEnvironment) -> None:
    ((text,),) = _rows(environment, "SHOW CREATE TABLE t")
    other = TableEnvironment.create()
    other.execute_sql(str(text))
    assert _rows(other, "SHOW CREATE TABLE t") == [(text,)]
    ((view,),) = _rows(environment, "SHOW CREATE VIEW v")
    assert str(view).endswith("AS SELECT 1 AS `a`\n")


def test_lists_of_the_environment_agree_with_show(environment: TableEnvironment) -> None:
    assert environment.list_tables() == ["t", "v", "w"]
    assert environment.list_views() == ["v", "w"]
    assert environment.list_temporary_views() == ["w"]
    assert environment.list_databases() == ["d", "default_database"]
    assert "upper" in environment.list_functions()


@given(st.text(alphabet="ab%_\\"), st.text(alphabet="ab"))
def test_patterns_match_as_sql_does(pattern: str, name: str) -> None:
    assert like_pattern(Pattern(pattern))(name) == _like(pattern, name)


def _like(pattern: str, name: str) -> bool:
    if not pattern:
        return not name
    head, rest = pattern[0], pattern[1:]
    if head == "%":
        return any(_like(rest, name[start:]) for start in range(len(name) + 1))
    if head == "\\":
        if not rest:
            return not name
        return name[:1] == rest[0] and _like(rest[1:], name[1:])
    return bool(name) and head in ("_", name[0]) and _like(rest, name[1:])


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SHOW PROCEDURES", "has no procedures"),
        ("SHOW MODELS FROM nope", "does not exist"),
        ("DROP DATABASE IF EXISTS nope.d", "Catalog 'nope' does not exist"),
        ("ANALYZE TABLE t COMPUTE STATISTICS", "for batch mode only"),
    ],
)
def test_what_is_not_there_is_refused(environment: TableEnvironment, sql: str, said: str) -> None:
    with pytest.raises(SqlValidationError, match=said):
        environment.execute_sql(sql)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("ANALYZE TABLE v COMPUTE STATISTICS", "is a view"),
        ("ANALYZE TABLE t COMPUTE STATISTICS FOR COLUMNS nope", "'nope' does not exist"),
        ("ANALYZE TABLE t PARTITION (id) COMPUTE STATISTICS", "not a partition column"),
        ("CREATE TABLE c (a INT NOT NULL) WITH ('connector' = 'blackhole') AS "
         "SELECT CAST(NULL AS INT) AS a", "Incompatible types"),
    ],
)  # fmt: skip
def test_batch_refuses_what_has_no_meaning(sql: str, said: str) -> None:
    environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    environment.execute_script(SCRIPT)
    with pytest.raises(SqlValidationError, match=said):
        environment.execute_sql(sql)
