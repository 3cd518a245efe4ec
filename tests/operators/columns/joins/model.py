"""A regular join in plain Python, one change at a time, emitting what Flink emits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Row = tuple[Any, ...]
Change = tuple[Any, ...]

KINDS = ("INNER", "LEFT", "RIGHT", "FULL", "SEMI", "ANTI")


def is_added(kind: str) -> bool:
    return kind in ("+I", "+U")


class JoinModel:
    """Joins rows whose first value is the key.

    Args:
        kind: The kind of join.
        matches: Whether a left and a right row with equal keys are partners.
        null_safe: Whether NULL equals NULL.
    """

    def __init__(
        self, kind: str, matches: Callable[[Row, Row], bool], null_safe: bool = False
    ) -> None:
        self.kind = kind
        self._matches = matches
        self._null_safe = null_safe
        self.rows: tuple[Counter[Row], Counter[Row]] = (Counter(), Counter())
        self._widths = (0, 0)

    def _are_partners(self, left: Row, right: Row) -> bool:
        if left[0] != right[0] or (left[0] is None and not self._null_safe):
            return False
        return self._matches(left, right)

    def _partners(self, row: Row, side: int) -> list[Row]:
        others = self.rows[1 - side].elements()
        if side == 0:
            return [other for other in others if self._are_partners(row, other)]
        return [other for other in others if self._are_partners(other, row)]

    def _pads(self, side: int) -> bool:
        return self.kind == "FULL" or self.kind == ("LEFT", "RIGHT")[side]

    def apply(self, change: Change, side: int) -> list[Change]:
        """The changes of the result."""
        kind, row = change[0], change[1:]
        partners = self._partners(row, side)
        alone = [
            other
            for other in partners
            if len(self._partners(other, 1 - side)) == (not is_added(kind))
        ]
        self.rows[side][row] += 1 if is_added(kind) else -1
        if self.kind in ("SEMI", "ANTI"):
            return self._semi(kind, row, side, partners, alone)
        return self._pairs(kind, row, side, partners, alone)

    def _semi(
        self, kind: str, row: Row, side: int, partners: list[Row], alone: list[Row]
    ) -> list[Change]:
        if side == 0:
            return [(kind, *row)] if bool(partners) == (self.kind == "SEMI") else []
        if self.kind == "SEMI":
            return [(kind, *other) for other in alone]
        return [("-D" if is_added(kind) else "+I", *other) for other in alone]

    def _pairs(
        self, kind: str, row: Row, side: int, partners: list[Row], alone: list[Row]
    ) -> list[Change]:
        def pair(kind: str, own: Row | None, other: Row | None) -> Change:
            left, right = (own, other) if side == 0 else (other, own)
            return (kind, *(left or (None, None)), *(right or (None, None)))

        own_kind = kind
        if is_added(kind) and (self._pads(side) or self._pads(1 - side)):
            own_kind = "+I"
        if not is_added(kind) and self._pads(side):
            own_kind = "-D"
        changes = [pair(own_kind, row, other) for other in partners]
        if not partners and self._pads(side):
            changes = [pair(own_kind, row, None)]
        if not self._pads(1 - side):
            return changes
        if is_added(kind):
            return [pair("-D", None, other) for other in alone] + changes
        return changes + [pair("+I", None, other) for other in alone]

    @property
    def table(self) -> Counter[Row]:
        """The result as it should stand."""
        found: Counter[Row] = Counter()
        left_rows, right_rows = (list(rows.elements()) for rows in self.rows)
        has_partner = [False] * len(right_rows)
        for left in left_rows:
            pairs = [i for i, right in enumerate(right_rows) if self._are_partners(left, right)]
            for i in pairs:
                has_partner[i] = True
            if self.kind in ("SEMI", "ANTI"):
                found[left] += bool(pairs) == (self.kind == "SEMI")
                continue
            found.update((*left, *right_rows[i]) for i in pairs)
            if not pairs and self._pads(0):
                found[(*left, None, None)] += 1
        if self._pads(1) and self.kind not in ("SEMI", "ANTI"):
            found.update(
                (None, None, *right) for right, has in zip(right_rows, has_partner) if not has
            )
        return +found


@st.composite
def changelogs(
    draw: st.DrawFn, rows: st.SearchStrategy[Row], changes_max: int = 30, retracts: bool = True
) -> list[tuple[int, Change]]:
    """Changes of both sides, in order: (side, change); what goes has come before."""
    there: tuple[list[Row], list[Row]] = ([], [])
    log: list[tuple[int, Change]] = []
    for _ in range(draw(st.integers(0, changes_max))):
        side = draw(st.integers(0, 1))
        if retracts and there[side] and draw(st.integers(0, 2)) == 0:
            row = there[side].pop(draw(st.integers(0, len(there[side]) - 1)))
            log.append((side, (draw(st.sampled_from(["-D", "-U"])), *row)))
            continue
        row = draw(rows)
        there[side].append(row)
        log.append((side, (draw(st.sampled_from(["+I", "+U"] if retracts else ["+I"])), *row)))
    return log


def in_batches(log: list[tuple[int, Change]], rows: int) -> list[tuple[int, list[Change]]]:
    """Neighbours of one side together, at most ``rows`` of them."""
    batches: list[tuple[int, list[Change]]] = []
    for side, change in log:
        if batches and batches[-1][0] == side and len(batches[-1][1]) < rows:
            batches[-1][1].append(change)
        else:
            batches.append((side, [change]))
    return batches


def applied(changes: list[Change]) -> Counter[Row]:
    """The table that ``changes`` make; every row that goes must be there."""
    table: Counter[Row] = Counter()
    for kind, *row in changes:
        table[tuple(row)] += 1 if is_added(kind) else -1
        assert table[tuple(row)] >= 0, f"{row} goes without having come"
    return +table
