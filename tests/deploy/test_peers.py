"""Elements between two workers over real sockets."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from flott.core.element import Watermark
from flott.core.transport import ChannelKey
from flott.deploy.peers import PeerTransport
from flott.io.auth import authenticate
from flott.io.connection import Connection

SECRET = b"0" * 32
CHANNEL = ChannelKey(0, 1, 0, 1)


class Peer:
    """Accepts one connection after the other, as a worker does."""

    def __init__(self, path: Path) -> None:
        self.address = str(path)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.address)
        self._listener.listen()
        self.connections: list[Connection] = []
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                authenticate(sock, SECRET, is_server=True)
                self.connections.append(Connection(sock))

    def received(self) -> list[object]:
        """Everything that has come over the last connection."""
        return self.connections[-1].receive() or []

    def close(self) -> None:
        self._listener.close()
        for connection in self.connections:
            connection.close()


class Watched:
    """A transport, and what it says to the loop around it."""

    def __init__(self, peer: Peer) -> None:
        self.connections: list[Connection] = []
        self.lost: list[tuple[int, str]] = []
        self.transport = PeerTransport(
            SECRET, self._watch, self.connections.remove, lambda *args: self.lost.append(args)
        )
        self.transport.set_addresses({1: peer.address})

    def _watch(self, connection: Connection, wants_write: bool) -> None:
        if connection not in self.connections:
            self.connections.append(connection)


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    peer = Peer(tmp_path / "peer")
    yield peer
    peer.close()


def transport_to(peer: Peer) -> PeerTransport:
    return Watched(peer).transport


def first_values(peer: Peer) -> list[object]:
    while not peer.connections:
        pass  # the handshake is done on the peer's thread
    return peer.received()


def test_elements_and_credits_of_a_turn_leave_together_and_in_order(peer: Peer) -> None:
    transport = transport_to(peer)
    transport.send(1, CHANNEL, Watermark(7))
    transport.send_credits(1, CHANNEL, 3)
    assert first_values(peer) == []
    transport.flush()
    element, credits = peer.received()
    assert element == ((0, 1, 0, 1), Watermark(7))
    assert credits.credits == 3


def test_a_broken_connection_fails_the_next_send(peer: Peer) -> None:
    transport = transport_to(peer)
    transport.send(1, CHANNEL, Watermark(1))
    assert first_values(peer) == []
    peer.connections[-1].close()
    transport.flush()
    with pytest.raises(ConnectionError, match="worker 1 is broken"):
        transport.send(1, CHANNEL, Watermark(2))


def test_a_connection_that_breaks_while_it_is_flushed_is_told_at_once(peer: Peer) -> None:
    watched = Watched(peer)
    watched.transport.send(1, CHANNEL, Watermark(1))
    assert first_values(peer) == []
    peer.connections[-1].close()
    watched.transport.flush()
    ((attempt, error),) = watched.lost
    assert (attempt, str(error)[:34]) == (0, "the connection to worker 1 is brok")
    assert watched.connections == []


def test_a_connection_that_the_other_end_closes_is_told_once(peer: Peer) -> None:
    watched = Watched(peer)
    watched.transport.send(1, CHANNEL, Watermark(1))
    watched.transport.flush()
    (connection,) = watched.connections
    for _ in range(2):
        watched.transport.lose(connection)
    assert len(watched.lost) == 1
    with pytest.raises(ConnectionError, match="the other end was closed"):
        watched.transport.send(1, CHANNEL, Watermark(2))


def test_the_next_attempt_begins_with_whole_connections(peer: Peer) -> None:
    transport = transport_to(peer)
    transport.send(1, CHANNEL, Watermark(1))
    assert first_values(peer) == []
    peer.connections.pop().close()
    transport.flush()
    transport.set_addresses({1: peer.address})
    transport.send(1, CHANNEL, Watermark(2))
    transport.flush()
    assert first_values(peer) == [((0, 1, 0, 1), Watermark(2))]
