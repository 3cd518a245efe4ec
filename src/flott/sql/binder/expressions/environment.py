"""Where an expression stands: which columns it sees, and what it may contain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import written
from flott.sql.binder.scope import Scope
from flott.sql.expressions import Expression

#: Gives the value of TUMBLE_START and its like, given the call; ``None`` if it is not such a call.
GroupWindowCalls = Callable[[exp.Anonymous, "Environment"], Expression | None]


@dataclass(frozen=True, slots=True)
class Environment:
    """Around an expression.

    Attributes:
        context: Session, text, queries around.
        scope: The columns it sees.
        clause: The clause it stands in, for messages.
        has_aggregates: Whether it may contain aggregates.
        has_over: Whether it may contain functions over windows.
        has_empty_groups: Whether aggregates may see no row at all (no GROUP BY, a set ``()``).
        in_aggregate: Whether it is an operand of an aggregate.
        in_over: Whether it is a part of a function over a window.
        windows: The windows of the WINDOW clause.
        group_windows: Finds the values of group windows (``TUMBLE_START``, ...).
        aliases: Columns of the select list that ORDER BY and QUALIFY may name.
        select_names: Names that the select list gives, for hints where they mean nothing.
    """

    context: BindContext
    scope: Scope = field(default_factory=Scope)
    clause: str = "SELECT"
    has_aggregates: bool = False
    has_over: bool = False
    has_empty_groups: bool = False
    in_aggregate: bool = False
    in_over: bool = False
    windows: Mapping[str, exp.Expression] = field(default_factory=dict)
    group_windows: GroupWindowCalls | None = None
    aliases: Mapping[str, Expression] = field(default_factory=dict)
    select_names: frozenset[str] = frozenset()

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """All scopes in which a name is looked up, the nearest first."""
        return (self.scope, *self.context.outer)

    def plain(self, clause: str) -> Environment:
        """For a clause that takes neither aggregates nor functions over windows."""
        return replace(self, clause=clause, has_aggregates=False, has_over=False)

    def invalid(
        self, tree: exp.Expression | None, message: str, hint: str | None = None
    ) -> SqlValidationError:
        """The error that ``message`` is wrong at ``tree``."""
        return self.context.invalid(tree, message, hint)

    def written(self, tree: exp.Expression) -> str:
        """``tree`` as the user wrote it."""
        return written(tree, self.context.text)
