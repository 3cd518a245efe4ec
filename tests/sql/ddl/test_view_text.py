"""Queries of views with all names in full, as Flink 2.3 shows them."""

from __future__ import annotations

import pytest

from flott.table import EnvironmentSettings, TableEnvironment

DEPT = "`default_catalog`.`default_database`.`dept` AS"
EMP = "`default_catalog`.`default_database`.`emp` AS"


@pytest.fixture
def environment() -> TableEnvironment:
    made = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    columns = {"dept": "id INT, name STRING", "emp": "id INT, dept_id INT"}
    for name, text in columns.items():
        made.execute_sql(f"CREATE TABLE {name} ({text}) WITH ('connector' = 'datagen')")
    made.execute_sql(
        "CREATE TABLE orders (qty INT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts) "
        "WITH ('connector' = 'datagen')"
    )
    return made


def shown(environment: TableEnvironment, query: str) -> str:
    """The query of a view, as SHOW CREATE VIEW prints it."""
    environment.execute_sql(f"CREATE VIEW v AS {query}")
    with environment.execute_sql("SHOW CREATE VIEW v").collect() as rows:
        [[text]] = rows
    return str(text).partition("\nAS ")[2].rstrip("\n")


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("SELECT * FROM dept", f"SELECT `dept`.`id`, `dept`.`name`\nFROM {DEPT} `dept`"),
        (
            "SELECT e.id, d.name FROM emp e JOIN dept d ON e.dept_id = d.id",
            f"SELECT `e`.`id`, `d`.`name`\nFROM {EMP} `e`\n"
            f"INNER JOIN {DEPT} `d` ON `e`.`dept_id` = `d`.`id`",
        ),
        (
            "SELECT x FROM (SELECT id + 1 AS x FROM dept) WHERE x > 11",
            "SELECT `EXPR$0`.`x`\nFROM (SELECT `dept`.`id` + 1 AS `x`\n"
            f"FROM {DEPT} `dept`) AS `EXPR$0`\nWHERE `EXPR$0`.`x` > 11",
        ),
        (
            "SELECT * FROM (VALUES (1, 'a')) AS t (x, y)",
            "SELECT `t`.`x`, `t`.`y`\nFROM (VALUES ROW(1, 'a')) AS `t` (`x`, `y`)",
        ),
        (
            "WITH a AS (SELECT id FROM dept) SELECT * FROM a",
            f"WITH `a` AS (SELECT `dept`.`id`\nFROM {DEPT} `dept`) SELECT `a`.`id`\n"
            "FROM `a` AS `a`",
        ),
        (
            "SELECT id FROM dept d WHERE EXISTS (SELECT 1 FROM emp e WHERE e.dept_id = d.id)",
            f"SELECT `d`.`id`\nFROM {DEPT} `d`\nWHERE EXISTS (SELECT 1\nFROM {EMP} `e`\n"
            "WHERE `e`.`dept_id` = `d`.`id`)",
        ),
        (
            "SELECT id FROM dept FETCH FIRST 2 ROWS ONLY",
            f"SELECT `dept`.`id`\nFROM {DEPT} `dept`\nFETCH NEXT 2 ROWS ONLY",
        ),
        (
            "SELECT id FROM dept WHERE id NOT IN (1, 2) UNION ALL SELECT -id FROM emp",
            f"SELECT `dept`.`id`\nFROM {DEPT} `dept`\nWHERE `dept`.`id` NOT IN (1, 2)\n"
            f"UNION ALL\nSELECT - `emp`.`id`\nFROM {EMP} `emp`",
        ),
    ],
)
def test_names_are_in_full(environment: TableEnvironment, query: str, text: str) -> None:
    assert shown(environment, query) == text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT id FROM dept JOIN emp USING (id)",
        "SELECT id, COUNT(*) AS n FROM dept GROUP BY GROUPING SETS ((id), ())",
        "(SELECT id FROM dept UNION SELECT id FROM emp) INTERSECT SELECT 1",
        "SELECT COUNT(*) FILTER (WHERE id > 1) AS n FROM dept",
        "SELECT window_start FROM TUMBLE(TABLE orders, DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
        "SELECT JSON_OBJECT(KEY 'a' VALUE id ABSENT ON NULL) AS j FROM dept",
        "SELECT OVERLAY(name PLACING 'x' FROM 2 FOR 1) AS o FROM dept",
        "SELECT id = ANY (SELECT id FROM emp) AS q FROM dept",
        "SELECT /*+ BROADCAST(emp) */ emp.id FROM dept JOIN emp ON dept.id = emp.id",
    ],
)
def test_what_is_not_written_stands_as_it_was(environment: TableEnvironment, query: str) -> None:
    assert shown(environment, query) == query


def test_a_view_shows_the_columns_and_tables_it_was_made_of(
    environment: TableEnvironment,
) -> None:
    before = shown(environment, "SELECT * FROM dept")
    environment.execute_sql("ALTER TABLE dept ADD (city STRING)")
    environment.execute_sql("CREATE DATABASE other")
    environment.execute_sql("USE other")
    with environment.execute_sql("SHOW CREATE VIEW default_database.v").collect() as rows:
        [[text]] = rows
    assert before in str(text)
