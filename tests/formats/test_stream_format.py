from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.formats.stream_format import Malformed, StreamFormat, complete_length, split_lines

TEXT = StreamFormat.text_line_format()


def decode(data: bytes, is_last: bool = True, charset: str = "UTF-8") -> list[str]:
    decoder = StreamFormat.text_line_format(charset).create_decoder()
    return decoder.decode(data, is_last).rows


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_kind_of_line_end(end: bytes) -> None:
    assert decode(end.join([b"to", b"", b"be", b""])) == ["to", "", "be"]


def test_the_last_line_needs_no_end() -> None:
    assert decode(b"to\nbe") == ["to", "be"]


def test_an_incomplete_line_waits_for_the_rest() -> None:
    decoded = TEXT.create_decoder().decode(b"to\nbe", False)
    assert (decoded.rows, decoded.consumed) == (["to"], 3)


def test_a_carriage_return_at_the_end_of_a_buffer_may_be_half_an_end() -> None:
    assert TEXT.create_decoder().decode(b"to\r", False).consumed == 0
    assert TEXT.create_decoder().decode(b"to\rbe\r", False).rows == ["to"]


def test_other_separators_of_unicode_do_not_end_lines() -> None:
    text = "a\u2028b\x0bc\x1cd\x85e"
    assert decode(text.encode()) == [text]


def test_bytes_that_are_no_text_spoil_only_their_line() -> None:
    decoded = TEXT.create_decoder().decode(b"good\nb\xffd\nfine\n", True)
    assert decoded.rows == ["good", "fine"]
    reason = "byte 0xff at position 1 of the line is not utf-8 text"
    assert decoded.malformed == [Malformed(5, 3, reason)]


def test_other_encodings() -> None:
    assert decode("naïve\n".encode("latin-1"), charset="ISO-8859-1") == ["naïve"]
    assert decode("日本\n".encode("shift_jis"), charset="Shift_JIS") == ["日本"]


def test_encodings_without_plain_line_feeds_are_recoded_and_not_split() -> None:
    wide = StreamFormat.text_line_format("UTF-16")
    assert (wide.charset, wide.is_splittable) == ("utf-16", False)
    assert (TEXT.charset, TEXT.is_splittable) == (None, True)


def test_an_unknown_encoding_is_refused() -> None:
    with pytest.raises(ValueError, match="no encoding 'klingon'"):
        StreamFormat.text_line_format("klingon")


def test_a_byte_order_mark_is_a_header() -> None:
    assert TEXT.create_decoder().read_header(b"\xef\xbb\xbfto", True) == 3
    assert TEXT.create_decoder().read_header(b"to", True) == 0


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"))))
def test_lines_come_back_as_they_were_written(lines: list[str]) -> None:
    data = "".join(line + "\n" for line in lines).encode()
    assert decode(data) == lines


@given(st.text("ab\n\r").map(str.encode), st.integers(0, 20))
def test_decoding_in_two_parts_gives_the_same(data: bytes, cut: int) -> None:
    first = TEXT.create_decoder().decode(data[:cut], False)
    rest = data[first.consumed :]
    assert first.rows + decode(rest) == decode(data)
    assert first.consumed == complete_length(data[:cut])


@given(st.text("ab\n\r").map(str.encode))
def test_split_lines_is_how_java_reads_lines(data: bytes) -> None:
    lines = re.split(rb"\r\n|\r|\n", data)
    assert split_lines(data) == lines[: len(lines) - (not lines[-1])]


@given(st.text("ab\n\r").map(str.encode))
def test_offsets_point_at_the_beginnings_of_records(data: bytes) -> None:
    decoder = TEXT.create_decoder()
    offsets = list(decoder.record_offsets(data, True))
    assert [decode(data[offset:])[0] for offset in offsets] == decode(data)
