"""Frames: values on a stream socket.

    frame  = length of body (8 bytes, little endian) . body
    body   = number of buffers (4 bytes) . length of each part (8 bytes each) . parts
    parts  = pickle (protocol 5) of the value, then the buffers it refers to

Large buffers inside a value (Arrow, NumPy, bytes-likes that support it) travel out of band: they
are neither copied into the pickle nor out of it. Frames are only read from peers that have
passed ``auth``.
"""

from __future__ import annotations

import pickle
import struct
from typing import Any, Final

_LENGTH: Final = struct.Struct("<Q")
_COUNT: Final = struct.Struct("<I")
#: No frame is larger: a length beyond it means that the stream is out of step.
FRAME_BYTES_MAX: Final = 1 << 34


def encode(value: Any, dumps: Any = pickle.dumps) -> list[bytes | memoryview]:
    """The chunks of a frame. ``dumps`` may be cloudpickle's for values that hold functions."""
    buffers: list[pickle.PickleBuffer] = []
    payload = dumps(value, protocol=5, buffer_callback=buffers.append)
    parts: list[bytes | memoryview] = [payload, *(buffer.raw() for buffer in buffers)]
    head = _COUNT.pack(len(parts)) + b"".join(
        _LENGTH.pack(part.nbytes if isinstance(part, memoryview) else len(part)) for part in parts
    )
    size = len(head) + sum(p.nbytes if isinstance(p, memoryview) else len(p) for p in parts)
    return [_LENGTH.pack(size) + head, *parts]


def decode(body: memoryview) -> Any:
    """The value of a frame's body."""
    (count,) = _COUNT.unpack_from(body, 0)
    offset = _COUNT.size + count * _LENGTH.size
    parts = []
    for i in range(count):
        (length,) = _LENGTH.unpack_from(body, _COUNT.size + i * _LENGTH.size)
        parts.append(body[offset : offset + length])
        offset += length
    assert offset == len(body), "a frame is as long as its parts"
    return pickle.loads(parts[0], buffers=parts[1:])


class FrameReader:
    """Cuts a stream of bytes into frames."""

    def __init__(self) -> None:
        self._data = bytearray()

    def feed(self, data: bytes) -> list[Any]:
        """Add received bytes; the values of all frames that are now complete."""
        self._data += data
        values = []
        start = 0
        available = len(self._data)
        while available - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._data, start)
            if length > FRAME_BYTES_MAX:
                raise ConnectionError(f"frame of {length} bytes: the stream is out of step")
            if available - start - _LENGTH.size < length:
                break
            begin = start + _LENGTH.size
            body = bytes(memoryview(self._data)[begin : begin + length])
            values.append(decode(memoryview(body)))
            start = begin + length
        if start:
            del self._data[:start]
        return values
