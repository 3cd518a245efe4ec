"""Statements as values."""

import pytest

from flott.common.sql_errors import SqlParserError, SqlValidationError
from flott.sql.catalog.objects import ColumnKind
from flott.sql.dialect import parse_statement, parse_statements
from flott.sql.dialect import statements as s


def test_create_table_has_all_its_parts() -> None:
    statement = parse_statement(
        """CREATE TEMPORARY TABLE IF NOT EXISTS c.d.t (
          id BIGINT COMMENT 'key', twice AS id * 2, m STRING METADATA FROM 'k' VIRTUAL,
          ts TIMESTAMP(3), CONSTRAINT pk PRIMARY KEY (id) NOT ENFORCED,
          WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
        ) COMMENT 'all' DISTRIBUTED BY HASH(id) INTO 4 BUCKETS PARTITIONED BY (m)
        WITH ('connector' = 'x', 'a' = 'it''s')"""
    )
    assert isinstance(statement, s.CreateTable)
    assert statement.name == ("c", "d", "t")
    kinds = [each.definition.kind for each in statement.elements.columns]
    assert kinds == [
        ColumnKind.PHYSICAL, ColumnKind.COMPUTED, ColumnKind.METADATA, ColumnKind.PHYSICAL,
    ]  # fmt: skip
    assert statement.elements.columns[0].definition.comment == "key"
    assert statement.elements.columns[1].definition.expression_text == "id * 2"
    assert statement.elements.watermark is not None
    assert statement.elements.watermark.definition.expression_text == "ts - INTERVAL '5' SECOND"
    key = statement.elements.primary_key
    assert key is not None
    assert (key.name, key.columns, key.is_enforced) == ("pk", ("id",), False)
    assert statement.options == {"connector": "x", "a": "it's"}
    assert statement.partition_keys == ("m",)
    assert statement.is_temporary
    assert statement.ignore_if_exists


def test_like_tells_its_strategies() -> None:
    statement = parse_statement(
        "CREATE TABLE t LIKE u (EXCLUDING ALL INCLUDING GENERATED OVERWRITING OPTIONS)"
    )
    assert isinstance(statement, s.CreateTableLike)
    assert {key: each.value for key, each in statement.merging.items()} == {
        "ALL": "EXCLUDING", "GENERATED": "INCLUDING", "OPTIONS": "OVERWRITING",
    }  # fmt: skip


def test_create_table_as_keeps_the_text_of_its_query() -> None:
    statement = parse_statement("CREATE OR REPLACE TABLE t WITH ('a'='b') AS SELECT 1 AS x;")
    assert isinstance(statement, s.CreateTableAs)
    assert (statement.replace, statement.query_text) == (True, "SELECT 1 AS x")


def test_inserts_have_partitions_columns_hints_and_conflicts() -> None:
    statement = parse_statement(
        "INSERT OVERWRITE d.t /*+ OPTIONS('a'='b') */ PARTITION (dt = '1') (a, b) "
        "SELECT 1, 2 ON CONFLICT DO DEDUPLICATE"
    )
    assert isinstance(statement, s.Insert)
    assert statement.is_overwrite
    assert [name.name for name, _ in statement.static_partition] == ["dt"]
    assert [each.name for each in statement.columns] == ["a", "b"]
    assert (statement.conflict, len(statement.hints)) == ("DEDUPLICATE", 1)


def test_a_query_in_parentheses_is_no_list_of_columns() -> None:
    statement = parse_statement("INSERT INTO t (SELECT 1 UNION ALL SELECT 2) ORDER BY 1 LIMIT 2")
    assert isinstance(statement, s.Insert)
    assert statement.columns == ()


def test_statement_sets_hold_inserts() -> None:
    text = "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; INSERT INTO b VALUES (2); END;"
    statement = parse_statement(text)
    assert isinstance(statement, s.StatementSet)
    assert [each.target.name for each in statement.inserts] == ["a", "b"]
    assert statement.inserts[1].text == "INSERT INTO b VALUES (2)"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("USE CATALOG c", s.Use(("c",), is_catalog=True)),
        ("USE a.b", s.Use(("a", "b"))),
        ("USE MODULES core, hive", s.UseModules(("core", "hive"))),
        ("SET 'a' = 'b'", s.SetOption("a", "b")),
        ("SET", s.SetOption()),
        ("RESET 'a'", s.ResetOption("a")),
        ("SHOW TABLES", s.Show("TABLES")),
        ("SHOW TABLES FROM d NOT LIKE 'x%'", s.Show("TABLES", ("d",), s.Pattern("x%", True))),
        ("SHOW FUNCTIONS ILIKE 'a'", s.Show("FUNCTIONS", (), s.Pattern("a", False, True))),
        ("SHOW COLUMNS IN t LIKE 'a'", s.Show("COLUMNS", ("t",), s.Pattern("a"))),
        ("SHOW CURRENT DATABASE", s.Show("CURRENT DATABASE")),
        ("SHOW CREATE VIEW v", s.Show("CREATE VIEW", ("v",))),
        ("SHOW FULL MODULES", s.Show("FULL MODULES")),
        ("DESC t", s.Describe("TABLE", ("t",))),
        ("DESCRIBE CATALOG EXTENDED c", s.Describe("CATALOG", ("c",), True)),
        ("DESCRIBE database", s.Describe("TABLE", ("database",))),
        ("DROP TABLE IF EXISTS a.t", s.Drop("TABLE", ("a", "t"), if_exists=True)),
        ("DROP TEMPORARY SYSTEM FUNCTION f", s.Drop("FUNCTION", ("f",), False, True, True)),
        ("DROP DATABASE d CASCADE", s.Drop("DATABASE", ("d",), cascade=True)),
        ("ALTER TABLE t RENAME TO u", s.AlterTableRename(("t",), new_name=("u",))),
        ("ALTER TABLE t RENAME a TO b", s.AlterTableRenameColumn(("t",), False, "a", "b")),
        ("ALTER TABLE t DROP (a, b)", s.AlterTableDropColumns(("t",), False, ("a", "b"))),
        ("ALTER TABLE t DROP PRIMARY KEY", s.AlterTableDropFeature(("t",), False, "PRIMARY KEY")),
        ("ALTER TABLE t SET ('a'='b')", s.AlterTableOptions(("t",), False, {"a": "b"})),
        ("ALTER DATABASE d SET ('a'='b')", s.AlterDatabase(("d",), {"a": "b"})),
        ("CREATE DATABASE d COMMENT 'x'", s.CreateDatabase(("d",), comment="x")),
        ("CREATE CATALOG c WITH ('type'='m')", s.CreateCatalog("c", {"type": "m"})),
        ("CREATE FUNCTION f AS 'a.b' LANGUAGE PYTHON", s.CreateFunction(("f",), "a.b", "PYTHON")),
        ("LOAD MODULE m", s.LoadModule("m")),
        ("UNLOAD MODULE m", s.UnloadModule("m")),
        ("ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS", s.AnalyzeTable(("t",))),
        ("TRUNCATE TABLE t", s.TruncateTable(("t",))),
        ("STOP JOB 'x' WITH SAVEPOINT WITH DRAIN", s.StopJob("x", True, True)),
        ("BEGIN STATEMENT SET", s.BeginStatementSet()),
        ("END", s.EndStatementSet()),
    ],
)
def test_statements_are_read(text: str, expected: s.Statement) -> None:
    found = parse_statement(text + ";")
    plain = {"text": "", "place": None}
    assert type(found)(**{**vars(found), **plain}) == expected
    assert found.text == text
    assert found.place is not None


@pytest.mark.parametrize(
    "text",
    ["UPDATE t SET a = 1 WHERE b", "DELETE FROM t", "CALL p(1, a => 2)", "EXECUTE SELECT 1",
     "COMPILE PLAN 'f' IF NOT EXISTS FOR INSERT INTO t SELECT 1", "EXECUTE PLAN 'f'",
     "COMPILE AND EXECUTE PLAN 'f' FOR STATEMENT SET BEGIN INSERT INTO t SELECT 1; END",
     "ADD JAR 'x'", "ALTER VIEW v AS SELECT 1", "ALTER CATALOG c RESET ('a')",
     "ALTER TABLE t ADD (a INT FIRST, b AS a AFTER a, WATERMARK FOR c AS c)",
     "ALTER TABLE t MODIFY PRIMARY KEY (a) NOT ENFORCED", "SHOW PARTITIONS t PARTITION (a = 1)",
     "ALTER TABLE t ADD DISTRIBUTION BY (a)", "DESCRIBE JOB 'x'"],
)  # fmt: skip
def test_rare_statements_are_read_too(text: str) -> None:
    assert parse_statement(text).text == text


def test_explain_takes_details_and_statements() -> None:
    statement = parse_statement("EXPLAIN CHANGELOG_MODE, PLAN_ADVICE INSERT INTO t SELECT 1")
    assert isinstance(statement, s.Explain)
    assert statement.details == ("CHANGELOG_MODE", "PLAN_ADVICE")
    assert isinstance(statement.statement, s.Insert)
    assert isinstance(parse_statement("EXPLAIN PLAN FOR SELECT 1"), s.Explain)


def test_places_in_a_script_are_those_of_the_script() -> None:
    first, second = parse_statements("SELECT 1;\n\nDROP TABLE nope;")
    assert (first.place, second.place) == (s.Place(1, 1, 6), s.Place(3, 12, 4))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ("GRANT SELECT ON t TO x", 1, 1),
        ("BEGIN", 1, 6),
        ("CREATE TABLE t (a INT) WITH (connector = 'x')", 1, 30),
        ("CREATE TABLE t (a)", 1, 19),
        ("SELECT 1;\nSELECT 2", 2, 1),
        ("DROP nope", 1, 6),
        ("SHOW nope", 1, 6),
        ("ALTER TABLE t DROP", 1, 19),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", 1, 19),
        ("CREATE TEMPORARY CATALOG c", 1, 26),
        ("CREATE TABLE t (a INTERVAL DAY)", 1, 19),
        ("CREATE TABLE t (a INT FIRST)", 1, 23),
        ("CREATE TABLE t (a INT) WITH ('a' = 'b',)", 1, 40),
        ("CREATE TABLE t LIKE b ()", 1, 24),
        ("ALTER VIEW IF EXISTS v AS SELECT 1", 1, 15),
        ("INSERT INTO TABLE t SELECT 1", 1, 13),
        ("INSERT INTO t PARTITION (p) SELECT 1", 1, 27),
        ("INSERT INTO t PARTITION (p = UPPER('x')) SELECT 1", 1, 30),
        ("SHOW CATALOGS FROM x", 1, 15),
        ("EXPLAIN CREATE VIEW v AS SELECT 1", 1, 9),
        ("SHOW MODULES LIKE 'c%'", 1, 14),
        ("SHOW COLUMNS FROM t ILIKE 'n%'", 1, 21),
        ("SHOW CREATE FUNCTION f", 1, 13),
        ("USE CATALOG a.b", 1, 14),
        ("SELECT POSITION('a', 'b')", 1, 20),
        ("SELECT SUBSTRING('abc' FOR 2)", 1, 24),
        ("SELECT CAST(1 AS INT NOT NULL)", 1, 22),
        ("SELECT CAST('a' AS NVARCHAR(3))", 1, 28),
        ("SELECT ROW()", 1, 12),
        ("SELECT datetime FROM t", 1, 8),
        ("SELECT * FROM t, LATERAL f(a)", 1, 26),
        ("SELECT * FROM t /*+ OPTIONS(a = b) */", 1, 21),
        ("EXECUTE STATEMENT SET BEGIN SELECT 1; END", 1, 29),
    ],
)
def test_wrong_statements_are_refused_at_their_place(text: str, line: int, column: int) -> None:
    with pytest.raises(SqlParserError) as caught:
        parse_statement(text)
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE MODEL m",
        "CREATE MATERIALIZED TABLE t",
        "CREATE OR ALTER MATERIALIZED TABLE t",
        "SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a))",
        "SELECT * FROM ML_PREDICT(INPUT => TABLE t, MODEL => MODEL c.d.m)",
    ],
)
def test_objects_that_are_not_there_are_named(text: str) -> None:
    with pytest.raises(SqlValidationError, match=r"(Models|Materialized tables) are not supported"):
        parse_statement(text)


def test_a_column_may_be_called_model() -> None:
    parse_statement("SELECT COUNT(model), COALESCE(model IS NULL, model) FROM t")


@pytest.mark.parametrize("word", ["CREATE", "CREATE OR ALTER"])
def test_materialized_tables_are_not_shown(word: str) -> None:
    found = parse_statement(f"SHOW {word} MATERIALIZED TABLE a.b")
    assert isinstance(found, s.Unsupported)
    assert found.feature == "SHOW CREATE MATERIALIZED TABLE"
