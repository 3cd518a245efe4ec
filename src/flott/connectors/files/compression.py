"""Files that are compressed, told by the ends of their names.

They are read from the front only, so such a file is always one split.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol

from flott.common.errors import SourceError
from flott.connectors.files.store import shown_path


class ByteStream(Protocol):
    """Bytes from front to back."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; none at the end."""

    def close(self) -> None:
        """Release the file."""


class _DeflateStream:
    """Reads a zlib stream, what Java writes as ``.deflate``."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self._inflater = zlib.decompressobj()

    def read(self, size: int) -> bytes:
        inflater = self._inflater
        while not inflater.eof:
            data = inflater.unconsumed_tail or self._raw.read(_RAW_BYTES)
            if not data:
                raise EOFError("Compressed file ended before the end-of-stream marker was reached")
            if chunk := inflater.decompress(data, size):
                return chunk
        return b""

    def close(self) -> None:
        self._raw.close()


class _OwningStream:
    """A decompressor that closes the file beneath it as well."""

    def __init__(self, inner: ByteStream, raw: BinaryIO) -> None:
        self.read = inner.read
        self._inner = inner
        self._raw = raw

    def close(self) -> None:
        self._inner.close()
        self._raw.close()


class _CheckedStream:
    """Turns what decompressors raise into an error that names the file."""

    def __init__(self, inner: ByteStream, path: str) -> None:
        self._inner = inner
        self._path = path

    def read(self, size: int) -> bytes:
        try:
            return self._inner.read(size)
        except (EOFError, OSError, lzma.LZMAError, zlib.error, ValueError) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise SourceError(
                f"{shown_path(self._path)} cannot be decompressed: {error}. It is damaged, "
                "incomplete or not compressed as its name says."
            ) from error

    def close(self) -> None:
        self._inner.close()


def _zstd(raw: BinaryIO) -> ByteStream:
    from flott.formats.arrow import load_arrow

    stream: ByteStream = load_arrow().CompressedInputStream(raw, "zstd")
    return stream


_RAW_BYTES: Final = 1 << 16
_OPENERS: Final[dict[str, Callable[[BinaryIO], ByteStream]]] = {
    ".gz": lambda raw: _OwningStream(gzip.GzipFile(fileobj=raw), raw),
    ".gzip": lambda raw: _OwningStream(gzip.GzipFile(fileobj=raw), raw),
    ".bz2": lambda raw: _OwningStream(bz2.BZ2File(raw), raw),
    ".xz": lambda raw: _OwningStream(lzma.LZMAFile(raw), raw),  # noqa: SIM115
    ".deflate": _DeflateStream,
    ".zst": _zstd,
    ".zstd": _zstd,
}


def is_compressed(path: str) -> bool:
    """Whether the name says that the file is compressed.

    >>> is_compressed("a.csv.GZ"), is_compressed("a.csv")
    (True, False)
    """
    return _suffix(path) in _OPENERS


def decompress(raw: BinaryIO, path: str) -> ByteStream:
    """The plain bytes of a compressed file."""
    return _CheckedStream(_OPENERS[_suffix(path)](raw), path)


def _suffix(path: str) -> str:
    dot = path.rfind(".")
    return path[dot:].lower() if dot > path.rfind("/") else ""
