"""Which columns of a node are borders of windows, and of which windows.

By these an aggregation, Top-N, deduplication or join is recognised as one over windows, whose
results are final when the watermark has passed a window's end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flott.sql.expressions import InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import JoinKind, LogicalNode, TimeAttribute

#: Kind, size, slide, offset, and whether borders follow a zone.
WindowShape = tuple[nodes.WindowKind, int, int, int, bool]


@dataclass(frozen=True)
class WindowColumns:
    """Columns that hold borders of windows.

    Attributes:
        starts: Columns with the start of the row's window.
        ends: Columns with its end.
        times: Columns with its time, the last moment before the end.
        shape: What windows they are.
        is_event_time: Whether they end by the watermark.
    """

    starts: frozenset[int]
    ends: frozenset[int]
    times: frozenset[int]
    shape: WindowShape
    is_event_time: bool

    def closes(self, columns: Iterable[int]) -> bool:
        """Whether ``columns`` tell windows apart: a start and an end are among them."""
        every = frozenset(columns)
        return bool(every & self.starts) and bool(every & self.ends)

    def pair(self, columns: Sequence[int]) -> tuple[int, int]:
        """The first start and the first end among ``columns``."""
        start = next(each for each in columns if each in self.starts)
        return start, next(each for each in columns if each in self.ends)

    def moved(self, places: dict[int, tuple[int, ...]]) -> WindowColumns | None:
        """The same after a projection; ``None`` if a border is gone."""

        def move(columns: frozenset[int]) -> frozenset[int]:
            return frozenset(place for each in columns for place in places.get(each, ()))

        starts, ends = move(self.starts), move(self.ends)
        if not starts or not ends:
            return None
        return WindowColumns(starts, ends, move(self.times), self.shape, self.is_event_time)


def window_columns(node: LogicalNode) -> WindowColumns | None:
    """The window columns of ``node``; ``None`` if its rows have no windows."""
    match node:
        case nodes.WindowTableFunction():
            return _assigned(node)
        case nodes.Project():
            found = window_columns(node.input)
            return None if found is None else found.moved(_places(node))
        case nodes.Filter() | nodes.TopN() | nodes.Deduplicate() | nodes.Correlate():
            return window_columns(node.input)
        case nodes.Expand():
            return _expanded(node)
        case nodes.Aggregate():
            found = window_columns(node.input)
            if found is None or not found.closes(node.keys):
                return None
            return found.moved({key: (place,) for place, key in enumerate(node.keys)})
        case nodes.Join():
            return _joined(node)
    return None


def _assigned(node: nodes.WindowTableFunction) -> WindowColumns:
    first = len(node.input.fields)
    time = node.input.fields[node.time_column].time
    return WindowColumns(
        frozenset({first}),
        frozenset({first + 1}),
        frozenset({first + 2}),
        (node.kind, node.size_ms, node.slide_ms, node.offset_ms, node.is_zoned),
        time is not TimeAttribute.PROCTIME,
    )


def _places(node: nodes.Project) -> dict[int, tuple[int, ...]]:
    places: dict[int, tuple[int, ...]] = {}
    for place, each in enumerate(node.expressions):
        if isinstance(each, InputRef):
            places[each.index] = (*places.get(each.index, ()), place)
    return places


def _expanded(node: nodes.Expand) -> WindowColumns | None:
    """Columns that hold the same input column in every copy of a row."""
    found = window_columns(node.input)
    if found is None:
        return None
    places: dict[int, tuple[int, ...]] = {}
    for place, sources in enumerate(zip(*node.projections, strict=True)):
        if isinstance(sources[0], int) and len(set(sources)) == 1:
            places[sources[0]] = (*places.get(sources[0], ()), place)
    return found.moved(places)


def _joined(node: nodes.Join) -> WindowColumns | None:
    left, right = window_columns(node.left), window_columns(node.right)
    if node.kind in (JoinKind.SEMI, JoinKind.ANTI, JoinKind.LEFT):
        return left
    if node.kind is JoinKind.RIGHT and right is not None:
        width = len(node.left.fields)
        return right.moved({each: (each + width,) for each in range(len(node.right.fields))})
    return left if node.kind in (JoinKind.INNER, JoinKind.CROSS) else None


def zone_of(node: nodes.WindowTableFunction, time_zone: str) -> str | None:
    """The zone that borders of windows follow; ``None`` for none."""
    return time_zone if node.is_zoned else None
