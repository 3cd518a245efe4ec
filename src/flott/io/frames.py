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
#: Room for small frames; larger ones get a place of their own.
_STAGING_BYTES: Final = 1 << 18


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
    """Cuts a stream of bytes into frames.

    Bytes are received into ``room()``. That of a large frame is its body, so that its bytes are not
    copied from one place to the next.
    """

    def __init__(self) -> None:
        self._staging = bytearray(_STAGING_BYTES)
        self._staged = 0
        self._body: bytearray | None = None
        self._filled = 0

    def room(self) -> memoryview:
        """Where the next bytes belong."""
        if self._body is not None:
            return memoryview(self._body)[self._filled :]
        return memoryview(self._staging)[self._staged :]

    def received(self, count: int) -> list[Any]:
        """``count`` bytes stand in ``room()``; the values of all frames that are now complete."""
        if self._body is not None:
            self._filled += count
            assert self._filled <= len(self._body)
            if self._filled < len(self._body):
                return []
            body, self._body = self._body, None
            return [decode(memoryview(body))]
        self._staged += count
        return self._cut()

    def feed(self, data: bytes) -> list[Any]:
        """Add received bytes; the values of all frames that are now complete."""
        values = []
        rest = memoryview(data)
        while rest:
            room = self.room()
            count = min(len(room), len(rest))
            room[:count] = rest[:count]
            values += self.received(count)
            rest = rest[count:]
        return values

    def _cut(self) -> list[Any]:
        values = []
        start, end, staging = 0, self._staged, memoryview(self._staging)
        while end - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(staging, start)
            if length > FRAME_BYTES_MAX:
                raise ConnectionError(f"frame of {length} bytes: the stream is out of step")
            begin = start + _LENGTH.size
            if end - begin < length:
                if _LENGTH.size + length > len(staging):
                    self._body = bytearray(length)
                    self._filled = end - begin
                    self._body[: self._filled] = staging[begin:end]
                    start = end
                break
            values.append(decode(memoryview(bytes(staging[begin : begin + length]))))
            start = begin + length
        self._staged = end - start
        if start:
            staging[: self._staged] = bytes(staging[start:end])
        return values
