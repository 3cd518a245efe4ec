"""Addresses of topics as users write them: ``kafka://host:9092/topic``."""

from __future__ import annotations

import socket
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from flott.common.errors import ConfigurationError

_FORM: Final = "write kafka://HOST:PORT/TOPIC; several servers are separated by commas"


class TopicAddress(NamedTuple):
    """Where a topic is.

    Attributes:
        servers: As ``bootstrap.servers`` has them.
        topic: Its name.
    """

    servers: str
    topic: str


def parse_address(text: str) -> TopicAddress | None:
    """The topic that is meant; ``None`` if it is a path.

    Raises:
        ConfigurationError: It is neither.

    >>> parse_address("kafka://one:9092,two:9092/orders")
    TopicAddress(servers='one:9092,two:9092', topic='orders')
    >>> parse_address("kafka://localhost/orders").servers
    'localhost:9092'
    """
    if "://" not in text:
        return None
    parts = urlsplit(text)
    if parts.scheme == "file":
        return None
    topic = unquote(parts.path.strip("/"))
    if parts.scheme != "kafka" or not parts.netloc or not topic or "@" in parts.netloc:
        raise ConfigurationError(f"{text!r} is not an address: {_FORM}")
    servers = [each if ":" in each else f"{each}:9092" for each in parts.netloc.split(",") if each]
    return TopicAddress(",".join(servers), topic)


def find_silent(servers: str, timeout_s: float) -> str | None:
    """Why nobody can be reached; ``None`` if somebody listens at one of the servers.

    A client would go on trying for much longer.

    >>> find_silent("localhost:1", 1.0)
    'localhost:1: Connection refused'
    """
    reasons = []
    for server in servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout_s).close()
        except (OSError, ValueError) as error:
            reasons.append(f"{server}: {getattr(error, 'strerror', None) or error}")
        else:
            return None
    return "; ".join(reasons)
