"""Watermarks of a source with several splits: the minimum over those that are not idle.

Each split has a generator of its own, so that a fast split does not make the records of a slow one
late. A new split begins at the smallest watermark; what the source has said is never taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from flott.common.watermark_strategy import WatermarkStrategy
from flott.core.element import MIN_WATERMARK
from flott.operators.event_time import WatermarkTracker

__all__ = ["SplitWatermarks"]


class SplitWatermarks:
    """The trackers of a source's splits.

    Attributes:
        watermark: the combined watermark reached so far.
        is_idle: whether every split is idle.
    """

    __slots__ = ("_is_spare", "_silent_ms", "_strategy", "_trackers", "is_idle", "watermark")

    def __init__(self, strategy: WatermarkStrategy) -> None:
        self._strategy = strategy
        self._trackers: dict[str, WatermarkTracker] = {}
        self._silent_ms = 0.0
        self._is_spare = False
        self.watermark = MIN_WATERMARK
        self.is_idle = False

    def add(self, split_id: str) -> None:
        """A split was assigned."""
        if split_id not in self._trackers:
            tracker = WatermarkTracker.of(self._strategy)
            assert tracker is not None
            self._trackers[split_id] = tracker
        self._combine()

    def stand_by(self) -> None:
        """There is nothing to read for now: without a split the source is idle at once."""
        self._is_spare = True
        if not self._trackers:
            self.is_idle = True

    def remove(self, split_id: str) -> None:
        """A split is finished and no longer holds the others back."""
        self._trackers.pop(split_id, None)
        self._combine()

    def tracker(self, split_id: str) -> WatermarkTracker:
        """The tracker of a split, made if the reader knows of one that was never assigned."""
        if split_id not in self._trackers:
            self.add(split_id)
        return self._trackers[split_id]

    def note_records(self, tracker: WatermarkTracker) -> None:
        """Records of a split have come."""
        tracker.note_records()
        self._combine()

    def update(self) -> bool:
        """Combine again; tell whether the watermark has risen."""
        before = self.watermark
        self._combine()
        return self.watermark > before

    def lowest(self, but: Collection[WatermarkTracker] = ()) -> int | None:
        """The lowest watermark of the splits that are not idle, some left out; None without any.

        It can be below ``watermark``, which is never taken back.
        """
        left_out = {id(each) for each in but}
        return min(
            (
                each.watermark
                for each in self._trackers.values()
                if not each.is_idle and id(each) not in left_out
            ),
            default=None,
        )

    def tick(self, running_ms: float, paused: Iterable[str]) -> None:
        """Ask every generator; splits in ``paused`` are not silent but held."""
        held = frozenset(paused)
        for split_id, tracker in self._trackers.items():
            tracker.tick(0 if split_id in held else running_ms)
        idle_timeout_ms = self._strategy.idle_timeout_ms
        if not self._trackers and idle_timeout_ms is not None:
            # A reader without splits is silent as well.
            self._silent_ms += running_ms
            self.is_idle = self._is_spare or self._silent_ms >= idle_timeout_ms
        self._combine()

    def ahead_of(self, watermark: int) -> frozenset[str]:
        """Splits whose own watermark is beyond ``watermark``."""
        return frozenset(
            split_id
            for split_id, tracker in self._trackers.items()
            if tracker.watermark > watermark
        )

    def slowest(self) -> str | None:
        """The split that holds the others; None if there are fewer than two, or all are idle."""
        active = {split: each for split, each in self._trackers.items() if not each.is_idle}
        if len(self._trackers) < 2 or not active:
            return None
        return min(active, key=lambda split: active[split].watermark)

    def _combine(self) -> None:
        if not self._trackers:
            return
        self._silent_ms = 0.0
        active = [t.watermark for t in self._trackers.values() if not t.is_idle]
        self.is_idle = not active
        if active:
            self.watermark = max(self.watermark, min(active))
