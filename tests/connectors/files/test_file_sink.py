from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError, SinkError
from flott.common.serialization import BulkWriter, BulkWriterFactory, Encoder
from flott.connectors.files.bucket_assigner import BucketAssigner, BucketContext
from flott.connectors.files.output_file_config import OutputFileConfig
from flott.connectors.files.pending import STAGING_FOLDER
from flott.connectors.files.rolling_policy import (
    OnCheckpointRollingPolicy,
    PartInfo,
    RollingPolicy,
)
from flott.connectors.files.sink import FileSink
from flott.connectors.files.store import FileStore
from flott.core.batch import RowBatch
from flott.testing.connectors import Fuse, SinkJob, check_sink
from tests.connectors.fakes import travel


class ByRemainder(BucketAssigner):
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return f"rest={element % 3}"


class Lines(BulkWriter):
    """A bulk format: a count, then the lines."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.lines: list[bytes] = []

    def add_elements(self, elements: list[Any]) -> None:
        self.lines += [f"{element}\n".encode() for element in elements]

    def flush(self) -> None:
        pass

    def finish(self) -> None:
        self.stream.write(b"".join(self.lines))


class LinesFactory(BulkWriterFactory):
    def create(self, stream: Any) -> BulkWriter:
        return Lines(stream)


class BurningStore:
    """A store whose process may die before or after each call."""

    def __init__(self, inner: FileStore, fuse: Fuse) -> None:
        self.inner = inner
        self.fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)
        if name in ("join", "size", "can_resume", "is_fast", "list_names", "is_locked"):
            return method

        def call(*args: Any) -> Any:
            self.fuse.burn()
            result = method(*args)
            self.fuse.burn()
            return result

        return call


class BurningSink(FileSink):
    fuse: Fuse

    def open_store(self) -> FileStore:
        return BurningStore(super().open_store(), self.fuse)  # type: ignore[return-value]


def burning(sink: FileSink) -> Callable[[Fuse], FileSink]:
    def make(fuse: Fuse) -> FileSink:
        sink.__class__ = BurningSink
        sink.fuse = fuse  # type: ignore[attr-defined]
        return sink

    return make


def rows(folder: Path) -> FileSink.RowFormatBuilder:
    builder = FileSink.for_row_format(str(folder), Encoder.simple_string_encoder())
    builder.with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
    return builder


def files(folder: Path) -> list[Path]:
    """What readers see: no hidden files or folders."""
    return sorted(
        Path(place, name)
        for place, _, names in os.walk(folder)
        for name in names
        if not any(part.startswith(".") for part in Path(place, name).relative_to(folder).parts)
    )


def numbers(folder: Path) -> list[int]:
    return [int(line) for path in files(folder) for line in path.read_text().splitlines()]


def hidden(folder: Path) -> list[str]:
    staging = folder / STAGING_FOLDER
    names = os.listdir(staging) if staging.exists() else []
    return sorted(name for name in names if ".inprogress." in name)


@settings(deadline=None, max_examples=200)
@given(data=st.data(), part_size=st.integers(1, 200))
def test_each_row_is_there_once_whenever_the_job_dies(
    tmp_path_factory: Any, data: st.DataObject, part_size: int
) -> None:
    folder = tmp_path_factory.mktemp("out")
    policy = RollingPolicy.default_rolling_policy(part_size)
    sink = rows(folder).with_rolling_policy(policy).with_bucket_assigner(ByRemainder()).build()
    check_sink(data, burning(sink), lambda: numbers(folder))


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_each_bulk_record_is_there_once_whenever_the_job_dies(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("out")
    sink = FileSink.for_bulk_format(str(folder), LinesFactory()).build()
    check_sink(data, burning(sink), lambda: numbers(folder))


def test_files_appear_when_the_job_ends(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(3)
    assert files(tmp_path) == []
    job.finish()
    assert numbers(tmp_path) == [0, 1, 2]
    assert sorted(os.listdir(tmp_path)) == [files(tmp_path)[0].name]


def test_names_have_prefix_number_and_suffix(tmp_path: Path) -> None:
    config = OutputFileConfig.builder().with_part_prefix("prefix").with_part_suffix(".ext").build()
    job = SinkJob(rows(tmp_path).with_output_file_config(config).build())
    job.write(1)
    job.finish()
    name = files(tmp_path)[0].name
    assert name.startswith("prefix-")
    assert name.endswith("-0.ext")


def test_a_file_goes_on_across_checkpoints_until_it_is_old(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    for _ in range(3):
        job.write(2)
        job.take_checkpoint()
    assert files(tmp_path) == []
    job.pass_time(60_000)
    job.take_checkpoint()
    assert [numbers(path.parent) for path in files(tmp_path)] == [[0, 1, 2, 3, 4, 5]]


def test_a_file_without_new_records_for_a_while_is_closed(tmp_path: Path) -> None:
    policy = RollingPolicy.default_rolling_policy(rollover_interval=10**9, inactivity_interval=500)
    job = SinkJob(
        rows(tmp_path).with_rolling_policy(policy).with_bucket_check_interval(100).build()
    )
    job.write(1)
    job.pass_time(400)
    job.write(1)
    job.pass_time(400)
    job.take_checkpoint()
    assert files(tmp_path) == []
    job.pass_time(100)
    job.take_checkpoint()
    assert numbers(tmp_path) == [0, 1]


def test_a_large_file_is_closed(tmp_path: Path) -> None:
    policy = RollingPolicy.default_rolling_policy(part_size=10)
    job = SinkJob(rows(tmp_path).with_rolling_policy(policy).build())
    for _ in range(3):
        job.write(6)
    job.take_checkpoint()
    assert [path.stat().st_size for path in files(tmp_path)] == [12, 14, 18]


def test_a_large_batch_is_divided_among_files(tmp_path: Path) -> None:
    policy = RollingPolicy.default_rolling_policy(part_size=2000)
    job = SinkJob(rows(tmp_path).with_rolling_policy(policy).build())
    job.write(5000)
    job.finish()
    assert len(files(tmp_path)) > 3
    assert sorted(numbers(tmp_path)) == list(range(5000))


def test_every_checkpoint_closes_files_on_demand(tmp_path: Path) -> None:
    policy = RollingPolicy.on_checkpoint_rolling_policy()
    job = SinkJob(rows(tmp_path).with_rolling_policy(policy).build())
    for n in range(1, 4):
        job.write(1)
        job.take_checkpoint()
        assert len(files(tmp_path)) == n


def test_the_default_folder_is_the_hour_of_writing(tmp_path: Path) -> None:
    sink = FileSink.for_row_format(str(tmp_path), Encoder.simple_string_encoder())
    assigner = BucketAssigner.date_time_bucket_assigner(timezone_id="UTC")
    job = SinkJob(sink.with_bucket_assigner(assigner).build())
    job.write(1)
    job.finish()
    assert [path.parent.name for path in files(tmp_path)] == ["2026-07-01--09"]


def test_records_go_to_the_folders_of_their_buckets(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).with_bucket_assigner(ByRemainder()).build())
    job.write(7)
    job.finish()
    assert numbers(tmp_path / "rest=0") == [0, 3, 6]
    assert numbers(tmp_path / "rest=1") == [1, 4]


class ByTimestamp(BucketAssigner):
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return f"{context.timestamp}"


def test_assigners_see_the_event_time(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).with_bucket_assigner(ByTimestamp()).build())
    job.tasks[0].writer.write(RowBatch([1, 2], [100, 200]))
    job.finish()
    assert numbers(tmp_path / "200") == [2]


class Fixed(BucketAssigner):
    def __init__(self, bucket_id: Any) -> None:
        self.bucket_id = bucket_id

    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return self.bucket_id  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "bucket_id",
    [
        "../up",
        "a/../../b",
        "/etc",
        "a//b",
        ".",
        "a/.",
        ".flott-inprogress",
        "a\0b",
        "a\\b",
        7,
        None,
    ],
)
def test_buckets_outside_the_base_path_are_refused(tmp_path: Path, bucket_id: Any) -> None:
    job = SinkJob(rows(tmp_path / "out").with_bucket_assigner(Fixed(bucket_id)).build())
    with pytest.raises(SinkError, match="The bucket id"):
        job.write(1)
    assert sorted(os.listdir(tmp_path)) == ["out"]


def test_what_a_failed_attempt_wrote_is_removed_when_it_closes(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(1)
    job.take_checkpoint()
    job.write(1)
    assert len(hidden(tmp_path)) == 1  # a checkpoint holds it
    job.pass_time(60_000)
    job.write(1)
    assert len(hidden(tmp_path)) == 2
    job.close()
    assert len(hidden(tmp_path)) == 1


def test_what_a_killed_attempt_wrote_is_removed_at_the_restart(tmp_path: Path) -> None:
    policy = RollingPolicy.on_checkpoint_rolling_policy()
    job = SinkJob(rows(tmp_path).with_rolling_policy(policy).build())
    job.take_checkpoint()
    job.write(1)
    job.take_checkpoint(is_complete=False)
    job.write(1)
    assert len(hidden(tmp_path)) == 2
    job.crash(1)
    assert hidden(tmp_path) == []
    job.write(2)
    job.finish()
    assert numbers(tmp_path) == [0, 1]


def test_files_of_a_writer_that_lives_are_not_removed(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.take_checkpoint()
    job.write(1)
    job.crash(1, keeps_zombies=True)
    assert len(hidden(tmp_path)) == 1


def test_files_of_other_jobs_are_not_removed(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.take_checkpoint()
    (tmp_path / STAGING_FOLDER / ".part-x-0.inprogress.0123456789ab.7").touch()
    job.crash(1)
    assert len(hidden(tmp_path)) == 1


def test_a_fresh_start_removes_nothing(tmp_path: Path) -> None:
    SinkJob(rows(tmp_path).build()).write(1)
    SinkJob(rows(tmp_path).build())
    assert len(hidden(tmp_path)) == 1


def test_a_writer_that_was_replaced_cannot_spoil_a_file(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(2)
    job.take_checkpoint()
    job.crash(1, keeps_zombies=True)
    job.dead[0].writer.write(RowBatch([-1]))
    job.dead[0].writer.snapshot(2)
    job.write(1)
    job.finish()
    assert numbers(tmp_path) == [0, 1, 2]


def test_a_reader_may_move_committed_files_away_before_a_restart(tmp_path: Path) -> None:
    policy = RollingPolicy.on_checkpoint_rolling_policy()
    job = SinkJob(rows(tmp_path).with_rolling_policy(policy).build())
    job.write(1)
    job.take_checkpoint()
    files(tmp_path)[0].unlink()
    job.crash(1)
    job.write(1)
    job.finish()
    assert numbers(tmp_path) == [1]


def test_a_pending_file_that_vanishes_is_named(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(1)
    job.take_checkpoint(is_complete=False, is_end=True)
    (tmp_path / STAGING_FOLDER / hidden(tmp_path)[0]).unlink()
    with pytest.raises(SinkError, match="gone before it could be committed"):
        job.take_checkpoint()


def test_a_pending_file_that_was_changed_is_named(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(1)
    job.take_checkpoint(is_complete=False, is_end=True)
    (tmp_path / STAGING_FOLDER / hidden(tmp_path)[0]).write_text("longer than before")
    with pytest.raises(SinkError, match="should hold 2 bytes and holds 18"):
        job.take_checkpoint()


def test_an_open_file_that_vanished_before_a_restart_is_named(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(1)
    job.take_checkpoint()
    (tmp_path / STAGING_FOLDER / hidden(tmp_path)[0]).unlink()
    with pytest.raises(SinkError, match=r"covers 2 bytes of .*, but that file is gone"):
        job.crash(1)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(SinkError, match=r"Cannot write to .*/out"):
        SinkJob(rows(tmp_path / "out").build())


def test_a_sink_travels_to_workers(tmp_path: Path) -> None:
    job = SinkJob(travel(rows(tmp_path).build()))
    job.write(1)
    job.finish()
    assert numbers(tmp_path) == [0]


def test_bulk_formats_close_files_at_checkpoints_only(tmp_path: Path) -> None:
    builder = FileSink.for_bulk_format(str(tmp_path), LinesFactory())
    with pytest.raises(ValueError, match="must be OnCheckpointRollingPolicy"):
        builder.with_rolling_policy(RollingPolicy.default_rolling_policy())  # type: ignore[arg-type]


def test_a_check_interval_that_is_not_positive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="must be positive"):
        rows(tmp_path).with_bucket_check_interval(0)


@pytest.mark.parametrize("name", ["a/b", ".hidden", "_hidden", ""])
def test_prefixes_that_hide_or_move_files_are_refused(name: str) -> None:
    with pytest.raises(ValueError):
        OutputFileConfig(name, "")


def test_open_files_of_several_writers_are_all_kept_by_fewer(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build(), parallelism=3)
    for subtask in range(3):
        job.write(2, subtask)
    job.take_checkpoint()
    job.write(1)
    job.crash(1)
    assert len(hidden(tmp_path)) == 6  # three old ones, and their copies
    job.write(1)
    job.finish()
    assert sorted(numbers(tmp_path)) == list(range(7))


def test_copied_files_are_removed_once_a_checkpoint_holds_the_copy(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build())
    job.write(2)
    job.take_checkpoint()
    job.crash(1)
    assert len(hidden(tmp_path)) == 2
    job.take_checkpoint(is_complete=False)
    assert len(hidden(tmp_path)) == 2
    job.take_checkpoint()
    assert len(hidden(tmp_path)) == 1


def test_nothing_hidden_is_left_at_the_end(tmp_path: Path) -> None:
    job = SinkJob(rows(tmp_path).build(), parallelism=2)
    job.write(2)
    job.take_checkpoint()
    job.write(2, 1)
    job.crash(2)
    job.write(2, 1)
    job.finish()
    assert not (tmp_path / STAGING_FOLDER).exists()


class ByRecord(BucketAssigner):
    def get_bucket_id(self, element: Any, context: BucketContext) -> str:
        return str(element % 700)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_many_buckets_hold_few_files_open(tmp_path: Path) -> None:
    before = open_files()
    job = SinkJob(rows(tmp_path).with_bucket_assigner(ByRecord()).build())
    for _ in range(2):
        job.write(1000)
        assert open_files() - before < 300
        job.take_checkpoint()
        assert open_files() - before < 300
    job.crash(1)
    job.write(1000)
    assert open_files() - before < 300
    job.finish()
    assert sorted(numbers(tmp_path)) == list(range(3000))


class NeverRolls(OnCheckpointRollingPolicy):
    def should_roll_on_checkpoint(self, part: PartInfo) -> bool:
        return False


def test_bulk_files_are_closed_at_checkpoints_whatever_the_policy_says(tmp_path: Path) -> None:
    builder = FileSink.for_bulk_format(str(tmp_path), LinesFactory())
    job = SinkJob(builder.with_rolling_policy(NeverRolls()).build())
    job.write(1)
    job.take_checkpoint()
    assert numbers(tmp_path) == [0]
