"""Streams put together, repeated for grouping sets, or unfolded by functions."""

from __future__ import annotations

from dataclasses import replace

from flott.core.operator import OperatorSpec
from flott.sql.expressions import InputRef
from flott.sql.functions import compile_predicate
from flott.sql.logical import nodes
from flott.sql.logical.nodes import SetKind
from flott.sql.physical.calcs import project
from flott.sql.physical.join_keys import with_key_columns
from flott.sql.physical.node import BeforeNeed, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import listed, scalar_text
from flott.sql.physical.traits import ANYWHERE, STATELESS, Traits
from flott.sql.rules.conditions import renumbered


def plan_set_operation(planner: Planner, node: nodes.SetOperation) -> PhysicalNode:
    """UNION ALL; rules have rewritten the others."""
    assert node.kind is SetKind.UNION, "a rule left a set operation"
    assert node.is_all, "a rule left a set operation"
    inputs = tuple(planner.plan(each) for each in node.inputs)
    first, *others = (each.traits for each in inputs)
    # An input that stands here twice sends everything twice, so keys of rows are lost.
    traits = Traits(
        first.changes.union(*(each.changes for each in others)),
        distribution=(
            first.distribution
            if all(each.distribution == first.distribution for each in others)
            else ANYWHERE
        ),
        is_bounded=all(each.traits.is_bounded for each in inputs),
    )

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.union import UnionSpec

        return UnionSpec(len(inputs), description="Union()")

    detail = f"all=[true], union={listed(each.name for each in node.fields)}"
    return PhysicalNode("Union", detail, node.fields, inputs, traits, spec)


def plan_expand(planner: Planner, node: nodes.Expand) -> PhysicalNode:
    """Each row once for each grouping set."""
    source = planner.plan(node.input)
    names = source.names
    copies = (
        listed(
            "null" if each is None else names[each] if isinstance(each, int) else str(each[0])
            for each in row
        )
        for row in node.projections
    )
    detail = f"projects={listed(copies)}"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.expand import ExpandSpec

        types = tuple(each.data_type for each in node.fields)
        return ExpandSpec(node.projections, types, description=f"Expand({detail})")

    traits = replace(
        source.traits,
        keys=frozenset(),
        upsert_keys=frozenset(),
        distribution=ANYWHERE,
        growth=STATELESS,
    )
    return PhysicalNode("Expand", detail, node.fields, (source,), traits, spec)


def plan_correlate(planner: Planner, node: nodes.Correlate) -> PhysicalNode:
    """Each row with the rows a function gives for it."""
    columns, args = with_key_columns(node.input, node.args)
    source = project(planner, planner.plan(node.input), columns)
    width, wide = len(node.input.fields), len(source.fields)
    own = node.fields[width:]
    outputs = own[:-1] if node.with_ordinality else own
    condition = node.condition
    if condition is not None:
        condition = renumbered(condition, lambda at: at if at < width else at - width + wide)
    called = ", ".join(scalar_text(each, [f.name for f in node.input.fields]) for each in node.args)
    detail = (
        f"invocation=[{node.function}({called})], joinType=[{node.kind.value}], "
        f"select={listed(each.name for each in node.fields)}"
    )

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.correlate import CorrelateSpec

        types = (*source.types, *(each.data_type for each in outputs))
        return CorrelateSpec(
            join_kind=node.kind.value,
            function=dict(node.settings).get("function", node.function),
            args=args,
            input_types=source.types,
            output_types=tuple(each.data_type for each in outputs),
            condition=(
                None
                if condition is None
                else compile_predicate(condition, types, planner.evaluation)
            ),
            with_ordinality=node.with_ordinality,
            description=f"Correlate({detail})",
        )

    traits = replace(source.traits, keys=frozenset(), upsert_keys=frozenset(), growth=STATELESS)
    operator = PhysicalNode(
        "Correlate",
        detail,
        (*source.fields, *own),
        (source,),
        traits,
        spec,
        BeforeNeed.CONSUMER if condition is None else BeforeNeed.ALWAYS,
    )
    places = [*range(width), *range(wide, wide + len(own))]
    trimmed = [
        (InputRef(operator.fields[place].data_type, place), field)
        for place, field in zip(places, node.fields, strict=True)
    ]
    return project(planner, operator, trimmed)
