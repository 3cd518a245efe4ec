"""Grouped aggregation, in one phase or in two around an exchange."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flott.common.logical_types import VarBinaryType
from flott.core.operator import OperatorSpec
from flott.sql.expressions import AggregateCall, InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import Field
from flott.sql.physical.columns import aggregates
from flott.sql.physical.exchanges import by_columns, is_met_by
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import call_text, columns_text, listed
from flott.sql.physical.traits import (
    ANYWHERE,
    INSERT_ONLY,
    STATELESS,
    Changes,
    Growth,
    GrowthClass,
    Key,
    hashed,
    smallest,
)
from flott.sql.physical.window_aggregates import plan_window_aggregate
from flott.sql.physical.windows import window_columns

#: What a first phase sends besides the keys.
_PARTIALS: Final = Field("$partials", VarBinaryType(nullable=False))
#: Aggregates whose parts over divided rows can be put together.
_MERGEABLE: Final = frozenset({"COUNT", "SUM", "MIN", "MAX", "AVG"})


def plan_aggregate(planner: Planner, node: nodes.Aggregate) -> PhysicalNode:
    """An aggregation: of windows where the keys tell windows apart."""
    found = window_columns(node.input)
    if found is not None and found.closes(node.keys):
        return plan_window_aggregate(planner, node, found)
    return group_aggregate(planner, node)


def _detail(node: nodes.Aggregate, source: PhysicalNode) -> str:
    names = source.names
    calls = node.fields[len(node.keys) :]
    parts = [
        *(names[key] for key in node.keys),
        *(
            f"{call_text(call, names)} AS {field.name}"
            for call, field in zip(node.calls, calls, strict=True)
        ),
    ]
    grouping = f"groupBy={columns_text(node.keys, names)}, " if node.keys else ""
    return f"{grouping}select={listed(parts)}"


def group_aggregate(planner: Planner, node: nodes.Aggregate) -> PhysicalNode:
    """An aggregation whose results change with every row."""
    below = planner.plan(node.input)
    if is_met_by(below, node.keys):
        return _global(planner, node, below, below, is_merging=False)
    if _has_two_phases(planner, node, below):
        return _two_phases(planner, node, below)
    source = by_columns(below, node.keys)
    return _global(planner, node, source, below, is_merging=False)


def _has_two_phases(planner: Planner, node: nodes.Aggregate, below: PhysicalNode) -> bool:
    settings = planner.settings
    exchanges = by_columns(below, node.keys) is not below
    return (
        settings.two_phase
        and settings.parallelism > 1
        and exchanges
        and below.traits.changes.is_insert_only
        and bool(node.calls)
        and all(_is_mergeable(call) for call in node.calls)
    )


def _is_mergeable(call: AggregateCall) -> bool:
    return call.function in _MERGEABLE and not call.is_distinct and not call.order_by


def _two_phases(planner: Planner, node: nodes.Aggregate, below: PhysicalNode) -> PhysicalNode:
    detail = _detail(node, below)
    keys = tuple(range(len(node.keys)))

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.local_aggregate import LocalAggregateSpec

        return LocalAggregateSpec(
            keys=node.keys,
            calls=aggregates(node.calls, below.types),
            input_types=below.types,
            description=f"LocalGroupAggregate({detail})",
        )

    local = PhysicalNode(
        "LocalGroupAggregate",
        detail,
        (*(replace(below.fields[key], time=None) for key in node.keys), _PARTIALS),
        (below,),
        replace(
            below.traits,
            changes=INSERT_ONLY,
            keys=frozenset(),
            upsert_keys=frozenset(),
            distribution=ANYWHERE,
            growth=STATELESS,
        ),
        spec,
        BeforeNeed.ALWAYS,
    )
    return _global(planner, node, by_columns(local, keys), below, is_merging=True)


def _global(
    planner: Planner,
    node: nodes.Aggregate,
    source: PhysicalNode,
    below: PhysicalNode,
    *,
    is_merging: bool,
) -> PhysicalNode:
    detail = _detail(node, below)
    inserts = below.traits.changes.is_insert_only
    met_by = tuple(range(len(node.keys)))
    if not is_merging and is_met_by(source, node.keys):
        met_by = tuple(node.keys.index(each) for each in source.traits.distribution.columns)
    ttl_ms = planner.settings.state_ttl_ms if node.state_ttl_ms is None else node.state_ttl_ms

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.group_aggregate import GroupAggregateSpec

        return GroupAggregateSpec(
            keys=tuple(range(len(node.keys))) if is_merging else node.keys,
            calls=aggregates(node.calls, below.types),
            input_types=source.types if is_merging else below.types,
            emits_update_before=emits_before,
            input_retracts=not inserts,
            ttl_ms=ttl_ms,
            final_only=planner.is_batch,
            is_global_empty_row=planner.is_batch and not node.keys,
            merges_partials=is_merging,
            met_by=met_by if len(met_by) < len(node.keys) else None,
            description=f"GroupAggregate({detail})",
        )

    keys = _keys(node, below)
    changes = Changes(updates=bool(node.calls), deletes=not inserts)
    return PhysicalNode(
        "GroupAggregate",
        detail,
        node.fields,
        (source,),
        replace(
            below.traits,
            changes=INSERT_ONLY if planner.is_batch else changes,
            keys=keys,
            upsert_keys=keys,
            distribution=hashed(met_by),
            growth=_growth(node, below),
        ),
        spec,
        BeforeNeed.ALWAYS,
        BeforeOutput.ASKED,
        is_stateful=True,
        is_single=not node.keys,
    )


def _keys(node: nodes.Aggregate, below: PhysicalNode) -> frozenset[Key]:
    """The grouping, and keys of the input that are part of it."""
    places = {key: place for place, key in enumerate(node.keys)}
    own: set[Key] = {frozenset(range(len(node.keys)))}
    own |= {
        frozenset(places[each] for each in key) for key in below.traits.keys if key <= places.keys()
    }
    return smallest(own)


def _growth(node: nodes.Aggregate, below: PhysicalNode) -> Growth:
    values = [call for call in node.calls if call.is_distinct or _keeps_values(call, below)]
    what = "one result"
    if node.keys:
        what += f" for each {columns_text(node.keys, below.names)}"
    if values:
        names = dict.fromkeys(call_text(call, below.names) for call in values)
        what += f", and the values of {', '.join(names)}"
    constant = not node.keys and not values
    return Growth(GrowthClass.CONSTANT if constant else GrowthClass.KEYS, what)


def _keeps_values(call: AggregateCall, below: PhysicalNode) -> bool:
    """Whether an aggregate holds all values of a group."""
    if call.function in ("COUNT", "SUM", "AVG") or call.function.startswith(("VAR", "STDDEV")):
        return False
    if call.function in ("MIN", "MAX", "FIRST_VALUE", "LAST_VALUE", "SINGLE_VALUE"):
        return not below.traits.changes.is_insert_only
    return bool(call.args) and all(isinstance(each, InputRef) for each in call.args)
