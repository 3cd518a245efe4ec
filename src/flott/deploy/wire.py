"""What coordinator and worker processes say to each other beside the runtime's own messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """First words to a worker, on its standard input.

    Attributes:
        index: Number of the worker.
        secret: What both ends must know.
        coordinator: Path of the socket the coordinator listens on.
        directory: Folder for the sockets of this job.
        configuration: The job's options.
        storage_root: Where checkpoints go.
        import_path: ``sys.path`` of the program, so that its modules are found.
        incarnation: How often this worker has been started before.
        modules: What the plan needs; loaded before the worker says that it is there.
    """

    index: int
    secret: bytes
    coordinator: str
    directory: str
    configuration: dict[str, str]
    storage_root: str
    import_path: list[str]
    incarnation: int
    modules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WorkerStarted:
    """A worker listens for its peers on the socket ``address``."""

    index: int
    address: str


@dataclass(frozen=True, slots=True)
class Peers:
    """Where every worker listens; sent before each deployment."""

    addresses: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Credits:
    """Credit for the sending end of a channel."""

    channel: tuple[int, int, int, int]
    credits: int


@dataclass(frozen=True, slots=True)
class Program:
    """A message to a worker that holds objects of the user's, as ``programs`` pickles them."""

    data: bytes
