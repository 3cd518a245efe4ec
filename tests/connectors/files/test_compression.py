from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from flott.common.errors import SourceError
from flott.connectors.files.source import FileSource
from flott.formats.stream_format import StreamFormat
from flott.testing.connectors import SourceJob

LINES = [f"line {n}" for n in range(500)]
PLAIN = "".join(line + "\n" for line in LINES).encode()


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


WRITERS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".gzip": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".deflate": zlib.compress,
    ".zst": zstd,
}


def job_on(path: Path) -> SourceJob:
    builder = FileSource.for_record_stream_format(StreamFormat.text_line_format(), str(path))
    return SourceJob(builder.build(), 1, {"source.file.stream.io-fetch-size": "100 bytes"})


@pytest.mark.parametrize("suffix", WRITERS)
def test_compressed_files_are_read_and_resumed(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(WRITERS[suffix](PLAIN))
    job = job_on(tmp_path)
    for _ in range(30):
        job.step(0, 7)
    job.take_checkpoint()
    job.step(0, 5)
    job.crash(1)
    assert job.finish() == LINES


def test_several_members_in_one_gzip_file(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"to\n") + gzip.compress(b"be\n"))
    assert job_on(tmp_path).finish() == ["to", "be"]


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".deflate"])
def test_a_truncated_file_is_named(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(WRITERS[suffix](PLAIN)[:-20])
    with pytest.raises(SourceError, match=rf"a\{suffix} cannot be decompressed"):
        job_on(tmp_path).finish()


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_file_that_is_not_what_its_name_says_is_named(suffix: str, tmp_path: Path) -> None:
    (tmp_path / f"a{suffix}").write_bytes(b"plain text, not compressed at all")
    with pytest.raises(SourceError, match=r"not *compressed as its name says"):
        job_on(tmp_path).finish()


def test_line_numbers_in_compressed_files(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"to\n\xff\n"))
    with pytest.raises(SourceError, match=r"a\.gz, line 2, position 3"):
        job_on(tmp_path).finish()
