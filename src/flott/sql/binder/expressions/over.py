"""Functions over windows of neighbouring rows: ``f(x) OVER (PARTITION BY ... ORDER BY ...)``."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from sqlglot import exp

from flott.common import logical_types as t
from flott.sql import functions
from flott.sql.binder.expressions.aggregates import sort_key
from flott.sql.binder.expressions.call_parts import CallParts, parts_of_call, settings_of
from flott.sql.binder.expressions.conditions import condition
from flott.sql.binder.expressions.dispatch import bind, bind_all, binds
from flott.sql.binder.expressions.environment import Environment
from flott.sql.expressions import Expression, FrameBound, Literal, OverWindow, SortKey

#: Functions whose window has no frame.
_FRAMELESS: Final = frozenset(
    ["ROW_NUMBER", "RANK", "DENSE_RANK", "PERCENT_RANK", "CUME_DIST", "NTILE", "LAG", "LEAD"]
)
_RANKS: Final = frozenset(["ROW_NUMBER", "RANK", "DENSE_RANK"])
_TEMPORAL = (t.DateType, t.TimeType, t.TimestampType, t.LocalZonedTimestampType)
_UNBOUNDED: Final = FrameBound(None)


@binds(exp.Window)
def bind_over(tree: exp.Window, env: Environment) -> Expression:
    """A function over a window.

    Raises:
        SqlValidationError: The clause takes none, the window is unknown, or its frame is wrong.
    """
    _check_place(tree, env)
    inner = replace(env, has_over=False, in_over=True)
    parts = parts_of_call(tree.this, inner)
    if not (functions.is_aggregate(parts.name) or functions.is_over_only(parts.name)):
        raise env.invalid(tree.this, f"{parts.name} is not an aggregate and takes no OVER")
    window = _window(_definition(tree, env), parts, tree, inner)
    found = functions.resolve_over_call(
        parts.name,
        bind_all(parts.args, inner),
        window,
        is_distinct=parts.is_distinct,
        filter=None if parts.filter is None else condition(parts.filter, inner, "FILTER"),
        settings=settings_of(parts.call, inner),
        origin=env.written(tree),
    )
    return found


def _check_place(tree: exp.Window, env: Environment) -> None:
    if env.in_over:
        raise env.invalid(tree, "Functions over windows cannot be nested", "Use a sub-query.")
    if env.in_aggregate:
        raise env.invalid(tree, "An aggregate takes no function over a window", "Use a sub-query.")
    if not env.has_over:
        hint = "QUALIFY takes them." if env.clause in ("WHERE", "HAVING") else None
        raise env.invalid(
            tree, f"Windowed aggregate expression is illegal in {env.clause} clause", hint
        )


def _definition(tree: exp.Expression, env: Environment) -> dict[str, Any]:
    """Partition, order and frame of a window, those of the window it builds on included."""
    own = {
        "partition": tree.args.get("partition_by") or [],
        "order": tree.args["order"].expressions if tree.args.get("order") else [],
        "frame": tree.args.get("spec"),
        "tree": tree,
    }
    base = tree.args.get("alias")
    if base is None:
        return own
    named = env.windows.get(base.name)
    if named is None:
        raise env.invalid(base, f"Window '{base.name}' not found", _known(env))
    found = _definition(named, env)
    if found["frame"] and (own["order"] or own["frame"]):
        raise env.invalid(base, "Referenced window cannot have framing declarations")
    if own["partition"] or (own["order"] and found["order"]):
        raise env.invalid(tree, f"The window '{base.name}' already has what is added here")
    for name in ("order", "frame"):
        found[name] = own[name] or found[name]
    return found


def _known(env: Environment) -> str | None:
    return f"Windows: {', '.join(env.windows)}." if env.windows else None


def _window(
    definition: dict[str, Any], parts: CallParts, tree: exp.Window, env: Environment
) -> OverWindow:
    partition = bind_all(definition["partition"], env)
    order = _order(definition, parts, env)
    frame = definition["frame"]
    if parts.name in _FRAMELESS:
        if frame is not None:
            raise env.invalid(
                frame, "ROW/RANGE not allowed with RANK, DENSE_RANK, ROW_NUMBER, LAG or LEAD"
            )
        if not order and (env.context.is_streaming or parts.name not in ("LAG", "LEAD")):
            raise env.invalid(
                definition["tree"],
                f"{parts.name} functions require ORDER BY clause in window specification",
            )
        return OverWindow(partition, order, True, _UNBOUNDED, FrameBound(0))
    if frame is None:
        upper = FrameBound(0) if order else _UNBOUNDED
        return OverWindow(partition, order, False, _UNBOUNDED, upper)
    return _framed(frame, partition, order, env)


def _order(definition: dict[str, Any], parts: CallParts, env: Environment) -> tuple[SortKey, ...]:
    """What rows are ordered by: constants order nothing."""
    keys = tuple(sort_key(each, env) for each in definition["order"])
    order = tuple(key for key in keys if not isinstance(key.expression, Literal))
    if keys and not order and parts.name in _RANKS:
        raise env.invalid(
            definition["order"][0],
            f"{parts.name} requires an ORDER BY clause with fields that are not constant",
        )
    return order


def _framed(
    frame: exp.WindowSpec,
    partition: tuple[Expression, ...],
    order: tuple[SortKey, ...],
    env: Environment,
) -> OverWindow:
    is_rows = frame.args["kind"] == "ROWS"
    lower = _bound(frame, "start", is_rows, order, env)
    upper = FrameBound(0)
    if frame.args.get("end") is not None:
        upper = _bound(frame, "end", is_rows, order, env)
    if lower.preceding is None and frame.args.get("start_side") == "FOLLOWING":
        raise env.invalid(frame, "UNBOUNDED FOLLOWING cannot be the lower frame boundary")
    if upper.preceding is None and frame.args.get("end_side") == "PRECEDING":
        raise env.invalid(frame, "UNBOUNDED PRECEDING cannot be the upper frame boundary")
    if (
        lower.preceding is not None
        and upper.preceding is not None
        and upper.preceding > lower.preceding
    ):
        raise env.invalid(frame, "Upper frame boundary cannot be before the lower one")
    return OverWindow(partition, order, is_rows, lower, upper)


def _bound(
    frame: exp.WindowSpec, name: str, is_rows: bool, order: tuple[SortKey, ...], env: Environment
) -> FrameBound:
    value = frame.args[name]
    if value == "CURRENT ROW":
        return FrameBound(0)
    if value == "UNBOUNDED":
        return _UNBOUNDED
    distance = bind(value, env.plain("OVER"))
    sign = -1 if frame.args.get(f"{name}_side") == "FOLLOWING" else 1
    if not isinstance(distance, Literal) or distance.value is None:
        raise env.invalid(value, "The bound of a frame must be a constant")
    if is_rows:
        if not isinstance(distance.data_type, t.IntegralType) or distance.value < 0:
            raise env.invalid(value, "ROWS takes a number of rows")
    else:
        _check_range(frame, value, distance, order, env)
    amount = distance.value
    if isinstance(amount, Decimal) and amount == int(amount):
        amount = int(amount)
    return FrameBound(sign * amount)


def _check_range(
    frame: exp.WindowSpec,
    tree: exp.Expression,
    distance: Literal,
    order: tuple[SortKey, ...],
    env: Environment,
) -> None:
    if len(order) != 1:
        raise env.invalid(
            frame, "RANGE with a distance needs an ORDER BY of one column in the window"
        )
    key = order[0].expression.data_type
    if isinstance(key, _TEMPORAL):
        fits = isinstance(distance.data_type, t.DayTimeIntervalType)
    elif isinstance(key, t.NumericType):
        fits = isinstance(distance.data_type, t.NumericType)
    else:
        raise env.invalid(
            frame,
            "Data type of ORDER BY prohibits use of RANGE clause",
            f"It is {key.nullable_()}; RANGE takes numbers and moments.",
        )
    if not fits:
        raise env.invalid(
            tree, f"A distance of type {distance.data_type} does not fit ORDER BY of type {key}"
        )
