"""Complete checkpoints, the newest few of which are kept, and what may be deleted.

The rule: when checkpoint m is complete, every file of a checkpoint up to m goes that no kept one
refers to. It needs no book-keeping but a listing, and takes what aborted checkpoints and killed
runs left behind as well. Files of savepoints belong to the user and are never touched.

Why up to m: tasks may be writing files of later checkpoints. Why not fewer: a file up to m that m
does not refer to will not be referred to later, since chains only lose what they once left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flott.checkpoint.manifest import Manifest
from flott.checkpoint.paths import checkpoint_id_of, is_manifest, manifest_path


class CompletedCheckpoints:
    """The checkpoints that may be restored.

    Args:
        retained_max: How many are kept (``execution.checkpointing.num-retained``).
        restored: The checkpoint of this storage that the job started from, if its files are the
            job's own to delete once newer ones are complete.
    """

    def __init__(self, retained_max: int = 1, restored: Manifest | None = None) -> None:
        assert retained_max >= 1
        assert restored is None or not restored.is_savepoint
        self._retained_max = retained_max
        self._retained: list[Manifest] = [] if restored is None else [restored]

    @property
    def retained(self) -> tuple[Manifest, ...]:
        """Those kept, oldest first."""
        return tuple(self._retained)

    @property
    def latest(self) -> Manifest | None:
        """The newest, from which a failed job goes on."""
        return self._retained[-1] if self._retained else None

    def add(self, manifest: Manifest) -> None:
        """A checkpoint is complete: its manifest has been stored."""
        assert not manifest.is_savepoint, "savepoints are not used for recovery"
        assert self.latest is None or manifest.checkpoint_id > self.latest.checkpoint_id
        self._retained.append(manifest)
        del self._retained[: -self._retained_max]

    def garbage(self, listed: Iterable[str], kept_also: Sequence[Manifest] = ()) -> list[str]:
        """Of the files in storage those that may be deleted now, in the order to do so.

        Args:
            listed: All paths below the job's folder; it does no harm if the listing is old.
            kept_also: Checkpoints in this storage that belong to others.
        """
        if self.latest is None:
            return []
        return derive_garbage(listed, self.latest.checkpoint_id, (*self._retained, *kept_also))


def derive_garbage(listed: Iterable[str], newest_id: int, kept: Sequence[Manifest]) -> list[str]:
    """The paths of checkpoints up to ``newest_id`` to which no manifest of ``kept`` refers.

    Manifests come first, so that a deletion cut short leaves no manifest without its files.

    >>> derive_garbage(["chk-1/manifest", "chk-2/r-0-0.state", "savepoint-1-r/manifest"], 1, [])
    ['chk-1/manifest']
    """
    needed = {path for manifest in kept for path in manifest.paths()}
    needed.update(manifest_path(manifest.folder) for manifest in kept)
    garbage = [
        path
        for path in listed
        if (number := checkpoint_id_of(path)) is not None
        and number <= newest_id
        and path not in needed
    ]
    assert not needed.intersection(garbage)
    return sorted(garbage, key=lambda path: (not is_manifest(path), path))


def derive_disposal(listed: Iterable[str]) -> list[str]:
    """All files of checkpoints, for a job that ends and keeps none; savepoints stay."""
    disposed = [path for path in listed if checkpoint_id_of(path) is not None]
    return sorted(disposed, key=lambda path: (not is_manifest(path), path))
