"""Records as a checkpoint keeps them: each frame an Arrow stream, one after another in blocks.

A frame is copied in as soon as it is encoded, while it is still in the processor's cache, and let
go. From then on nothing is copied any more: the blocks themselves are what pickle hands to the
checkpoint's file, as buffers out of band, and what is read if records have to be written again.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pickle import PickleBuffer
from typing import IO, Any, Final, cast

import polars as pl

from flott.connectors.kafka.sink.blocks import BLOCK_BYTES, IN_MEMORY_MAX, Blocks, SpillFile

#: Logs end at such a boundary, so that files can be written without detours.
_PAGE_BYTES: Final = 4096


class RecordLog:
    """The frames of an epoch.

    Args:
        extents: Bytes and rows of each frame.
        blocks: Their bytes; all blocks but the last are full.
    """

    __slots__ = ("_blocks", "_extents")

    def __init__(
        self, extents: Sequence[tuple[int, int]], blocks: Sequence[bytes | bytearray | memoryview]
    ) -> None:
        self._extents = tuple(extents)
        self._blocks = [memoryview(block) for block in blocks]

    def frames(self, skipped: int = 0) -> Iterator[pl.DataFrame]:
        """The frames, without so many records at the front."""
        ends = accumulate(size for size, _ in self._extents)
        for end, (size, rows) in zip(ends, self._extents):
            if skipped >= rows:
                skipped -= rows
                continue
            frame = read_frame(self._blocks, end - size, size)
            yield frame.slice(skipped) if skipped else frame
            skipped = 0

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        blocks: list[Any] = [
            PickleBuffer(block) if protocol >= 5 else bytes(block) for block in self._blocks
        ]
        return RecordLog, (self._extents, blocks)


class LogWriter:
    """A log that grows.

    Args:
        blocks: Where its memory comes from.
        in_memory_max: Full blocks that stay there.
    """

    def __init__(self, blocks: Blocks, in_memory_max: int = IN_MEMORY_MAX) -> None:
        self._pool = blocks
        self._in_memory_max = in_memory_max
        self._blocks: list[memoryview] = []
        self._room = 0
        self._size = 0
        self._extents: list[tuple[int, int]] = []
        self._spill: SpillFile | None = None

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self._extents)

    def append(self, frame: pl.DataFrame) -> None:
        """Put a frame at the end."""
        start = self._size
        frame.write_ipc_stream(cast(IO[bytes], self))  # it only calls ``write`` and ``flush``
        self._extents.append((self._size - start, frame.height))

    def write(self, data: bytes) -> int:
        """Put bytes at the end."""
        view = memoryview(data)
        while view:
            if not self._room:
                self._begin_block()
            count = min(self._room, len(view))
            start = BLOCK_BYTES - self._room
            self._blocks[-1][start : start + count] = view[:count]
            self._room -= count
            self._size += count
            view = view[count:]
        return len(data)

    def flush(self) -> None:
        """Nothing waits to be written."""

    def frames(self, first: int = 0) -> Iterator[pl.DataFrame]:
        """The frames from that number on."""
        position = sum(size for size, _ in self._extents[:first])
        for size, _ in self._extents[first:]:
            yield read_frame(self._blocks, position, size)
            position += size

    def seal(self) -> RecordLog:
        """All of it; nothing may be written any more."""
        if self._spill is not None:
            self._spill.close()
        if self._room:
            used = BLOCK_BYTES - self._room
            end = -(-used // _PAGE_BYTES) * _PAGE_BYTES
            last = self._blocks[-1]
            last[used:end] = bytes(end - used)
            self._blocks[-1] = last[:end]
        return RecordLog(self._extents, [block.toreadonly() for block in self._blocks])

    def _begin_block(self) -> None:
        if len(self._blocks) > self._in_memory_max:
            if self._spill is None:
                self._spill = SpillFile()
            self._blocks[-1] = self._spill.write(self._blocks[-1])
        self._blocks.append(self._pool.take())
        self._room = BLOCK_BYTES


def read_frame(blocks: Sequence[memoryview], start: int, size: int) -> pl.DataFrame:
    """The frame whose bytes are there; all blocks but the last are full."""
    pieces = []
    number, offset = divmod(start, BLOCK_BYTES)
    while size:
        piece = blocks[number][offset : offset + size]
        assert piece, "the checkpoint verified the content"
        pieces.append(piece)
        size -= len(piece)
        number, offset = number + 1, 0
    content = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    return pl.read_ipc_stream(io.BytesIO(content))
