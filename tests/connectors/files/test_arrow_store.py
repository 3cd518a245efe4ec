"""Stores behind pyarrow: here ``mock://``, in memory, and an object store without rename."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pyarrow.fs as pafs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.errors import ConfigurationError, SinkError, SourceError
from flott.common.serialization import Encoder
from flott.connectors.files.arrow_store import ArrowStore
from flott.connectors.files.bucket_assigner import BucketAssigner
from flott.connectors.files.committer import FileCommitter
from flott.connectors.files.open_store import open_store
from flott.connectors.files.pending import PendingPart
from flott.connectors.files.sink import FileSink
from flott.connectors.files.source import FileSource
from flott.connectors.files.split import FileSplit
from flott.connectors.files.store import FileStore, is_local
from flott.core.batch import RowBatch
from flott.formats.parquet_read import ParquetFormat
from flott.formats.parquet_write import ParquetBulkWriters
from flott.formats.stream_format import StreamFormat
from flott.testing.connectors import Fuse, SinkJob, SourceJob, check_sink
from tests.connectors.files.test_file_sink import BurningStore

counter = itertools.count()


def fresh_uri() -> str:
    """A folder of its own: all ``mock`` URIs share one file system."""
    return f"mock:///test {next(counter)}"


def put(uri: str, text: str) -> None:
    with open_store(uri).create(uri) as stream:
        stream.write(text.encode())


def get_all(uri: str) -> list[str]:
    store = open_store(uri)
    try:
        found = list(store.list_files(uri, lambda name: not name.startswith(".")))
    except FileNotFoundError:
        return []
    lines: list[str] = []
    for info in found:
        with store.open_input(info.path) as stream:
            lines += stream.read().decode().splitlines()
    return lines


def test_one_store_for_all_paths_of_an_authority() -> None:
    assert open_store("mock:///a") is open_store("mock:///b")
    assert not is_local("mock:///a")


def test_files_of_a_folder_are_read() -> None:
    uri = fresh_uri()
    put(uri + "/b%20c", "2\n3\n")
    put(uri + "/sub/a", "1\n")
    put(uri + "/.hidden/x", "no\n")
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), uri).build()
    assert sorted(SourceJob(source).finish()) == ["1", "2", "3"]


def test_a_file_named_by_the_user_is_read() -> None:
    uri = fresh_uri() + "/_a"
    put(uri, "1\n")
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), uri).build()
    assert SourceJob(source).finish() == ["1"]


def test_a_path_where_nothing_is_fails_by_name() -> None:
    uri = fresh_uri()
    source = FileSource.for_record_stream_format(StreamFormat.text_line_format(), uri).build()
    with pytest.raises(SourceError, match="There is no file or folder 'mock:"):
        SourceJob(source)


def sink_to(uri: str) -> FileSink:
    builder = FileSink.for_row_format(uri, Encoder.simple_string_encoder())
    builder.with_bucket_assigner(BucketAssigner.base_path_bucket_assigner())
    return builder.build()


def test_a_checkpoint_closes_files_that_cannot_go_on() -> None:
    uri = fresh_uri()
    job = SinkJob(sink_to(uri))
    job.write(2)
    assert get_all(uri) == []
    job.take_checkpoint()
    assert get_all(uri) == ["0", "1"]
    job.write(1)
    job.finish()
    assert sorted(get_all(uri)) == ["0", "1", "2"]
    assert open_store(uri).list_names(uri + "/.flott-inprogress") == []


def test_parquet_travels_through_a_store() -> None:
    uri = fresh_uri()
    job = SinkJob(FileSink.for_bulk_format(uri, ParquetBulkWriters.for_records()).build())
    job.tasks[0].writer.write(RowBatch([{"id": 1}]))
    job.finish()
    source = FileSource.for_bulk_file_format(ParquetFormat(), uri).build()
    assert [row.id for row in SourceJob(source).finish()] == [1]


class WithoutRename(ArrowStore):
    """An object store: a move is a copy and a delete, and the process may die between."""

    def __init__(self, folder: Path, fuse: Fuse) -> None:
        super().__init__(pafs.LocalFileSystem(), str(folder))
        self.fuse = fuse

    def move(self, source: str, target: str) -> None:
        old, new = self._plain(source), self._plain(target)
        self._create_folder_of(new)
        self._fs.copy_file(old, new)
        self.fuse.burn()
        self._fs.delete_file(old)


class ObjectSink(FileSink):
    store: FileStore

    def open_store(self) -> FileStore:
        return self.store


@settings(deadline=None, max_examples=100)
@given(data=st.data())
def test_each_row_is_there_once_whenever_the_job_dies(
    tmp_path_factory: Any, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("bucket")

    def make(fuse: Fuse) -> FileSink:
        sink = sink_to("mock:///out")
        sink.__class__ = ObjectSink
        sink.store = BurningStore(WithoutRename(folder, fuse), fuse)  # type: ignore[attr-defined]
        return sink

    def read() -> list[int]:
        parts = [path for path in (folder / "out").glob("part-*") if path.is_file()]
        return [int(line) for path in parts for line in path.read_text().splitlines()]

    check_sink(data, make, read)


def test_what_cannot_be_reached_is_named_without_its_keys() -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_store("nosuch://key:secret@host/out?token=secret")
    assert "nosuch://host" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_keys_in_a_uri_are_shown_nowhere() -> None:
    uri = f"mock://user:enigma@host/{next(counter)}?token=enigma"
    split = FileSplit.of(f"{uri}/a", 0, 1, 1)
    assert "enigma" not in split.split_id + split.place
    messages = []
    for act in (lambda: SourceJob(lines_of(uri)), lambda: fail_to_commit(uri)):
        with pytest.raises((SourceError, SinkError)) as caught:
            act()
        messages.append(str(caught.value))
    assert "enigma" not in "".join(messages)


def lines_of(uri: str) -> FileSource:
    return FileSource.for_record_stream_format(StreamFormat.text_line_format(), uri).build()


def fail_to_commit(uri: str) -> None:
    gone = PendingPart(f"{uri}/a", f"{uri}/b", 1, 1)
    FileCommitter(open_store("mock:///x"), uri, None).commit([gone])
