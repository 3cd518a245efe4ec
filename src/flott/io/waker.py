"""Wakes a loop that sleeps in ``select``, from any thread or signal handler."""

from __future__ import annotations

import contextlib
import socket


class Waker:
    """A socket pair: writing a byte makes the other end readable."""

    def __init__(self) -> None:
        self.receiver, self._sender = socket.socketpair()
        self.receiver.setblocking(False)
        self._sender.setblocking(False)

    def wake(self) -> None:
        """Make the receiver readable; without effect if it is already, or closed."""
        with contextlib.suppress(BlockingIOError, OSError):
            self._sender.send(b"\0")

    def drain(self) -> None:
        """Take back all wake-ups so far."""
        with contextlib.suppress(BlockingIOError, OSError):
            while self.receiver.recv(4096):
                pass

    def close(self) -> None:
        """Close both ends."""
        self.receiver.close()
        self._sender.close()
