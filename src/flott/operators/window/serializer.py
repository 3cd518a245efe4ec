"""Serializers of windows, for programs that write windows to bytes themselves.

The layout is big endian 64-bit integers, as Flink writes them. The engine does not need these:
windows are pickled with the state they name.
"""

from __future__ import annotations

import struct
from io import BytesIO

from flott.common.serializer import TypeSerializer
from flott.operators.window.windows import CountWindow, GlobalWindow, TimeWindow

__all__ = ["CountWindowSerializer", "GlobalWindowSerializer", "TimeWindowSerializer"]

_TWO_LONGS = struct.Struct(">qq")
_ONE_LONG = struct.Struct(">q")


class TimeWindowSerializer(TypeSerializer[TimeWindow]):
    """Writes a time window as its start and its end.

    >>> stream = BytesIO()
    >>> TimeWindowSerializer().serialize(TimeWindow(0, 1000), stream)
    >>> TimeWindowSerializer().deserialize(BytesIO(stream.getvalue()))
    TimeWindow(start=0, end=1000)
    """

    def serialize(self, element: TimeWindow, stream: BytesIO) -> None:
        """Write 16 bytes."""
        stream.write(_TWO_LONGS.pack(element.start, element.end))

    def deserialize(self, stream: BytesIO) -> TimeWindow:
        """Read 16 bytes."""
        return TimeWindow(*_TWO_LONGS.unpack(stream.read(_TWO_LONGS.size)))


class CountWindowSerializer(TypeSerializer[CountWindow]):
    """Writes a count window as its id."""

    def serialize(self, element: CountWindow, stream: BytesIO) -> None:
        """Write 8 bytes."""
        stream.write(_ONE_LONG.pack(element.id))

    def deserialize(self, stream: BytesIO) -> CountWindow:
        """Read 8 bytes."""
        return CountWindow(*_ONE_LONG.unpack(stream.read(_ONE_LONG.size)))


class GlobalWindowSerializer(TypeSerializer[GlobalWindow]):
    """Writes the global window as one zero byte."""

    def serialize(self, element: GlobalWindow, stream: BytesIO) -> None:
        """Write one byte."""
        stream.write(b"\0")

    def deserialize(self, stream: BytesIO) -> GlobalWindow:
        """Read one byte."""
        stream.read(1)
        return GlobalWindow.get()
