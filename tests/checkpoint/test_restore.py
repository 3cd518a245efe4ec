"""What a starting job does with what it finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flott.checkpoint.manifest import Manifest, encode_manifest
from flott.checkpoint.restore import (
    ClaimMode,
    FoundCheckpoint,
    Refuse,
    RestoreFrom,
    StartFresh,
    decide_restore,
    find_checkpoints,
    read_manifest,
)
from flott.core.element import SnapshotKind
from tests.checkpoint.memory_storage import MemoryStorage


def manifest(number: int) -> Manifest:
    return Manifest(number, 0, SnapshotKind.CHECKPOINT, "job", (), f"chk-{number}")


def found(number: int, damage: str = "") -> FoundCheckpoint:
    return FoundCheckpoint(f"chk-{number}/manifest", manifest(number), damage)


def torn(number: int) -> FoundCheckpoint:
    return FoundCheckpoint(f"chk-{number}/manifest", None, "wrong checksum")


SAVEPOINT = FoundCheckpoint(
    "savepoint-40-x/manifest",
    replace(manifest(40), kind=SnapshotKind.SAVEPOINT, folder="savepoint-40-x"),
)


def test_without_checkpoints_a_job_starts_fresh() -> None:
    assert decide_restore([]) == StartFresh(next_checkpoint_id=1)


def test_the_newest_is_restored() -> None:
    decision = decide_restore([found(9), found(10), found(2)])
    assert decision == RestoreFrom(manifest(10), next_checkpoint_id=11, claimed=True)


def test_a_damaged_one_is_skipped_for_the_one_before_and_named() -> None:
    decision = decide_restore([torn(3), found(2), found(4, "chk-4/a: missing"), found(1)])
    assert isinstance(decision, RestoreFrom)
    assert decision.manifest.checkpoint_id == 2
    assert decision.skipped == (found(4, "chk-4/a: missing"), torn(3))


def test_if_all_are_damaged_the_job_does_not_start_empty() -> None:
    decision = decide_restore([torn(3), torn(4)], requested=SAVEPOINT)
    assert isinstance(decision, Refuse)
    assert "chk-4/manifest: wrong checksum; chk-3/manifest" in decision.reason
    assert decision.skipped == (torn(4), torn(3))


def test_numbers_of_a_killed_run_are_not_used_again() -> None:
    listed = ["chk-12/r-0-0.state", "chk-5/manifest", "notes-99.txt"]
    decision = decide_restore([found(5)], listed=listed)
    assert isinstance(decision, RestoreFrom)
    assert decision.next_checkpoint_id == 13
    assert decide_restore([], listed=listed) == StartFresh(next_checkpoint_id=13)


def test_numbers_of_savepoints_are_not_used_again() -> None:
    listed = ["chk-5/manifest", "savepoint-6-x/manifest"]
    decision = decide_restore([found(5)], listed=listed)
    assert isinstance(decision, RestoreFrom)
    assert (decision.manifest.checkpoint_id, decision.next_checkpoint_id) == (5, 7)


@pytest.mark.parametrize(
    ("mode", "claimed"), [(ClaimMode.CLAIM, True), (ClaimMode.NO_CLAIM, False)]
)
def test_what_the_user_names_is_restored(mode: ClaimMode, claimed: bool) -> None:
    decision = decide_restore([], requested=SAVEPOINT, claim_mode=mode)
    assert SAVEPOINT.manifest is not None
    assert decision == RestoreFrom(SAVEPOINT.manifest, next_checkpoint_id=41, claimed=claimed)


def test_a_restarted_job_goes_on_from_its_own_checkpoint() -> None:
    decision = decide_restore([found(50)], requested=SAVEPOINT)
    assert isinstance(decision, RestoreFrom)
    assert decision.manifest.checkpoint_id == 50


def test_a_savepoint_in_the_jobs_folder_is_not_used_for_recovery() -> None:
    decision = decide_restore([found(5), SAVEPOINT])
    assert isinstance(decision, RestoreFrom)
    assert decision.manifest.checkpoint_id == 5
    assert decide_restore([SAVEPOINT]) == StartFresh(next_checkpoint_id=41)


def test_a_damaged_savepoint_is_refused_with_a_way_out() -> None:
    decision = decide_restore([], requested=replace(SAVEPOINT, manifest=None, damage="empty file"))
    assert isinstance(decision, Refuse)
    assert decision.reason == (
        "savepoint-40-x/manifest cannot be restored: empty file. Name an older checkpoint or "
        "savepoint, or start without state."
    )


def test_manifests_are_found_among_files() -> None:
    storage = MemoryStorage(
        {
            "chk-1/manifest": encode_manifest(manifest(1)),
            "chk-2/manifest": encode_manifest(manifest(2))[:-1],
            "chk-3/r-0-0.state": b"no manifest yet",
            "savepoint-4-x/manifest": encode_manifest(manifest(4)),
        }
    )
    first, second = find_checkpoints(storage, storage.list_paths(""))
    assert first == found(1)
    assert (second.path, second.manifest) == ("chk-2/manifest", None)
    assert "cut off" in second.damage


def test_a_missing_manifest_is_said_to_be_missing() -> None:
    one = read_manifest(MemoryStorage(), "chk-7/manifest")
    assert one == FoundCheckpoint("chk-7/manifest", None, "there is no manifest in chk-7")


def test_a_manifest_that_was_moved_to_another_number_is_damage() -> None:
    storage = MemoryStorage({"chk-9/manifest": encode_manifest(manifest(8))})
    assert "manifest of checkpoint 8" in read_manifest(storage, "chk-9/manifest").damage
