"""A part of a file to be read, and how far it has been read."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flott.connectors.files.store import shown_path


@dataclass(frozen=True, slots=True)
class FilePosition:
    """How far a file has been read: ``skip`` records beyond ``offset``.

    Attributes:
        offset: In a text file the byte, after decompression, at which a record begins; in a file of
            row groups the number of the group.
        skip: Records after that which have been read too.
        reported: Broken records before this byte have been reported; they may be ahead of the good
            ones, since a block's go out together.
    """

    offset: int
    skip: int
    reported: int = 0


@dataclass(frozen=True, slots=True)
class FileSplit:
    """The records that begin in a range of a file's bytes.

    Attributes:
        split_id: Path and start, for people.
        path: Path or URI of the file.
        start: First byte of the range.
        stop: The byte after the range.
        size: Size of the file when it was found, in bytes.
        position: How far the split has been read; ``None`` before the first record.
    """

    split_id: str
    path: str
    start: int
    stop: int
    size: int
    position: FilePosition | None = None

    @staticmethod
    def of(path: str, start: int, stop: int, size: int) -> FileSplit:
        """A split that nobody has read yet."""
        return FileSplit(f"{shown_path(path)}@{start}", path, start, stop, size)

    @property
    def place(self) -> str:
        """The file, for messages."""
        return shown_path(self.path)

    def at(self, position: FilePosition) -> FileSplit:
        """The same split, read up to ``position``."""
        return replace(self, position=position)
