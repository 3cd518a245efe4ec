from __future__ import annotations

import os
from pathlib import Path

import pytest

from flott.common.errors import SinkError
from flott.connectors.files.cleanup import remove_leftovers
from flott.connectors.files.committer import FileCommitter
from flott.connectors.files.local_store import LocalStore
from flott.connectors.files.pending import (
    STAGING_FOLDER,
    PendingPart,
    SupersededPart,
    derive_owner,
    is_lock_name,
    lock_name,
    parse_pending_name,
    pending_name,
)

STORE = LocalStore()
UID = "81fc4980-a6af-41c8-9937-9939408a734b"
OTHER = "00000000-a6af-41c8-9937-9939408a734b"


def part(folder: Path, name: str = "a", checkpoint_id: int = 1, text: str = "12") -> PendingPart:
    staging = folder / STAGING_FOLDER
    staging.mkdir(exist_ok=True)
    (staging / name).write_text(text)
    final = str(folder / "bucket" / name)
    return PendingPart(str(staging / name), final, len(text), checkpoint_id)


def committer(folder: Path, restored: int | None = None) -> FileCommitter:
    return FileCommitter(STORE, str(folder), restored)


def test_a_commit_gives_a_file_its_name(tmp_path: Path) -> None:
    committer(tmp_path).commit([part(tmp_path)])
    assert (tmp_path / "bucket" / "a").read_text() == "12"
    assert os.listdir(tmp_path / STAGING_FOLDER) == []


def test_committing_twice_has_no_effect(tmp_path: Path) -> None:
    parts = [part(tmp_path, "a"), part(tmp_path, "b")]
    committer(tmp_path).commit(parts[:1])
    for restored in (None, 1):
        committer(tmp_path, restored).commit(parts)
    assert sorted(os.listdir(tmp_path / "bucket")) == ["a", "b"]


def test_superseded_files_go_after_the_others_are_safe(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("1")
    bad = part(tmp_path, "b")
    os.unlink(bad.pending)
    with pytest.raises(SinkError):
        committer(tmp_path).commit([SupersededPart(str(old), 1), bad])
    assert old.exists()
    for _ in range(2):
        committer(tmp_path).commit([SupersededPart(str(old), 1)])
    assert not old.exists()


def test_what_was_committed_and_then_changed_is_noticed(tmp_path: Path) -> None:
    one = part(tmp_path)
    committer(tmp_path).commit([one])
    Path(one.final).write_text("longer")
    with pytest.raises(SinkError, match="should hold 2 bytes and holds 6"):
        committer(tmp_path, 1).commit([one])


@pytest.mark.parametrize(("restored", "is_tolerated"), [(None, False), (1, False), (2, True)])
def test_missing_files_are_tolerated_only_if_an_earlier_attempt_may_have_committed_them(
    tmp_path: Path, restored: int | None, is_tolerated: bool
) -> None:
    gone = part(tmp_path, checkpoint_id=2)
    os.unlink(gone.pending)
    if is_tolerated:
        committer(tmp_path, restored).commit([gone])
        return
    with pytest.raises(SinkError, match="gone before it could be committed"):
        committer(tmp_path, restored).commit([gone])


def test_what_the_disk_refuses_is_said_with_the_place(tmp_path: Path) -> None:
    one = part(tmp_path)
    (tmp_path / "bucket").write_text("a file in the way")
    with pytest.raises(SinkError, match=f"Cannot commit files to {tmp_path}"):
        committer(tmp_path).commit([one])


def test_the_hidden_folder_goes_when_it_is_empty(tmp_path: Path) -> None:
    one = part(tmp_path)
    committer(tmp_path).close()
    assert Path(one.pending).exists()
    committer(tmp_path).commit([one])
    committer(tmp_path).close()
    assert not (tmp_path / STAGING_FOLDER).exists()


def leftover(folder: Path, owner: str = "ab12", epoch: int = 5, uid: str = UID) -> str:
    name = pending_name(f"part-{uid}-0.csv", owner, epoch)
    (folder / name).touch()
    return name


@pytest.mark.parametrize(
    ("owner", "epoch", "is_removed"),
    [("ab12", 5, True), ("ab12", 6, True), ("ab12", 4, False), ("cd34", 9, False)],
)
def test_only_what_this_job_began_after_the_checkpoint_is_removed(
    tmp_path: Path, owner: str, epoch: int, is_removed: bool
) -> None:
    name = leftover(tmp_path, owner, epoch)
    removed = remove_leftovers(STORE, str(tmp_path), "ab12", 5)
    assert removed == ([str(tmp_path / name)] if is_removed else [])
    assert (tmp_path / name).exists() is not is_removed


def test_files_of_a_living_writer_stay_and_locks_of_the_dead_go(tmp_path: Path) -> None:
    kept, gone = leftover(tmp_path), leftover(tmp_path, uid=OTHER)
    lock = STORE.lock(str(tmp_path / lock_name(UID)))
    (tmp_path / lock_name(OTHER)).touch()
    remove_leftovers(STORE, str(tmp_path), "ab12", 5)
    assert sorted(os.listdir(tmp_path)) == sorted([kept, lock_name(UID)])
    lock.release()
    assert gone not in os.listdir(tmp_path)


def test_files_of_strangers_stay(tmp_path: Path) -> None:
    for name in ("data", ".hidden", f".part-{UID}-0.inprogress.zz.5", f"part-{UID}-0"):
        (tmp_path / name).touch()
    assert remove_leftovers(STORE, str(tmp_path), "ab12", 0) == []
    assert len(os.listdir(tmp_path)) == 4


def test_names_say_whose_they_are() -> None:
    name = pending_name(f"my-prefix-{UID}-17.csv.gz", "ab12", 4)
    origin = parse_pending_name(name)
    assert origin is not None
    assert (origin.uid, origin.owner, origin.epoch) == (UID, "ab12", 4)
    assert parse_pending_name(f"part-{UID}-17") is None
    assert (is_lock_name(lock_name(UID)), is_lock_name(name)) == (True, False)


def test_owners_differ_by_job_and_operator() -> None:
    pairs = [("a", "b"), ("ab", ""), ("b", "a"), ("a", "c")]
    assert len({derive_owner(*pair) for pair in pairs}) == len(pairs)
