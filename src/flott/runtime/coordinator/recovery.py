"""What a job starts from: finds the newest whole checkpoint and deals out its state."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flott.checkpoint.assign import AssignedState, RestoreTarget, assign_state
from flott.checkpoint.manifest import Manifest
from flott.checkpoint.paths import is_manifest, manifest_path
from flott.checkpoint.restore import (
    ClaimMode,
    FoundCheckpoint,
    Refuse,
    RestoreDecision,
    StartFresh,
    decide_restore,
    find_checkpoints,
    read_manifest,
)
from flott.common.configuration import Configuration
from flott.common.errors import RestoreError
from flott.common.options import checkpointing as options
from flott.common.options import pipeline
from flott.core.storage import CheckpointStorage
from flott.plan.job_plan import JobPlan
from flott.runtime.coordinator.services import CoordinatorServices
from flott.runtime.messages import RestoreHandles, TaskId


@dataclass(frozen=True, slots=True)
class RestoredJob:
    """What a deployment begins with.

    Attributes:
        plan: The plan, with the max parallelism that the state asks for.
        next_checkpoint_id: The number of the next checkpoint.
        checkpoint_id: The checkpoint it starts from; ``None`` on a fresh start.
        own: Its manifest, if it lies in the job's own storage.
        root: The storage it lies in; ``None`` for the job's own.
        claimed: Its manifest, if it lies elsewhere and the job may delete it later.
        tasks: Handles by task and operator.
        coordinators: State of enumerators by operator.
        skipped: Damaged checkpoints that were passed over.
        has_drained: Whether the job was about to end, all results out: it only has to end.
    """

    plan: JobPlan
    next_checkpoint_id: int
    checkpoint_id: int | None = None
    own: Manifest | None = None
    root: str | None = None
    claimed: Manifest | None = None
    tasks: Mapping[TaskId, Mapping[str, RestoreHandles]] = field(default_factory=dict)
    coordinators: Mapping[str, Any] = field(default_factory=dict)
    skipped: tuple[FoundCheckpoint, ...] = ()
    has_drained: bool = False


class Recovery:
    """Chooses what to restore, and remembers what proved to be damaged."""

    def __init__(
        self, plan: JobPlan, configuration: Configuration, services: CoordinatorServices
    ) -> None:
        self._plan = plan
        self._configuration = configuration
        self._services = services
        self._damage: dict[tuple[str | None, str], str] = {}
        self._chosen: tuple[str | None, str] | None = None

    def note_damage(self, reason: str) -> None:
        """A file of the checkpoint that was chosen last turned out to be damaged."""
        assert self._chosen is not None
        self._damage[self._chosen] = reason

    def restore(self) -> RestoredJob:
        """Find what to start from; blocks.

        Raises:
            RestoreError: What was asked for cannot be restored, or does not fit the program.
        """
        self._chosen = None
        storage = self._services.storage
        listed = storage.list_paths("")
        own = self._marked(None, find_checkpoints(storage, listed))
        decision = decide_restore(own, listed=listed)
        requested = self._configuration.get(options.SAVEPOINT_PATH)
        if isinstance(decision, StartFresh) and requested is not None:
            root, found = self._requested(requested)
            foreign = self._decide_requested(found, requested)
            return self._dealt_out(foreign, root, decision.next_checkpoint_id)
        return self._dealt_out(decision, None, 1)

    def _requested(self, path: str) -> tuple[str, list[FoundCheckpoint]]:
        """The snapshot at ``path``, or all checkpoints of the job whose folder it is."""
        path = path.rstrip("/")
        if is_manifest(path):
            path = path.rpartition("/")[0]
        root, _, folder = path.rpartition("/")
        parent = self._services.open_storage(root or "/")
        found = read_manifest(parent, manifest_path(folder))
        if found.manifest is None:
            inside = self._services.open_storage(path)
            checkpoints = find_checkpoints(inside, _listed(inside))
            if checkpoints:
                return path, self._marked(path, checkpoints)
        return root or "/", self._marked(root or "/", [found])

    def _decide_requested(self, found: list[FoundCheckpoint], path: str) -> RestoreDecision:
        mode = self._configuration.get(options.RESTORE_MODE)
        claim = ClaimMode.CLAIM if mode == "CLAIM" else ClaimMode.NO_CLAIM
        if len(found) == 1:
            return decide_restore([], requested=found[0], claim_mode=claim)
        decision = decide_restore(found)
        assert not isinstance(decision, StartFresh), path
        return decision

    def _marked(self, root: str | None, found: list[FoundCheckpoint]) -> list[FoundCheckpoint]:
        return [
            replace(one, damage=self._damage[(root, one.path)])
            if (root, one.path) in self._damage
            else one
            for one in found
        ]

    def _dealt_out(
        self, decision: RestoreDecision, root: str | None, least_next_id: int
    ) -> RestoredJob:
        if isinstance(decision, Refuse):
            raise RestoreError(decision.reason)
        next_id = max(decision.next_checkpoint_id, least_next_id)
        if isinstance(decision, StartFresh):
            return RestoredJob(self._plan, next_id)
        manifest = decision.manifest
        self._chosen = (root, manifest_path(manifest.folder))
        assigned = assign_state(
            manifest,
            self._targets(),
            allow_non_restored_state=self._configuration.get(
                options.SAVEPOINT_IGNORE_UNCLAIMED_STATE
            ),
        )
        return RestoredJob(
            _with_max_parallelism(self._plan, assigned),
            next_id,
            manifest.checkpoint_id,
            manifest if root is None else None,
            root,
            manifest if root is not None and decision.claimed else None,
            self._handles(assigned, own_storage=root is None),
            {
                operator_id: pickle.loads(state.coordinator)
                for operator_id, state in assigned.items()
                if state.coordinator is not None
            },
            decision.skipped,
            # Who starts from it elsewhere, by name, wants to go on.
            has_drained=manifest.has_drained and root is None,
        )

    def _targets(self) -> list[RestoreTarget]:
        is_fixed = self._configuration.get(pipeline.MAX_PARALLELISM) > 0
        return [
            RestoreTarget(
                operator.operator_id,
                operator.name,
                vertex.parallelism,
                vertex.max_parallelism,
                is_fixed,
            )
            for vertex in self._plan.vertices
            for operator in vertex.chain
        ]

    def _handles(
        self, assigned: Mapping[str, AssignedState], own_storage: bool
    ) -> dict[TaskId, dict[str, RestoreHandles]]:
        tasks: dict[TaskId, dict[str, RestoreHandles]] = {}
        for vertex in self._plan.vertices:
            for operator in vertex.chain:
                state = assigned.get(operator.operator_id)
                if state is None:
                    continue
                for subtask, share in enumerate(state.subtasks):
                    handles = RestoreHandles(
                        share.keyed, share.operator, share.is_own_chain and own_storage
                    )
                    task = TaskId(vertex.vertex_id, subtask)
                    tasks.setdefault(task, {})[operator.operator_id] = handles
        return tasks


def _listed(storage: CheckpointStorage) -> list[str]:
    return storage.list_paths("")


def _with_max_parallelism(plan: JobPlan, assigned: Mapping[str, AssignedState]) -> JobPlan:
    """The plan with as many key groups as the state was stored with."""
    vertices = []
    for vertex in plan.vertices:
        wanted = [
            assigned[operator.operator_id].max_parallelism
            for operator in vertex.chain
            if operator.operator_id in assigned
            and any(share.keyed for share in assigned[operator.operator_id].subtasks)
        ]
        vertices.append(replace(vertex, max_parallelism=wanted[0]) if wanted else vertex)
    return replace(plan, vertices=tuple(vertices))
