"""Windows as runs of slices: TUMBLE, HOP and CUMULATE over local milliseconds.

A slice is a time that no border of a window splits, named by its end. ``first_end`` and
``last_end`` give the windows that have a slice, ``slices_of`` the slices of a window.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import polars as pl

from flott.common.errors import UnsupportedFeature


@dataclass(frozen=True)
class Slices:
    """The windows of one kind.

    Attributes:
        window_kind: TUMBLE, HOP or CUMULATE.
        size_ms: Length of a window, of the longest for CUMULATE.
        slide_ms: Time between windows; the step of CUMULATE.
        offset_ms: Shifts all borders.

    >>> hop = Slices("HOP", 10, 5)
    >>> hop.slice_at(7), hop.first_end(10), hop.last_end(10), list(hop.slices_of(15))
    (10, 10, 15, [10, 15])
    """

    window_kind: str
    size_ms: int
    slide_ms: int
    offset_ms: int = 0

    def __post_init__(self) -> None:
        if self.window_kind not in ("TUMBLE", "HOP", "CUMULATE"):
            raise UnsupportedFeature(f"windows of kind {self.window_kind}")
        assert self.size_ms > 0
        assert self.window_kind != "CUMULATE" or self.size_ms % self.slide_ms == 0

    @property
    def step_ms(self) -> int:
        """Length of a slice."""
        if self.window_kind == "TUMBLE":
            return self.size_ms
        return gcd(self.size_ms, self.slide_ms)

    @property
    def interval_ms(self) -> int:
        """Time between ends of windows."""
        return self.size_ms if self.window_kind == "TUMBLE" else self.slide_ms

    @property
    def has_gaps(self) -> bool:
        """Whether there are slices that no window has."""
        return self.window_kind == "HOP" and self.slide_ms > self.size_ms

    def slice_end(self, time_ms: pl.Expr) -> pl.Expr:
        """The slice of a time."""
        step, offset = self.step_ms, self.offset_ms
        return ((time_ms - offset) // step + 1) * step + offset

    def slice_at(self, time_ms: int) -> int:
        """The slice of a time."""
        step, offset = self.step_ms, self.offset_ms
        return ((time_ms - offset) // step + 1) * step + offset

    def start_of(self, window_end: int) -> int:
        """Where the window that ends there begins."""
        if self.window_kind == "CUMULATE":
            return self._below(window_end - 1, self.size_ms)
        return window_end - self.size_ms

    def first_end(self, slice_end: int) -> int:
        """The end of the first window that has the slice."""
        if self.window_kind != "HOP":
            return slice_end
        return (
            self._below(slice_end - self.size_ms - 1, self.slide_ms) + self.slide_ms + self.size_ms
        )

    def last_end(self, slice_end: int) -> int:
        """The end of the last window that has the slice; before the slice if none has it."""
        if self.window_kind == "TUMBLE":
            return slice_end
        if self.window_kind == "HOP":
            return self._below(slice_end - self.step_ms, self.slide_ms) + self.size_ms
        return self._below(slice_end - 1, self.size_ms) + self.size_ms

    def slices_of(self, window_end: int) -> range:
        """The slices of the window that ends there."""
        return range(self.start_of(window_end) + self.step_ms, window_end + 1, self.step_ms)

    def _below(self, time_ms: int, unit_ms: int) -> int:
        """The last border of a grid of ``unit_ms`` that is not after ``time_ms``."""
        return (time_ms - self.offset_ms) // unit_ms * unit_ms + self.offset_ms
