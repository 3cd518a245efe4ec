from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError, MalformedRecordError, SourceError
from flott.common.time import Duration
from flott.connectors.files.enumerator import (
    FileEnumeratorProvider,
    FileSplitAssignerProvider,
    SplitAssigner,
)
from flott.connectors.files.source import FileSource, FileSourceBuilder
from flott.core.source import Boundedness
from flott.formats.stream_format import StreamFormat
from flott.testing.connectors import SourceJob, check_source

SMALL_BLOCKS = {"source.file.stream.io-fetch-size": "7 bytes"}


def lines_of(*paths: Any, charset: str = "UTF-8") -> FileSourceBuilder:
    return FileSource.for_record_stream_format(StreamFormat.text_line_format(charset), *paths)


def small_splits(split_bytes: int = 8) -> FileEnumeratorProvider:
    return FileEnumeratorProvider(split_bytes=split_bytes)


def test_the_lines_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("to\nbe\n")
    assert SourceJob(lines_of(tmp_path / "a.txt").build()).finish() == ["to", "be"]


def test_a_file_uri(tmp_path: Path) -> None:
    (tmp_path / "a b.txt").write_text("to\nbe")
    uri = (tmp_path / "a b.txt").as_uri()
    assert SourceJob(lines_of(uri).build()).finish() == ["to", "be"]


def test_folders_are_read_in_order_and_hidden_files_passed_over(tmp_path: Path) -> None:
    (tmp_path / "sub" / ".tmp").mkdir(parents=True)
    for name in ("b", "a", "sub/c", ".hidden", "_SUCCESS", "sub/.tmp/d"):
        (tmp_path / name).write_text(name)
    assert SourceJob(lines_of(tmp_path).build()).finish() == ["a", "b", "sub/c"]


def test_a_hidden_file_named_by_the_user_is_read(tmp_path: Path) -> None:
    (tmp_path / "_data").write_text("x")
    assert SourceJob(lines_of(tmp_path / "_data").build()).finish() == ["x"]


def test_a_link_that_leads_back_ends(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "sub" / "a").write_text("x")
    assert SourceJob(lines_of(tmp_path).build()).finish() == ["x"]


def test_other_files_by_an_enumerator_of_ones_own(tmp_path: Path) -> None:
    for name in ("a.log", "b.txt"):
        (tmp_path / name).write_text(name)
    only_logs = FileEnumeratorProvider(accept=is_log)
    job = SourceJob(lines_of(tmp_path).set_file_enumerator(only_logs).build())
    assert job.finish() == ["a.log"]


def is_log(name: str) -> bool:
    return name.endswith(".log")


class NewestFirst(SplitAssigner):
    def next_split(self, subtask: int) -> Any:
        return self._splits.pop() if self._splits else None


def test_another_order_by_an_assigner_of_ones_own(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).write_text(name)
    builder = lines_of(tmp_path).set_split_assigner(FileSplitAssignerProvider(NewestFirst))
    assert SourceJob(builder.build()).finish() == ["c", "b", "a"]


def test_a_large_file_is_read_by_several_readers(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("".join(f"line {n}\n" for n in range(10)))
    job = SourceJob(lines_of(tmp_path).set_file_enumerator(small_splits(20)).build(), 2)
    assert job.step(0, 100)
    assert job.step(1, 100)
    assert len(job.finish()) == 10


def test_a_file_is_one_split_where_splitting_is_off(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\nor\n")
    whole = FileEnumeratorProvider.default_non_splittable_file_enumerator()
    job = SourceJob(lines_of(tmp_path).set_file_enumerator(whole).build(), 2)
    assert [job.step(0, 10), job.step(1, 10)] == [True, False]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), content=st.text("ab\n\r", max_size=60), split_bytes=st.integers(1, 70))
def test_each_line_comes_once_whatever_the_splits_and_crashes(
    tmp_path: Path, data: st.DataObject, content: str, split_bytes: int
) -> None:
    (tmp_path / "a").write_bytes(content.encode())
    source = lines_of(tmp_path).set_file_enumerator(small_splits(split_bytes)).build()
    expected = StreamFormat.text_line_format().create_decoder().decode(content.encode(), True).rows
    check_source(data, source, expected, SMALL_BLOCKS)


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    assert SourceJob(lines_of(tmp_path).build(), 2).finish() == []


def test_wide_characters_after_recoding(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\n", encoding="utf-16")
    job = SourceJob(lines_of(tmp_path, charset="UTF-16").build())
    job.step(0, 1)
    job.take_checkpoint()
    job.crash(1)
    assert job.finish() == ["to", "be"]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\n", encoding="utf-8-sig")
    job = SourceJob(lines_of(tmp_path).set_file_enumerator(small_splits(4)).build())
    assert job.finish() == ["to", "be"]


def test_a_path_where_nothing_is_fails_by_name(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"There is no file or folder '.*/missing'"):
        SourceJob(lines_of(tmp_path / "missing").build())


def test_a_file_that_vanishes_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    job = SourceJob(lines_of(tmp_path).build())
    os.unlink(tmp_path / "a")
    with pytest.raises(SourceError, match=r"/a is gone: .* Keep files until"):
        job.step(0, 10)


def test_a_file_that_shrinks_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\nor\nnot\n")
    job = SourceJob(lines_of(tmp_path).build())
    (tmp_path / "a").write_text("to\n")
    with pytest.raises(SourceError, match="held 13 bytes when it was found and ends at byte 3"):
        job.finish()


def test_a_file_shorter_than_the_position_of_a_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\nor\nnot\n")
    job = SourceJob(lines_of(tmp_path).build())
    job.step(0, 3)
    job.take_checkpoint()
    (tmp_path / "a").write_text("to\nbe\n")
    job.crash(1)
    with pytest.raises(SourceError, match="has shrunk"):
        job.finish()


def test_a_broken_line_fails_with_file_line_and_position(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"to\nbe\n\xff password=enigma\n")
    job = SourceJob(lines_of(tmp_path).build())
    with pytest.raises(MalformedRecordError) as caught:
        job.finish()
    error = caught.value
    assert (error.file, error.line, error.position) == (str(tmp_path / "a"), 3, 6)
    assert "enigma" not in str(error)


def test_broken_lines_are_skipped_and_counted_on_demand(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"to\n\xff\nbe\n\xfe\n")
    job = SourceJob(lines_of(tmp_path).build(), configuration={"flott.source.on-error": "skip"})
    assert job.finish() == ["to", "be"]
    assert job.rejected == []
    assert job.tasks[0].context.metrics.counter("numRecordsInErrors").get_count() == 2


def test_broken_lines_are_put_aside_on_demand(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"to\n\xff\nbe\n\xfe\n")
    job = SourceJob(lines_of(tmp_path).set_on_error("dead-letter").build())
    assert job.finish() == ["to", "be"]
    assert [(r.line, r.position, r.raw) for r in job.rejected] == [(2, 3, b"\xff"), (4, 8, b"\xfe")]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), lines=st.lists(st.sampled_from([b"a", b"", b"b\xff"]), max_size=20))
def test_each_broken_line_is_put_aside_once_whatever_happens(
    tmp_path: Path, data: st.DataObject, lines: list[bytes]
) -> None:
    (tmp_path / "a").write_bytes(b"".join(line + b"\n" for line in lines))
    builder = lines_of(tmp_path).set_file_enumerator(small_splits(9))
    source = builder.set_on_error("dead-letter").build()
    good = [line.decode() for line in lines if b"\xff" not in line]
    job = check_source(data, source, good, SMALL_BLOCKS)
    numbers = [index for index, line in enumerate(lines, 1) if b"\xff" in line]
    assert sorted(record.line for record in job.rejected) == numbers


def test_an_unknown_choice_for_broken_lines_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="choose one of fail, skip, dead-letter"):
        lines_of(tmp_path).set_on_error("ignore")


def test_new_files_are_found_while_monitoring(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    source = lines_of(tmp_path).monitor_continuously(Duration.of_seconds(1)).build()
    assert source.boundedness is Boundedness.CONTINUOUS_UNBOUNDED
    job = SourceJob(source)
    job.step(0, 10)
    (tmp_path / "b").write_text("2")
    job.step(0, 10)
    assert job.records == ["1"]
    job.pass_time(1000)
    job.step(0, 10)
    assert job.records == ["1", "2"]


def test_files_seen_before_a_restart_are_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    job = SourceJob(lines_of(tmp_path).monitor_continuously(Duration.of_seconds(1)).build())
    job.step(0, 10)
    job.take_checkpoint()
    (tmp_path / "b").write_text("2")
    job.crash(2)
    for _ in range(3):
        job.pass_time(1000)
        job.step(0, 10)
        job.step(1, 10)
    assert sorted(job.records) == ["1", "2"]


def test_an_interval_that_is_not_positive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="at least 1 ms"):
        lines_of(tmp_path).monitor_continuously(Duration.of_millis(0))


def test_where_a_record_came_from(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("to\nbe\nor not\n")
    job = SourceJob(lines_of(tmp_path).build())
    job.step(0, 10)
    reader = job.tasks[0].reader
    assert reader.describe_position(job.records[2]) == f"{tmp_path / 'a'}, line 3"
    assert reader.describe_position("another") is None


def test_paused_splits_let_others_pass(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    job = SourceJob(lines_of(tmp_path).build())
    job.coordinator.assign({0: [job.enumerator._assigner.next_split(0) for _ in range(2)]})
    job._deliver()
    job.tasks[0].reader.pause_splits([f"{tmp_path / 'a'}@0"], [])
    assert job.step(0, 10)
    assert job.records == ["b"]
    job.tasks[0].reader.pause_splits([], [f"{tmp_path / 'a'}@0"])
    assert job.tasks[0].context.wakes == 1
    assert sorted(job.finish()) == ["a", "b"]


def test_a_source_without_paths_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one path"):
        lines_of()
