"""Tables of the catalog as plans: metadata, computed columns, watermarks, hints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flott.common.configuration import Configuration
from flott.common.errors import FlottError
from flott.sql.binder import bind_expression, describe_table
from flott.sql.catalog.objects import TableObject
from flott.sql.expressions import Cast
from flott.sql.logical.nodes import Field, Project, Scan, WatermarkAssigner
from flott.sql.session import Session
from tests.sql.binder.catalogs import bind, columns_of, find, message_of, session_with


def with_table(columns: str, *, is_streaming: bool = True, options: str = "") -> Session:
    text = f"CREATE TABLE t ({columns}) WITH ('connector' = 'x'{options})"
    return session_with([text], is_streaming=is_streaming)


def test_a_plain_table_is_its_scan() -> None:
    plan = find(bind("SELECT * FROM t", with_table("a INT, b STRING")), Project)
    assert isinstance(plan.input, Scan)
    assert plan.input.columns == ("a", "b")


def test_key_columns_are_never_null() -> None:
    session = with_table("a INT, b STRING, PRIMARY KEY (b) NOT ENFORCED")
    assert columns_of("SELECT * FROM t", session) == [("a", "INT"), ("b", "STRING NOT NULL")]
    assert find(bind("SELECT * FROM t", session), Scan).primary_key == (1,)


def test_metadata_is_read_by_its_key_and_cast_to_the_declared_type() -> None:
    session = with_table(
        "a INT, n STRING METADATA FROM 'file.name', s INT METADATA FROM 'file.size'"
    )
    plan = bind("SELECT * FROM t", session)
    assert find(plan, Scan).metadata == ("file.name", "file.size")
    inner = plan.input  # type: ignore[attr-defined]
    assert isinstance(inner.expressions[2], Cast)
    assert [str(each.data_type) for each in plan.fields] == ["INT", "STRING", "INT"]


def test_computed_columns_stand_where_they_are_declared() -> None:
    session = with_table("a INT NOT NULL, b AS a * 2, c STRING, d AS UPPER(t.c)")
    assert columns_of("SELECT * FROM t", session) == [
        ("a", "INT NOT NULL"), ("b", "INT NOT NULL"), ("c", "STRING"), ("d", "STRING"),
    ]  # fmt: skip


def test_a_watermark_stands_above_the_computed_columns() -> None:
    session = with_table(
        "ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND",
        options=", 'scan.watermark.idle-timeout' = '1 s'",
    )
    node = find(bind("SELECT * FROM t", session), WatermarkAssigner)
    assert (node.time_column, node.strategy) == (1, (("scan.watermark.idle-timeout", "1 s"),))


def test_batch_mode_has_no_watermarks() -> None:
    session = with_table("ts TIMESTAMP(3), WATERMARK FOR ts AS ts", is_streaming=False)
    assert isinstance(bind("SELECT * FROM t", session).input, Scan)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("a STRING, WATERMARK FOR a AS a", "Invalid data type of time field"),
        ("a TIMESTAMP(6), WATERMARK FOR a AS a", "Invalid data type of time field"),
        ("a TIMESTAMP(3), WATERMARK FOR b AS a", "unknown column 'b'"),
        ("a TIMESTAMP(3), WATERMARK FOR a AS 1", "must be TIMESTAMP"),
        ("a INT, b AS z + 1", "In column 'b' of table 't': Column 'z' not found"),
        ("a INT METADATA FROM 'file.nmae'", "Did you mean 'file.name'?"),
        ("a ARRAY<INT> METADATA FROM 'file.size'", "declared as ARRAY<INT>"),
    ],
)
@pytest.mark.parametrize("is_streaming", [True, False])
def test_declarations_without_meaning_are_refused(
    columns: str, said: str, is_streaming: bool
) -> None:
    assert said in message_of("SELECT * FROM t", with_table(columns, is_streaming=is_streaming))


@pytest.mark.parametrize(
    "table",
    [
        "CREATE TABLE t (a INT) WITH ('connector' = 'x', 'format' = 'debezium-json')",
        "CREATE TABLE t (a INT) WITH ('connector' = 'datagen')",
    ],
)
def test_batch_mode_reads_ending_tables_of_inserts(table: str) -> None:
    bind("SELECT * FROM t", session_with([table]))
    assert "BATCH mode" in message_of("SELECT * FROM t", session_with([table], is_streaming=False))


def test_connectors_that_do_not_exist_or_cannot_be_read_are_named() -> None:
    for connector, said in (("nope", "nope"), ("blackhole", "blackhole")):
        text = f"CREATE TABLE t (a INT) WITH ('connector' = '{connector}')"
        session = session_with([text])
        path, table = session.catalog.resolve(["t"])
        assert isinstance(table, TableObject)
        session.catalog.replace_object(path, replace(table, source=None))
        assert said in message_of("SELECT * FROM t", session)


def test_a_table_is_described_with_the_options_of_its_hint() -> None:
    session = with_table(
        "a INT, m STRING METADATA VIRTUAL, c AS a + 1, PRIMARY KEY (a) NOT ENFORCED"
    )
    path, table = session.catalog.resolve(["t"])
    assert isinstance(table, TableObject)
    found = describe_table(path, table, session, {"k": "v"})
    assert found.options == {"connector": "x", "k": "v"}
    assert [each.name for each in found.columns] == ["a"]
    assert found.metadata["m"].is_virtual


def test_hints_on_tables() -> None:
    session = with_table("a INT")
    node = find(bind("SELECT * FROM t /*+ OPTIONS('k' = 'v') */", session), Scan)
    assert node.hints == (("k", "v"),)
    off = Configuration.from_dict({"table.dynamic-table-options.enabled": "false"})
    said = message_of(
        "SELECT * FROM t /*+ OPTIONS('k' = 'v') */", replace(session, configuration=off)
    )
    assert "is allowed only when" in said
    assert "not a hint of a table" in message_of("SELECT * FROM t /*+ BROADCAST(t) */", session)


def test_views_and_queries_of_with_take_no_hints() -> None:
    session = session_with(["CREATE VIEW v AS SELECT 1 AS a"])
    for text in ("SELECT * FROM v /*+ OPTIONS('k' = 'v') */",
                 "WITH w AS (SELECT 1) SELECT * FROM w /*+ OPTIONS('k' = 'v') */"):  # fmt: skip
        assert "cannot be enriched" in message_of(text, session)


def test_expressions_of_the_catalog_are_bound_alone() -> None:
    session = with_table("a INT")
    fields = (Field("a", bind("SELECT a FROM t", session).fields[0].data_type),)
    assert str(bind_expression("t.a + 1", fields, session, table="t").data_type) == "INT"
    for text in ("a + ", "b", "EXISTS (SELECT 1)", "SUM(a)"):
        with pytest.raises(FlottError):
            bind_expression(text, fields, session)
