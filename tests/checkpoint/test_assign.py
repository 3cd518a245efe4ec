"""State dealt out to the subtasks of a starting job."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.checkpoint.assign import RestoreTarget, assign_state
from flott.checkpoint.manifest import Manifest, OperatorState
from flott.common.errors import RestoreError
from flott.core.element import SnapshotKind
from flott.core.key_group import key_group_range
from flott.core.snapshot import StateHandle, StateKind
from tests.checkpoint.memory_storage import handle


def chains(parallelism: int, max_parallelism: int = 16) -> list[StateHandle]:
    """A full part and two of changes for each subtask."""
    return [
        handle(
            f"chk-{number}/r-1-{subtask}.state",
            subtask=subtask,
            parallelism=parallelism,
            full=number == 1,
            key_groups=key_group_range(max_parallelism, parallelism, subtask),
        )
        for subtask in range(parallelism)
        for number in (1, 2, 3)
    ]


def stored(*handles: StateHandle, **changes: Any) -> Manifest:
    fields: dict[str, Any] = {"name": "Map", "parallelism": 2, "max_parallelism": 16, **changes}
    operator = OperatorState("op", handles=handles, **fields)
    return Manifest(7, 0, SnapshotKind.CHECKPOINT, "job", (operator,), "chk-7")


def target(parallelism: int = 2, max_parallelism: int = 16, fixed: bool = False) -> RestoreTarget:
    return RestoreTarget("op", "Map", parallelism, max_parallelism, fixed)


def test_at_the_same_parallelism_each_subtask_gets_its_own_chain() -> None:
    handles = chains(2)
    first, second = assign_state(stored(*handles), [target(2)])["op"].subtasks
    assert first.keyed == tuple(handles[:3])
    assert second.keyed == tuple(handles[3:])
    assert first.is_own_chain
    assert second.is_own_chain


@given(st.integers(1, 16), st.integers(1, 16))
def test_every_subtask_gets_all_chains_that_may_hold_its_keys(before: int, after: int) -> None:
    handles = chains(before)
    assigned = assign_state(stored(*handles), [target(after)])["op"]
    for subtask, state in enumerate(assigned.subtasks):
        groups = key_group_range(16, after, subtask)
        expected = [h for h in handles if h.key_groups and h.key_groups.intersects(groups)]
        assert state.keyed == tuple(expected)
        assert state.is_own_chain == all(
            (h.subtask, h.key_groups) == (subtask, groups) for h in expected
        )
        assert state.is_own_chain or before != after


def test_operator_state_goes_to_everybody() -> None:
    handles = [
        handle(f"chk-1/{i}", kind=StateKind.OPERATOR, subtask=i, key_groups=None) for i in range(3)
    ]
    assigned = assign_state(stored(*handles), [target(2)])["op"]
    assert [state.operator for state in assigned.subtasks] == [tuple(handles)] * 2
    assert not any(state.is_own_chain for state in assigned.subtasks)


def test_the_enumerators_state_is_handed_on() -> None:
    assert assign_state(stored(coordinator=b"x"), [target()])["op"].coordinator == b"x"


def test_operators_without_stored_state_are_left_out() -> None:
    new = RestoreTarget("new", "New", 1, 16)
    assert list(assign_state(stored(*chains(2)), [new, target()])) == ["op"]


def test_left_over_state_is_refused_by_name() -> None:
    with pytest.raises(RestoreError, match=r"checkpoint chk-7 .* 'Map' \(op\).*--allowNonRestored"):
        assign_state(stored(*chains(2)), [])


def test_left_over_state_may_be_dropped() -> None:
    assert assign_state(stored(*chains(2)), [], allow_non_restored_state=True) == {}


def test_an_operator_without_state_may_go() -> None:
    assert assign_state(stored(), []) == {}


def test_a_max_parallelism_nobody_set_is_taken_over() -> None:
    assigned = assign_state(stored(*chains(2)), [target(4, max_parallelism=128)])["op"]
    assert assigned.max_parallelism == 16
    assert assigned.subtasks[3].keyed[0].key_groups == key_group_range(16, 2, 1)


def test_a_max_parallelism_that_was_set_cannot_change() -> None:
    with pytest.raises(RestoreError, match=r"Map has max parallelism 128.*stored with 16.*to 16"):
        assign_state(stored(*chains(2)), [target(4, max_parallelism=128, fixed=True)])


def test_state_cannot_be_divided_further_than_its_key_groups() -> None:
    with pytest.raises(RestoreError, match=r"parallelism 17.*max parallelism 16.*Lower"):
        assign_state(stored(*chains(2)), [target(17, max_parallelism=128)])


def test_operator_state_does_not_care_about_max_parallelism() -> None:
    handles = [handle("chk-1/a", kind=StateKind.OPERATOR, key_groups=None)]
    assigned = assign_state(stored(*handles), [target(17, max_parallelism=128, fixed=True)])
    assert assigned["op"].max_parallelism == 128
