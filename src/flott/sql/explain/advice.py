"""Advice on a plan: what of it will hurt, and what to do about it."""

from __future__ import annotations

from flott.sql.physical.node import PhysicalNode, upstream_first
from flott.sql.physical.settings import PlannerSettings
from flott.sql.physical.traits import GrowthClass


def advice_on(roots: tuple[PhysicalNode, ...], settings: PlannerSettings) -> list[str]:
    """Sentences, worst first."""
    found: list[str] = []
    order = upstream_first(roots)
    for node in order:
        growth = node.traits.growth
        if growth.kind is GrowthClass.UNBOUNDED and not node.traits.is_bounded:
            found.append(
                f"{node.name} keeps {growth.keeps}, without bound. To bound it, {growth.way_out}."
            )
    for node in order:
        if (
            node.spec is not None
            and node.is_single
            and settings.parallelism > 1
            and not node.is_exchange
            and node.inputs
        ):
            found.append(
                f"{node.text} runs in one subtask, since its rows have no key to divide them by."
            )
    for node in order:
        if node.name == "SinkUpsertMaterializer":
            found.append(
                "SinkUpsertMaterializer keeps all rows for each key of the table, since the key "
                "of the query is another. Select the table's key as the query's to do without."
            )
    return list(dict.fromkeys(found))
