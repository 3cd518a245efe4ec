"""Errors of SQL statements: where in the text, what is wrong, what to do.

``SqlParserError`` is for text that is not a statement, ``SqlValidationError`` for a statement that
means nothing (an unknown name, types that do not fit, a plan that cannot be run), and
``RecordError`` for a row that could not be computed while the job runs.
"""

from __future__ import annotations

from flott.common.errors import FlottError, ProgramError
from flott.common.redaction import mask_text


class SqlError(ProgramError):
    """Base: an error at a place of a statement.

    Args:
        message: what is wrong.
        statement: the whole text the position is in.
        line: line of the place, counted from 1.
        column: column of the place, counted from 1.
        length: how many characters to underline.
        hint: what to do about it.

    >>> print(SqlValidationError("Column 'nmae' not found", "SELECT nmae FROM t", 1, 8, 4,
    ...                          hint="Did you mean 'name'?"))
    Column 'nmae' not found (line 1, column 8)
      SELECT nmae FROM t
             ^^^^
    Did you mean 'name'?
    """

    def __init__(
        self,
        message: str,
        statement: str | None = None,
        line: int | None = None,
        column: int | None = None,
        length: int = 1,
        *,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.statement = statement
        self.line = line
        self.column = column
        self.length = length
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.line is not None and self.column is not None:
            parts[0] += f" (line {self.line}, column {self.column})"
            lines = (self.statement or "").splitlines()
            if 0 < self.line <= len(lines):
                parts += _marked(lines[self.line - 1], self.column - 1, self.length)
        if self.hint:
            parts.append(self.hint)
        return "\n".join(parts)


def _marked(line: str, start: int, length: int) -> list[str]:
    """A line of a statement, its secrets hidden, and the marks below the place of the error."""
    shown = mask_text(line)
    if shown != line:
        start = min(len(mask_text(line[:start])), len(shown))
    room = max(1, min(length, len(shown) - start))
    return [f"  {shown}", f"  {' ' * start}{'^' * room}"]


class SqlParserError(SqlError):
    """The text is not a statement of the dialect."""


class SqlValidationError(SqlError):
    """The statement parses but has no meaning, or none that can be run."""


class RecordError(FlottError):
    """A row could not be computed.

    Args:
        message: what is wrong with the value.
        expression: the SQL expression that failed.
        row: the row's values, as text.
        hint: what to do about it.
    """

    def __init__(self, message: str, expression: str = "", row: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expression = expression
        self.row = row
        self.hint = hint

    def __str__(self) -> str:
        parts = [self.message]
        if self.expression:
            parts.append(f"in {self.expression}")
        if self.row:
            parts.append(f"for the row {self.row}")
        said = " ".join(parts)
        return f"{said}. {self.hint}" if self.hint else said
