"""Entries of the binder: a query, a view, an expression of the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from flott.sql.binder.context import BindContext
from flott.sql.binder.expressions.texts import bind_text
from flott.sql.binder.query import Queries
from flott.sql.catalog.objects import ObjectPath, ViewObject
from flott.sql.expressions import Expression
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.session import Session


def bind_query(tree: exp.Expression, session: Session, text: str | None = None) -> LogicalNode:
    """The logical plan of a query.

    Args:
        tree: A tree of ``flott.sql.dialect``.
        session: Catalog, mode and options.
        text: The text the tree comes from; that of the session unless given.

    Raises:
        SqlValidationError: A name, a type or a clause has no meaning; shows the place.
    """
    context = context_of(session, text)
    with nested_enough(context):
        return Queries().query(tree, context)


@contextmanager
def nested_enough(context: BindContext) -> Iterator[None]:
    """Turn the end of Python's stack into an error of the statement.

    Raises:
        SqlValidationError: Expressions or queries are nested too deeply.
    """
    try:
        yield
    except RecursionError as error:
        raise context.invalid(
            None,
            "The statement nests expressions or queries too deeply",
            "Split it by views or WITH, or long chains of operators by parentheses.",
        ) from error


def context_of(session: Session, text: str | None = None) -> BindContext:
    """The context of a statement."""
    return BindContext(session, session.text if text is None else text, Queries())


def bind_view(view: ViewObject, session: Session, path: ObjectPath = ("", "", "")) -> LogicalNode:
    """The logical plan of a view; its ``fields`` are the view's columns.

    Raises:
        SqlValidationError: Its query has no meaning, or another number of columns.
    """
    return Queries().view(view, path, context_of(session, view.query_text))


def bind_expression(
    text: str, fields: tuple[Field, ...], session: Session, table: str = "", what: str = ""
) -> Expression:
    """The bound expression of ``text`` over ``fields``: of a computed column or a watermark.

    Args:
        text: An SQL expression.
        fields: The columns it may name.
        session: Catalog, mode and options.
        table: A name that may stand before a column.
        what: What the expression is, for errors.

    Raises:
        SqlParserError: The text is not an expression.
        SqlValidationError: It has no meaning.
    """
    return bind_text(text, fields, session, table, what)
