"""Memory for records that are kept until their checkpoint is committed.

A job that writes fast keeps tens of megabytes with each checkpoint. Fresh memory of that size costs
more than what is copied into it, for the system hands it out page by page; so blocks are used again
as soon as nobody refers to them any more: neither who writes, nor who commits, nor a checkpoint
that is being stored.

What an epoch has above a number of blocks is spilled to an unnamed temporary file, which goes with
the last reference to it, so that memory does not grow with the checkpoint interval.
"""

from __future__ import annotations

import mmap
import tempfile
from collections import deque
from typing import Final
from weakref import finalize

import pyarrow as pa

from flott.common.errors import SinkError

BLOCK_BYTES: Final = 4 * 1024 * 1024
#: Blocks that wait to be used again.
_IDLE_MAX: Final = 16
#: Full blocks of an epoch that stay in memory.
IN_MEMORY_MAX: Final = 32


class Blocks:
    """Blocks of a writer, each ``BLOCK_BYTES`` long and aligned to pages."""

    def __init__(self) -> None:
        self._idle: deque[mmap.mmap] = deque(maxlen=_IDLE_MAX)

    @property
    def idle_count(self) -> int:
        """How many wait to be used again."""
        return len(self._idle)

    def take(self) -> memoryview:
        """A block; it comes back once nothing refers to the view or a part of it."""
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = _reserve()
        lease = pa.py_buffer(memory)
        finalize(lease, self._idle.append, memory).atexit = False
        return memoryview(lease).cast("B")


class SpillFile:
    """An unnamed temporary file for blocks that do not stay in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(  # noqa: SIM115 -- closed once all is written
            prefix="flott-records-", buffering=0
        )
        self._size = 0

    def write(self, block: memoryview) -> memoryview:
        """Write a block; give a view of its bytes in the file.

        Raises:
            SinkError: There is no room.
        """
        assert len(block) == BLOCK_BYTES, "only full blocks are spilled"
        try:
            written = 0
            while written < len(block):
                written += self._file.write(block[written:])
        except OSError as error:
            raise SinkError(
                "Records that are kept for the next checkpoint could not be spilled to "
                f"{tempfile.gettempdir()}: {error}. Make room there, name another folder with the "
                "environment variable TMPDIR, or take checkpoints more often."
            ) from error
        start, self._size = self._size, self._size + len(block)
        return memoryview(
            mmap.mmap(self._file.fileno(), len(block), offset=start, access=mmap.ACCESS_READ)
        )

    def close(self) -> None:
        """Nothing more comes; views stay."""
        self._file.close()


def _reserve() -> mmap.mmap:
    memory = mmap.mmap(-1, BLOCK_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
