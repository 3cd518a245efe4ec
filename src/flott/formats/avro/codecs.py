"""How blocks of Avro files are compressed."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Final

from flott.formats.arrow import load_arrow

Codec = Callable[[bytes], bytes]
#: What a block holds at most once it is unpacked: writers make blocks of kilobytes.
_BLOCK_BYTES_MAX: Final = 1 << 30


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def _inflate(data: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=-15)
    unpacked = unpacker.decompress(data, _BLOCK_BYTES_MAX)
    if not unpacker.eof:
        raise ValueError("a block is not whole")
    return unpacked


def _snap(data: bytes) -> bytes:
    packed: bytes = load_arrow().compress(data, codec="snappy", asbytes=True)
    return packed + zlib.crc32(data).to_bytes(4, "big")


def _unsnap(data: bytes) -> bytes:
    packed, checksum = data[:-4], data[-4:]
    size = _snappy_size(packed)
    unpacked: bytes = load_arrow().decompress(packed, size, codec="snappy", asbytes=True)
    if zlib.crc32(unpacked).to_bytes(4, "big") != checksum:
        raise ValueError("the checksum of a block does not match")
    return unpacked


def _snappy_size(packed: bytes) -> int:
    """Snappy's data begin with the number of bytes they become."""
    size = 0
    for index, byte in enumerate(packed[:5]):
        size |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            break
    # Three bytes can stand for 64 at most: more is not a size but damage.
    if size > min(_BLOCK_BYTES_MAX, 64 * len(packed)):
        raise ValueError("a block is not Snappy's")
    return size


def _zstd(data: bytes) -> bytes:
    packed: bytes = load_arrow().compress(data, codec="zstd", asbytes=True)
    return packed


def _unzstd(data: bytes) -> bytes:
    pa = load_arrow()
    with pa.input_stream(pa.py_buffer(data), compression="zstd") as stream:
        unpacked: bytes = stream.read(_BLOCK_BYTES_MAX)
    return unpacked


#: How a block is packed and unpacked, by the codec's name in the file.
CODECS: Final[dict[str, tuple[Codec, Codec]]] = {
    "null": (bytes, bytes),
    "deflate": (_deflate, _inflate),
    "snappy": (_snap, _unsnap),
    "bzip2": (bz2.compress, bz2.decompress),
    "xz": (lzma.compress, lzma.decompress),
    "zstandard": (_zstd, _unzstd),
}


def unpack(codec: str, data: bytes) -> bytes:
    """The contents of a block.

    Raises:
        ValueError: It is damaged.
    """
    try:
        return CODECS[codec][1](data)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(f"a block cannot be unpacked ({codec}): {error}") from error
