"""What the planner knows of a physical node's output: changes, keys, growth, distribution.

All four are inferred bottom-up, each node from its inputs. They decide which operators are put in
between (exchanges, normalisation, materialisation) and are what EXPLAIN shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

#: A set of output columns that no two rows of the table agree in; the empty key: one row at most.
Key = frozenset[int]

#: More keys than this are not followed, so that long queries stay quick to plan.
_KEYS_MAX = 16


@dataclass(frozen=True, slots=True)
class Changes:
    """The kinds of change besides inserts.

    Attributes:
        updates: Whether rows are updated (-U, +U).
        deletes: Whether rows are deleted (-D).
    """

    updates: bool = False
    deletes: bool = False

    @property
    def is_insert_only(self) -> bool:
        """Whether rows are only ever added."""
        return not (self.updates or self.deletes)

    def union(self, *others: Changes) -> Changes:
        """What comes of streams with these changes put together."""
        every = (self, *others)
        return Changes(any(one.updates for one in every), any(one.deletes for one in every))

    @property
    def kinds(self) -> str:
        """The kinds of change as Flink's plans abbreviate them, without -U."""
        return ",".join(["I"] + ["U"] * self.updates + ["D"] * self.deletes)


INSERT_ONLY = Changes()
RETRACT = Changes(True, True)


class GrowthClass(Enum):
    """How the state of an operator grows while the query runs."""

    NONE = "no state"
    CONSTANT = "constant"
    WINDOW = "bounded by time"
    KEYS = "bounded by keys"
    UNBOUNDED = "unbounded"


@dataclass(frozen=True, slots=True)
class Growth:
    """The growth class of an operator, what it keeps, and how to bound it.

    Attributes:
        kind: The class.
        keeps: What is kept, in words.
        way_out: What bounds it, where it is not bounded.
    """

    kind: GrowthClass
    keeps: str = ""
    way_out: str = ""

    def __str__(self) -> str:
        text = self.kind.value
        if self.keeps:
            text += f": {self.keeps}"
        return f"{text}; {self.way_out}" if self.way_out else text


STATELESS = Growth(GrowthClass.NONE)


class Placement(Enum):
    """Where rows are."""

    ANYWHERE = "any"
    SINGLE = "single"
    HASHED = "hash"


@dataclass(frozen=True, slots=True)
class Distribution:
    """Which rows meet in one subtask.

    Attributes:
        placement: How rows are divided.
        columns: The columns whose hash divides them.
    """

    placement: Placement
    columns: tuple[int, ...] = ()


ANYWHERE = Distribution(Placement.ANYWHERE)
SINGLE = Distribution(Placement.SINGLE)


def hashed(columns: Iterable[int]) -> Distribution:
    """Rows that agree in ``columns`` are in one subtask; all rows where there are no columns."""
    positions = tuple(columns)
    return Distribution(Placement.HASHED, positions) if positions else SINGLE


@dataclass(frozen=True, slots=True)
class Traits:
    """Everything inferred of a node's output.

    Attributes:
        changes: Which kinds of change it holds.
        keys: Its unique keys.
        upsert_keys: Unique keys whose changes stay in order up to here; by these a consumer may
            do without -U.
        distribution: Which rows are in one subtask.
        growth: How the node's own state grows.
        is_bounded: Whether the rows end by themselves.
        is_timely: Whether rows come before the watermark passes their event time, unless they
            were late at the source. A join of everything sends rows with times long gone.
    """

    changes: Changes = INSERT_ONLY
    keys: frozenset[Key] = frozenset()
    upsert_keys: frozenset[Key] = frozenset()
    distribution: Distribution = ANYWHERE
    growth: Growth = STATELESS
    is_bounded: bool = False
    is_timely: bool = True


def smallest(keys: Iterable[Key]) -> frozenset[Key]:
    """``keys`` without those that contain another."""
    every = sorted(set(keys), key=lambda key: (len(key), sorted(key)))
    kept: list[Key] = []
    for key in every:
        if not any(one <= key for one in kept):
            kept.append(key)
    return frozenset(kept[:_KEYS_MAX])


def map_keys(keys: Iterable[Key], places: dict[int, tuple[int, ...]]) -> frozenset[Key]:
    """``keys`` after a projection that puts each input column at ``places``; keys of which a
    column is gone are gone too."""
    found: set[Key] = set()
    for key in keys:
        if all(places.get(column) for column in key):
            # One place of each column is enough; the first keeps the result stable.
            found.add(frozenset(places[column][0] for column in key))
    return smallest(found)


def shortest(keys: Iterable[Key]) -> tuple[int, ...] | None:
    """The shortest key, columns in order; ``None`` if there is none."""
    every = sorted((len(key), sorted(key)) for key in keys)
    return tuple(every[0][1]) if every else None
