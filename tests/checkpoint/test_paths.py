"""Names of files, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.checkpoint.paths import (
    checkpoint_folder,
    checkpoint_id_of,
    folder_of,
    is_manifest,
    manifest_path,
    savepoint_folder,
    task_file_path,
)


@given(st.integers(1, 10**12), st.integers(0, 999), st.integers(0, 999))
def test_a_file_knows_its_checkpoint(number: int, vertex: int, subtask: int) -> None:
    folder = checkpoint_folder(number)
    assert checkpoint_id_of(manifest_path(folder)) == number
    assert checkpoint_id_of(task_file_path(folder, "run", vertex, subtask)) == number


@given(st.tuples(*[st.integers(0, 99)] * 2), st.tuples(*[st.integers(0, 99)] * 2))
def test_two_tasks_never_share_a_file(first: tuple[int, int], second: tuple[int, int]) -> None:
    paths = {task_file_path("chk-1", "run", *task) for task in (first, second)}
    assert len(paths) == len({first, second})


def test_two_runs_never_share_a_file() -> None:
    assert task_file_path("chk-1", "a", 0, 0) != task_file_path("chk-1", "b", 0, 0)


@pytest.mark.parametrize(
    "path",
    [
        "savepoint-7-run/manifest",
        "chk-7",
        "chk-7/",
        "chk-/manifest",
        "chk-007/manifest",
        "chk-7x/manifest",
        "my-chk-7/manifest",
        "other/chk-7/manifest",
        "",
    ],
)
def test_what_is_no_file_of_a_checkpoint_has_no_number(path: str) -> None:
    assert checkpoint_id_of(path) is None


def test_files_of_savepoints_are_not_those_of_checkpoints() -> None:
    folder = savepoint_folder(7, "run")
    assert checkpoint_id_of(task_file_path(folder, "run", 0, 0)) is None


def test_manifests_are_told_by_their_name() -> None:
    assert is_manifest("chk-7/manifest")
    assert is_manifest("manifest")
    assert not is_manifest("chk-7/my-manifest")
    assert folder_of(manifest_path("")) == ""


@pytest.mark.parametrize("run", ["", "a/b", "..", "a-b"])
def test_a_run_is_a_plain_word(run: str) -> None:
    with pytest.raises(AssertionError):
        task_file_path("chk-1", run, 0, 0)
