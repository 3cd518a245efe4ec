"""Windows as a plain model: keep every record, look at all panes each time, recompute them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flott.core.element import MIN_WATERMARK

#: (key, start, end, values)
Result = tuple[Any, int, int, tuple[Any, ...]]


@dataclass
class Pane:
    key: Any
    start: int
    end: int
    rows: list[tuple[int, Any]] = field(default_factory=list)
    has_fired: bool = False

    def result(self) -> Result:
        return self.key, self.start, self.end, tuple(value for _, value in sorted(self.rows))


class WindowModel:
    """Event-time windows with the default trigger.

    Args:
        windows_of: from a timestamp to (start, end) of its windows.
        merging: whether windows of a key that touch become one.
        lateness: allowed lateness.
    """

    def __init__(
        self,
        windows_of: Callable[[int], list[tuple[int, int]]],
        merging: bool = False,
        lateness: int = 0,
    ) -> None:
        self.windows_of = windows_of
        self.merging = merging
        self.lateness = lateness
        self.watermark = MIN_WATERMARK
        self.panes: list[Pane] = []
        self.results: list[tuple[Result, int]] = []
        self.late: list[Any] = []
        self.arrived = 0

    def row(self, key: Any, value: Any, timestamp: int) -> None:
        self.arrived += 1
        is_skipped = True
        for start, end in self.windows_of(timestamp):
            pane = self.pane_for(key, start, end)
            if self.is_gone(pane):
                continue
            is_skipped = False
            if pane not in self.panes:
                self.panes.append(pane)
            pane.rows.append((self.arrived, value))
            pane.has_fired = False
            if pane.end - 1 <= self.watermark:
                self.fire(pane)
        if is_skipped and timestamp + self.lateness <= self.watermark:
            self.late.append(value)

    def pane_for(self, key: Any, start: int, end: int) -> Pane:
        """The pane a record goes to: an old one, a new one, or several old ones merged."""
        for pane in self.panes:
            if (pane.key, pane.start, pane.end) == (key, start, end):
                return pane
        new = Pane(key, start, end)
        if self.merging:
            touched = [p for p in self.panes if p.key == key and p.start <= end and p.end >= start]
            for pane in touched:
                new.start, new.end = min(new.start, pane.start), max(new.end, pane.end)
                new.rows += pane.rows
                self.panes.remove(pane)
        return new

    def is_gone(self, pane: Pane) -> bool:
        return pane.end - 1 + self.lateness <= self.watermark

    def fire(self, pane: Pane) -> None:
        pane.has_fired = True
        self.results.append((pane.result(), pane.end - 1))

    def advance(self, watermark: int) -> None:
        self.watermark = watermark
        for pane in sorted(self.panes, key=lambda pane: pane.end):
            if pane.end - 1 <= watermark and not pane.has_fired:
                self.fire(pane)
        self.panes = [pane for pane in self.panes if not self.is_gone(pane)]
