"""Records of an epoch while it is being written, and as they are kept in a checkpoint.

A frame that can be handed to a producer at once is copied into the log and let go. While the
producer has to wait for the epoch before, records are in the log only, and are read from there.
"""

from __future__ import annotations

from collections import deque

import polars as pl

from flott.connectors.kafka.client.ports import KEY, VALUE
from flott.connectors.kafka.sink.blocks import Blocks
from flott.connectors.kafka.sink.record_log import LogWriter, RecordLog


class OpenEpoch:
    """Frames of records, and how many of them have been handed to a producer.

    Args:
        blocks: Memory to keep them in; ``None`` if they are not kept.

    Attributes:
        count: How many records there are.
        produced: How many of them, from the front, have been handed over.
    """

    __slots__ = ("_first", "_log", "_offset", "_waiting", "count", "produced")

    def __init__(self, blocks: Blocks | None) -> None:
        self.count = 0
        self.produced = 0
        self._log = None if blocks is None else LogWriter(blocks)
        #: Frames that come next: all if they are not kept, else one at most.
        self._waiting: deque[pl.DataFrame] = deque()
        self._first = 0
        self._offset = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Put records at the end."""
        if self._log is None or self._first == len(self._log):
            self._waiting.append(frame)
        if self._log is not None:
            self._log.append(frame)
        self.count += frame.height

    @property
    def rest(self) -> pl.DataFrame | None:
        """Records that come next, from one frame; ``None`` if all have been handed over."""
        if not self._waiting:
            if self._log is None or self._first == len(self._log):
                return None
            self._waiting.append(next(self._log.frames(self._first)))
        frame = self._waiting[0]
        return frame.slice(self._offset) if self._offset else frame

    def take(self, count: int) -> None:
        """So many of ``rest`` have been handed over."""
        self.produced += count
        self._offset += count
        height = self._waiting[0].height
        assert self._offset <= height, "more was taken than given"
        if self._offset == height:
            self._offset = 0
            self._first += 1
            self._waiting.popleft()

    def rewind(self) -> None:
        """What has been handed over is lost; begin again."""
        if self._log is None:
            assert not self.produced, "only kept records can be handed over again"
            return
        self.produced = 0
        self._first = 0
        self._offset = 0
        self._waiting.clear()

    def pack(self) -> RecordLog | None:
        """All records, to be kept in a checkpoint; nothing may be added any more."""
        return None if self._log is None else self._log.seal()

    def find_largest(self) -> int:
        """Bytes of key and value of the largest record, for messages."""
        frames = self._waiting if self._log is None else self._log.frames()
        return max((largest_of(frame) for frame in frames), default=0)


def largest_of(frame: pl.DataFrame) -> int:
    """Bytes of key and value of the largest record in a frame."""
    names = [name for name in (KEY, VALUE) if name in frame.columns]
    sizes = frame.select(
        pl.sum_horizontal(pl.col(name).bin.size().fill_null(0) for name in names).max()
    )
    return int(sizes.item() or 0)
