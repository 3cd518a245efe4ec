"""Flink SQL as a dialect of sqlglot, for tools that work on sqlglot's trees.

The text is read by the parser of this package, which refuses what Flink refuses; queries and
inserts come as trees, all other statements as ``Command`` nodes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot import exp, tokens
from sqlglot.dialects.dialect import Dialect

from flott.sql.dialect.parser import parse_statements
from flott.sql.dialect.statements import Insert, Query, Statement


class Flink(Dialect):
    """Registered with sqlglot as ``flink``.

    >>> import sqlglot
    >>> sqlglot.parse_one("SELECT `a` FROM t -- why", read=Flink).sql(Flink)
    'SELECT `a` FROM t'
    """

    class Tokenizer(tokens.Tokenizer):
        """Names stand in back-ticks, which is how they are written, too."""

        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ["`"]

    def parse(self, sql: str, **opts: Any) -> list[exp.Expr | None]:
        """The trees of the statements of a script.

        Raises:
            SqlParserError: The text is not Flink SQL.
        """
        return [_tree(statement) for statement in parse_statements(sql)]


def _tree(statement: Statement) -> exp.Expr:
    if isinstance(statement, Query):
        return statement.tree
    if isinstance(statement, Insert):
        target: exp.Expr = statement.target
        if statement.columns:
            target = exp.Schema(this=target, expressions=list(statement.columns))
        return exp.Insert(this=target, expression=statement.query, overwrite=statement.is_overwrite)
    word, _, rest = statement.text.partition(" ")
    return exp.Command(this=word.upper(), expression=rest)
