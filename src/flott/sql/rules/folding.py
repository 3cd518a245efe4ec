"""Constants: expressions without columns become literals, and filters that are decided vanish."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, Final

from flott.common.logical_types import DoubleType, FloatType
from flott.sql.expressions import Call, Expression, InputRef, Literal, SortKey, transform
from flott.sql.functions import fold_constants
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode
from flott.sql.rules.conditions import FALSE, TRUE, all_of, conjuncts, has_over, has_subquery
from flott.sql.rules.node_expressions import map_expressions

_OPPOSITES: Final = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "=": "<>", "<>": "="}


def fold(node: LogicalNode, settings: EvaluationSettings) -> LogicalNode | None:
    """Fold every expression of ``node``."""
    if not isinstance(node, nodes.Project | nodes.Filter | nodes.Join):
        return None
    changed: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        folded = _folded(value, settings)
        if folded is not value and folded != value:
            changed[each.name] = folded
    return replace(node, **changed) if changed else None


def _folded(value: Any, settings: EvaluationSettings) -> Any:
    if isinstance(value, Expression):
        if isinstance(value, Literal) or has_subquery(value) or has_over(value):
            return value
        return fold_constants(value, settings)
    if isinstance(value, tuple) and value and isinstance(value[0], Expression | SortKey):
        return tuple(_folded(part, settings) for part in value)
    return value


def simplify_filter(node: LogicalNode) -> LogicalNode | None:
    """Filters of nothing but TRUE go; filters that are never true give no rows; filters over
    filters become one."""
    if not isinstance(node, nodes.Filter):
        return None
    if isinstance(node.input, nodes.Filter):
        parts = [*conjuncts(node.input.predicate), *conjuncts(node.predicate)]
        return replace(node, input=node.input.input, predicate=all_of(parts) or TRUE)
    parts = conjuncts(node.predicate)
    if not parts:
        return node.input
    if any(isinstance(part, Literal) and not part.value for part in parts):
        if isinstance(node.input, nodes.Values) and not node.input.rows:
            return None
        return nodes.Values(node.fields, ())
    kept = all_of(parts)
    return None if kept == node.predicate or kept is None else replace(node, predicate=kept)


def simplify_over_nothing(node: LogicalNode) -> LogicalNode | None:
    """Projections of no rows are no rows."""
    if not isinstance(node, nodes.Project | nodes.Sort | nodes.WatermarkAssigner):
        return None
    if isinstance(node.input, nodes.Values) and not node.input.rows:
        return nodes.Values(node.fields, ())
    return None


def shorten_condition(node: LogicalNode) -> LogicalNode | None:
    """``TRUE AND x`` and the like inside of a filter or join condition become shorter."""
    if isinstance(node, nodes.Filter):
        short = _short(node.predicate)
        return None if short is node.predicate else replace(node, predicate=short)
    if isinstance(node, nodes.Join) and node.condition is not None:
        short = _short(node.condition)
        return None if short is node.condition else replace(node, condition=short)
    return None


def _short(predicate: Expression) -> Expression:
    """Without decided parts of AND and OR at the top, and without NOT over comparisons."""
    if not isinstance(predicate, Call):
        return predicate
    if predicate.function == "NOT":
        return _opposite(predicate.args[0]) or predicate
    if predicate.function not in ("AND", "OR"):
        return predicate
    decisive, neutral = (FALSE, TRUE) if predicate.function == "AND" else (TRUE, FALSE)
    parts: list[Expression] = []
    for arg in predicate.args:
        short = _short(arg)
        if isinstance(short, Literal) and short.value is decisive.value:
            return decisive
        if not (isinstance(short, Literal) and short.value is neutral.value):
            parts.append(short)
    if not parts:
        return neutral
    if len(parts) == len(predicate.args) and all(
        a is b for a, b in zip(parts, predicate.args, strict=True)
    ):
        return predicate
    return parts[0] if len(parts) == 1 else replace(predicate, args=tuple(parts))


def _opposite(comparison: Expression) -> Expression | None:
    """The comparison that is true where ``comparison`` is false; with NaN there is none."""
    if not isinstance(comparison, Call) or comparison.function not in _OPPOSITES:
        return None
    if any(isinstance(each.data_type, FloatType | DoubleType) for each in comparison.args):
        return None
    return replace(comparison, function=_OPPOSITES[comparison.function])


def simplify_cases(node: LogicalNode) -> LogicalNode | None:
    """Branches of CASE that are never taken go."""
    if not isinstance(node, nodes.Project | nodes.Filter):
        return None
    changed = map_expressions(node, lambda each: transform(each, _simpler_case))
    return None if changed is node else changed


def _simpler_case(expression: Expression) -> Expression:
    if not isinstance(expression, Call) or expression.function != "CASE":
        return expression
    args: list[Expression] = []
    whens, rest = expression.args[:-1], expression.args[-1]
    for condition, value in zip(whens[::2], whens[1::2], strict=True):
        if isinstance(condition, Literal):
            if condition.value:
                rest = value
                break
            continue
        args += [condition, value]
    if not args:
        return rest
    if len(args) + 1 == len(expression.args):
        return expression
    return replace(expression, args=(*args, rest))


def use_known_columns(node: LogicalNode) -> LogicalNode | None:
    """What a source's filter says of a column need not be read from it."""
    if not isinstance(node, nodes.Project | nodes.Filter) or not isinstance(node.input, nodes.Scan):
        return None
    known: dict[int, Expression] = {}
    for part in node.input.pushed:
        if isinstance(part, Call) and part.function == "=":
            column, value = part.args
            if isinstance(column, InputRef) and isinstance(value, Literal):
                known[column.index] = value
    if not known:
        return None

    def rule(part: Expression) -> Expression:
        return known.get(part.index, part) if isinstance(part, InputRef) else part

    changed = map_expressions(node, lambda each: transform(each, rule))
    return None if changed is node else changed
