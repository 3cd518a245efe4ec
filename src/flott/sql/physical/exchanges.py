"""Exchanges: rows that must meet are brought into one subtask, where they are not already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.sql.physical.node import PhysicalNode
from flott.sql.physical.texts import listed
from flott.sql.physical.traits import (
    SINGLE,
    STATELESS,
    Distribution,
    Key,
    Placement,
    hashed,
    smallest,
)


def by_columns(source: PhysicalNode, columns: Sequence[int]) -> PhysicalNode:
    """``source`` with rows that agree in ``columns`` in one subtask."""
    return with_distribution(source, hashed(columns))


def is_met_by(source: PhysicalNode, columns: Sequence[int]) -> bool:
    """Whether rows that agree in ``columns`` are in one subtask because those that agree in fewer
    of them are."""
    found = source.traits.distribution
    return found.placement is Placement.HASHED and set(found.columns) < set(columns)


def single(source: PhysicalNode) -> PhysicalNode:
    """``source`` with all rows in one subtask."""
    return with_distribution(source, SINGLE)


def with_distribution(source: PhysicalNode, wanted: Distribution) -> PhysicalNode:
    """``source`` distributed exactly as ``wanted``; itself where it is already."""
    if source.traits.distribution == wanted:
        return source
    return PhysicalNode(
        "Exchange",
        f"distribution=[{distribution_text(wanted, source.names)}]",
        source.fields,
        (source,),
        replace(
            source.traits,
            distribution=wanted,
            growth=STATELESS,
            upsert_keys=_kept_keys(source.traits.upsert_keys, wanted),
        ),
        None,
        is_single=wanted == SINGLE,
    )


def distribution_text(distribution: Distribution, names: Sequence[str]) -> str:
    """``hash[a, b]``, ``single`` or ``any``."""
    if distribution.placement is Placement.HASHED:
        return f"hash{listed(names[each] for each in distribution.columns)}"
    return str(distribution.placement.value)


def _kept_keys(keys: frozenset[Key], wanted: Distribution) -> frozenset[Key]:
    """Keys whose changes stay in order: all rows of such a key go the same way."""
    if wanted.placement is not Placement.HASHED:
        return keys
    return smallest(key for key in keys if frozenset(wanted.columns) <= key)
