"""Trees of expressions, and their way back to text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from flott.common.sql_errors import SqlParserError
from flott.sql.dialect import parse_expression, place_of
from flott.sql.dialect.positions import text_of
from flott.sql.dialect.rendering import render


@pytest.mark.parametrize(
    ("sql", "rendered"),
    [
        ("1+2*3", "1 + 2 * 3"),
        ("(1+2)*3", "(1 + 2) * 3"),
        ("10-(4-3)", "10 - (4 - 3)"),
        ("'n' || 1 + 2", "'n' || 1 + 2"),
        ("NOT a AND b", "NOT `a` AND `b`"),
        ("NOT (a AND b)", "NOT (`a` AND `b`)"),
        ("a OR b AND c", "`a` OR `b` AND `c`"),
        ("1 < 2 = TRUE", "1 < 2 = TRUE"),
        ("a IS NOT NULL", "`a` IS NOT NULL"),
        ("a IS DISTINCT FROM b", "`a` IS DISTINCT FROM `b`"),
        ("a BETWEEN 1 AND 2 AND c", "`a` BETWEEN ASYMMETRIC 1 AND 2 AND `c`"),
        ("a IN (1, 2)", "`a` IN (1, 2)"),
        ("- - 2", "-(-2)"),
        ("a.b[1].c", "`a`.`b`[1].`c`"),
        ("ts - interval '5' second", "`ts` - INTERVAL '5' SECOND"),
        ("INTERVAL -'1 2' DAY(3) TO HOUR", "INTERVAL -'1 2' DAY(3) TO HOUR"),
        ("cast(a as decimal(10,2))", "CAST(`a` AS DECIMAL(10, 2))"),
        ("try_cast(a as int)", "TRY_CAST(`a` AS INTEGER)"),
        ("DATE '2024-01-01'", "DATE '2024-01-01'"),
        ("extract(year from d)", "EXTRACT(YEAR FROM `d`)"),
        ("floor(ts to week)", "FLOOR(`ts` TO WEEK)"),
        ("timestampdiff(day, a, b)", "TIMESTAMPDIFF(DAY, `a`, `b`)"),
        ("trim(both 'x' from a)", "TRIM(BOTH 'x' FROM `a`)"),
        ("position('a' in b)", "POSITION('a' IN `b`)"),
        ("substring(a from 2 for 3)", "SUBSTRING(`a` FROM 2 FOR 3)"),
        ("case when a then 1 else 2 end", "CASE WHEN `a` THEN 1 ELSE 2 END"),
        ("array[1,2][1]", "ARRAY[1, 2][1]"),
        ("map['a',1]", "MAP['a', 1]"),
        ("current_timestamp", "CURRENT_TIMESTAMP"),
        ("a LIKE 'x!_' ESCAPE '!'", "`a` LIKE 'x!_' ESCAPE '!'"),
        ("x'0aff'", "X'0AFF'"),
        ("a is json object", "`a` IS JSON OBJECT"),
        ("json_object(key 'a' value b null on null)", "JSON_OBJECT('a', `b` NULL ON NULL)"),
    ],
)
def test_expressions_print_as_flink_prints_them(sql: str, rendered: str) -> None:
    assert render(parse_expression(sql)) == rendered


_ATOMS = st.sampled_from(["a", "b.c", "1", "'x'", "f(a)", "CAST(a AS INT)", "TRUE", "a[1]"])


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "||", "=", "<", "AND", "OR", "LIKE"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda text: f"(NOT ({text}))"),
        inner.map(lambda text: f"(-{text})"),
        inner.map(lambda text: f"({text} IS NULL)"),
    )


@given(st.recursive(_ATOMS, _compound, max_leaves=12))
def test_printed_expressions_mean_the_same(sql: str) -> None:
    once = render(parse_expression(sql))
    assert render(parse_expression(once)) == once
    assert _shape(parse_expression(once)) == _shape(parse_expression(sql))


def _shape(tree: exp.Expression) -> str:
    """The tree without parentheses and quotes."""
    if isinstance(tree, exp.Paren):
        return _shape(tree.this)
    inner = [_shape(each) for each in tree.iter_expressions()]
    name = tree.name if not inner else ""
    return f"{type(tree).__name__}({name}: {inner})"


@pytest.mark.parametrize(
    ("sql", "name", "settings"),
    [
        ("TRIM(LEADING FROM a)", "TRIM", {"mode": "LEADING"}),
        ("CEIL(a TO MONTHS)", "CEIL", {"unit": "MONTH"}),
        (
            "JSON_VALUE(a, '$.b' DEFAULT 'x' ON EMPTY ERROR ON ERROR)",
            "JSON_VALUE",
            {"on_empty": "DEFAULT", "on_error": "ERROR"},
        ),
        (
            "JSON_QUERY(a, 'lax $' WITH CONDITIONAL ARRAY WRAPPER EMPTY ARRAY ON EMPTY)",
            "JSON_QUERY",
            {"wrapper": "CONDITIONAL", "on_empty": "EMPTY ARRAY"},
        ),
        ("JSON_VALUE(a, '$' RETURNING INT NULL ON EMPTY)", "JSON_VALUE", {"on_empty": "NULL"}),
        ("JSON_EXISTS(a, '$.b' FALSE ON ERROR)", "JSON_EXISTS", {"on_error": "FALSE"}),
        ("JSON_ARRAYAGG(a ABSENT ON NULL)", "JSON_ARRAYAGG", {"on_null": "ABSENT"}),
        ("ARRAY_AGG(a) IGNORE NULLS", "ARRAY_AGG", {"nulls": "IGNORE"}),
    ],
)
def test_keywords_of_calls_are_settings(sql: str, name: str, settings: dict[str, str]) -> None:
    tree = parse_expression(sql)
    assert isinstance(tree, exp.Anonymous)
    assert tree.this == name
    assert settings.items() <= dict(tree.meta["settings"]).items()


def test_calls_may_be_distinct_filtered_and_over_a_window() -> None:
    tree = parse_expression(
        "COUNT(DISTINCT a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d "
        "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)"
    )
    assert isinstance(tree, exp.Window)
    spec = tree.args["spec"]
    assert (spec.args["kind"], spec.args["start_side"], spec.args["end"]) == (
        "ROWS",
        "PRECEDING",
        "CURRENT ROW",
    )
    assert isinstance(tree.this, exp.Filter)
    assert isinstance(tree.this.this.expressions[0], exp.Distinct)


def test_a_list_in_a_simple_case_is_several_branches() -> None:
    tree = parse_expression("CASE x WHEN 1, 2 THEN 'a' ELSE 'b' END")
    assert [each.this.name for each in tree.args["ifs"]] == ["1", "2"]


def test_quantified_comparisons_hold_queries_and_lists() -> None:
    for word, kind in (("ANY", exp.Any), ("SOME", exp.Any), ("ALL", exp.All)):
        assert isinstance(parse_expression(f"a > {word} (SELECT 1)").expression, kind)
        assert isinstance(parse_expression(f"a = {word} (1, 2)").expression, kind)


def test_overlaps_takes_two_pairs() -> None:
    tree = parse_expression("(a, b) OVERLAPS (c, d)")
    assert (tree.this, [type(each) for each in tree.expressions]) == (
        "OVERLAPS",
        [exp.Tuple, exp.Tuple],
    )


def test_every_node_knows_its_place() -> None:
    text = "a +\n  upper(b.c)"
    tree = parse_expression(text)
    assert place_of(tree.expression) == (2, 3, 10)
    assert text_of(tree.expression, text) == "upper(b.c)"
    assert text_of(tree, text) == text


@pytest.mark.parametrize(
    "sql",
    ["", "a +", "f(a", "a b", "CASE END", "a IS 5", "x CONTAINS y", "INTERVAL '1' YEAR TO DAY",
     "a NOT b", "1 + * 2", "EXTRACT(x FROM a)", "?"],
)  # fmt: skip
def test_what_is_no_expression_is_refused(sql: str) -> None:
    with pytest.raises(SqlParserError):
        parse_expression(sql)


def test_too_many_parentheses_are_an_error_of_the_statement() -> None:
    with pytest.raises(SqlParserError, match="nested too deeply"):
        parse_expression("(" * 2000 + "1" + ")" * 2000)


def test_long_chains_are_no_matter() -> None:
    assert parse_expression(" OR ".join(["a"] * 5000)) is not None


def test_names_of_functions_may_stand_in_back_ticks_and_have_parts() -> None:
    assert parse_expression("`my f`(a)").this == "my f"
    tree = parse_expression("cat.db.g(y)")
    assert isinstance(tree, exp.Dot)
    assert isinstance(tree.expression, exp.Anonymous)
