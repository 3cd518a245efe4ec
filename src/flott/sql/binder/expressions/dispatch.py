"""From a tree to a bound expression: one function for each kind of node, found by its class.

The modules beside this one register their functions; ``bind`` calls the one for a tree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlglot import exp

from flott.sql.binder.errors import placed, quoted
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import Expression

Binder = Callable[..., Expression]
_F = TypeVar("_F", bound=Binder)

_BINDERS: dict[type[exp.Expression], Binder] = {}


def binds(*classes: type[exp.Expression]) -> Callable[[_F], _F]:
    """Register a function ``(tree, environment) -> Expression`` for nodes of ``classes``."""

    def register(function: _F) -> _F:
        for each in classes:
            assert each not in _BINDERS, f"{each.__name__} is bound twice"
            _BINDERS[each] = function
        return function

    return register


def bind(tree: exp.Expression, env: Environment) -> Expression:
    """The bound expression of ``tree``.

    Raises:
        SqlValidationError: A name is unknown, types do not fit, or the clause does not take it.
    """
    binder = _BINDERS.get(type(tree))
    if binder is None:
        raise env.invalid(
            tree, f"The expression '{quoted(tree, env.context.text)}' is not supported"
        )
    with placed(tree, env.context.text):
        return binder(tree, env)


def bind_all(trees: Iterable[exp.Expression], env: Environment) -> tuple[Expression, ...]:
    """The bound expressions of ``trees``."""
    return tuple(bind(each, env) for each in trees)
