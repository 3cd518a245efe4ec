"""What a task knows of what it has stored."""

from __future__ import annotations

from typing import Any

import pytest

from flott.checkpoint.compaction_policy import CompactionPolicy
from flott.checkpoint.ledger import Compaction, SnapshotMode, TaskLedger
from flott.checkpoint.task_file import encode_task_file
from flott.core.element import SnapshotKind
from flott.core.snapshot import StateHandle, StatePart
from tests.checkpoint.memory_storage import GROUPS, keyed_part, operator_part

CHECKPOINT = SnapshotKind.CHECKPOINT
FULL = SnapshotMode(full=True, detached=False)
CHANGES = SnapshotMode(full=False, detached=False)


def stored_as(checkpoint_id: int, parts: list[StatePart]) -> tuple[StateHandle, ...]:
    file = encode_task_file(
        parts,
        path=f"chk-{checkpoint_id}/r-0-0.state",
        checkpoint_id=checkpoint_id,
        subtask=0,
        parallelism=1,
        key_groups=GROUPS,
        inline_bytes_max=0,
    )
    return file.handles


class Task:
    """A ledger whose uploads the test ends in any order."""

    def __init__(self, *operator_ids: str, **options: Any) -> None:
        self.ledger = TaskLedger(operator_ids or ("op",), **options)
        self.uploads: dict[int, list[StatePart]] = {}

    def begin(self, number: int, *parts: StatePart, kind: SnapshotKind = CHECKPOINT) -> None:
        self.uploads[number] = self.ledger.begin(number, kind, parts)

    def finish(self, number: int) -> dict[int, list[str]]:
        """Checkpoints acknowledged because this upload ended, with the names of their handles."""
        handles = stored_as(number, self.uploads[number])
        acknowledged = self.ledger.stored(number, handles)
        return {a.checkpoint_id: [name(handle) for handle in a.handles] for a in acknowledged}

    def store(self, number: int, *parts: StatePart) -> list[str]:
        self.begin(number, *parts)
        return self.finish(number)[number]

    def mode(self, kind: SnapshotKind = CHECKPOINT, operator_id: str = "op") -> SnapshotMode:
        return self.ledger.mode(operator_id, kind)


def name(handle: StateHandle) -> str:
    return f"{handle.operator_id}:{handle.checkpoint_id}{'' if handle.full else '+'}"


def changes(size: int = 1, operator_id: str = "op") -> StatePart:
    return keyed_part(b"c" * size, full=False, operator_id=operator_id)


def base(size: int = 100, operator_id: str = "op") -> StatePart:
    return keyed_part(b"b" * size, operator_id=operator_id)


def test_the_first_snapshot_is_full_and_later_ones_are_changes() -> None:
    task = Task()
    assert task.mode() == FULL
    task.begin(1, base())
    assert task.mode() == CHANGES


def test_an_acknowledgement_names_the_whole_chain() -> None:
    task = Task()
    assert task.store(1, base()) == ["op:1"]
    assert task.store(2, changes()) == ["op:1", "op:2+"]
    assert task.store(3) == ["op:1", "op:2+"]
    assert task.store(4, changes()) == ["op:1", "op:2+", "op:4+"]


def test_a_full_part_begins_a_new_chain() -> None:
    task = Task()
    task.store(1, base())
    task.store(2, changes())
    assert task.store(3, base()) == ["op:3"]


def test_operator_state_is_named_only_by_its_own_checkpoint() -> None:
    task = Task()
    assert task.store(1, base(), operator_part(b"o")) == ["op:1", "op:1"]
    assert task.store(2, operator_part(b"p")) == ["op:1", "op:2"]
    assert task.store(3) == ["op:1"]


def test_operators_of_a_task_have_chains_of_their_own() -> None:
    task = Task("a", "b")
    task.store(1, base(operator_id="a"), base(operator_id="b"))
    assert task.store(2, changes(operator_id="b")) == ["a:1", "b:1", "b:2+"]


def test_an_operator_without_keyed_state_has_none_to_name() -> None:
    task = Task("a", "b")
    assert task.store(1, base(operator_id="b")) == ["b:1"]
    assert task.store(2, base(operator_id="a")) == ["a:2", "b:1"]


def test_without_increments_every_snapshot_is_full() -> None:
    task = Task(incremental=False)
    task.store(1, base())
    assert task.mode() == FULL


def test_uploads_that_overtake_each_other_are_acknowledged_in_order() -> None:
    task = Task()
    for number, part in [(1, base()), (2, changes()), (3, changes())]:
        task.begin(number, part)
    assert task.finish(3) == {}
    assert task.finish(1) == {1: ["op:1"]}
    assert task.finish(2) == {2: ["op:1", "op:2+"], 3: ["op:1", "op:2+", "op:3+"]}


def test_after_a_failed_upload_the_next_snapshot_is_full() -> None:
    task = Task()
    task.store(1, base())
    task.begin(2, changes())
    assert task.ledger.failed(2) == [2]
    assert task.mode() == FULL
    assert task.store(3, base()) == ["op:3"]


def test_what_builds_on_a_failed_upload_fails_with_it() -> None:
    task = Task()
    for number, part in [(1, base()), (2, changes()), (3, changes())]:
        task.begin(number, part)
    task.finish(1)
    assert task.ledger.failed(2) == [2, 3]
    assert task.finish(3) == {}
    assert task.ledger.failed(3) == []


def test_a_full_snapshot_does_not_build_on_a_failed_one() -> None:
    task = Task()
    task.begin(1, base())
    task.begin(2, base())
    assert task.ledger.failed(1) == [1]
    assert task.mode() == CHANGES
    assert task.finish(2) == {2: ["op:2"]}


def test_a_chain_whose_part_failed_with_another_operators_is_begun_anew() -> None:
    task = Task("a", "b")
    task.begin(1, base(operator_id="b"))
    task.begin(2, base(operator_id="a"), changes(operator_id="b"))
    assert task.ledger.failed(1) == [1, 2]
    assert task.mode(operator_id="a") == FULL
    assert task.store(3, base(operator_id="a"), base(operator_id="b")) == ["a:3", "b:3"]


def test_savepoints_are_full_and_name_their_own_parts_only() -> None:
    task = Task()
    task.store(1, base())
    assert task.mode(SnapshotKind.SAVEPOINT) == SnapshotMode(full=True, detached=True)
    task.begin(2, base(), operator_part(b"o"), kind=SnapshotKind.SAVEPOINT)
    assert task.mode() == CHANGES
    assert task.finish(2) == {2: ["op:2", "op:2"]}
    assert task.store(3, changes()) == ["op:1", "op:3+"]


def test_a_failed_savepoint_leaves_the_chain_alone() -> None:
    task = Task()
    task.store(1, base())
    task.begin(2, base(), kind=SnapshotKind.SAVEPOINT)
    assert task.ledger.failed(2) == [2]
    assert task.mode() == CHANGES


def test_a_savepoint_does_not_wait_for_the_uploads_before_it() -> None:
    task = Task()
    task.begin(1, base())
    task.begin(2, base(), kind=SnapshotKind.STOP_SAVEPOINT)
    assert task.finish(2) == {2: ["op:2"]}


def test_a_task_without_state_acknowledges_nothing_at_all() -> None:
    task = Task()
    assert task.store(1) == []


def test_a_restored_chain_goes_on() -> None:
    chain = stored_as(5, [base()]) + stored_as(6, [changes()])
    task = Task(restored={"op": chain})
    assert task.mode() == CHANGES
    assert task.store(7, changes()) == ["op:5", "op:6+", "op:7+"]


def test_a_chain_that_was_not_restored_begins_with_a_full_part() -> None:
    task = Task("a", "b", restored={"a": stored_as(5, [base(operator_id="a")])})
    assert task.mode(operator_id="a") == CHANGES
    assert task.mode(operator_id="b") == FULL


def test_a_snapshot_that_was_never_begun_is_followed_by_a_full_one() -> None:
    task = Task()
    task.store(1, base())
    task.ledger.forget_changes()
    assert task.mode() == FULL


def test_a_long_chain_of_small_state_is_rewritten_by_the_next_snapshot() -> None:
    task = Task(policy=CompactionPolicy(changes_max=2))
    task.store(1, base())
    task.store(2, changes())
    assert task.mode() == CHANGES
    task.store(3, changes())
    assert task.mode() == FULL
    assert task.ledger.next_compaction() is None


@pytest.fixture
def merging() -> Task:
    """A task with a chain that is worth merging."""
    task = Task(policy=CompactionPolicy(changes_max=2, rewrite_bytes_max=0))
    task.store(1, base())
    task.store(2, changes())
    assert task.ledger.next_compaction() is None
    task.store(3, changes())
    return task


def begin_compaction(task: Task) -> Compaction:
    compaction = task.ledger.next_compaction()
    assert compaction is not None
    return compaction


def test_a_long_chain_of_large_state_is_merged(merging: Task) -> None:
    assert merging.mode() == CHANGES
    assert [name(handle) for handle in begin_compaction(merging).handles] == [
        "op:1",
        "op:2+",
        "op:3+",
    ]
    assert merging.ledger.next_compaction() is None


def test_the_merged_part_goes_with_the_next_snapshot(merging: Task) -> None:
    begin_compaction(merging)
    merging.store(4, changes())
    merging.ledger.compacted(base())
    merging.begin(5, changes())
    assert [part.full for part in merging.uploads[5]] == [False, True]
    assert merging.finish(5) == {5: ["op:5", "op:4+", "op:5+"]}


def test_the_merged_part_goes_also_if_nothing_changed(merging: Task) -> None:
    begin_compaction(merging)
    merging.ledger.compacted(base())
    assert merging.store(4) == ["op:4"]


def test_a_savepoint_does_not_take_the_merged_part_along(merging: Task) -> None:
    begin_compaction(merging)
    merging.ledger.compacted(base())
    merging.begin(4, base(), kind=SnapshotKind.SAVEPOINT)
    assert len(merging.uploads[4]) == 1
    merging.finish(4)
    assert merging.store(5, changes()) == ["op:5", "op:5+"]


def test_a_merge_that_a_full_snapshot_came_before_is_dropped(merging: Task) -> None:
    begin_compaction(merging)
    merging.store(4, base())
    merging.ledger.compacted(base())
    assert merging.store(5, changes()) == ["op:4", "op:5+"]


def test_a_failed_upload_of_a_merged_part_begins_anew(merging: Task) -> None:
    begin_compaction(merging)
    merging.ledger.compacted(base())
    merging.begin(4, changes())
    assert merging.ledger.failed(4) == [4]
    assert merging.mode() == FULL
    assert merging.store(5, base()) == ["op:5"]


def test_a_merge_that_failed_may_be_tried_again(merging: Task) -> None:
    first = begin_compaction(merging)
    merging.ledger.compaction_failed()
    assert begin_compaction(merging) == first


def test_only_what_is_stored_is_merged(merging: Task) -> None:
    merging.begin(4, changes())
    assert [handle.checkpoint_id for handle in begin_compaction(merging).handles] == [1, 2, 3]
