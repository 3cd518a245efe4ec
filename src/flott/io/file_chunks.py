"""Chunks into a file, large ones past the system's cache where that is possible.

What a checkpoint holds is written once and read hardly ever, so a copy in the cache only costs: the
memory for it, and the time to find that memory, which is several times what the copying takes.
Linux writes a chunk straight from its place if place, length and position are multiples of a page.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from typing import Final

_PAGE_BYTES: Final = 4096
#: Smaller chunks are collected and go through the cache.
_LARGE_BYTES: Final = 262_144
#: More pieces than this are not taken by one call.
_PIECES_MAX: Final = 512


def write_chunks(handle: int, chunks: Sequence[bytes | memoryview]) -> None:
    """Write chunks one after another.

    Args:
        handle: An empty file.
        chunks: What to write.

    Raises:
        OSError: As the system says.
    """
    position = 0
    small: list[bytes | memoryview] = []
    for chunk in chunks:
        if len(chunk) < _LARGE_BYTES and len(small) < _PIECES_MAX:
            small.append(chunk)
            continue
        position += _write_all(handle, small)
        small = []
        view = memoryview(chunk)
        if position % _PAGE_BYTES == 0:
            done = _write_directly(handle, view[: len(view) // _PAGE_BYTES * _PAGE_BYTES])
            position += done
            view = view[done:]
        position += _write_all(handle, [view])
    _write_all(handle, small)


def _write_all(handle: int, chunks: Sequence[bytes | memoryview]) -> int:
    total = sum(len(chunk) for chunk in chunks)
    written = os.writev(handle, chunks) if chunks else 0
    while written < total:  # the system took a part only
        rest = memoryview(b"".join(chunks))[written:]
        written += os.write(handle, rest)
    return total


def _write_directly(handle: int, view: memoryview) -> int:
    """How many bytes were written past the cache; none if that is not possible here."""
    if not hasattr(os, "O_DIRECT"):
        return 0
    import fcntl

    flags = fcntl.fcntl(handle, fcntl.F_GETFL)
    done = 0
    try:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags | os.O_DIRECT)
        while done < len(view):
            count = os.write(handle, view[done:])
            done += count
            if count % _PAGE_BYTES:
                break
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        fcntl.fcntl(handle, fcntl.F_SETFL, flags)
    return done
