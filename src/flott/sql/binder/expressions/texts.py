"""Expressions that a catalog keeps as text: computed columns, watermarks, conditions."""

from __future__ import annotations

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder.context import BindContext
from flott.sql.binder.expressions.dispatch import bind
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.scope import Scope
from flott.sql.catalog.objects import ObjectPath, ViewObject
from flott.sql.dialect import parse_expression
from flott.sql.expressions import Expression
from flott.sql.logical.nodes import Field, LogicalNode
from flott.sql.session import Session


class _NoQueries:
    """For expressions that may contain no query."""

    def query(self, tree: exp.Expression, context: BindContext) -> LogicalNode:
        raise context.invalid(tree, "A sub-query cannot stand here")

    def view(self, view: ViewObject, path: ObjectPath, context: BindContext) -> LogicalNode:
        raise AssertionError("an expression alone names no view")


def bind_text(
    text: str,
    fields: tuple[Field, ...],
    session: Session,
    table: str = "",
    what: str = "",
) -> Expression:
    """The bound expression of ``text`` over ``fields``.

    Args:
        text: An SQL expression.
        fields: The columns it sees.
        session: The session.
        table: A name that may stand before a column.
        what: What the expression is, for errors.

    Raises:
        SqlParserError: The text is not an expression.
        SqlValidationError: It means nothing.
    """
    tree = parse_expression(text)
    scope = Scope.of((table,) if table else (), fields)
    context = BindContext(session, text, _NoQueries())
    try:
        return bind(tree, Environment(context, scope, clause=what or "SELECT"))
    except SqlValidationError as error:
        message = f"In {what}: {error.message}" if what else error.message
        raise SqlValidationError(
            message, error.statement, error.line, error.column, error.length, hint=error.hint
        ) from error
