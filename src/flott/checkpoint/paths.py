"""Where the files of a checkpoint are, below the folder of the job.

    chk-7/manifest                        written last: with it the checkpoint is complete
    chk-7/<run>-<vertex>-<subtask>.state  state of one task, several operators in one file
    savepoint-7-<run>/...                 the same for a savepoint, which depends on no other file

A file carries the number of the checkpoint for which it was written; checkpoints after it may refer
to it. ``run`` is new with every start and restart of the job, so that a task of a former run, still
alive somewhere, never writes to a file of the present one.
"""

from __future__ import annotations

import re
from typing import Final

MANIFEST_NAME: Final = "manifest"
_CHECKPOINT_FOLDER: Final = re.compile(r"chk-([1-9][0-9]*)")
_SAVEPOINT_FOLDER: Final = re.compile(r"savepoint-([1-9][0-9]*)-[A-Za-z0-9_]+")
_RUN: Final = re.compile(r"[A-Za-z0-9_]+")


def checkpoint_folder(checkpoint_id: int) -> str:
    """The folder of a checkpoint.

    >>> checkpoint_folder(7)
    'chk-7'
    """
    assert checkpoint_id > 0, "checkpoints are numbered from 1"
    return f"chk-{checkpoint_id}"


def savepoint_folder(checkpoint_id: int, run: str) -> str:
    """The folder of a savepoint, beside others that other jobs may have put there.

    >>> savepoint_folder(7, "a1b2c3")
    'savepoint-7-a1b2c3'
    """
    assert _RUN.fullmatch(run), run
    return f"savepoint-{checkpoint_id}-{run}"


def manifest_path(folder: str) -> str:
    """The manifest in a folder; ``""`` is the folder that storage begins with."""
    return f"{folder}/{MANIFEST_NAME}" if folder else MANIFEST_NAME


def task_file_path(folder: str, run: str, vertex_id: int, subtask: int) -> str:
    """The file of a task.

    >>> task_file_path("chk-7", "a1b2c3", 0, 1)
    'chk-7/a1b2c3-0-1.state'
    """
    assert _RUN.fullmatch(run), run
    assert vertex_id >= 0
    assert subtask >= 0
    return f"{folder}/{run}-{vertex_id}-{subtask}.state"


def checkpoint_id_of(path: str) -> int | None:
    """The number of the checkpoint for which a file was written; ``None`` if it is not a file of a
    checkpoint, such as one of a savepoint.

    >>> checkpoint_id_of("chk-7/manifest"), checkpoint_id_of("savepoint-7-a1b2c3/manifest")
    (7, None)
    """
    folder, slash, name = path.partition("/")
    match = _CHECKPOINT_FOLDER.fullmatch(folder)
    return int(match[1]) if match and slash and name else None


def used_number_of(path: str) -> int:
    """The number that the checkpoint or savepoint of a file has used up; 0 if it is of neither.

    >>> used_number_of("chk-7/manifest"), used_number_of("savepoint-8-a1b2c3/manifest")
    (7, 8)
    """
    folder = path.partition("/")[0]
    match = _CHECKPOINT_FOLDER.fullmatch(folder) or _SAVEPOINT_FOLDER.fullmatch(folder)
    return int(match[1]) if match else 0


def folder_of(path: str) -> str:
    """What stands before the last ``/``; ``""`` if there is none."""
    return path.rpartition("/")[0]


def is_manifest(path: str) -> bool:
    """Whether this is a manifest, by its name."""
    return path.rpartition("/")[2] == MANIFEST_NAME
