"""What is said about text that is not a statement."""

import pytest

from flott.common.sql_errors import SqlError
from flott.sql.dialect import parse_statement


def _hint(text: str) -> str:
    with pytest.raises(SqlError) as caught:
        parse_statement(text)
    return caught.value.hint or ""


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("SELEC a FROM t", "SELECT"),
        ("SELECT a FORM t", "FROM"),
        ("SELECT a FROM t WHER a > 1", "WHERE"),
        ("SELECT a FROM t JION u ON TRUE", "JOIN"),
        ("SELECT a FROM t LEFT JION u ON TRUE", "JOIN"),
        ("SELECT a FROM t WHERE a = 1 AN b = 2", "AND"),
        ("SELECT CASE WHEN a THN 2 END FROM t", "THEN"),
        ("CREATE TABEL t (a INT)", "TABLE"),
        ("SHOW TABELS", "TABLES"),
        ("CREATE TABLE t (a INTT)", "INT"),
        ("SELECT CAST(a AS STRNG)", "STRING"),
        ("SELECT CAST(a AS TIMESTAMPTZ)", "TIMESTAMP_LTZ"),
    ],
)
def test_misspelt_words_are_recognised(text: str, meant: str) -> None:
    assert _hint(text).startswith(f"Did you mean {meant}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SELECT a, FROM t", "Is the comma before FROM one too many?"),
        ("SELECT a FROM t GROUP a", "Expected 'BY'."),
        ("SELECT a FROM t ORDER a", "Expected 'BY'."),
        ("SELECT a::INT FROM t", "Casts are written CAST(value AS type)."),
        ("SELECT order FROM t", "ORDER is a reserved word; as a name it is written `order`."),
    ],
)
def test_common_slips_are_explained(text: str, said: str) -> None:
    assert _hint(text) == said


def test_unnest_is_shown_where_it_belongs() -> None:
    assert "CROSS JOIN UNNEST" in _hint("SELECT UNNEST(a) FROM t")


def test_what_looks_like_nothing_gets_no_guess() -> None:
    assert _hint("SELECT a FROM t xyz qrs") == ""
