"""Where files are: on local disks, or in an object store that ``pyarrow.fs`` can reach.

A path is what the user wrote: a plain path, ``file:///data/in`` or ``s3://bucket/in``. All calls
may block. What is missing raises ``FileNotFoundError``, whatever the store.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file that was found.

    Attributes:
        path: Path or URI, in the form in which the search began.
        size: Its size in bytes.
    """

    path: str
    size: int


class FileLock(Protocol):
    """A lock that is held."""

    def release(self) -> None:
        """Give it up, and remove its file."""


class FileStore(ABC):
    """Files by path."""

    #: Whether an unfinished file can be read back and continued: true of local disks only.
    can_resume: bool
    #: Whether reading a block takes so little time that the loop may wait for it.
    is_fast: bool

    @abstractmethod
    def list_files(self, path: str, accept: Callable[[str], bool]) -> Iterator[FileInfo]:
        """The file ``path``, or all files below folder ``path`` whose own name, and the names of
        the folders between, ``accept`` takes; in order of their paths."""

    @abstractmethod
    def size(self, path: str) -> int | None:
        """Size of a file in bytes; ``None`` if there is none."""

    @abstractmethod
    def open_input(self, path: str) -> BinaryIO:
        """Open a file for reading; it can seek."""

    @abstractmethod
    def create(self, path: str) -> BinaryIO:
        """Make a new file for writing, and the folders above it."""

    @abstractmethod
    def reopen(self, path: str) -> BinaryIO:
        """Open a file of ``create`` again, to write more at its end."""

    @abstractmethod
    def sync(self, stream: BinaryIO) -> None:
        """Make what was written to an open file of ``create`` durable."""

    @abstractmethod
    def copy_prefix(self, source: str, target: str, length: int) -> BinaryIO:
        """Make a new file of the first ``length`` bytes of another, open for writing more."""

    @abstractmethod
    def move(self, source: str, target: str) -> None:
        """Give a finished file its final path; folders are made. Whole or not at all."""

    @abstractmethod
    def sync_folder(self, path: str) -> None:
        """Make moves into folder ``path`` durable."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove a file; without effect if there is none."""

    @abstractmethod
    def remove_empty_folder(self, path: str) -> None:
        """Remove a folder if nothing is in it."""

    @abstractmethod
    def list_names(self, folder: str) -> list[str]:
        """Names of what is in a folder; none if there is no folder."""

    @abstractmethod
    def lock(self, path: str) -> FileLock:
        """Make a file and hold a lock on it, as a sign of life."""

    @abstractmethod
    def is_locked(self, path: str) -> bool:
        """Whether somebody alive holds the lock; true where that cannot be known."""

    @abstractmethod
    def join(self, folder: str, *names: str) -> str:
        """The path of something below a folder."""


def is_local(path: str) -> bool:
    """Whether a path names a local file.

    >>> is_local("/data/in"), is_local("file:///data/in"), is_local("s3://bucket/in")
    (True, True, False)
    """
    return "://" not in path or path.startswith("file://")


def shown_path(path: str) -> str:
    """A path for messages: keys may stand before the host of a URI, or in its query.

    >>> shown_path("s3://key:secret@bucket/in?region=eu-west-1"), shown_path("/data/in?")
    ('s3://bucket/in', '/data/in?')
    """
    if is_local(path):
        return path
    parts = urlsplit(path)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{unquote(parts.path)}"


def local_path(path: str) -> str:
    """The plain form of a local path.

    >>> local_path("file:///data/a%20b"), local_path("data/in")
    ('/data/a b', 'data/in')
    """
    return unquote(urlsplit(path).path) if path.startswith("file:/") else path


def parent_folder(path: str) -> str:
    """The folder a path is in."""
    return path.rpartition("/")[0]
