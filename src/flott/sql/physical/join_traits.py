"""What follows from its inputs for the result of a join: changes, keys, growth."""

from __future__ import annotations

from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind
from flott.sql.physical.join_sides import Sides
from flott.sql.physical.planner import Planner
from flott.sql.physical.traits import (
    Changes,
    Growth,
    GrowthClass,
    Key,
    Traits,
    smallest,
)

_PADS_RIGHT = frozenset({JoinKind.LEFT, JoinKind.FULL})
_PADS_LEFT = frozenset({JoinKind.RIGHT, JoinKind.FULL})


def join_changes(kind: JoinKind, left: Traits, right: Traits) -> Changes:
    """The changes a regular join makes: a padded row goes when a partner comes."""
    both = left.changes.union(right.changes)
    takes_back = kind in (JoinKind.LEFT, JoinKind.RIGHT, JoinKind.FULL, JoinKind.ANTI)
    return both.union(Changes(deletes=takes_back))


def join_keys(kind: JoinKind, sides: Sides) -> frozenset[Key]:
    """Columns no two rows of the result share."""
    left, right = sides.left.traits.keys, sides.right.traits.keys
    if kind in (JoinKind.SEMI, JoinKind.ANTI):
        return left
    width = len(sides.left.fields)
    shifted = frozenset(frozenset(column + width for column in key) for key in right)
    found: set[Key] = {one | other for one in left for other in shifted}
    if any(key <= frozenset(sides.right_keys) for key in right) and kind not in _PADS_LEFT:
        # A left row has one partner at most.
        found |= left
    if any(key <= frozenset(sides.left_keys) for key in left) and kind not in _PADS_RIGHT:
        found |= shifted
    return smallest(found)


def join_growth(planner: Planner, node: nodes.Join, sides: Sides) -> Growth:
    """How many rows a regular join keeps."""
    hints = dict(node.hints)
    if planner.settings.state_ttl_ms or "STATE_TTL" in hints:
        return Growth(GrowthClass.WINDOW, "rows of both inputs until their time to live is over")
    growing = [
        name
        for name, side in (("left", sides.left), ("right", sides.right))
        if side.traits.changes.is_insert_only and not side.traits.is_bounded
    ]
    if not growing:
        return Growth(GrowthClass.KEYS, "the present rows of both inputs")
    inputs = "both inputs" if len(growing) == 2 else f"the {growing[0]} input"
    return Growth(
        GrowthClass.UNBOUNDED,
        f"all rows of {inputs}",
        "join within an interval of time (a.ts BETWEEN b.ts - INTERVAL ... AND b.ts), over "
        "windows or FOR SYSTEM_TIME AS OF, or let rows expire with 'table.exec.state.ttl' or the "
        "hint STATE_TTL",
    )
