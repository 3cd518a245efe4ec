"""CASE, CAST and typed constants, IN lists, rows."""

from __future__ import annotations

from sqlglot import exp

from flott.common import logical_types as t
from flott.sql import functions
from flott.sql.binder.expressions.dispatch import bind, bind_all, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.expressions.literals import moment
from flott.sql.binder.expressions.operators import compare, logical
from flott.sql.dialect.types import data_type_of
from flott.sql.expressions import Cast, Expression, InputRef, Literal

_KINDS = {t.DateType: "DATE", t.TimeType: "TIME", t.TimestampType: "TIMESTAMP"}


@binds(exp.Case)
def bind_case(tree: exp.Case, env: Environment) -> Expression:
    """``CASE WHEN a THEN b ... ELSE c END``, and ``CASE x WHEN a THEN b ...``."""
    subject = None if tree.this is None else bind(tree.this, env)
    args: list[Expression] = []
    for branch in tree.args["ifs"]:
        args += [_condition(branch, subject, env), bind(branch.args["true"], env)]
    default = tree.args.get("default")
    args.append(Literal(t.NullType(), None) if default is None else bind(default, env))
    return functions.resolve_call("CASE", tuple(args), origin=env.written(tree))


def _condition(branch: exp.If, subject: Expression | None, env: Environment) -> Expression:
    if subject is None:
        return bind(branch.this, env)
    many = branch.this.expressions if isinstance(branch.this, exp.Tuple) else [branch.this]
    parts = [compare("=", subject, bind(each, env), env.written(each)) for each in many]
    return logical("OR", parts)


@binds(exp.Cast, exp.TryCast)
def bind_cast(tree: exp.Cast, env: Environment) -> Expression:
    """``CAST(a AS type)``; ``DATE '...'`` and its like are constants."""
    target = data_type_of(tree.args["to"])
    if tree.meta.get("literal"):
        if isinstance(target, t.LocalZonedTimestampType):
            return functions.resolve_cast(moment("TIMESTAMP", tree.this.this), target)
        return moment(_KINDS[type(target)], tree.this.this)
    arg = bind(tree.this, env)
    found = functions.resolve_cast(
        arg, target, is_try=isinstance(tree, exp.TryCast), origin=env.written(tree)
    )
    if found == arg and isinstance(arg, InputRef) and env.scope.fields[arg.index].time is not None:
        return Cast(arg.data_type, arg, origin=env.written(tree))  # no time attribute any more
    return found


def bind_in_list(tree: exp.In, env: Environment) -> Expression:
    """``a IN (b, c)``; of rows, an OR of comparisons."""
    value = bind(tree.this, env)
    options = bind_all(tree.expressions, env)
    origin = env.written(tree)
    if isinstance(value.data_type, t.RowType):
        return logical("OR", [compare("=", value, each, origin) for each in options], origin)
    if functions.common_type([each.data_type for each in options]) is None:
        raise env.invalid(tree, "Values in expression list must have compatible types")
    return functions.resolve_call("IN", (value, *options), origin=origin)


@binds(exp.Tuple)
def bind_row(tree: exp.Tuple, env: Environment) -> Expression:
    """``(a, b)``: a row."""
    return functions.resolve_call("ROW", bind_all(tree.expressions, env), origin=env.written(tree))
