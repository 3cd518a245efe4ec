"""What of Flink's SQL there is: statements by example, functions by name.

``flink_sql_functions.toml`` lists the functions of Flink's catalog as SQL calls them.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from flott.sql.functions import function_names
from flott.sql.functions.registry import entries

#: Functions that are part of the grammar and no entries of the library.
GRAMMAR = {"CAST", "TRY_CAST", "DEFAULT", "FROM_CHANGELOG", "TO_CHANGELOG"}
#: Functions whose names are known and whose calls are refused.
REFUSED = {"SOURCE_WATERMARK", "ML_PREDICT"}

#: Statements that are executed, with an example of each.
EXECUTED: Mapping[str, str] = {
    "SELECT": "SELECT a, COUNT(*) FROM t WHERE b > 1 GROUP BY a HAVING COUNT(*) > 1",
    "WITH": "WITH w AS (SELECT 1 AS a) SELECT a FROM w",
    "VALUES": "VALUES (1, 'a'), (2, 'b')",
    "Set operations": "SELECT a FROM t UNION ALL SELECT a FROM u EXCEPT SELECT a FROM v",
    "Joins": "SELECT * FROM t LEFT JOIN u ON t.a = u.a",
    "Temporal and look-up joins": "SELECT * FROM t JOIN u FOR SYSTEM_TIME AS OF t.ts ON t.a = u.a",
    "Sub-queries": "SELECT a FROM t WHERE a IN (SELECT a FROM u) AND EXISTS (SELECT 1 FROM v)",
    "Grouping sets": "SELECT a, b, SUM(c) FROM t GROUP BY GROUPING SETS ((a, b), (a), ())",
    "Window table functions": "SELECT window_start, SUM(a) FROM "
    "TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
    "Legacy group windows": "SELECT SUM(a) FROM t GROUP BY HOP(ts, INTERVAL '1' MINUTE, "
    "INTERVAL '5' MINUTE)",
    "OVER": "SELECT SUM(a) OVER (PARTITION BY b ORDER BY ts ROWS BETWEEN 2 PRECEDING AND "
    "CURRENT ROW) FROM t",
    "Top-N and deduplication": "SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY a "
    "ORDER BY b DESC) AS n FROM t) WHERE n <= 3",
    "QUALIFY": "SELECT * FROM t QUALIFY RANK() OVER (PARTITION BY a ORDER BY b) = 1",
    "UNNEST": "SELECT * FROM t CROSS JOIN UNNEST(items) AS i (item)",
    "ORDER BY, LIMIT, OFFSET": "SELECT * FROM t ORDER BY ts LIMIT 10 OFFSET 2",
    "Hints": "SELECT /*+ BROADCAST(u) */ * FROM t JOIN u ON t.a = u.a",
    "INSERT": "INSERT INTO sink PARTITION (region = 'north') SELECT a, b FROM t",
    "INSERT OVERWRITE": "INSERT OVERWRITE sink SELECT a, b FROM t",
    "EXECUTE STATEMENT SET": "EXECUTE STATEMENT SET BEGIN INSERT INTO s SELECT 1; "
    "INSERT INTO r SELECT 2; END",
    "CREATE TABLE": "CREATE TABLE t (a INT, b AS a + 1, ts TIMESTAMP(3) METADATA, "
    "WATERMARK FOR ts AS ts, PRIMARY KEY (a) NOT ENFORCED) WITH ('connector' = 'datagen')",
    "CREATE TABLE ... LIKE": "CREATE TABLE u WITH ('path' = '/x') LIKE t (INCLUDING ALL)",
    "CREATE TABLE ... AS": "CREATE TABLE u WITH ('connector' = 'print') AS SELECT a FROM t",
    "CREATE VIEW": "CREATE TEMPORARY VIEW IF NOT EXISTS w (x) AS SELECT a FROM t",
    "CREATE DATABASE": "CREATE DATABASE IF NOT EXISTS d COMMENT 'x'",
    "CREATE CATALOG": "CREATE CATALOG c WITH ('type' = 'generic_in_memory')",
    "CREATE FUNCTION": "CREATE TEMPORARY FUNCTION f AS 'module.f' LANGUAGE PYTHON",
    "ALTER TABLE": "ALTER TABLE t ADD (c STRING COMMENT 'x' AFTER a)",
    "ALTER VIEW": "ALTER VIEW w AS SELECT b FROM t",
    "ALTER DATABASE": "ALTER DATABASE d SET ('k' = 'v')",
    "DROP": "DROP TEMPORARY TABLE IF EXISTS t",
    "USE": "USE CATALOG c",
    "SHOW": "SHOW TABLES LIKE 't%'",
    "SHOW CREATE": "SHOW CREATE TABLE t",
    "DESCRIBE": "DESCRIBE t",
    "EXPLAIN": "EXPLAIN CHANGELOG_MODE SELECT a FROM t",
    "SET, RESET": "SET 'parallelism.default' = '2'",
    "STOP JOB": "STOP JOB '0a1b' WITH SAVEPOINT",
}

#: Statements and clauses that come later, or that need what Flott has not.
LATER: Mapping[str, str] = {
    "MATCH_RECOGNIZE": "understood, and refused by name",
    "COMPILE PLAN, EXECUTE PLAN": "operator ids come from meaning, so plans need no file",
    "Materialized tables": "",
    "Models": "`CREATE MODEL`, `ML_PREDICT`",
    "DELETE, UPDATE, TRUNCATE": "in batch, where a connector can change rows; none can yet",
    "Catalogs other than in memory": "",
    "Functions written in Java": "names of classes are kept, calls are refused",
}


#: Answers that differ from Flink's on purpose, or because of how columns are kept.
DIFFERENT: Mapping[str, str] = {
    "TIMESTAMP(7) to TIMESTAMP(9)": "hold the years 1678 to 2261, and `TRY_CAST` gives NULL for "
    "others; other timestamps reach from 1 to 9999",
    "Parts of moments before 1970": "`EXTRACT`, `FLOOR` and the like are right; Flink's round "
    "towards 1970",
    "`CEIL(time TO HOUR)`": "at the end of a day is 00:00:00; Flink's 24:00:00 is not a time",
    "Characters beyond 16 bits": "are one character to patterns; empty matches of Flink's break "
    "them",
    "Array index or map key that is not there": "gives NULL; Flink gives -1 where elements "
    "are `INT NOT NULL`",
    "`ROUND` and `TRUNCATE` of DECIMAL by a column": "keep the point where it is; Flink moves it",
    "Calls whose generated code Flink cannot compile": "are computed: `SIGN` and `TRUNCATE` of "
    "TINYINT, `SUBSTRING` by BIGINT, `MULTISET[...]`",
    "`RANK`, `DENSE_RANK` as Top-N of streams": "are computed; Flink has `ROW_NUMBER` only",
    "An aggregate over a Top-N": "counts each row once; Flink 2.3 counts rows that were replaced",
    "`SESSION` windows in batch; `FILTER` and `DISTINCT` of OVER windows; MAP as a key of groups": (
        "are computed; Flink refuses them"
    ),
    "`LATERAL (SELECT COUNT(*) ...)`, `> ALL` of no rows": "give 0 and TRUE in each mode",
    "`ARRAY_AGG(a ORDER BY b)`": "is in this order; Flink does not look at it",
    "`GROUPING SETS (ROLLUP (a), CUBE (b))`": "are the sets of both; Flink mixes them",
    "`UNNEST` of rows of which one is NULL": "leaves it out, also `WITH ORDINALITY`, where Flink "
    "fails",
    "Early and late results of group windows": "come with every batch of rows; the delays that "
    "options ask for are not kept",
    "`SET`, `RESET`, `SHOW JOBS`, `DESCRIBE JOB`, `DESCRIBE DATABASE`": "work in programs, too; "
    "Flink has them in its shell only, or not at all. `SET` refuses what is not an option",
    "`SHOW CREATE VIEW`": "shows queries with window functions, frames, hints, `USING` or grouping "
    "sets as they were written",
    "`TO_DATE` with a pattern": "gives NULL for a text that is not a date; Flink a day of the year "
    "1705471",
    "Sorts, joins and groups of batch": "hold in memory what "
    "[they need](concepts/batch-and-stream.md#memory-in-batch); Flink writes to disk what does not "
    "fit",
    "VARIANT and BITMAP collected in Python": "are JSON text and bytes of a 32-bit Roaring bitmap",
}


def function_calls() -> list[str]:
    """The functions of Flink as SQL calls them."""
    listed = tomllib.loads(Path(__file__).with_name("flink_sql_functions.toml").read_text())
    return sorted(set(listed["calls"].values()))


def missing_functions() -> list[str]:
    """Those of them that Flott lacks."""
    known = ({*function_names()} | {*entries()} | GRAMMAR) - REFUSED
    return [name for name in function_calls() if name not in known]


def render_sql() -> str:
    """The section on SQL."""
    calls, missing = function_calls(), missing_functions()
    statements = [f"| {name} | `{text}` |" for name, text in EXECUTED.items()]
    later = [f"| {name} | {text} |" for name, text in LATER.items()]
    different = [f"| {name} | {text} |" for name, text in DIFFERENT.items()]
    return "\n".join(
        [
            "## SQL",
            "",
            "The dialect, its types and its results are those of Flink SQL 2.3.",
            "",
            "| executed | for example |",
            "|---|---|",
            *statements,
            "",
            "| not executed | |",
            "|---|---|",
            *later,
            "",
            "| differs from Flink | |",
            "|---|---|",
            *different,
            "",
            f"**{len(calls) - len(missing)} of {len(calls)} built-in functions and operators are "
            "present**; [SQL functions](reference/sql-functions.md) shows each. Missing are "
            + ", ".join(f"`{name}`" for name in missing)
            + ".",
            "",
        ]
    )
