"""Part files nobody may read yet: where they are, what they are called, what a checkpoint holds.

All of them lie in one hidden folder below the sink's base path, so that cleaning up after a crash
lists one folder, and no reader stumbles over them:

    <base>/.flott-inprogress/.part-<uid>-<number>.inprogress.<owner>.<epoch>
    <base>/.flott-inprogress/.<uid>.lock

``uid`` is random for each writer, so names never collide after a restart or a change of
parallelism. ``owner`` tells jobs apart, ``epoch`` is the last checkpoint before the file was begun:
what checkpoint R holds was begun in an epoch before R. The writer keeps its lock file locked as
long as it lives.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

STAGING_FOLDER: Final = ".flott-inprogress"

_NAME: Final = re.compile(
    r"\..*-(?P<uid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+.*"
    r"\.inprogress\.(?P<owner>[0-9a-f]+)\.(?P<epoch>-?\d+)"
)


@dataclass(frozen=True, slots=True)
class PendingPart:
    """A finished part file that waits to be committed.

    Attributes:
        pending: Where it is.
        final: Where it goes.
        length: Its length in bytes.
        checkpoint_id: The checkpoint that first held it.
    """

    pending: str
    final: str
    length: int
    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class SupersededPart:
    """A file whose records have been copied to another; to be removed at the commit.

    Attributes:
        pending: Where it is.
        checkpoint_id: The checkpoint that holds the copy.
    """

    pending: str
    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class HeldPart:
    """A finished part file that waits for others, to be put together with them.

    Attributes:
        bucket_id: The folder it belongs to.
        pending: Where it is.
        final: Where it would go by itself.
        length: Its length in bytes.
        checkpoints: For how many checkpoints it has waited.
    """

    bucket_id: str
    pending: str
    final: str
    length: int
    checkpoints: int = 0


@dataclass(frozen=True, slots=True)
class JoinedPart:
    """Finished part files that are to be published as one.

    Attributes:
        parts: The files, in order; they go once the joined one is there.
        pending: Where the joined file is while it is written.
        final: Where it goes.
        checkpoint_id: The checkpoint that first held it.
    """

    parts: tuple[PendingPart, ...]
    pending: str
    final: str
    checkpoint_id: int


@dataclass(frozen=True, slots=True)
class OpenPart:
    """A part file that was being written at a checkpoint.

    Attributes:
        bucket_id: The folder it belongs to.
        pending: Where it is.
        final: Where it would have gone.
        length: How many of its bytes the checkpoint covers.
        creation_ms: When its first record was written, epoch milliseconds.
    """

    bucket_id: str
    pending: str
    final: str
    length: int
    creation_ms: int


@dataclass(frozen=True, slots=True)
class PartOrigin:
    """What the name of a part file that is not committed says.

    Attributes:
        uid: Its writer.
        owner: Its job's mark.
        epoch: The checkpoint after which it was begun.
    """

    uid: str
    owner: str
    epoch: int


def derive_owner(job_name: str, operator_id: str) -> str:
    """A mark for the sinks of a job that is the same in all its runs.

    >>> derive_owner("billing", "sink-1")
    'd2ec2d2c74b5'
    """
    return hashlib.sha256(f"{job_name}\0{operator_id}".encode()).hexdigest()[:12]


def pending_name(final_name: str, owner: str, epoch: int) -> str:
    """The name of a part file until it is committed."""
    return f".{final_name}.inprogress.{owner}.{epoch}"


def lock_name(uid: str) -> str:
    """The name of a writer's lock file."""
    return f".{uid}.lock"


def is_lock_name(name: str) -> bool:
    """Whether this is the name of a lock file."""
    return name.startswith(".") and name.endswith(".lock")


def parse_pending_name(name: str) -> PartOrigin | None:
    """What such a name says; ``None`` for other names.

    >>> uid = "81fc4980-a6af-41c8-9937-9939408a734b"
    >>> parse_pending_name(pending_name(f"part-{uid}-17.csv", "ab12", 4)).epoch
    4
    """
    match = _NAME.fullmatch(name)
    return PartOrigin(match["uid"], match["owner"], int(match["epoch"])) if match else None
