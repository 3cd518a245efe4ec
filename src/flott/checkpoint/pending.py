"""A checkpoint under way, as the coordinator sees it: who has acknowledged, who is still to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from flott.checkpoint.manifest import Manifest, OperatorState
from flott.core.element import SnapshotKind
from flott.core.snapshot import StateHandle

#: A task: position of its vertex in the plan, index of the subtask.
TaskId = tuple[int, int]


class PendingStatus(Enum):
    """Where a pending checkpoint stands."""

    WAITING = "waiting"
    ACKNOWLEDGED = "acknowledged"
    """By everybody: write the manifest."""
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class OperatorFacts:
    """What a manifest says about an operator besides its state."""

    operator_id: str
    name: str
    parallelism: int
    max_parallelism: int


class PendingCheckpoint:
    """One checkpoint from its trigger to its last acknowledgement.

    Messages may come twice or late; what comes after the end, or from a task that is not asked,
    changes nothing.

    Args:
        checkpoint_id: Its number.
        timestamp_ms: When it was triggered.
        kind: Checkpoint or savepoint.
        folder: Where its manifest goes.
        tasks: The tasks that must acknowledge: all that have not ended.
        coordinators: Operators whose half at the coordinator must give its state, too.
    """

    def __init__(
        self,
        checkpoint_id: int,
        timestamp_ms: int,
        kind: SnapshotKind,
        folder: str,
        tasks: Iterable[TaskId],
        coordinators: Iterable[str] = (),
    ) -> None:
        assert checkpoint_id > 0
        self.checkpoint_id = checkpoint_id
        self.timestamp_ms = timestamp_ms
        self.kind = kind
        self.folder = folder
        self.abort_reason = ""
        self._waiting_tasks = set(tasks)
        self._waiting_coordinators = set(coordinators)
        self._handles: dict[TaskId, tuple[StateHandle, ...]] = {}
        self._coordinator_states: dict[str, bytes] = {}
        self._aborted = False

    @property
    def status(self) -> PendingStatus:
        """Where it stands."""
        if self._aborted:
            return PendingStatus.ABORTED
        if self._waiting_tasks or self._waiting_coordinators:
            return PendingStatus.WAITING
        return PendingStatus.ACKNOWLEDGED

    @property
    def waiting_tasks(self) -> frozenset[TaskId]:
        """Tasks that have not acknowledged yet."""
        return frozenset(self._waiting_tasks)

    def acknowledge(self, task: TaskId, handles: Sequence[StateHandle]) -> bool:
        """A task has stored its part; whether that was the last thing missing."""
        if self._aborted or task not in self._waiting_tasks:
            return False
        self._waiting_tasks.remove(task)
        self._handles[task] = tuple(handles)
        return self.status is PendingStatus.ACKNOWLEDGED

    def acknowledge_coordinator(self, operator_id: str, state: bytes) -> bool:
        """An operator's half at the coordinator gave its state; whether that was the last thing
        missing."""
        if self._aborted or operator_id not in self._waiting_coordinators:
            return False
        self._waiting_coordinators.remove(operator_id)
        self._coordinator_states[operator_id] = state
        return self.status is PendingStatus.ACKNOWLEDGED

    def abort(self, reason: str) -> bool:
        """It will never complete; whether it could have until now."""
        if self._aborted:
            return False
        self._aborted = True
        self.abort_reason = reason
        return True

    def to_manifest(self, job_name: str, operators: Sequence[OperatorFacts]) -> Manifest:
        """The manifest, once everybody has acknowledged."""
        assert self.status is PendingStatus.ACKNOWLEDGED
        by_operator: Mapping[str, list[StateHandle]] = {one.operator_id: [] for one in operators}
        for _, handles in sorted(self._handles.items()):
            for handle in handles:
                by_operator[handle.operator_id].append(handle)
        assert self._coordinator_states.keys() <= by_operator.keys()
        return Manifest(
            checkpoint_id=self.checkpoint_id,
            timestamp_ms=self.timestamp_ms,
            kind=self.kind,
            job_name=job_name,
            operators=tuple(
                OperatorState(
                    operator_id=one.operator_id,
                    name=one.name,
                    parallelism=one.parallelism,
                    max_parallelism=one.max_parallelism,
                    handles=tuple(by_operator[one.operator_id]),
                    coordinator=self._coordinator_states.get(one.operator_id),
                )
                for one in operators
            ),
            folder=self.folder,
        )
