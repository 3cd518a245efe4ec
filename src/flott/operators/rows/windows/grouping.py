"""Sorting a batch into time windows and keys, in one pass and without an object per record.

Most neighbours in a stream belong to the same window. So the bounds of the last one are kept at
hand, and only a record beyond them has its windows computed. A record for a window that the
watermark has passed is set aside, since it may have to be answered at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import gcd
from typing import Any, NamedTuple

from flott.common.constants import MIN_LONG_VALUE
from flott.operators.window.assigner import check_timestamp

__all__ = ["LateRow", "group_sliding", "group_tumbling"]


class LateRow(NamedTuple):
    """A record that belongs to a window which the watermark has passed, or to no window.

    Attributes:
        value: The record.
        time: Its timestamp.
        key: Its key.
        starts: Where the windows start that the watermark has passed, the latest first.
        is_settled: Whether the record is in another window that is still open.
    """

    value: Any
    time: int
    key: Any
    starts: tuple[int, ...]
    is_settled: bool


#: Window start -> key -> records
WindowGroups = dict[int, dict[Any, list[Any]]]


def group_tumbling(
    values: list[Any], times: list[int], keys: Iterable[Any], size: int, offset: int, watermark: int
) -> tuple[WindowGroups, list[LateRow]]:
    """Sort records into windows that follow one another.

    >>> groups, late = group_tumbling(["x", "y", "z"], [1, 12, 3], ["a", "b", "a"], 10, 0, -1)
    >>> {start: dict(rows) for start, rows in groups.items()}
    {0: {'a': ['x', 'z']}, 10: {'b': ['y']}}
    """
    groups: dict[int, dict[Any, list[Any]]] = {}
    late: list[LateRow] = []
    rows: Any = None
    start = end = 0
    for value, time, key in zip(values, times, keys):
        if not start <= time < end:
            if time <= MIN_LONG_VALUE:
                check_timestamp(time)
            start = time - (time - offset) % size
            end = start + size
            rows = None
            if end - 1 > watermark:
                rows = groups.get(start)
                if rows is None:
                    rows = groups[start] = defaultdict(list)
        if rows is None:
            late.append(LateRow(value, time, key, (start,), False))
        else:
            rows[key].append(value)
    return groups, late


def group_sliding(
    values: list[Any],
    times: list[int],
    keys: Iterable[Any],
    size: int,
    slide: int,
    offset: int,
    watermark: int,
) -> tuple[WindowGroups, list[LateRow]]:
    """Sort records into windows that overlap or leave gaps.

    Between two neighbouring bounds of windows, a slice, all records have the same windows.

    >>> groups, late = group_sliding(["x", "y"], [1, 7], ["a", "a"], 10, 5, 0, -1)
    >>> {start: dict(rows) for start, rows in groups.items()}
    {0: {'a': ['x', 'y']}, -5: {'a': ['x']}, 5: {'a': ['y']}}
    """
    groups: dict[int, Any] = defaultdict(lambda: defaultdict(list))
    late: list[LateRow] = []
    width = gcd(size, slide)
    passed: tuple[int, ...] = ()
    targets: list[Any] = []
    is_late = False
    low = high = 0
    for value, time, key in zip(values, times, keys):
        if not low <= time < high:
            if time <= MIN_LONG_VALUE:
                check_timestamp(time)
            low = time - (time - offset) % width
            high = low + width
            starts = range(low - (low - offset) % slide, low - size, -slide)
            targets = [groups[start] for start in starts if start + size - 1 > watermark]
            passed = tuple(starts[len(targets) :])
            is_late = bool(passed) or not targets
        if is_late:
            late.append(LateRow(value, time, key, passed, bool(targets)))
        for rows in targets:
            rows[key].append(value)
    return groups, late
