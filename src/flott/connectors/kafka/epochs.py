"""Records of an epoch while it is being written, and as they are kept in a checkpoint.

They are kept as one Arrow stream, so that keeping costs a copy and no objects. Memory holds what
was written since the last checkpoint, plus the streams of checkpoints that are not committed yet.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from flott.connectors.kafka.ports import KEY, VALUE

#: Before each stream stands its size.
_SIZE_BYTES: Final = 8


class OpenEpoch:
    """Frames of records, and how many of them have been handed to a producer.

    Attributes:
        count: How many records there are.
        produced: How many of them, from the front, have been handed over.
    """

    __slots__ = ("_first", "_frames", "_is_kept", "_offset", "count", "produced")

    def __init__(self, is_kept: bool = True) -> None:
        self.count = 0
        self.produced = 0
        self._frames: list[pl.DataFrame] = []
        self._is_kept = is_kept
        self._first = 0
        self._offset = 0

    def add(self, frame: pl.DataFrame) -> None:
        """Put records at the end."""
        self._frames.append(frame)
        self.count += frame.height

    @property
    def rest(self) -> pl.DataFrame | None:
        """Records that come next, from one frame; ``None`` if all have been handed over."""
        if self._first == len(self._frames):
            return None
        frame = self._frames[self._first]
        return frame.slice(self._offset) if self._offset else frame

    def take(self, count: int) -> None:
        """So many of ``rest`` have been handed over."""
        self.produced += count
        self._offset += count
        height = self._frames[self._first].height
        assert self._offset <= height, "more was taken than given"
        if self._offset == height:
            self._offset = 0
            self._first += 1
            if not self._is_kept:
                self._frames = self._frames[self._first :]
                self._first = 0

    def rewind(self) -> None:
        """What has been handed over is lost; begin again."""
        assert self._is_kept or not self.produced, "only kept records can be handed over again"
        self.produced = 0
        self._first = 0
        self._offset = 0

    def pack(self) -> bytes | None:
        """All records, to be kept in a checkpoint."""
        return pack(self._frames) if self._is_kept else None

    def find_largest(self) -> int:
        """Bytes of key and value of the largest record, for messages."""
        sizes = [_largest(frame) for frame in self._frames]
        return max(sizes, default=0)


def pack(frames: Sequence[pl.DataFrame]) -> bytes:
    """Frames as one Arrow stream; those with other columns begin another.

    >>> [frame.height for frame in unpack(pack([pl.DataFrame({"value": [b"a"]})] * 2))]
    [2]
    """
    runs: list[list[pl.DataFrame]] = []
    for frame in frames:
        if runs and runs[-1][0].schema == frame.schema:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    buffer = io.BytesIO()
    for run in runs:
        start = buffer.tell()
        buffer.write(bytes(_SIZE_BYTES))
        joined = run[0] if len(run) == 1 else pl.concat(run)
        joined.write_ipc_stream(buffer)
        end = buffer.tell()
        buffer.seek(start)
        buffer.write((end - start - _SIZE_BYTES).to_bytes(_SIZE_BYTES, "little"))
        buffer.seek(end)
    return buffer.getvalue()


def unpack(content: bytes) -> Iterator[pl.DataFrame]:
    """The frames again."""
    view, position = memoryview(content), 0
    while position < len(view):
        size = int.from_bytes(view[position : position + _SIZE_BYTES], "little")
        position += _SIZE_BYTES
        assert position + size <= len(view), "the checkpoint verified the content"
        yield pl.read_ipc_stream(io.BytesIO(view[position : position + size]))
        position += size


def unpack_from(content: bytes, skipped: int) -> Iterator[pl.DataFrame]:
    """The frames without so many records at the front."""
    for frame in unpack(content):
        if skipped >= frame.height:
            skipped -= frame.height
            continue
        yield frame.slice(skipped) if skipped else frame
        skipped = 0


def _largest(frame: pl.DataFrame) -> int:
    names = [name for name in (KEY, VALUE) if name in frame.columns]
    sizes = frame.select(
        pl.sum_horizontal(pl.col(name).bin.size().fill_null(0) for name in names).max()
    )
    return int(sizes.item() or 0)
