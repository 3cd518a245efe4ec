"""Proves that both ends of a connection know the job's secret, before anything is unpickled.

Each side sends a random challenge and answers the other's with HMAC-SHA256 over role, challenge
and answerer's own challenge. The messages have a fixed size, so nothing else is ever parsed. The
secret comes to a worker through its standard input, never through arguments or the environment.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
from typing import Final

SECRET_BYTES: Final = 32
_CHALLENGE_BYTES: Final = 32
_PROOF_BYTES: Final = 32


def new_secret() -> bytes:
    """A fresh secret for one job."""
    return secrets.token_bytes(SECRET_BYTES)


def authenticate(sock: socket.socket, secret: bytes, is_server: bool, timeout_s: float = 5) -> None:
    """Run the handshake on a connected socket.

    Raises:
        ConnectionError: The peer does not know the secret, or hung up.
        TimeoutError: It did not answer in time.
    """
    sock.settimeout(timeout_s)
    mine = secrets.token_bytes(_CHALLENGE_BYTES)
    sock.sendall(mine)
    theirs = _receive(sock, _CHALLENGE_BYTES)
    sock.sendall(_proof(secret, is_server, theirs, mine))
    expected = _proof(secret, not is_server, mine, theirs)
    if not hmac.compare_digest(_receive(sock, _PROOF_BYTES), expected):
        raise ConnectionError("the peer does not know this job's secret")
    sock.settimeout(None)


def _proof(secret: bytes, is_server: bool, challenge: bytes, own: bytes) -> bytes:
    role = b"server" if is_server else b"client"
    return hmac.new(secret, role + challenge + own, hashlib.sha256).digest()


def _receive(sock: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = sock.recv(count - len(data))
        if not chunk:
            raise ConnectionError("the peer hung up during the handshake")
        data += chunk
    return data
