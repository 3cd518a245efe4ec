"""Scripts taken apart: statements, and the shell's own commands between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flott.cli.shell.words import COMMANDS
from flott.common.errors import FlottError
from flott.common.sql_errors import SqlError
from flott.sql.dialect import parse_statement
from flott.sql.dialect import statements as s
from flott.sql.dialect.tokens import statement_tokens, tokenize

#: Commands with nothing but their name.
_COMMANDS = (*COMMANDS, "EXIT")


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement of a script that has not been read yet.

    Attributes:
        text: The script up to the end of the statement, blank before it: so places are those of
            the script.
        script: The whole script.
    """

    text: str
    script: str

    @property
    def command(self) -> str | None:
        """Which command of the shell it is, if it is not one of SQL."""
        word = self.text.strip().upper()
        return word if word in _COMMANDS else None

    def parse(self) -> s.Statement:
        """The statement.

        Raises:
            SqlParserError: It is not one; shows the place in the script.
        """
        try:
            return parse_statement(self.text)
        except FlottError as error:
            if isinstance(error, SqlError):
                error.statement = self.script
            raise


def pieces_of(script: str) -> Iterator[Piece]:
    """The statements of a script, which ``;`` separates.

    >>> [(each.text, each.command) for each in pieces_of("A B;\\nQUIT;")]
    [('A B', None), ('    \\nQUIT', 'QUIT')]

    Raises:
        SqlParserError: A string or comment does not end.
    """
    for tokens in statement_tokens(tokenize(script)):
        start, end = tokens[0].start, tokens[-1].end
        blank = "".join(char if char == "\n" else " " for char in script[:start])
        yield Piece(blank + script[start:end], script)
