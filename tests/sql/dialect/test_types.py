"""Names of types."""

import pytest

from flott.common import logical_types as t
from flott.common.sql_errors import SqlParserError, SqlValidationError
from flott.sql.dialect import data_type_of, parse_type


def _named(text: str) -> t.DataType:
    return data_type_of(parse_type(text))


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("int", "INT"),
        ("INTEGER NOT NULL", "INT NOT NULL"),
        ("DOUBLE PRECISION", "DOUBLE"),
        ("DEC(5)", "DECIMAL(5, 0)"),
        ("DECIMAL(39, 2)", "DECIMAL(38, 2)"),
        ("CHAR", "CHAR(1)"),
        ("CHARACTER VARYING(3)", "VARCHAR(3)"),
        ("VARCHAR", "STRING"),
        ("VARBINARY", "BYTES"),
        ("BINARY VARYING(3)", "VARBINARY(3)"),
        ("VARCHAR(0)", "VARCHAR(0)"),
        ("TIME", "TIME(0)"),
        ("TIMESTAMP", "TIMESTAMP(6)"),
        ("TIMESTAMP(3) WITHOUT TIME ZONE", "TIMESTAMP(3)"),
        ("TIMESTAMP(10)", "TIMESTAMP(9)"),
        ("TIMESTAMP WITH LOCAL TIME ZONE", "TIMESTAMP_LTZ(6)"),
        ("TIMESTAMP_LTZ(3)", "TIMESTAMP_LTZ(3)"),
        ("INTERVAL DAY TO SECOND(3)", "INTERVAL DAY(2) TO SECOND(3)"),
        ("INTERVAL YEAR(4)", "INTERVAL YEAR(4)"),
        ("ARRAY<INT NOT NULL>", "ARRAY<INT NOT NULL>"),
        ("INT ARRAY", "ARRAY<INT>"),
        ("INT NOT NULL MULTISET", "MULTISET<INT NOT NULL>"),
        ("MAP<STRING, ARRAY<DOUBLE>>", "MAP<STRING, ARRAY<DOUBLE>>"),
        ("ROW<a INT, `b c` STRING 'why'>", "ROW<`a` INT, `b c` STRING>"),
        ("ROW(a INT)", "ROW<`a` INT>"),
        ("ROW<>", "ROW<>"),
    ],
)
def test_types_have_many_spellings(text: str, printed: str) -> None:
    assert str(_named(text)) == printed


@pytest.mark.parametrize("text", ["REAL", "LONG", "my.type", "`INT`", "DECIMAL(2, 3)"])
def test_types_that_do_not_exist_are_no_error_of_syntax(text: str) -> None:
    with pytest.raises(SqlValidationError):
        parse_type(text)


@pytest.mark.parametrize("text", ["", "ARRAY<INT", "MAP<INT>", "VARCHAR(a)", "INT INT", "SELECT"])
def test_what_is_no_type_is_an_error_of_syntax(text: str) -> None:
    with pytest.raises(SqlParserError):
        parse_type(text)


def test_a_near_name_is_offered() -> None:
    with pytest.raises(SqlValidationError, match="Did you mean BIGINT"):
        parse_type("LONG")
