"""What paths below a checkpoint storage may look like, wherever it is."""

from __future__ import annotations

from typing import Final

#: Names of files that are being written, or were when a process died; never read.
TEMPORARY_PREFIX: Final = ".writing-"


def check_path(path: str) -> str:
    """``path`` itself, if it stays below the root of a storage.

    Raises:
        ValueError: It is absolute, empty, or leads out of the root.

    >>> check_path("chk-1/manifest")
    'chk-1/manifest'
    """
    parts = path.split("/")
    if "\\" in path or "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{path!r} is not a path below a checkpoint storage")
    return path
