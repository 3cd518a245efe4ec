"""Checkpoint storage: a local directory and file systems of pyarrow keep the same promises."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flott.common.errors import ConfigurationError
from flott.core.storage import CheckpointStorage
from flott.io.checkpoint_storage import LocalCheckpointStorage, open_checkpoint_storage
from flott.io.checkpoint_storage_remote import RemoteCheckpointStorage


@pytest.fixture(params=["local", "pyarrow"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointStorage:
    root = tmp_path / "root"
    if request.param == "local":
        return LocalCheckpointStorage(root)
    from pyarrow.fs import LocalFileSystem

    return RemoteCheckpointStorage(LocalFileSystem(), str(root), root.as_uri())


def test_what_is_written_can_be_read(storage: CheckpointStorage) -> None:
    storage.write("chk-1/a.state", [b"one", b"", b"two"])
    assert storage.read("chk-1/a.state") == b"onetwo"


def test_a_part_of_a_file_can_be_read(storage: CheckpointStorage) -> None:
    storage.write("a", [b"0123456789"])
    assert storage.read("a", 3, 4) == b"3456"
    assert storage.read("a", 8) == b"89"
    assert storage.read("a", 8, 5) == b"89"
    assert storage.read("a", 20, 5) == b""


def test_writing_again_replaces(storage: CheckpointStorage) -> None:
    storage.write("a", [b"a long one"])
    storage.write("a", [b"short"])
    assert storage.read("a") == b"short"


def test_an_empty_file_is_a_file(storage: CheckpointStorage) -> None:
    storage.write("a", [])
    assert (storage.read("a"), storage.list_paths("")) == (b"", ["a"])


def test_a_missing_file_raises(storage: CheckpointStorage) -> None:
    with pytest.raises(FileNotFoundError):
        storage.read("chk-1/none")


def test_all_files_below_a_folder_are_listed(storage: CheckpointStorage) -> None:
    assert storage.list_paths("") == []
    for path in ("chk-2/b", "chk-1/manifest", "chk-1/deep/c"):
        storage.write(path, [b"x"])
    assert storage.list_paths("") == ["chk-1/deep/c", "chk-1/manifest", "chk-2/b"]
    assert storage.list_paths("chk-1") == ["chk-1/deep/c", "chk-1/manifest"]
    assert storage.list_paths("chk-3") == []


def test_deleting_twice_is_deleting_once(storage: CheckpointStorage) -> None:
    storage.write("chk-1/a", [b"x"])
    storage.delete("chk-1/a")
    storage.delete("chk-1/a")
    assert storage.list_paths("") == []


@pytest.mark.parametrize(
    "path", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a\\..\\b", "a\0b", "a/"]
)
def test_paths_that_lead_elsewhere_are_refused(storage: CheckpointStorage, path: str) -> None:
    with pytest.raises(ValueError, match="is not a path below a checkpoint storage"):
        storage.write(path, [b"x"])
    with pytest.raises(ValueError, match="is not a path below a checkpoint storage"):
        storage.read(path)
    with pytest.raises(ValueError, match="is not a path below a checkpoint storage"):
        storage.delete(path)


class Torn:
    """Chunks that fail half way, as a process does that is killed."""

    def __iter__(self) -> object:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_write_that_fails_leaves_nothing_under_its_name(tmp_path: Path) -> None:
    storage = LocalCheckpointStorage(tmp_path)
    storage.write("chk-1/a", [b"before"])
    with pytest.raises(OSError, match="No space left") as caught:
        storage.write("chk-1/a", Torn())  # type: ignore[arg-type]
    assert caught.value.filename == str(tmp_path / "chk-1" / "a")
    assert storage.list_paths("") == ["chk-1/a"]
    assert storage.read("chk-1/a") == b"before"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    storage = LocalCheckpointStorage(tmp_path / "file")
    with pytest.raises(OSError, match=str(tmp_path / "file")):
        storage.write("chk-1/a", [b"x"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_missing_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        LocalCheckpointStorage(tmp_path / "sub").write("a", [b"x"])


def test_the_folder_of_a_checkpoint_goes_with_its_last_file(tmp_path: Path) -> None:
    storage = LocalCheckpointStorage(tmp_path)
    storage.write("chk-1/a", [b"x"])
    storage.write("chk-1/b", [b"x"])
    storage.delete("chk-1/a")
    assert (tmp_path / "chk-1").is_dir()
    storage.delete("chk-1/b")
    assert not (tmp_path / "chk-1").exists()
    assert tmp_path.is_dir()


def test_opening_creates_nothing(tmp_path: Path) -> None:
    open_checkpoint_storage(str(tmp_path / "later")).list_paths("")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}", "file://localhost{}"])
def test_local_places_have_several_spellings(form: str, tmp_path: Path) -> None:
    place = tmp_path / "with space"
    uri = form.format(place if form == "{}" else str(place).replace(" ", "%20"))
    open_checkpoint_storage(uri).write("a", [b"x"])
    assert (place / "a").read_bytes() == b"x"


def test_a_relative_path_stays_where_it_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    storage = open_checkpoint_storage("checkpoints")
    assert storage.describe() == (tmp_path / "checkpoints").as_uri()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("file://data/checkpoints", "names the host 'data'.*file:///data/checkpoints"),
        ("nosuch://bucket/x", "cannot be stored at nosuch://bucket/x"),
    ],
)
def test_places_that_make_no_sense_are_refused(uri: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        open_checkpoint_storage(uri)


def test_an_object_store_gets_files_without_a_detour() -> None:
    from pyarrow.fs import FileSystem

    filesystem, root = FileSystem.from_uri("mock:///bucket/checkpoints")
    storage = RemoteCheckpointStorage(filesystem, root, "mock:///bucket/checkpoints")
    storage.write("chk-1/a", [b"x", b"y"])
    assert storage.read("chk-1/a", 1) == b"y"
    assert storage.describe() == "mock:///bucket/checkpoints"


def test_local_storage_does_not_load_pyarrow() -> None:
    code = (
        "import sys; from flott.io.checkpoint_storage import open_checkpoint_storage as o; "
        "o('/tmp/x'); sys.exit('pyarrow' in sys.modules or 'polars' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
