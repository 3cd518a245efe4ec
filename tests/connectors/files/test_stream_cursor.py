"""Reading one split, without enumerator and job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import SourceError
from flott.connectors.bad_records import BadRecords, OnError
from flott.connectors.files.local_store import LocalStore
from flott.connectors.files.split import FilePosition, FileSplit
from flott.connectors.files.stream_cursor import StreamCursor
from flott.formats.stream_format import Decoded, StreamDecoder, StreamFormat
from tests.connectors.fakes import FakeContext

TEXT = StreamFormat.text_line_format()


def cursor(
    path: Path,
    start: int = 0,
    stop: int | None = None,
    position: FilePosition | None = None,
    block_bytes: int = 1000,
    stream_format: StreamFormat = TEXT,
) -> StreamCursor:
    size = path.stat().st_size
    split = FileSplit("s", str(path), start, size if stop is None else stop, size, position)
    bad_records = BadRecords(FakeContext(), OnError.DEAD_LETTER)
    return StreamCursor(split, LocalStore(), stream_format, bad_records, block_bytes)


def drain(reading: StreamCursor, rows_max: int = 3) -> list[Any]:
    rows: list[Any] = []
    while True:
        found = reading.read(rows_max)
        assert found is not None
        rows += found.batch.values if found.batch is not None else []  # type: ignore[attr-defined]
        if found.finished:
            reading.close()
            return rows


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "a"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_line_belongs_to_the_range_in_which_it_begins(tmp_path: Path) -> None:
    path = file_of(tmp_path, "aa\nbb\ncc\n")
    parts = [drain(cursor(path, *bounds)) for bounds in ((0, 2), (2, 3), (3, 4), (4, 7), (7, 9))]
    assert parts == [["aa"], [], ["bb"], ["cc"], []]


def test_a_range_within_one_line_has_no_record(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a" * 100 + "\nb\n")
    assert drain(cursor(path, 10, 90, block_bytes=7)) == []


def test_a_line_longer_than_a_block_is_read_whole(tmp_path: Path) -> None:
    path = file_of(tmp_path, "a" * 1000 + "\nb\n")
    assert drain(cursor(path, block_bytes=3)) == ["a" * 1000, "b"]


@given(
    lines=st.lists(st.text("ab", max_size=4), max_size=12),
    taken=st.integers(0, 12),
    blocks=st.tuples(st.integers(1, 20), st.integers(1, 20)),
)
def test_a_position_means_the_same_whatever_the_size_of_blocks(
    tmp_path_factory: Any, lines: list[str], taken: int, blocks: tuple[int, int]
) -> None:
    path = file_of(tmp_path_factory.mktemp("in"), "".join(line + "\n" for line in lines))
    first = cursor(path, block_bytes=blocks[0])
    rows: list[Any] = []
    while len(rows) < min(taken, len(lines)):
        found = first.read(1)
        assert found is not None
        rows += found.batch.values if found.batch is not None else []  # type: ignore[attr-defined]
    again = cursor(path, position=first.split().position, block_bytes=blocks[1])
    assert rows + drain(again) == lines


def test_before_the_first_read_the_split_is_as_it_was(tmp_path: Path) -> None:
    reading = cursor(file_of(tmp_path, "a\n"))
    assert reading.split().position is None
    reading.close()


def test_positions_count_from_the_block(tmp_path: Path) -> None:
    reading = cursor(file_of(tmp_path, "a\nb\nc\nd\n"), block_bytes=4)
    reading.read(1)
    positions = []
    for _ in range(3):
        reading.read(1)
        positions.append(reading.split().position)
    # The first fill, for the header, and the second are one block of eight bytes.
    assert positions[0] == FilePosition(0, 2, 8)
    assert positions[-1] == FilePosition(8, 0, 8)


def test_broken_lines_carry_their_place_in_the_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a\n\xff\nb\n\xfe")
    rejected = []
    reading = cursor(path, start=2, block_bytes=3)
    while True:
        found = reading.read(1)
        assert found is not None
        rejected += found.rejected
        if found.finished:
            break
    assert [(r.position, r.line, r.raw) for r in rejected] == [(2, 2, b"\xff"), (6, 4, b"\xfe")]
    assert {r.source for r in rejected} == {str(path)}


class Endless(StreamDecoder):
    """Never has enough."""

    def decode(self, buffer: bytes, is_last: bool) -> Decoded:
        return Decoded([len(buffer)] if is_last else [], len(buffer) if is_last else 0)

    def record_offsets(self, buffer: bytes, is_last: bool) -> Any:
        return iter([0])


class EndlessFormat(StreamFormat):
    def create_decoder(self) -> StreamDecoder:
        return Endless()


def test_a_decoder_that_waits_gets_more_until_the_end(tmp_path: Path) -> None:
    path = file_of(tmp_path, "x" * 1000)
    assert drain(cursor(path, block_bytes=3, stream_format=EndlessFormat())) == [1000]


def test_a_format_of_ones_own_is_asked_for_positions(tmp_path: Path) -> None:
    path = file_of(tmp_path, "x\ny\n")
    reading = cursor(path, stream_format=EndlessFormat())
    found = None
    while found is None or found.batch is None:
        found = reading.read(5)
    assert reading.describe_position(found.batch.values[0]) == f"{path}, line 1"  # type: ignore[attr-defined]
    assert reading.describe_position("another") is None


def test_a_file_that_shrank_below_a_position_is_named_even_if_recoded(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("to\nbe\n", encoding="utf-16")
    wide = StreamFormat.text_line_format("utf-16")
    with pytest.raises(SourceError, match="has shrunk"):
        cursor(path, position=FilePosition(100, 0), stream_format=wide).read(1)


def test_text_of_another_encoding_is_named(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"\xff\xfea\x00\x00\xd8")
    wide = StreamFormat.text_line_format("utf-16")
    with pytest.raises(SourceError, match="/a is not utf-16 text"):
        drain(cursor(path, stream_format=wide))
