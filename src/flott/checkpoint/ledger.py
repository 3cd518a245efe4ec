"""What one task has stored so far: the chains that its acknowledgements name.

    mode -> begin -> (upload) -> stored | failed        for each snapshot
    next_compaction -> (merge) -> compacted | compaction_failed

Changes build on the snapshot before them. So an acknowledgement leaves only when everything it
names is stored, also if uploads overtake each other; and if one fails, those that build on it fail
with it and the next snapshot is full. That a checkpoint was aborted for another task's sake does
not matter here: its files stay as long as a later checkpoint names them.

A merged part is not uploaded by itself but with the next snapshot, under that checkpoint's number.
Otherwise a checkpoint might complete in between that does not name the file yet, and have it
deleted as left over.

Savepoints are full, name only their own file, and leave the chains alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flott.checkpoint.compaction_policy import (
    CompactionChoice,
    CompactionPolicy,
    decide_compaction,
)
from flott.core.element import SnapshotKind
from flott.core.snapshot import StateHandle, StateKind, StatePart


@dataclass(frozen=True, slots=True)
class SnapshotMode:
    """How to ask an operator's keyed store: ``store.snapshot(mode.full, mode.detached)``."""

    full: bool
    detached: bool


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The task's part of a checkpoint is stored.

    Attributes:
        checkpoint_id: The checkpoint.
        handles: All state of the task, in the order of its operators, each chain oldest first.
    """

    checkpoint_id: int
    handles: tuple[StateHandle, ...]


@dataclass(frozen=True, slots=True)
class Compaction:
    """A stored chain, or the beginning of one, that is to be merged into one full part."""

    operator_id: str
    handles: tuple[StateHandle, ...]


@dataclass(slots=True, eq=False)
class _Piece:
    """A part on its way to storage."""

    handle: StateHandle | None = None
    failed: bool = False


@dataclass(slots=True)
class _Pending:
    """A snapshot that has not been acknowledged yet.

    Attributes:
        uploads: Pieces of its own, in the order of the parts to upload.
        view: Everything its acknowledgement names.
    """

    checkpoint_id: int
    uploads: list[_Piece]
    view: list[_Piece]

    @property
    def is_stored(self) -> bool:
        return all(piece.handle is not None for piece in self.view)


class TaskLedger:
    """What a task has stored.

    Args:
        operator_ids: The operators of the task's chain.
        incremental: Whether checkpoints may build on each other.
        restored: The keyed chains that the stores were restored from, of operators that may build
            on them: those whose subtask had the same key groups before, in the same storage.
        policy: When to compact.
    """

    def __init__(
        self,
        operator_ids: Sequence[str],
        *,
        incremental: bool = True,
        restored: Mapping[str, Sequence[StateHandle]] | None = None,
        policy: CompactionPolicy | None = None,
    ) -> None:
        self._operator_ids = tuple(operator_ids)
        self._incremental = incremental
        self._policy = policy or CompactionPolicy()
        self._chains: dict[str, list[_Piece]] = {}
        #: Operators whose recorded changes build on their chain.
        self._continued: set[str] = set()
        self._pending: list[_Pending] = []
        self._compacting: Compaction | None = None
        self._merged: StatePart | None = None
        for operator_id, handles in (restored or {}).items():
            assert operator_id in self._operator_ids
            assert not handles or handles[0].full
            self._chains[operator_id] = [_Piece(handle) for handle in handles]
            self._continued.add(operator_id)

    # -- snapshots

    def mode(self, operator_id: str, kind: SnapshotKind) -> SnapshotMode:
        """How to take the next snapshot of an operator's keyed state."""
        assert operator_id in self._operator_ids
        if kind is not SnapshotKind.CHECKPOINT:
            return SnapshotMode(full=True, detached=True)
        if not self._incremental or operator_id not in self._continued:
            return SnapshotMode(full=True, detached=False)
        choice = decide_compaction(self._stored_prefix(operator_id), self._policy)
        return SnapshotMode(full=choice is CompactionChoice.REWRITE, detached=False)

    def begin(
        self, checkpoint_id: int, kind: SnapshotKind, parts: Sequence[StatePart]
    ) -> list[StatePart]:
        """A snapshot has been taken. What to upload for it, merged parts included; may be empty,
        and then `stored` is to be called with no handles."""
        assert all(part.operator_id in self._operator_ids for part in parts)
        assert all(pending.checkpoint_id != checkpoint_id for pending in self._pending)
        uploads: list[tuple[StatePart, _Piece]] = [(part, _Piece()) for part in parts]
        if kind is SnapshotKind.CHECKPOINT:
            merged = self._take_merged()
            self._extend_chains(uploads)
            uploads.extend(merged)
            view = self._view(uploads)
        else:
            assert all(part.full for part in parts), "a savepoint is complete in itself"
            view = [piece for _, piece in uploads]
        self._pending.append(_Pending(checkpoint_id, [piece for _, piece in uploads], view))
        return [part for part, _ in uploads]

    def stored(self, checkpoint_id: int, handles: Sequence[StateHandle]) -> list[Acknowledgement]:
        """The upload is done; ``handles`` in the order `begin` gave the parts. The checkpoints
        that can be acknowledged now; none for one that has failed meanwhile."""
        pending = self._find(checkpoint_id)
        if pending is None:
            return []
        assert len(handles) == len(pending.uploads)
        for piece, handle in zip(pending.uploads, handles):
            piece.handle = handle
        ready = [one for one in self._pending if one.is_stored]
        self._pending = [one for one in self._pending if not one.is_stored]
        return [_acknowledgement(one) for one in ready]

    def failed(self, checkpoint_id: int) -> list[int]:
        """The upload failed, or the snapshot did. The checkpoints that can never be acknowledged
        because of it, itself first."""
        pending = self._find(checkpoint_id)
        if pending is None:
            return []
        lost = [pending]
        for one in lost:  # grows while it is iterated over
            for piece in one.uploads:
                piece.failed = True
            lost += [
                other
                for other in self._pending
                if other not in lost and any(piece.failed for piece in other.view)
            ]
        self._pending = [one for one in self._pending if one not in lost]
        for operator_id, chain in list(self._chains.items()):
            if any(piece.failed for piece in chain):
                del self._chains[operator_id]
                self._continued.discard(operator_id)
        return [one.checkpoint_id for one in lost]

    def forget_changes(self) -> None:
        """A snapshot was begun but not brought to `begin`, so recorded changes may be lost: the
        next one is full."""
        self._chains.clear()
        self._continued.clear()

    # -- compaction

    def next_compaction(self) -> Compaction | None:
        """A chain to merge in the background, if there is one worth it; one at a time."""
        if self._compacting is not None:
            return None
        for operator_id in self._operator_ids:
            prefix = self._stored_prefix(operator_id)
            if decide_compaction(prefix, self._policy) is CompactionChoice.MERGE:
                self._compacting = Compaction(operator_id, tuple(prefix))
                return self._compacting
        return None

    def compacted(self, part: StatePart) -> None:
        """The merged part of the compaction under way; goes with the next snapshot."""
        assert self._compacting is not None
        assert part.full
        assert part.operator_id == self._compacting.operator_id
        self._merged = part

    def compaction_failed(self) -> None:
        """The compaction under way came to nothing; the chain stays as it is."""
        assert self._compacting is not None
        self._compacting = None

    # -- inside

    def _find(self, checkpoint_id: int) -> _Pending | None:
        return next((one for one in self._pending if one.checkpoint_id == checkpoint_id), None)

    def _stored_prefix(self, operator_id: str) -> list[StateHandle]:
        prefix: list[StateHandle] = []
        for piece in self._chains.get(operator_id, ()):
            if piece.handle is None:
                break
            prefix.append(piece.handle)
        return prefix

    def _take_merged(self) -> list[tuple[StatePart, _Piece]]:
        """Put a finished compaction in the place of what it stands for."""
        if self._merged is None:
            return []
        assert self._compacting is not None
        part, compaction = self._merged, self._compacting
        self._merged = self._compacting = None
        prefix = self._stored_prefix(compaction.operator_id)
        replaced = len(compaction.handles)
        if tuple(prefix[:replaced]) != compaction.handles:
            return []  # a full snapshot came in between
        piece = _Piece()
        chain = self._chains[compaction.operator_id]
        self._chains[compaction.operator_id] = [piece, *chain[replaced:]]
        return [(part, piece)]

    def _extend_chains(self, uploads: Sequence[tuple[StatePart, _Piece]]) -> None:
        for part, piece in uploads:
            if part.kind is not StateKind.KEYED:
                continue
            if part.full:
                self._chains[part.operator_id] = [piece]
            else:
                assert part.operator_id in self._continued, "changes build on a chain"
                self._chains[part.operator_id] = [*self._chains[part.operator_id], piece]
        self._continued.update(self._operator_ids)

    def _view(self, uploads: Sequence[tuple[StatePart, _Piece]]) -> list[_Piece]:
        view: list[_Piece] = []
        for operator_id in self._operator_ids:
            view.extend(self._chains.get(operator_id, ()))
            view.extend(
                piece
                for part, piece in uploads
                if part.operator_id == operator_id and part.kind is StateKind.OPERATOR
            )
        return view


def _acknowledgement(pending: _Pending) -> Acknowledgement:
    handles = [piece.handle for piece in pending.view]
    return Acknowledgement(
        pending.checkpoint_id, tuple(handle for handle in handles if handle is not None)
    )
