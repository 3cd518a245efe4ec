"""Small files put together: when, how, and never with a record lost or doubled."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError, SinkError
from flott.connectors.files.compaction import FileCompactor, FileCompactStrategy
from flott.connectors.files.pending import STAGING_FOLDER
from flott.connectors.files.rolling_policy import OnCheckpointRollingPolicy
from flott.connectors.files.sink import FileSink
from flott.testing.connectors import SinkJob, check_sink
from tests.connectors.files.test_file_sink import (
    ByRemainder,
    LinesFactory,
    burning,
    files,
    numbers,
    rows,
)


def every(checkpoints: int) -> FileCompactStrategy:
    return FileCompactStrategy.builder().enable_compaction_on_checkpoint(checkpoints).build()


def above(size: int) -> FileCompactStrategy:
    return FileCompactStrategy.builder().set_size_threshold(size).build()


def lines(
    folder: Path, strategy: FileCompactStrategy, compactor: FileCompactor | None = None
) -> FileSink.RowFormatBuilder:
    builder = rows(folder).with_rolling_policy(OnCheckpointRollingPolicy())
    builder.enable_compact(strategy, compactor or FileCompactor.concat_file_compactor())
    return builder


def test_files_of_several_checkpoints_become_one(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, every(3)).build())
    for _ in range(2):
        job.write(2)
        job.take_checkpoint()
    assert files(tmp_path) == []
    job.write(2)
    job.take_checkpoint()
    (joined,) = files(tmp_path)
    assert joined.name.startswith("compacted-part-")
    assert joined.read_text() == "0\n1\n2\n3\n4\n5\n"


def test_files_are_joined_once_there_is_enough(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, above(8)).build())
    for seen in (0, 0, 0, 1):
        assert len(files(tmp_path)) == 0
        job.write(1)
        job.take_checkpoint()
        assert len(files(tmp_path)) == seen


def test_each_folder_has_files_of_its_own(tmp_path: Path) -> None:
    builder = lines(tmp_path, every(2)).with_bucket_assigner(ByRemainder())
    job = SinkJob(builder.build())
    for _ in range(2):
        job.write(6)
        job.take_checkpoint()
    assert [path.parent.name for path in files(tmp_path)] == ["rest=0", "rest=1", "rest=2"]
    assert files(tmp_path)[0].read_text() == "0\n3\n6\n9\n"


def test_the_end_publishes_what_is_held_back(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, every(100)).build())
    job.write(3)
    job.take_checkpoint()
    job.write(3)
    job.finish()
    assert len(files(tmp_path)) == 1
    assert numbers(tmp_path) == [0, 1, 2, 3, 4, 5]
    assert not os.path.exists(tmp_path / STAGING_FOLDER)


def test_a_delimiter_stands_between_files(tmp_path: Path) -> None:
    compactor = FileCompactor.concat_file_compactor(b"--\n")
    job = SinkJob(lines(tmp_path, every(2), compactor).build())
    for _ in range(2):
        job.write(1)
        job.take_checkpoint()
    assert files(tmp_path)[0].read_text() == "0\n--\n1\n"


def test_the_identical_compactor_joins_nothing(tmp_path: Path) -> None:
    compactor = FileCompactor.identical_file_compactor()
    job = SinkJob(lines(tmp_path, every(2), compactor).build())
    for _ in range(2):
        job.write(1)
        job.take_checkpoint()
    assert len(files(tmp_path)) == 2


def test_a_rescaled_job_publishes_what_former_writers_held_back(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, every(100)).build(), parallelism=3)
    for subtask in range(3):
        job.write(2, subtask)
    job.take_checkpoint()
    job.crash(1)
    job.finish()
    assert len(files(tmp_path)) == 1
    assert numbers(tmp_path) == list(range(6))


def test_a_job_without_compaction_now_publishes_what_was_held_back(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, every(100)).build())
    job.write(2)
    job.take_checkpoint()
    job.kill(False)
    job.sink = rows(tmp_path).build()
    job.start(1)
    job.take_checkpoint()
    assert numbers(tmp_path) == [0, 1]


def test_files_that_wait_to_be_joined_must_not_change(tmp_path: Path) -> None:
    job = SinkJob(lines(tmp_path, every(2)).build())
    job.write(1)
    job.take_checkpoint()
    (hidden,) = (tmp_path / STAGING_FOLDER).glob("*inprogress*")
    hidden.write_text("")
    job.write(1)
    with pytest.raises(SinkError, match="should hold 2 bytes and holds 0: it was changed"):
        job.take_checkpoint()


@pytest.mark.parametrize("number", [0, -3])
def test_a_number_of_checkpoints_must_be_positive(number: int) -> None:
    with pytest.raises(ConfigurationError, match="must be positive"):
        FileCompactStrategy.builder().enable_compaction_on_checkpoint(number)


def test_a_strategy_must_say_when() -> None:
    with pytest.raises(ValueError, match="a number of checkpoints or a size threshold"):
        FileCompactStrategy.builder().build()


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_each_record_is_there_once_whenever_the_job_dies(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("out")
    strategy = every(data.draw(st.integers(1, 4)))
    builder = FileSink.for_bulk_format(str(folder), LinesFactory())
    builder.with_bucket_assigner(ByRemainder())
    builder.enable_compact(strategy, FileCompactor.concat_file_compactor())
    check_sink(data, burning(builder.build()), lambda: numbers(folder))
