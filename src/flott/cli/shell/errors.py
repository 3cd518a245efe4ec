"""Errors in colour: what is wrong, the place in the text, what to do."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from flott.common.errors import FlottError
from flott.common.sql_errors import SqlError
from flott.sql.dialect.statements import Place

#: Lines shown before the one with the error.
_CONTEXT = 2


def show_error(
    console: Console,
    error: BaseException,
    source: str | None = None,
    statement: Place | None = None,
) -> None:
    """Print an error.

    Args:
        console: where.
        error: what.
        source: the name of the file that the statement is from.
        statement: where the statement begins, for errors that know no place: those of jobs.
    """
    if isinstance(error, SqlError):
        console.print(sql_error_text(error, source), soft_wrap=True)
        return
    name = "" if isinstance(error, FlottError) else f"{type(error).__name__}: "
    text = f"{name}{error}"
    if source is None or statement is None:
        said = Text.assemble(("Error: ", "bold red"), text)
    else:
        place = f"{source}:{statement.line}:{statement.column}: "
        said = Text.assemble((place, "bold"), ("error: ", "bold red"), text)
    console.print(said, soft_wrap=True)


def sql_error_text(error: SqlError, source: str | None = None) -> Text:
    """An error of SQL with the lines around its place."""
    place = ""
    if error.line is not None:
        place = f"{source or 'line'}{':' if source else ' '}{error.line}"
        place += f":{error.column}: " if source else f", column {error.column}: "
    text = Text.assemble((f"{place}", "bold"), ("error: ", "bold red"), error.message)
    lines = (error.statement or "").splitlines()
    if error.line is not None and error.column is not None and 0 < error.line <= len(lines):
        width = len(str(error.line))
        for number in range(max(1, error.line - _CONTEXT), error.line + 1):
            text.append(f"\n {number:>{width}} | ", "dim")
            text.append(lines[number - 1])
        room = max(1, min(error.length, len(lines[error.line - 1]) - error.column + 1))
        text.append("\n " + " " * width + " | ", "dim")
        text.append(" " * (error.column - 1) + "^" * room, "bold red")
    if error.hint:
        text.append("\n" + error.hint, "yellow")
    return text
