"""What a starting job does with the checkpoints it finds.

Facts in, one of three outcomes out: start without state, start from a manifest, or refuse. A
damaged checkpoint is named and passed over for the one before; a job never starts empty because all
were damaged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from flott.checkpoint.manifest import Manifest, decode_manifest
from flott.checkpoint.paths import checkpoint_id_of, folder_of, is_manifest, used_number_of
from flott.common.errors import DamagedCheckpointError
from flott.core.storage import CheckpointStorage


class ClaimMode(Enum):
    """Who owns the files of the snapshot a user names to start from
    (``execution.state-recovery.claim-mode``)."""

    NO_CLAIM = "NO_CLAIM"
    """The user; the job never deletes them, and its first checkpoint refers to none of them."""
    CLAIM = "CLAIM"
    """The job, which deletes them when it needs them no more."""


@dataclass(frozen=True, slots=True)
class FoundCheckpoint:
    """A manifest in storage, or what is left of it.

    Attributes:
        path: The manifest's path.
        manifest: Its content; ``None`` if it is damaged.
        damage: What is wrong with it or a file it refers to; empty if nothing is known.
    """

    path: str
    manifest: Manifest | None
    damage: str = ""


@dataclass(frozen=True, slots=True)
class StartFresh:
    """There is nothing to restore.

    Attributes:
        next_checkpoint_id: The number of the first checkpoint.
    """

    next_checkpoint_id: int = 1


@dataclass(frozen=True, slots=True)
class RestoreFrom:
    """Start from this checkpoint or savepoint.

    Attributes:
        manifest: What to restore.
        next_checkpoint_id: The number of the next checkpoint, above any in storage.
        claimed: Whether its files are the job's own.
        skipped: Newer checkpoints that are damaged; to be reported.
    """

    manifest: Manifest
    next_checkpoint_id: int
    claimed: bool
    skipped: tuple[FoundCheckpoint, ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """The job cannot start.

    Attributes:
        reason: Why, and what to do about it.
        skipped: The damaged checkpoints.
    """

    reason: str
    skipped: tuple[FoundCheckpoint, ...] = ()


RestoreDecision = StartFresh | RestoreFrom | Refuse


def decide_restore(
    found: Sequence[FoundCheckpoint],
    *,
    listed: Iterable[str] = (),
    requested: FoundCheckpoint | None = None,
    claim_mode: ClaimMode = ClaimMode.NO_CLAIM,
) -> RestoreDecision:
    """Say what a starting or restarting job does.

    Args:
        found: Checkpoints in the job's own storage, in any order. They are newer than
            ``requested``, so they go first: the job has run before.
        listed: All paths in the job's storage, complete checkpoints or not; numbers that occur in
            them are not used again. Those of savepoints count as well: a job that was stopped
            with one has committed under its number, and sinks tell commits by number.
        requested: What the user named to start from.
        claim_mode: Who owns the files of ``requested``.
    """
    own = [one for one in found if checkpoint_id_of(one.path) is not None]
    paths = (*listed, *(one.path for one in found))
    next_id = 1 + max(map(used_number_of, paths), default=0)
    skipped: list[FoundCheckpoint] = []
    for one in sorted(own, key=lambda one: used_number_of(one.path), reverse=True):
        if one.manifest is not None and not one.damage:
            return RestoreFrom(one.manifest, next_id, claimed=True, skipped=tuple(skipped))
        skipped.append(one)
    if skipped:
        return Refuse(_text_for_all_damaged(skipped), tuple(skipped))
    if requested is None:
        return StartFresh(next_id)
    manifest = requested.manifest
    if manifest is None or requested.damage:
        return Refuse(
            f"{requested.path} cannot be restored: {requested.damage}. Name an older checkpoint "
            "or savepoint, or start without state.",
            (requested,),
        )
    next_id = max(next_id, manifest.checkpoint_id + 1)
    return RestoreFrom(manifest, next_id, claimed=claim_mode is ClaimMode.CLAIM)


def find_checkpoints(storage: CheckpointStorage, listed: Iterable[str]) -> list[FoundCheckpoint]:
    """Read the manifests of all checkpoints among ``listed`` paths; blocks.

    Raises:
        OSError: Storage cannot be read.
    """
    manifests = [path for path in listed if is_manifest(path)]
    return [read_manifest(storage, path) for path in manifests if checkpoint_id_of(path)]


def read_manifest(storage: CheckpointStorage, path: str) -> FoundCheckpoint:
    """Read one manifest; blocks. What is wrong with it is in the result.

    Raises:
        OSError: Storage cannot be read.
    """
    try:
        manifest = decode_manifest(storage.read(path), path)
    except FileNotFoundError:
        folder = folder_of(path) or "this folder"
        return FoundCheckpoint(path, None, f"there is no manifest in {folder}")
    except DamagedCheckpointError as error:
        return FoundCheckpoint(path, None, error.reason)
    number = checkpoint_id_of(path)
    if number is not None and number != manifest.checkpoint_id:
        damage = f"it is the manifest of checkpoint {manifest.checkpoint_id}, moved here"
        return FoundCheckpoint(path, None, damage)
    return FoundCheckpoint(path, manifest)


def _text_for_all_damaged(skipped: Sequence[FoundCheckpoint]) -> str:
    lines = "; ".join(f"{one.path}: {one.damage}" for one in skipped)
    return (
        f"None of the job's checkpoints can be restored ({lines}). Name a savepoint to start "
        "from, or remove the checkpoints to start without state."
    )
