"""Conditions: expressions that must be BOOLEAN."""

from __future__ import annotations

from sqlglot import exp

from flott.common.logical_types import BooleanType, NullType
from flott.sql.binder.expressions.dispatch import bind
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import Expression, Literal


def condition(tree: exp.Expression, env: Environment, clause: str) -> Expression:
    """The bound condition of a ``clause``.

    Raises:
        SqlValidationError: It has another type than BOOLEAN.
    """
    found = bind(tree, env)
    if isinstance(found.data_type, NullType):
        return Literal(BooleanType(), None)
    if not isinstance(found.data_type, BooleanType):
        raise env.invalid(
            tree,
            f"{clause} clause must be a condition",
            f"This has the type {found.data_type.nullable_()}; compare it with something.",
        )
    return found
