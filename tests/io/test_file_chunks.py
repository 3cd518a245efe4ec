"""Chunks of any size become one file, whichever way they are written."""

from __future__ import annotations

import errno
import os
from mmap import mmap
from pathlib import Path

import pytest

from flott.io.file_chunks import write_chunks

PAGE = 4096
LARGE = 300 * PAGE


def aligned(pages: int) -> memoryview:
    memory = mmap(-1, pages * PAGE)
    memory[:] = os.urandom(pages * PAGE)
    return memoryview(memory)


def contents(folder: Path, chunks: list[bytes | memoryview]) -> bytes:
    path = folder / "file"
    with path.open("xb", buffering=0) as file:
        write_chunks(file.fileno(), chunks)
    return path.read_bytes()


@pytest.mark.parametrize(
    "sizes",
    [
        [],
        [0],
        [5, 0, 7],
        [PAGE, LARGE, LARGE, 17],
        [100, LARGE],
        [LARGE + 1, LARGE],
        [10] * 2000,
    ],
)
def test_chunks_follow_one_another(tmp_path: Path, sizes: list[int]) -> None:
    chunks = [os.urandom(size) for size in sizes]
    assert contents(tmp_path, list(chunks)) == b"".join(chunks)


def test_chunks_of_whole_pages_follow_one_another(tmp_path: Path) -> None:
    chunks = [bytes(PAGE), aligned(300), aligned(1024), aligned(3), b"end"]
    assert contents(tmp_path, chunks) == b"".join(chunks)


def test_the_system_may_take_a_part_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, data[:100_000]))
    monkeypatch.setattr(os, "writev", lambda handle, parts: write(handle, b"".join(parts)[:1000]))
    chunks = [os.urandom(5000), aligned(300), aligned(400)]
    assert contents(tmp_path, chunks) == b"".join(chunks)


def test_a_file_system_may_not_let_one_past_its_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    real = fcntl.fcntl

    def refuse(handle: int, command: int, value: int = 0) -> int:
        if command == fcntl.F_SETFL and value & os.O_DIRECT:
            raise OSError(errno.EINVAL, "Invalid argument")
        return int(real(handle, command, value))

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    chunks = [aligned(300), aligned(400)]
    assert contents(tmp_path, chunks) == b"".join(chunks)
