"""Trees of queries."""

import pytest
from sqlglot import exp

from flott.common.sql_errors import SqlParserError
from flott.sql.dialect import parse_query
from flott.sql.dialect.nodes import TableArgument


def _select(sql: str) -> exp.Select:
    tree = parse_query(sql)
    assert isinstance(tree, exp.Select)
    return tree


def test_clauses_of_a_select_stand_in_its_arguments() -> None:
    tree = _select(
        "SELECT DISTINCT a FROM t WHERE b GROUP BY a HAVING c WINDOW w AS (ORDER BY a) "
        "QUALIFY d ORDER BY a LIMIT 1 OFFSET 2"
    )
    clauses = ("distinct", "from_", "where", "group", "having", "windows", "qualify", "order")
    assert all(tree.args.get(each) for each in (*clauses, "limit", "offset"))


def test_intersect_binds_tighter_than_union() -> None:
    tree = parse_query("SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 3")
    assert isinstance(tree, exp.Union)
    assert tree.args["distinct"] is False
    assert isinstance(tree.expression, exp.Intersect)


def test_order_and_limit_belong_to_the_whole_union() -> None:
    tree = parse_query("SELECT 1 UNION SELECT 2 ORDER BY 1 FETCH FIRST 3 ROWS ONLY")
    assert isinstance(tree, exp.Union)
    assert isinstance(tree.args["limit"], exp.Fetch)
    assert tree.args["order"] is not None


def test_common_tables_may_name_their_columns() -> None:
    tree = _select("WITH a (x, y) AS (SELECT 1, 2), b AS (SELECT 3) SELECT * FROM a, b")
    ctes = tree.args["with_"].expressions
    assert [each.alias for each in ctes] == ["a", "b"]
    assert [each.name for each in ctes[0].args["alias"].columns] == ["x", "y"]


@pytest.mark.parametrize(
    ("join", "side", "kind", "method"),
    [
        ("JOIN", None, None, None),
        ("INNER JOIN", None, "INNER", None),
        ("LEFT OUTER JOIN", "LEFT", None, None),
        ("FULL JOIN", "FULL", None, None),
        ("CROSS JOIN", None, "CROSS", None),
        ("NATURAL LEFT JOIN", "LEFT", None, "NATURAL"),
    ],
)
def test_joins_tell_their_kind(
    join: str, side: str | None, kind: str | None, method: str | None
) -> None:
    condition = "" if "CROSS" in join or "NATURAL" in join else " ON TRUE"
    (node,) = _select(f"SELECT * FROM a {join} b{condition}").args["joins"]
    assert (node.args.get("side"), node.args.get("kind"), node.args.get("method")) == (
        side,
        kind,
        method,
    )


def test_window_functions_take_tables_by_position_and_by_name() -> None:
    for sql in (
        "SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY))",
        "SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY)",
        "SELECT * FROM TUMBLE(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), "
        "SIZE => INTERVAL '1' DAY) AS w",
    ):
        call = _select(sql).args["from_"].this.this
        assert isinstance(call, exp.Anonymous)
        assert call.this == "TUMBLE"
        assert next(call.find_all(TableArgument)).this.name == "t"


def test_session_windows_are_partitioned() -> None:
    sql = "SELECT * FROM SESSION(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '1' MINUTE)"
    argument = next(parse_query(sql).find_all(TableArgument))
    assert [each.name for each in argument.args["partition_by"]] == ["a", "b"]


def test_a_version_of_a_table_may_have_an_alias() -> None:
    sql = "SELECT * FROM o JOIN r FOR SYSTEM_TIME AS OF o.ts AS v ON o.a = v.a"
    table = _select(sql).args["joins"][0].this
    assert table.alias == "v"
    assert table.args["version"].expression.sql() == "o.ts"


def test_unnest_and_lateral_functions_have_columns() -> None:
    tree = _select(
        "SELECT * FROM t CROSS JOIN UNNEST(a) WITH ORDINALITY AS u (x, n) "
        "LEFT JOIN LATERAL TABLE(f(b)) AS g (y) ON TRUE"
    )
    unnest, lateral = (each.this for each in tree.args["joins"])
    assert isinstance(unnest, exp.Unnest)
    assert unnest.args["offset"] is True
    assert isinstance(lateral, exp.Lateral)
    assert [each.name for each in lateral.args["alias"].columns] == ["y"]


def test_hints_stand_on_selects_and_tables() -> None:
    tree = _select(
        "SELECT /*+ STATE_TTL('t' = '1h'), BROADCAST(t) */ 1 FROM t /*+ OPTIONS('a'='b') */ x"
    )
    assert [each.this for each in tree.args["hint"].expressions] == ["STATE_TTL", "BROADCAST"]
    table = tree.args["from_"].this
    assert (table.args["hints"][0].this, table.alias) == ("OPTIONS", "x")


def test_groupings_are_told_apart() -> None:
    group = _select(
        "SELECT 1 FROM t GROUP BY a, ROLLUP(b), CUBE(c, d), GROUPING SETS ((e), ())"
    ).args["group"]
    assert len(group.expressions) == len(group.args["rollup"]) == len(group.args["cube"]) == 1
    assert [type(each) for each in group.args["grouping_sets"][0].expressions] == [
        exp.Paren,
        exp.Tuple,
    ]


def test_match_recognize_is_read_whole() -> None:
    sql = """SELECT * FROM t MATCH_RECOGNIZE (
        PARTITION BY a ORDER BY ts MEASURES LAST(B.x) AS y ONE ROW PER MATCH
        AFTER MATCH SKIP PAST LAST ROW PATTERN (A B*? C{2,3}) WITHIN INTERVAL '1' HOUR
        DEFINE A AS A.x > 1, B AS B.x < PREV(B.x)) AS m"""
    table = _select(sql).args["from_"].this
    assert isinstance(table.args["match"], exp.MatchRecognize)
    assert table.args["match"].args["pattern"].name == "(A B*? C{2,3})"


def test_values_rows_come_in_all_spellings() -> None:
    tree = parse_query("VALUES (1, 2), ROW(3, 4)")
    assert [len(row.expressions) for row in tree.expressions] == [2, 2]
    single = parse_query("VALUES 1, (2), (3) + 4")
    assert [len(row.expressions) for row in single.expressions] == [1, 1, 1]


@pytest.mark.parametrize(
    ("sql", "column"),
    [
        ("SELECT * EXCEPT (a) FROM t", 10),
        ("SELECT 1 == 1", 11),
        ("SELECT 1 AS a UNION BY NAME SELECT 2", 21),
        ("SELECT value FROM t", 8),
        ("SELECT * FROM table", 15),
        ("SELECT /*+ */ 1", 12),
        ("SELECT INTERVAL '1'", 20),
        ("SELECT 0x1F AS x", 13),
        ("SELECT 1 FROM t TABLESAMPLE (1)", 29),
        ("WITH RECURSIVE a AS (SELECT 1) SELECT 1", 6),
        ("SELECT a FROM t CROSS APPLY f(a)", 23),
        ("SELECT a FROM b.c.d.e", 15),
        ("SELECT", 7),
        ("SELECT 1 WHERE TRUE", 10),
        ("SELECT 1 FROM t PIVOT (x)", 17),
    ],
)
def test_what_flink_refuses_is_refused_at_its_place(sql: str, column: int) -> None:
    with pytest.raises(SqlParserError) as caught:
        parse_query(sql)
    assert (caught.value.line, caught.value.column) == (1, column)


def test_a_reserved_word_is_explained() -> None:
    with pytest.raises(SqlParserError, match="`order`") as caught:
        parse_query("SELECT a AS order FROM t")
    assert str(caught.value).splitlines()[1:3] == [
        "  SELECT a AS order FROM t",
        "              ^^^^^",
    ]
