from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import SourceError
from flott.connectors.files.enumerator import (
    FileEnumeratorProvider,
    FileEnumeratorState,
    FileSourceEnumerator,
    SplitAssigner,
    is_visible,
)
from flott.connectors.files.split import FilePosition, FileSplit
from tests.connectors.fakes import FakeCoordinator, travel


class Listing(FileEnumeratorProvider):
    """Finds what it is told."""

    found: list[FileSplit] = []

    def enumerate_splits(self, paths: Any, is_splittable: bool) -> list[FileSplit]:
        return list(self.found)


def whole(path: str, size: int = 10) -> FileSplit:
    return FileSplit.of(path, 0, size, size)


def enumerator_of(
    coordinator: FakeCoordinator, interval_ms: int | None = None, restored: Any = None
) -> FileSourceEnumerator:
    enumerator = FileSourceEnumerator(
        coordinator, ["/in"], Listing(), SplitAssigner(), True, interval_ms, restored
    )
    enumerator.start()
    return enumerator


@pytest.fixture(autouse=True)
def _two_files() -> None:
    Listing.found = [whole("/in/a"), whole("/in/b")]


def test_readers_that_ask_before_the_listing_is_done_are_served_then() -> None:
    coordinator = FakeCoordinator(3)
    enumerator = enumerator_of(coordinator)
    for subtask in (2, 0, 1):
        enumerator.handle_split_request(subtask)
    assert coordinator.take() == []
    coordinator.run_calls()
    assert coordinator.take() == [
        ("assign", 2, [whole("/in/a")]),
        ("assign", 0, [whole("/in/b")]),
        ("end", 1, None),
    ]


def test_a_snapshot_before_the_listing_lists_again_after_a_restore() -> None:
    state = enumerator_of(FakeCoordinator()).snapshot(1)
    assert state == FileEnumeratorState((), None)
    coordinator = FakeCoordinator()
    enumerator_of(coordinator, restored=travel(state))
    assert len(coordinator.calls) == 1


def test_a_bounded_source_lists_once() -> None:
    coordinator = FakeCoordinator()
    enumerator = enumerator_of(coordinator)
    coordinator.run_calls()
    state = enumerator.snapshot(1)
    assert state.splits == (whole("/in/a"), whole("/in/b"))
    again = FakeCoordinator()
    enumerator_of(again, restored=travel(state)).handle_split_request(0)
    assert again.calls == []
    assert again.take() == [("assign", 0, [whole("/in/a")])]


def test_while_monitoring_readers_wait_for_new_files() -> None:
    coordinator = FakeCoordinator()
    enumerator = enumerator_of(coordinator, 1000)
    assert coordinator.calls[0][2:] == (0, 1000)
    Listing.found = []
    coordinator.run_calls()
    enumerator.handle_split_request(0)
    assert coordinator.take() == []
    Listing.found = [whole("/in/new")]
    coordinator.run_calls()
    assert coordinator.take() == [("assign", 0, [whole("/in/new")])]


def test_a_path_seen_once_is_never_read_again() -> None:
    coordinator = FakeCoordinator()
    enumerator = enumerator_of(coordinator, 1000)
    for size in (10, 20):
        Listing.found = [whole("/in/a", size)]
        coordinator.run_calls()
    assert enumerator.snapshot(1) == FileEnumeratorState((whole("/in/a"),), frozenset({"/in/a"}))


def test_errors_of_the_listing_fail_the_job() -> None:
    coordinator = FakeCoordinator()
    FileSourceEnumerator(
        coordinator, ["/no/such"], FileEnumeratorProvider(), SplitAssigner(), True, None, None
    ).start()
    with pytest.raises(SourceError, match="no file or folder '/no/such'"):
        coordinator.run_calls()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    with pytest.raises(SourceError, match=r"May not read .*closed"):
        FileEnumeratorProvider().enumerate_splits([str(tmp_path)], True)


def refuse(name: str) -> bool:
    raise PermissionError(13, "Permission denied", name)


def test_a_listing_that_is_not_allowed_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    with pytest.raises(SourceError, match="May not read 'a'"):
        FileEnumeratorProvider(accept=refuse).enumerate_splits([str(tmp_path)], True)


@given(size=st.integers(0, 10**6), split_bytes=st.integers(1, 10**5))
def test_ranges_cover_a_file_without_gaps(size: int, split_bytes: int) -> None:
    if size // split_bytes > 1000:
        split_bytes = size // 1000
    provider = FileEnumeratorProvider(split_bytes=split_bytes)
    splits = list(provider._divide("/in/a", size, True))
    assert [split.start for split in splits] == [0, *[split.stop for split in splits[:-1]]]
    assert splits[-1].stop == size
    assert all(split.size == size for split in splits)
    lengths = [split.stop - split.start for split in splits]
    assert len(splits) == 1 or min(lengths) >= split_bytes
    assert len({split.split_id for split in splits}) == len(splits)


@pytest.mark.parametrize(
    ("provider", "path", "is_splittable"),
    [
        (FileEnumeratorProvider(split_bytes=1), "/in/a.gz", True),
        (FileEnumeratorProvider(split_bytes=1), "/in/a", False),
        (FileEnumeratorProvider(splits_files=False, split_bytes=1), "/in/a", True),
    ],
)
def test_what_cannot_be_divided_is_one_split(
    provider: FileEnumeratorProvider, path: str, is_splittable: bool
) -> None:
    assert list(provider._divide(path, 100, is_splittable)) == [whole(path, 100)]


@pytest.mark.parametrize(
    ("make", "splits_files"),
    [
        (FileEnumeratorProvider.default_splittable_file_enumerator, True),
        (FileEnumeratorProvider.default_non_splittable_file_enumerator, False),
    ],
)
def test_providers_of_pyflink(
    make: Callable[[], FileEnumeratorProvider], splits_files: bool
) -> None:
    assert make().splits_files is splits_files
    assert make().accept is is_visible


def test_a_position_goes_with_the_split() -> None:
    split = whole("/in/a").at(FilePosition(5, 1, 7))
    assert split.split_id == whole("/in/a").split_id
    assert travel(split).position == FilePosition(5, 1, 7)
