"""A call taken apart: name, operands, DISTINCT, FILTER, WITHIN GROUP, OVER, keywords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from flott.sql import functions
from flott.sql.binder.expressions.dispatch import bind
from flott.sql.binder.expressions.environment import Environment
from flott.sql.dialect.nodes import TableArgument


@dataclass(frozen=True, slots=True)
class CallParts:
    """A call as written.

    Attributes:
        tree: All of it.
        call: The call itself.
        name: The function in upper case.
        args: The operands; without the star of ``COUNT(*)``.
        is_distinct: Whether DISTINCT stands before them.
        filter: The condition of FILTER.
        order: The sort keys of WITHIN GROUP, or of an ORDER BY among the operands.
    """

    tree: exp.Expression
    call: exp.Anonymous
    name: str
    args: tuple[exp.Expression, ...]
    is_distinct: bool = False
    filter: exp.Expression | None = None
    order: tuple[exp.Ordered, ...] = ()


def parts_of_call(tree: exp.Expression, env: Environment) -> CallParts:
    """The parts of a call, of a call with FILTER, or with WITHIN GROUP.

    Raises:
        SqlValidationError: An operand is none that a call of a value takes.
    """
    condition: exp.Expression | None = None
    order: tuple[exp.Ordered, ...] = ()
    call = tree
    while isinstance(call, (exp.Filter, exp.WithinGroup)):
        if isinstance(call, exp.Filter):
            condition = call.expression.this
        else:
            order = tuple(call.expression.expressions)
        call = call.this
    if isinstance(call, exp.Dot):
        call = call.expression
    assert isinstance(call, exp.Anonymous), "the parser makes calls of Anonymous nodes"
    args = tuple(call.expressions)
    is_distinct = len(args) == 1 and isinstance(args[0], exp.Distinct)
    if is_distinct:
        args = tuple(args[0].expressions)
    name = str(call.this).upper()
    _check_operands(name, args, env)
    if len(args) == 1 and isinstance(args[0], exp.Star):
        args = ()
    elif name == "COUNT" and not args:
        raise env.invalid(call, "COUNT takes one operand", "Count all rows with COUNT(*).")
    return CallParts(tree, call, name, args, is_distinct, condition, order)


def _check_operands(name: str, args: tuple[exp.Expression, ...], env: Environment) -> None:
    for each in args:
        if isinstance(each, exp.Star) and name != "COUNT":
            near = None if functions.is_known(name) else functions.suggest(name)
            hint = f"Did you mean '{near}'?" if near else None
            raise env.invalid(each, f"{name} takes no *", hint)
        if isinstance(each, exp.Kwarg):
            raise env.invalid(each, f"{name} takes no named arguments", "Give them by position.")
        if isinstance(each, TableArgument):
            raise env.invalid(
                each, f"{name} takes no table here", "Table functions stand in FROM TABLE(...)."
            )


def settings_of(call: exp.Expression, env: Environment) -> tuple[tuple[str, Any], ...]:
    """The keywords of a call, expressions among them bound."""
    return tuple(
        (name, bind(value, env) if isinstance(value, exp.Expression) else value)
        for name, value in call.meta.get("settings", ())
    )
