"""A non-blocking stream connection that carries frames."""

from __future__ import annotations

import pickle
import socket
from collections import deque
from itertools import islice
from typing import Any, Final

from flott.io.frames import FrameReader, encode

#: What a Unix socket may hold in the kernel: room for a few batches.
_SOCKET_BUFFER_BYTES: Final = 1 << 20
#: Chunks in one system call; Linux takes 1024.
_CHUNKS_MAX: Final = 256


class Connection:
    """Sends and receives values over a connected socket, never blocking.

    What the kernel does not take at once is queued here; flow control by credits bounds it.
    """

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER_BYTES)
        self.socket = sock
        self.closed = False
        self._reader = FrameReader()
        self._outgoing: deque[memoryview] = deque()

    def send(self, value: Any, dumps: Any = pickle.dumps) -> None:
        """Queue ``value`` and send what the kernel takes.

        Raises:
            ConnectionError: The peer is gone.
        """
        self.queue(value, dumps)
        self.flush()

    def queue(self, value: Any, dumps: Any = pickle.dumps) -> None:
        """Leave ``value`` for the next ``flush``: many small values then share a system call."""
        for chunk in encode(value, dumps):
            self._outgoing.append(memoryview(chunk).cast("B"))

    def flush(self) -> None:
        """Send what the kernel takes of the queue.

        Raises:
            ConnectionError: The peer is gone.
        """
        while self._outgoing:
            try:
                sent = self.socket.sendmsg(_first(self._outgoing, _CHUNKS_MAX))
            except BlockingIOError:
                return
            self._drop(sent)

    @property
    def wants_write(self) -> bool:
        """Whether something waits for the socket to become writable."""
        return bool(self._outgoing)

    def receive(self) -> list[Any] | None:
        """Values that have arrived; ``None`` if the peer has closed the connection."""
        values: list[Any] = []
        while True:
            room = self._reader.room()
            try:
                count = self.socket.recv_into(room)
            except BlockingIOError:
                return values
            except ConnectionError:
                return values or None
            if not count:
                return values or None
            values.extend(self._reader.received(count))
            if count < len(room):
                return values

    def close(self) -> None:
        """Close the socket; what is still queued is lost."""
        self.closed = True
        self._outgoing.clear()
        self.socket.close()

    def _drop(self, count: int) -> None:
        while count:
            chunk = self._outgoing[0]
            if count < len(chunk):
                self._outgoing[0] = chunk[count:]
                return
            count -= len(chunk)
            self._outgoing.popleft()


def _first(chunks: deque[memoryview], count: int) -> list[memoryview]:
    return list(islice(chunks, count))
