"""Physical nodes as text, with what is known of them: changes, keys and growth in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flott.sql.physical.changelogs import emitted_before, needed_before
from flott.sql.physical.node import PhysicalNode
from flott.sql.physical.texts import columns_text, listed
from flott.sql.physical.traits import Growth, GrowthClass


class PhysicalText:
    """Titles and notes of the nodes of one plan.

    Args:
        roots: The ends of the plan.
        details: Names of ``ExplainDetail`` members.
    """

    def __init__(self, roots: tuple[PhysicalNode, ...], details: frozenset[str]) -> None:
        self._before = emitted_before(roots, needed_before(roots))
        self._details = details
        self._rows: dict[PhysicalNode, float] = {}

    def title(self, node: PhysicalNode) -> str:
        """Name and parameters, and what Flink would add for the details asked for."""
        extra = []
        if "CHANGELOG_MODE" in self._details:
            extra.append(f"changelogMode=[{self._mode(node)}]")
            if node.traits.upsert_keys and not node.traits.changes.is_insert_only:
                keys = sorted(sorted(key) for key in node.traits.upsert_keys)
                extra.append(f"upsertKeys={listed(columns_text(key, node.names) for key in keys)}")
        if "ESTIMATED_COST" in self._details:
            extra.append(f"rowcount=[{_number(self.rows(node))}]")
        detail = ", ".join(part for part in (node.detail, *extra) if part)
        return f"{node.name}({detail})"

    def notes(self, node: PhysicalNode) -> Sequence[str]:
        """Changes and keys in words, and how the state grows."""
        if node.is_exchange or node.name in ("Sink", "Collect"):
            return ()
        notes = []
        if not node.traits.changes.is_insert_only:
            notes.append(f"sends {self.changes_in_words(node)}{_key_words(node)}")
        growth = node.traits.growth
        if growth.kind is not GrowthClass.NONE:
            notes.append(f"state {growth_in_words(node, growth)}")
        return notes

    def changes_in_words(self, node: PhysicalNode) -> str:
        """``inserts, updates with the row before, deletes``."""
        changes = node.traits.changes
        words = ["inserts"]
        if changes.updates:
            before = "with" if self._before[node] else "without"
            words.append(f"updates {before} the row before them")
        if changes.deletes:
            words.append("deletes")
        return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"

    def _mode(self, node: PhysicalNode) -> str:
        changes = node.traits.changes
        kinds = ["I"]
        if changes.updates:
            kinds += ["UB", "UA"] if self._before[node] else ["UA"]
        return ",".join([*kinds, *(["D"] if changes.deletes else [])])

    def rows(self, node: PhysicalNode) -> float:
        """How many rows a node is expected to give, by rules of thumb."""
        if node not in self._rows:
            below = [self.rows(each) for each in node.inputs]
            self._rows[node] = _rows_of(node, below)
        return self._rows[node]


def growth_in_words(node: PhysicalNode, growth: Growth) -> str:
    """The growth class, or that the input's end bounds it."""
    if growth.kind is GrowthClass.UNBOUNDED and node.traits.is_bounded:
        return f"bounded by the input: {growth.keeps}"
    return str(growth)


def _key_words(node: PhysicalNode) -> str:
    keys = sorted(sorted(key) for key in node.traits.upsert_keys)
    if not keys:
        return ", by no key"
    if not keys[0]:
        return ", of one row"
    return f", by the key {' or '.join(columns_text(key, node.names) for key in keys)}"


def _number(rows: float) -> str:
    return f"{rows:.3g}" if rows >= 1e6 else f"{rows:.0f}"


#: Rows of a source that does not say how many it has.
_UNKNOWN_ROWS = 1e8


def _source_rows(node: PhysicalNode, below: Sequence[float]) -> float:
    return node.row_count if node.row_count is not None else _UNKNOWN_ROWS


def _calc_rows(node: PhysicalNode, below: Sequence[float]) -> float:
    return below[0] * (0.5 if "where=" in node.detail else 1.0)


def _group_rows(node: PhysicalNode, below: Sequence[float]) -> float:
    return max(1.0, below[0] * 0.2) if "groupBy=" in node.detail else 1.0


def _join_rows(node: PhysicalNode, below: Sequence[float]) -> float:
    return below[0] * below[1] if "where=[true]" in node.detail else max(below)


_ROWS: Mapping[str, Callable[[PhysicalNode, Sequence[float]], float]] = {
    "TableSourceScan": _source_rows,
    "Values": _source_rows,
    "Calc": _calc_rows,
    "GroupAggregate": _group_rows,
    "WindowAggregate": _group_rows,
    "Join": _join_rows,
    "Union": lambda node, below: sum(below),
}


def _rows_of(node: PhysicalNode, below: Sequence[float]) -> float:
    estimate = _ROWS.get(node.name)
    if estimate is not None:
        return estimate(node, below)
    return max(below, default=1.0)
