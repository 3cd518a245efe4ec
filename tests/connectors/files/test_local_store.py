from __future__ import annotations

import os
from pathlib import Path

import pytest

from flott.connectors.files.local_store import LocalStore

STORE = LocalStore()


def test_a_new_file_gets_its_folders_and_never_replaces_another(tmp_path: Path) -> None:
    path = str(tmp_path / "a" / "b")
    STORE.create(path).close()
    with pytest.raises(FileExistsError):
        STORE.create(path)


def test_size_of_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("123")
    assert STORE.size(str(tmp_path / "a")) == 3
    assert STORE.size(str(tmp_path / "b")) is None
    assert STORE.size(str(tmp_path / "a" / "b")) is None


def test_the_beginning_of_a_file_is_copied_and_can_go_on(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("abcdef")
    with STORE.copy_prefix(str(tmp_path / "old"), str(tmp_path / "new"), 3) as stream:
        stream.write(b"X")
    assert (tmp_path / "new").read_text() == "abcX"
    assert (tmp_path / "old").read_text() == "abcdef"


def test_a_file_too_short_to_be_copied_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("ab")
    with pytest.raises(OSError, match="holds only 2 of 3 bytes"):
        STORE.copy_prefix(str(tmp_path / "old"), str(tmp_path / "new"), 3)
    assert os.listdir(tmp_path) == ["old"]


def test_a_move_makes_folders(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    STORE.move(str(tmp_path / "a"), str(tmp_path / "b" / "c"))
    assert (tmp_path / "b" / "c").read_text() == "x"
    STORE.sync_folder(str(tmp_path / "b"))


def test_deleting_what_is_not_there_has_no_effect(tmp_path: Path) -> None:
    STORE.delete(str(tmp_path / "a"))
    STORE.remove_empty_folder(str(tmp_path / "a"))
    assert STORE.list_names(str(tmp_path / "a")) == []


def test_only_empty_folders_are_removed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").touch()
    STORE.remove_empty_folder(str(tmp_path / "a"))
    STORE.remove_empty_folder(str(tmp_path / "b"))
    assert STORE.list_names(str(tmp_path)) == ["b"]


def test_a_lock_is_a_sign_of_life(tmp_path: Path) -> None:
    path = str(tmp_path / "lock")
    assert not STORE.is_locked(path)
    lock = STORE.lock(path)
    assert STORE.is_locked(path)
    assert STORE.list_names(str(tmp_path)) == ["lock"]
    lock.release()
    assert not STORE.is_locked(path)
    assert STORE.list_names(str(tmp_path)) == []


def test_the_lock_file_of_a_dead_process_is_not_locked(tmp_path: Path) -> None:
    (tmp_path / "lock").touch()
    assert not STORE.is_locked(str(tmp_path / "lock"))
