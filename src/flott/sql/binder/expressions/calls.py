"""Calls of functions: scalar ones, and the parts that may stand around any call."""

from __future__ import annotations

from sqlglot import exp

from flott.sql import functions
from flott.sql.binder.expressions.aggregates import GROUPING_NAMES, bind_aggregate, bind_grouping
from flott.sql.binder.expressions.call_parts import CallParts, parts_of_call, settings_of
from flott.sql.binder.expressions.dispatch import bind_all, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.binder.expressions.operators import row_parts
from flott.sql.expressions import Expression, InputRef
from flott.sql.logical.nodes import TimeAttribute


@binds(exp.Anonymous, exp.Filter, exp.WithinGroup)
def bind_call(tree: exp.Expression, env: Environment) -> Expression:
    """A call of any function that gives a value."""
    parts = parts_of_call(tree, env)
    if env.group_windows is not None and isinstance(tree, exp.Anonymous):
        found = env.group_windows(tree, env)
        if found is not None:
            return found
    if parts.name in GROUPING_NAMES:
        return bind_grouping(parts, env)
    if functions.is_aggregate(parts.name):
        return bind_aggregate(parts, env)
    if functions.is_over_only(parts.name):
        raise env.invalid(tree, f"{parts.name} needs OVER (...)")
    return _scalar(parts, env)


def _scalar(parts: CallParts, env: Environment) -> Expression:
    if parts.filter is not None:
        raise env.invalid(parts.tree, "FILTER must be applied to aggregate function")
    if parts.order:
        raise env.invalid(parts.tree, "WITHIN GROUP must be applied to aggregate function")
    if parts.is_distinct:
        raise env.invalid(parts.tree, "DISTINCT must be applied to aggregate function")
    if any(each.meta.get("collected") for each in parts.args):
        raise env.invalid(parts.tree, f"{parts.name} of a query is not supported")
    if not functions.is_known(parts.name):
        _refuse_user_function(parts, env)
    args, settings = bind_all(parts.args, env), settings_of(parts.call, env)
    if parts.name == "OVERLAPS":
        args = tuple(part for each in args for part in row_parts(each) or (each,))
    if parts.name == "CURRENT_WATERMARK":
        _check_watermark(parts, args, env)
    return functions.resolve_call(parts.name, args, settings, env.written(parts.tree))


def _check_watermark(parts: CallParts, args: tuple[Expression, ...], env: Environment) -> None:
    """Refuse what has no watermark, and a place where none is known."""
    columns = [each for each in args if isinstance(each, InputRef)]
    if not any(env.scope.fields[each.index].time is TimeAttribute.ROWTIME for each in columns):
        raise env.invalid(
            parts.args[0] if parts.args else parts.tree,
            "CURRENT_WATERMARK takes a column that is a time attribute, in STREAMING mode",
            "Declare WATERMARK FOR the column in its table.",
        )
    if env.clause == "ON":
        raise env.context.unsupported(parts.tree, "CURRENT_WATERMARK in the condition of a join")


def _refuse_user_function(parts: CallParts, env: Environment) -> None:
    found = env.context.session.catalog.functions.find([parts.name])
    if found is None:
        return
    if found.language != "PYTHON":
        raise env.invalid(
            parts.tree, f"{parts.name} is a function in {found.language}, and there is no JVM"
        )
    raise env.context.unsupported(parts.tree, f"The user-defined function {parts.name}")
