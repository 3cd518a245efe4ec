"""Errors with their place: what to blame is a node of the tree, shown in the statement's text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from flott.common.errors import UnsupportedFeature
from flott.common.sql_errors import SqlValidationError
from flott.sql.dialect.positions import place_of, text_of

#: More of a text than this is not quoted in a message.
_QUOTED = 120


def invalid(
    tree: exp.Expression | None, text: str, message: str, hint: str | None = None
) -> SqlValidationError:
    """The error that ``message`` is wrong at ``tree``, which stands in ``text``."""
    place = None if tree is None else place_of(tree)
    if place is None:
        return SqlValidationError(message, text, hint=hint)
    return SqlValidationError(message, text, *place, hint=hint)


@contextmanager
def placed(tree: exp.Expression | None, text: str) -> Iterator[None]:
    """Give errors from inside, which know no place, that of ``tree``."""
    try:
        yield
    except SqlValidationError as error:
        if error.line is not None:
            raise
        raise invalid(tree, text, error.message, error.hint) from error
    except UnsupportedFeature as error:
        raise invalid(tree, text, str(error)) from error


def refused_table(what: str, name: str, error: Exception) -> SqlValidationError:
    """The error that a connector refuses a table, without its name twice.

    >>> print(refused_table("read", "c.d.t", ValueError("No connector 'x'. Did you mean 'y'?")))
    Cannot read the table 'c.d.t': No connector 'x'.
    Did you mean 'y'?
    """
    message, meant, near = str(error).partition(" Did you mean ")
    if name not in message:
        message = f"Cannot {what} the table '{name}': {message}"
    return SqlValidationError(message, hint=f"{meant}{near}".strip() or None)


def written(tree: exp.Expression, text: str) -> str:
    """``tree`` as the user wrote it."""
    return text_of(tree, text) or tree.sql()


def quoted(tree: exp.Expression, text: str) -> str:
    """``tree`` as the user wrote it, short enough for a message."""
    found = " ".join(written(tree, text).split())
    return found if len(found) <= _QUOTED else found[: _QUOTED - 3] + "..."
