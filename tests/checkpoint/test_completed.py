"""Which checkpoints stay, and which files go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.checkpoint.completed import CompletedCheckpoints, derive_disposal, derive_garbage
from flott.checkpoint.manifest import Manifest, OperatorState
from flott.checkpoint.paths import checkpoint_id_of
from flott.core.element import SnapshotKind
from tests.checkpoint.memory_storage import handle


def manifest(number: int, *paths: str, kind: SnapshotKind = SnapshotKind.CHECKPOINT) -> Manifest:
    operator = OperatorState("op", "Map", 1, 128, tuple(handle(path) for path in paths))
    return Manifest(number, 0, kind, "job", (operator,), f"chk-{number}")


def test_the_newest_few_are_retained() -> None:
    completed = CompletedCheckpoints(retained_max=2)
    for number in (1, 2, 5):
        completed.add(manifest(number))
    assert [one.checkpoint_id for one in completed.retained] == [2, 5]
    assert completed.latest is not None
    assert completed.latest.checkpoint_id == 5


def test_nothing_is_garbage_before_the_first_is_complete() -> None:
    assert CompletedCheckpoints().garbage(["chk-1/r-0-0.state"]) == []


def test_files_of_older_checkpoints_go_unless_referred_to() -> None:
    completed = CompletedCheckpoints()
    completed.add(manifest(1, "chk-1/a", "chk-1/b"))
    completed.add(manifest(2, "chk-1/a", "chk-2/a"))
    listed = ["chk-1/a", "chk-1/b", "chk-1/manifest", "chk-2/a", "chk-2/manifest"]
    assert completed.garbage(listed) == ["chk-1/manifest", "chk-1/b"]


def test_leftovers_of_aborted_checkpoints_go_and_later_files_stay() -> None:
    completed = CompletedCheckpoints()
    completed.add(manifest(5, "chk-5/a"))
    listed = ["chk-3/aborted", "chk-5/.writing-123", "chk-5/a", "chk-6/being-written"]
    assert completed.garbage(listed) == ["chk-3/aborted", "chk-5/.writing-123"]


def test_files_of_savepoints_and_strangers_stay() -> None:
    listed = ["savepoint-1-r/manifest", "savepoint-1-r/a", "notes.txt", "chk-1/old"]
    assert derive_garbage(listed, 9, []) == ["chk-1/old"]
    assert derive_disposal(listed) == ["chk-1/old"]


def test_checkpoints_that_belong_to_others_are_kept() -> None:
    completed = CompletedCheckpoints()
    completed.add(manifest(5))
    others = [manifest(2, "chk-2/a")]
    assert completed.garbage(["chk-2/a", "chk-2/manifest", "chk-2/b"], others) == ["chk-2/b"]


def test_the_restored_checkpoint_goes_when_newer_ones_are_complete() -> None:
    completed = CompletedCheckpoints(restored=manifest(3, "chk-3/a"))
    assert completed.garbage(["chk-3/a", "chk-3/manifest"]) == []
    completed.add(manifest(4))
    assert completed.garbage(["chk-3/a"]) == ["chk-3/a"]


def test_a_savepoint_is_never_used_for_recovery() -> None:
    with pytest.raises(AssertionError):
        CompletedCheckpoints().add(manifest(1, kind=SnapshotKind.SAVEPOINT))


def test_at_the_end_of_a_job_that_keeps_nothing_all_checkpoints_go() -> None:
    assert derive_disposal(["chk-1/a", "chk-1/manifest"]) == ["chk-1/manifest", "chk-1/a"]


_paths = st.builds(
    "{}/{}".format,
    st.sampled_from(["chk-1", "chk-2", "chk-3", "savepoint-1-r", "other"]),
    st.sampled_from(["manifest", "a", "b"]),
)


@given(st.sets(_paths), st.integers(1, 3), st.lists(st.sets(_paths), max_size=3))
def test_garbage_is_never_needed_and_never_later(
    listed: set[str], newest: int, needed: list[set[str]]
) -> None:
    kept = [manifest(number + 1, *paths) for number, paths in enumerate(needed)]
    garbage = derive_garbage(listed, newest, kept)
    assert set(garbage) <= listed
    for path in garbage:
        assert not any(path in paths for paths in needed)
        assert path not in {f"{one.folder}/manifest" for one in kept}
        assert (checkpoint_id_of(path) or 99) <= newest
