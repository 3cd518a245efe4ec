"""The syntax of Flink SQL: text to statements and trees of sqlglot's expressions.

Only syntax is judged here; names and types mean nothing yet. ``parse_statements`` reads a script,
``parse_statement`` one statement, ``parse_query`` and ``parse_expression`` parts of one.
"""

from flott.sql.dialect.flink import Flink
from flott.sql.dialect.parser import (
    parse_expression,
    parse_query,
    parse_statement,
    parse_statements,
)
from flott.sql.dialect.positions import place_of
from flott.sql.dialect.tokens import split_statements
from flott.sql.dialect.types import data_type_of, parse_type

__all__ = [
    "Flink",
    "data_type_of",
    "parse_expression",
    "parse_query",
    "parse_statement",
    "parse_statements",
    "parse_type",
    "place_of",
    "split_statements",
]
