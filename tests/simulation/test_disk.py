"""The disk: whole files, failures that are injected, what a dying writer leaves."""

import errno
from random import Random

import pytest

from flott.testing.simulation.disk import Disk, SimulatedStorage
from flott.testing.simulation.faults import FaultPlan, Faults, ProcessKilled
from flott.testing.simulation.scheduler import Scheduler


def storage_with(**faults: object) -> tuple[Disk, SimulatedStorage]:
    plan = FaultPlan(horizon_ms=1000, **faults)  # type: ignore[arg-type]
    disk = Disk()
    return disk, SimulatedStorage(disk, Faults(plan, Scheduler(0)))


def test_a_file_is_read_as_it_was_written() -> None:
    _, storage = storage_with()
    storage.write("chk-1/a", [b"abc", b"def"])
    assert storage.read("chk-1/a") == b"abcdef"
    assert storage.read("chk-1/a", 2, 3) == b"cde"
    assert storage.list_paths("") == storage.list_paths("chk-1") == ["chk-1/a"]
    storage.delete("chk-1/a")
    assert storage.list_paths("") == []


def test_a_missing_file_is_named() -> None:
    with pytest.raises(FileNotFoundError):
        storage_with()[1].read("nowhere")


def test_a_dying_writer_leaves_a_temporary_file_at_most() -> None:
    disk, storage = storage_with()
    storage.tearing = True
    with pytest.raises(ProcessKilled):
        storage.write("chk-1/a", [b"abcdef"])
    assert disk.files == {"chk-1/.writing-1": b"abc"}


def test_a_write_whose_answer_is_lost_has_taken_effect() -> None:
    disk, storage = storage_with(lost_answer_share=1.0)
    with pytest.raises(OSError, match="answer"):
        storage.write("a", [b"x"])
    assert disk.files == {"a": b"x"}


def test_a_full_disk_takes_no_writes_and_gives_what_it_has() -> None:
    disk, storage = storage_with(storage_full_share=1.0)
    disk.put("a", b"x")
    with pytest.raises(OSError) as failure:
        storage.write("b", [b"y"])
    assert failure.value.errno == errno.ENOSPC
    assert storage.read("a") == b"x"


@pytest.mark.parametrize(
    ("point", "files"), [("before a write", {}), ("after a write", {"a": b"x"})]
)
def test_a_process_may_die_on_either_side_of_a_write(point: str, files: dict[str, bytes]) -> None:
    disk, storage = storage_with(kill_points={point: 1})
    with pytest.raises(ProcessKilled):
        storage.write("a", [b"x"])
    assert disk.files == files


def test_a_flipped_bit_is_one_bit_and_remembered_until_the_file_is_written_anew() -> None:
    disk, storage = storage_with()
    assert disk.flip(Random(0)) is None
    storage.write("chk-1/a", [b"abc"])
    assert disk.flip(Random(0)) == "chk-1/a"
    before, after = (int.from_bytes(data, "big") for data in (b"abc", storage.read("chk-1/a")))
    assert (before ^ after).bit_count() == 1
    assert disk.damaged == {"chk-1/a"}
    storage.write("chk-1/a", [b"abc"])
    assert disk.damaged == set()
