"""Channels between worker processes: one connection in each direction for each pair.

A connection is opened when the first element has to be sent. Elements and returned credits share
it, in order; those of one turn leave together (``flush``). A connection that breaks stays broken
for the attempt, and is told at once: what it carried last may be lost, so the job restarts.
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from flott.core.element import Element
from flott.core.transport import ChannelKey, DataTransport
from flott.deploy.programs import dump_values
from flott.deploy.wire import Credits
from flott.io.auth import authenticate
from flott.io.connection import Connection
from flott.runtime.task.failure import PeerLostError
from flott.runtime.worker.worker import Worker

#: Told that a connection that served an attempt broke.
LostListener = Callable[[int, PeerLostError], None]


class PeerTransport(DataTransport):
    """Sends to other workers over Unix sockets.

    Args:
        secret: Proves that both ends belong to the job.
        watch: Called with a connection and whether it waits to be writable. Whatever can be read
            from it means that it broke: call ``lose``.
        forget: Called with a connection that is about to be closed.
        on_lost: Told of an attempt, and how a connection broke that served it.
    """

    def __init__(
        self,
        secret: bytes,
        watch: Callable[[Connection, bool], None],
        forget: Callable[[Connection], None],
        on_lost: LostListener,
    ) -> None:
        self._secret = secret
        self._watch = watch
        self._forget = forget
        self._on_lost = on_lost
        self._attempt = -1
        self._addresses: dict[int, str] = {}
        self._connections: dict[int, Connection] = {}
        self._unsent: dict[int, Connection] = {}
        self._broken: dict[int, OSError] = {}

    def set_addresses(self, addresses: dict[int, str]) -> None:
        """Take note of where workers listen now; connections to former addresses are closed."""
        for worker, address in addresses.items():
            if self._addresses.get(worker) != address:
                self._drop(worker)
        self._addresses = dict(addresses)
        self._broken.clear()

    def send(self, worker: int, channel: ChannelKey, element: Element) -> None:
        self._attempt = channel.attempt
        self._send(worker, (_flat(channel), element))

    def send_credits(self, worker: int, channel: ChannelKey, credits: int) -> None:
        self._attempt = channel.attempt
        self._send(worker, Credits(_flat(channel), credits))

    def flush(self) -> None:
        """Send what has been put in since the last call, as far as the kernel takes it."""
        while self._unsent:
            worker, connection = self._unsent.popitem()
            try:
                connection.flush()
            except OSError as error:
                self._lose(worker, error)
            else:
                self._watch(connection, connection.wants_write)

    def lose(self, connection: Connection, error: OSError | None = None) -> None:
        """A connection has broken, or the other end has closed it."""
        for worker, known in list(self._connections.items()):
            if known is connection:
                self._lose(worker, error or ConnectionError("the other end was closed"))

    def _lose(self, worker: int, error: OSError) -> None:
        self._drop(worker)
        self._broken[worker] = error
        self._on_lost(self._attempt, _lost(worker, error))

    def _send(self, worker: int, value: object) -> None:
        try:
            if worker in self._broken:
                raise self._broken[worker]
            connection = self._connections.get(worker) or self._connect(worker)
        except OSError as error:
            self._drop(worker)
            raise _lost(worker, error) from error
        connection.queue(value, dumps=dump_values)
        self._unsent[worker] = connection

    def _connect(self, worker: int) -> Connection:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self._addresses[worker])
            authenticate(sock, self._secret, is_server=False)
        except OSError:
            sock.close()
            raise
        connection = Connection(sock)
        self._connections[worker] = connection
        self._watch(connection, False)
        return connection

    def _drop(self, worker: int) -> None:
        connection = self._connections.pop(worker, None)
        self._unsent.pop(worker, None)
        if connection is not None:
            self._forget(connection)
            connection.close()


def deliver(worker: Worker, value: object) -> int:
    """Hand what a peer sent to the worker machine; the attempt it belongs to."""
    if isinstance(value, Credits):
        channel = ChannelKey(*value.channel)
        worker.receive_credits(channel, value.credits)
    else:
        assert isinstance(value, tuple)
        channel = ChannelKey(*value[0])
        worker.receive(channel, value[1])
    return channel.attempt


def _lost(worker: int, error: OSError) -> PeerLostError:
    return PeerLostError(f"the connection to worker {worker} is broken: {error}")


def _flat(channel: ChannelKey) -> tuple[int, int, int, int]:
    return channel.attempt, channel.edge_id, channel.sender, channel.receiver
