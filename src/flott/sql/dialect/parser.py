"""Scripts to statements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from sqlglot import exp

from flott.common.sql_errors import SqlParserError
from flott.sql.dialect.statements import (
    BeginStatementSet,
    EndStatementSet,
    Place,
    Query,
    Statement,
    Unsupported,
)
from flott.sql.dialect.tokens import Token, TokenKind, statement_tokens, tokenize
from flott.sql.dialect.utility import UtilityParser

T = TypeVar("T")


class Parser(UtilityParser):
    """Reads statements."""

    def whole_statement(self) -> Statement:
        """Read a statement up to the end of the tokens."""
        first = self.token
        found = self.statement()
        self.expect_end()
        place = found.place or Place(first.line, first.column, first.end - first.start)
        return replace(found, text=self.text[first.start : self.last.end], place=place)

    def whole_query(self) -> exp.Expression:
        """Read a query up to the end of the tokens."""
        found = self.query()
        self.accept(";")
        self.expect_end()
        return found

    def whole_expression(self) -> exp.Expression:
        """Read an expression up to the end of the tokens."""
        found = self.expression()
        self.expect_end()
        return found

    def statement(self) -> Statement:
        """Read any statement."""
        if self.looks_at("(") or self.looks_at_query():
            return Query(self.query())
        rule = _STATEMENTS.get(self.token.upper)
        if rule is None:
            self.unexpected("a statement, such as SELECT, INSERT or CREATE")
        return rule(self)

    def execute(self) -> Statement:
        """Read ``EXECUTE STATEMENT SET ...``, ``EXECUTE PLAN ...`` or ``EXECUTE query``."""
        self.expect("EXECUTE")
        if self.looks_at("STATEMENT"):
            return self.statement_set()
        if self.accept("PLAN"):
            self.string("the path of a plan in single quotes")
            return Unsupported("EXECUTE PLAN", "Run the statement itself.")
        if self.looks_at("INSERT"):
            return self.insert()
        return Query(self.query())

    def begin(self) -> Statement:
        """Read ``BEGIN STATEMENT SET``."""
        self.expect("BEGIN", "STATEMENT", "SET")
        return BeginStatementSet()

    def end(self) -> Statement:
        """Read ``END``."""
        self.expect("END")
        return EndStatementSet()


_STATEMENTS: dict[str, Callable[[Parser], Statement]] = {
    "ADD": Parser.jar,
    "ALTER": Parser.alter,
    "ANALYZE": Parser.analyze,
    "BEGIN": Parser.begin,
    "CALL": Parser.call_procedure,
    "COMPILE": Parser.compile_plan,
    "CREATE": Parser.create,
    "DELETE": Parser.delete,
    "DESC": Parser.describe,
    "DESCRIBE": Parser.describe,
    "DROP": Parser.drop,
    "END": Parser.end,
    "EXECUTE": Parser.execute,
    "EXPLAIN": Parser.explain,
    "INSERT": Parser.insert,
    "LOAD": Parser.load_module,
    "REMOVE": Parser.jar,
    "REPLACE": Parser.replace,
    "RESET": Parser.reset_option,
    "SET": Parser.set_option,
    "SHOW": Parser.show,
    "STOP": Parser.stop_job,
    "TRUNCATE": Parser.truncate,
    "UNLOAD": Parser.unload_module,
    "UPDATE": Parser.update,
    "USE": Parser.use,
}


def _read(tokens: list[Token], text: str, rule: Callable[[Parser], T]) -> T:
    try:
        return rule(Parser(tokens, text))
    except RecursionError as error:
        first = tokens[0]
        raise SqlParserError(
            "Parentheses are nested too deeply",
            text,
            first.line,
            first.column,
            hint="Split the statement by views or WITH.",
        ) from error


def _closed(tokens: list[Token]) -> list[Token]:
    """``tokens`` with an END behind them."""
    last = tokens[-1]
    column = last.column + last.end - last.start
    return [*tokens, Token(TokenKind.END, "", "", last.end, last.end, last.line, column)]


def parse_statements(text: str) -> list[Statement]:
    """The statements of a script, separated by ``;``.

    Raises:
        SqlParserError: The text is not SQL of Flink's dialect; shows the place.
        SqlValidationError: A type does not exist.

    >>> [type(each).__name__ for each in parse_statements("SET 'a' = ';'; SELECT 1;")]
    ['SetOption', 'Query']
    """
    pieces = statement_tokens(tokenize(text))
    return [_read(_closed(tokens), text, Parser.whole_statement) for tokens in pieces]


def parse_statement(text: str) -> Statement:
    """The one statement that ``text`` holds; a ``;`` may follow it.

    Raises:
        SqlParserError: The text is not a statement, none at all, or more than one.
    """
    pieces = statement_tokens(tokenize(text))
    if not pieces:
        raise SqlParserError("There is no statement", text, 1, 1)
    if len(pieces) > 1:
        first = pieces[1][0]
        raise SqlParserError(
            "A second statement begins here",
            text,
            first.line,
            first.column,
            first.end - first.start,
            hint="Execute one statement at a time; EXECUTE STATEMENT SET runs several inserts.",
        )
    return _read(_closed(pieces[0]), text, Parser.whole_statement)


def parse_query(text: str) -> exp.Expression:
    """The tree of a query.

    Raises:
        SqlParserError: The text is not a query.
    """
    return _read(tokenize(text), text, Parser.whole_query)


def parse_expression(text: str) -> exp.Expression:
    """The tree of an expression, such as that of a computed column.

    Raises:
        SqlParserError: The text is not an expression.
    """
    return _read(tokenize(text), text, Parser.whole_expression)
