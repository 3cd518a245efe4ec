"""What the binder carries along: the session, the text, names of WITH, and queries around."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder.errors import invalid
from flott.sql.binder.scope import Scope
from flott.sql.catalog.objects import ObjectPath, ViewObject
from flott.sql.logical.nodes import LogicalNode
from flott.sql.session import Session


class QueryBinder(Protocol):
    """Binds queries for those that stand below them: FROM clauses, sub-queries, views."""

    def query(self, tree: exp.Expression, context: BindContext) -> LogicalNode:
        """The plan of a query."""

    def view(self, view: ViewObject, path: ObjectPath, context: BindContext) -> LogicalNode:
        """The plan of a view."""


@dataclass(frozen=True, slots=True)
class CommonTable:
    """A query of WITH.

    Attributes:
        plan: Its plan.
        depth: How many queries were around it, for columns of theirs that it uses.
    """

    plan: LogicalNode
    depth: int


@dataclass(frozen=True, slots=True)
class BindContext:
    """Around a query.

    Attributes:
        session: Catalog, mode and options.
        text: The text the tree comes from, quoted by errors.
        queries: Binds queries inside of this one.
        common: The queries of WITH by name.
        outer: The scopes of the queries around, the next first.
        views: Views that are being expanded, against circles.
        is_inner: Whether the query is a part of another, where ORDER BY alone means nothing.
    """

    session: Session
    text: str
    queries: QueryBinder
    common: Mapping[str, CommonTable] = field(default_factory=dict)
    outer: tuple[Scope, ...] = ()
    views: tuple[ObjectPath, ...] = ()
    is_inner: bool = False

    @property
    def is_streaming(self) -> bool:
        """Whether the statement runs continuously."""
        return self.session.is_streaming

    def inside(self, scope: Scope) -> BindContext:
        """For a sub-query that may refer to the columns of ``scope``."""
        return replace(self, outer=(scope, *self.outer), is_inner=True)

    def inner(self) -> BindContext:
        """For a query that is a part of this one."""
        return self if self.is_inner else replace(self, is_inner=True)

    def invalid(
        self, tree: exp.Expression | None, message: str, hint: str | None = None
    ) -> SqlValidationError:
        """The error that ``message`` is wrong at ``tree``."""
        return invalid(tree, self.text, message, hint)

    def unsupported(
        self, tree: exp.Expression | None, feature: str, hint: str | None = None
    ) -> SqlValidationError:
        """The error that Flott does not know ``feature``."""
        return invalid(tree, self.text, f"{feature} is not supported", hint)
