"""Calc nodes: a filter and computed columns over an input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.core.operator import OperatorSpec
from flott.sql.expressions import Call, Expression, InputRef, input_columns
from flott.sql.functions import compile_predicate, compile_projection, is_deterministic
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field
from flott.sql.physical.node import ALIAS, BeforeNeed, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed, named_text, scalar_text
from flott.sql.physical.traits import (
    STATELESS,
    Distribution,
    Key,
    Placement,
    Traits,
    hashed,
    map_keys,
    smallest,
)
from flott.sql.rules.conditions import conjuncts, substitute


def plan_project(planner: Planner, node: nodes.Project) -> PhysicalNode:
    """A projection, with the filter right below it."""
    below = node.input
    if isinstance(below, nodes.Filter):
        return calc(planner, planner.plan(below.input), below.predicate, node.expressions, node)
    return calc(planner, planner.plan(below), None, node.expressions, node)


def plan_filter(planner: Planner, node: nodes.Filter) -> PhysicalNode:
    """A filter without a projection."""
    return calc(planner, planner.plan(node.input), node.predicate, None, node)


def project(
    planner: Planner, source: PhysicalNode, columns: Sequence[tuple[Expression, Field]]
) -> PhysicalNode:
    """``source`` with other columns; itself where these are its own."""
    expressions = tuple(expression for expression, _ in columns)
    fields = tuple(each for _, each in columns)
    if is_identity(expressions, len(source.fields)):
        return source
    return calc(planner, source, None, expressions, nodes.LogicalNode(fields))


def is_identity(expressions: Sequence[Expression], width: int) -> bool:
    """Whether a projection gives the input's columns as they are."""
    return len(expressions) == width and all(
        isinstance(each, InputRef) and each.index == place for place, each in enumerate(expressions)
    )


def calc(
    planner: Planner,
    source: PhysicalNode,
    predicate: Expression | None,
    expressions: Sequence[Expression] | None,
    shape: nodes.LogicalNode,
) -> PhysicalNode:
    """The node that filters ``source`` and computes ``expressions``; ``shape`` has the fields."""
    if source.columns is not None:
        return calc(planner, source.inputs[0], *_over_picked(source, predicate, expressions), shape)
    if expressions is not None and is_identity(expressions, len(source.fields)):
        expressions = None
    if expressions is None and predicate is None:
        return renamed(source, shape.fields)
    detail = _detail(source, predicate, expressions, shape)
    if planner.settings.refuses_volatile and not source.traits.changes.is_insert_only:
        _check_volatile([*(expressions or ()), *conjuncts(predicate)], source)

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.calc import CalcSpec

        given = (source.types, planner.evaluation, source.names)
        return CalcSpec(
            None if predicate is None else compile_predicate(predicate, *given),
            None if expressions is None else compile_projection(expressions, *given),
            description=f"Calc({detail})",
        )

    return PhysicalNode(
        "Calc",
        detail,
        shape.fields,
        (source,),
        _traits(source, predicate, expressions),
        spec,
        BeforeNeed.CONSUMER if predicate is None else BeforeNeed.ALWAYS,
        columns=None if predicate is not None else _picked(expressions),
    )


def _check_volatile(expressions: Sequence[Expression], source: PhysicalNode) -> None:
    for each in expressions:
        if not is_deterministic(each):
            raise SqlValidationError(
                f"{scalar_text(each, source.names)} gives another value each time, so that a row "
                f"that {source.text} takes back would not be the row that was sent",
                hint="Compute it before rows are changed, or set "
                "'table.optimizer.non-deterministic-update.strategy' to IGNORE.",
            )


def renamed(source: PhysicalNode, fields: tuple[Field, ...]) -> PhysicalNode:
    """``source`` with other names; no operator, so that others can share ``source``."""
    if fields == source.fields:
        return source
    traits = replace(source.traits, growth=STATELESS)
    return PhysicalNode(ALIAS, "", fields, (source.named,), traits, None)


def _picked(expressions: Sequence[Expression] | None) -> tuple[int, ...] | None:
    """The columns, if ``expressions`` are nothing else."""
    if expressions is None:
        return None
    columns = tuple(each.index for each in expressions if isinstance(each, InputRef))
    return columns if len(columns) == len(expressions) else None


def _over_picked(
    source: PhysicalNode, predicate: Expression | None, expressions: Sequence[Expression] | None
) -> tuple[Expression | None, Sequence[Expression]]:
    """A filter and expressions over ``source`` as those over what it picks its columns from."""
    assert source.columns is not None
    columns = [
        InputRef(field.data_type, column)
        for column, field in zip(source.columns, source.fields, strict=True)
    ]
    below = None if predicate is None else substitute(predicate, columns)
    if expressions is None:
        return below, columns
    return below, [substitute(each, columns) for each in expressions]


def _detail(
    source: PhysicalNode,
    predicate: Expression | None,
    expressions: Sequence[Expression] | None,
    shape: nodes.LogicalNode,
) -> str:
    if expressions is None:
        select = listed(source.names)
    else:
        select = listed(
            named_text(each, field.name, source.names)
            for each, field in zip(expressions, shape.fields, strict=True)
        )
    where = "" if predicate is None else f", where=[{scalar_text(predicate, source.names)}]"
    return f"select={select}{where}"


def _traits(
    source: PhysicalNode, predicate: Expression | None, expressions: Sequence[Expression] | None
) -> Traits:
    before = source.traits
    fixed = _fixed_columns(predicate)
    keys = smallest(key - fixed for key in before.keys)
    upsert = smallest(key - fixed for key in before.upsert_keys)
    traits = replace(before, keys=keys, upsert_keys=upsert, growth=STATELESS)
    if expressions is None:
        return traits
    places = places_of(expressions)
    return replace(
        traits,
        keys=map_keys(keys, places),
        upsert_keys=map_keys(upsert, places),
        distribution=_moved(before.distribution, places),
    )


def places_of(expressions: Sequence[Expression]) -> dict[int, tuple[int, ...]]:
    """Where each input column stands in the output."""
    places: dict[int, tuple[int, ...]] = {}
    for place, expression in enumerate(expressions):
        if isinstance(expression, InputRef):
            places[expression.index] = (*places.get(expression.index, ()), place)
    return places


def _moved(before: Distribution, places: dict[int, tuple[int, ...]]) -> Distribution:
    if before.placement is not Placement.HASHED:
        return before
    if all(each in places for each in before.columns):
        return hashed(places[each][0] for each in before.columns)
    return Distribution(Placement.ANYWHERE)


def _fixed_columns(predicate: Expression | None) -> Key:
    """Columns that ``predicate`` holds to one value, and that so tell no rows apart."""
    if predicate is None:
        return frozenset()
    if isinstance(predicate, Call) and predicate.function == "AND":
        return frozenset().union(*(_fixed_columns(each) for each in predicate.args))
    if isinstance(predicate, Call) and predicate.function == "=":
        for one, other in (predicate.args, predicate.args[::-1]):
            if isinstance(one, InputRef) and not input_columns(other):
                return frozenset({one.index})
    return frozenset()
