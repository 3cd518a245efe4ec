"""Operators that change how changes are told: normalisation, and -U where it is needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flott.core.operator import OperatorSpec
from flott.sql.logical import nodes
from flott.sql.physical.exchanges import by_columns
from flott.sql.physical.node import BeforeNeed, BeforeOutput, PhysicalNode, upstream_first
from flott.sql.physical.planner import Planner
from flott.sql.physical.texts import columns_text, listed
from flott.sql.physical.traits import (
    INSERT_ONLY,
    RETRACT,
    STATELESS,
    Growth,
    GrowthClass,
)


def normalize(planner: Planner, source: PhysicalNode, keys: Sequence[int]) -> PhysicalNode:
    """``source`` with complete changes of each key: made of upserts, or of repeated changes."""
    keyed = by_columns(source, keys)
    detail = f"key={columns_text(keys, source.names)}"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.changelog_normalize import ChangelogNormalizeSpec

        return ChangelogNormalizeSpec(
            keys=tuple(keys),
            input_types=source.types,
            emits_update_before=emits_before,
            ttl_ms=planner.settings.state_ttl_ms,
            description=f"ChangelogNormalize({detail})",
        )

    key = frozenset({frozenset(keys)})
    growth = Growth(GrowthClass.KEYS, f"the last row of each {columns_text(keys, source.names)}")
    return PhysicalNode(
        "ChangelogNormalize",
        detail,
        source.fields,
        (keyed,),
        replace(keyed.traits, changes=RETRACT, keys=key, upsert_keys=key, growth=growth),
        spec,
        BeforeNeed.NEVER,
        BeforeOutput.ASKED,
        is_stateful=True,
    )


def plan_from_changelog(planner: Planner, node: nodes.FromChangelog) -> PhysicalNode:
    """Rows that tell their kind become changes."""
    source = planner.plan(node.input)
    if node.partition_keys:
        source = by_columns(source, node.partition_keys)
    detail = f"op=[{source.names[node.op_column]}], mapping={_mapping_text(node.mapping)}"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.changelog import FromChangelogSpec

        return FromChangelogSpec(
            op_column=node.op_column,
            mapping=node.mapping,
            settings=node.settings,
            input_types=source.types,
            description=f"FromChangelog({detail})",
        )

    traits = replace(
        source.traits, changes=RETRACT, keys=frozenset(), upsert_keys=frozenset(), growth=STATELESS
    )
    return PhysicalNode(
        "FromChangelog",
        detail,
        node.fields,
        (source,),
        traits,
        spec,
        output=BeforeOutput.ALWAYS,
    )


def plan_to_changelog(planner: Planner, node: nodes.ToChangelog) -> PhysicalNode:
    """Changes become rows that tell their kind."""
    source = planner.plan(node.input)
    if node.partition_keys:
        source = by_columns(source, node.partition_keys)
    detail = f"mapping={_mapping_text(node.mapping)}"

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.changelog import ToChangelogSpec

        return ToChangelogSpec(
            mapping=node.mapping,
            settings=node.settings,
            input_types=source.types,
            description=f"ToChangelog({detail})",
        )

    traits = replace(
        source.traits,
        changes=INSERT_ONLY,
        keys=frozenset(),
        upsert_keys=frozenset(),
        growth=STATELESS,
    )
    return PhysicalNode(
        "ToChangelog", detail, node.fields, (source,), traits, spec, BeforeNeed.ALWAYS
    )


def _mapping_text(mapping: Iterable[tuple[str, str]]) -> str:
    return listed(f"{code}={kind}" for code, kind in mapping)


def needed_before(roots: tuple[PhysicalNode, ...]) -> Mapping[PhysicalNode, bool]:
    """Which nodes must give -U with their updates, since a consumer needs them."""
    order = upstream_first(roots)
    needed = dict.fromkeys(order, False)
    for node in reversed(order):
        wants = node.need is BeforeNeed.ALWAYS or (
            node.need is BeforeNeed.CONSUMER and needed[node]
        )
        for each in node.inputs:
            needed[each] = needed[each] or wants
    return needed


def emitted_before(
    roots: tuple[PhysicalNode, ...], needed: Mapping[PhysicalNode, bool]
) -> Mapping[PhysicalNode, bool]:
    """Which nodes do give -U."""
    emitted: dict[PhysicalNode, bool] = {}
    for node in upstream_first(roots):
        if not node.traits.changes.updates:
            emitted[node] = False
        elif node.output is BeforeOutput.ALWAYS:
            emitted[node] = True
        elif node.output is BeforeOutput.ASKED:
            emitted[node] = needed[node]
        else:
            emitted[node] = any(emitted[each] for each in node.inputs)
    return emitted


def may_drop_before(node: PhysicalNode) -> bool:
    """Whether every -U of ``node`` is followed by the +U that takes its place.

    A filter may let one of the two through alone, and so may a join; whoever writes by key then
    needs the -U to delete what no longer holds.
    """
    if not node.traits.changes.updates or node.output is not BeforeOutput.INPUT:
        return True
    if node.need is not BeforeNeed.CONSUMER:
        return False
    return all(may_drop_before(each) for each in node.inputs)


def drop_update_before(source: PhysicalNode) -> PhysicalNode:
    """``source`` without its -U."""

    def spec(emits_before: bool) -> OperatorSpec:
        from flott.operators.columns.drop_update_before import DropUpdateBeforeSpec

        return DropUpdateBeforeSpec(description="DropUpdateBefore()")

    return PhysicalNode(
        "DropUpdateBefore",
        "",
        source.fields,
        (source,),
        replace(source.traits, growth=STATELESS),
        spec,
        BeforeNeed.NEVER,
        BeforeOutput.ASKED,
    )
