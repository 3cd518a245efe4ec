"""Which subtask gets which state, when a job starts from a manifest.

State is found by operator id. Keyed state goes to every subtask whose key groups a handle may hold,
operator state to all subtasks, which take their share of it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flott.checkpoint.manifest import Manifest, OperatorState
from flott.common.errors import RestoreError
from flott.core.key_group import key_group_range
from flott.core.snapshot import StateHandle, StateKind


@dataclass(frozen=True, slots=True)
class RestoreTarget:
    """An operator of the starting job.

    Attributes:
        operator_id: State is found by it.
        name: For error messages.
        parallelism: Number of subtasks.
        max_parallelism: Number of key groups.
        has_fixed_max_parallelism: Whether the user set it; if not, that of the state is taken.
    """

    operator_id: str
    name: str
    parallelism: int
    max_parallelism: int
    has_fixed_max_parallelism: bool = False


@dataclass(frozen=True, slots=True)
class SubtaskState:
    """The handles from which one subtask of an operator starts.

    Attributes:
        keyed: Chains of former subtasks, each oldest first.
        operator: Operator state of all former subtasks.
        is_own_chain: Whether ``keyed`` is the chain of this very subtask at the same parallelism,
            so that incremental checkpoints may build on it.
    """

    keyed: tuple[StateHandle, ...] = ()
    operator: tuple[StateHandle, ...] = ()
    is_own_chain: bool = False


@dataclass(frozen=True, slots=True)
class AssignedState:
    """The state of an operator, dealt out.

    Attributes:
        subtasks: By index.
        max_parallelism: Number of key groups the operator must have.
        coordinator: State of its half at the coordinator.
    """

    subtasks: tuple[SubtaskState, ...]
    max_parallelism: int
    coordinator: bytes | None = None


def assign_state(
    manifest: Manifest, targets: Sequence[RestoreTarget], *, allow_non_restored_state: bool = False
) -> Mapping[str, AssignedState]:
    """Deal out the state of ``manifest`` to the operators of a job, by operator id; operators for
    which it has nothing are left out.

    Raises:
        RestoreError: State is left over, or does not fit the job's parallelism.
    """
    assert len({target.operator_id for target in targets}) == len(targets)
    stored = {one.operator_id: one for one in manifest.operators if one.has_state}
    wanted = {target.operator_id for target in targets}
    left_over = [one for one in stored.values() if one.operator_id not in wanted]
    if left_over and not allow_non_restored_state:
        raise RestoreError(_text_for_left_over(manifest, left_over))
    return {
        target.operator_id: _assign(stored[target.operator_id], target)
        for target in targets
        if target.operator_id in stored
    }


def _assign(stored: OperatorState, target: RestoreTarget) -> AssignedState:
    keyed = [handle for handle in stored.handles if handle.kind is StateKind.KEYED]
    max_parallelism = target.max_parallelism
    if keyed:
        max_parallelism = _agreed_max_parallelism(stored, target)
    operator = tuple(handle for handle in stored.handles if handle.kind is StateKind.OPERATOR)
    subtasks = tuple(
        _subtask_state(keyed, operator, max_parallelism, target.parallelism, subtask)
        for subtask in range(target.parallelism)
    )
    return AssignedState(subtasks, max_parallelism, stored.coordinator)


def _subtask_state(
    keyed: Sequence[StateHandle],
    operator: tuple[StateHandle, ...],
    max_parallelism: int,
    parallelism: int,
    subtask: int,
) -> SubtaskState:
    groups = key_group_range(max_parallelism, parallelism, subtask)
    mine = []
    for handle in keyed:
        assert handle.key_groups is not None, "keyed state belongs to key groups"
        if handle.key_groups.intersects(groups):
            mine.append(handle)
    assert not mine or mine[0].full, "a chain begins with a full part"
    is_own_chain = bool(mine) and all(
        (handle.subtask, handle.key_groups) == (subtask, groups) for handle in mine
    )
    return SubtaskState(tuple(mine), operator, is_own_chain)


def _agreed_max_parallelism(stored: OperatorState, target: RestoreTarget) -> int:
    if stored.max_parallelism == target.max_parallelism:
        return stored.max_parallelism
    if target.has_fixed_max_parallelism:
        raise RestoreError(
            f"Operator {target.name} has max parallelism {target.max_parallelism}, and its state "
            f"was stored with {stored.max_parallelism}. Keys belong to key groups for ever, so the "
            f"number cannot change: set it to {stored.max_parallelism}, or start without state."
        )
    if target.parallelism > stored.max_parallelism:
        raise RestoreError(
            f"Operator {target.name} is to run with parallelism {target.parallelism}, and its "
            f"state was stored with max parallelism {stored.max_parallelism}, which is the most it "
            "can be divided into. Lower the parallelism, or start without state."
        )
    return stored.max_parallelism


def _text_for_left_over(manifest: Manifest, left_over: Sequence[OperatorState]) -> str:
    names = ", ".join(f"'{one.name}' ({one.operator_id})" for one in left_over)
    word = "savepoint" if manifest.is_savepoint else "checkpoint"
    return (
        f"The {word} {manifest.folder} has state of operators that the job does not have: {names}. "
        "Operators are told by their uid: give them back the one they had, or allow the state to "
        "be dropped with --allowNonRestoredState (execution.state-recovery."
        "ignore-unclaimed-state: true)."
    )
