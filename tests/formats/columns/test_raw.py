from __future__ import annotations

import pytest

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, SinkError, UnsupportedFeature
from tests.formats.columns.decoding import encode, make_format, reasons, rows


def test_lines_are_kept_as_they_are() -> None:
    assert rows("raw", {"v": t.STRING}, '  a \n\n"b", c') == [("  a ",), ("",), ('"b", c',)]


def test_numbers_are_bytes_in_the_order_told() -> None:
    assert rows("raw", {"v": t.IntType()}, "abcd\nwxyz") == [(1633837924,), (2004384122,)]
    little = rows("raw", {"v": t.IntType()}, "abcd", {"endianness": "little-endian"})
    assert little == [(1684234849,)]


def test_a_number_of_another_length_is_broken() -> None:
    assert reasons("raw", {"v": t.IntType()}, "abc\n") == ["a raw INT has 4 bytes, this one 3"]


def test_texts_have_the_charset_told() -> None:
    assert rows("raw", {"v": t.STRING}, b"\xe9", {"charset": "latin-1"}) == [("é",)]


def test_values_are_written_line_by_line() -> None:
    assert encode("raw", {"v": t.STRING}, [("a",), ("",)]) == "a\n\n"


def test_a_line_is_not_null() -> None:
    with pytest.raises(SinkError, match="cannot be NULL"):
        encode("raw", {"v": t.STRING}, [(None,)])


def test_utf_16_without_a_mark_is_read_from_the_most_significant_byte() -> None:
    read = make_format("raw", {"charset": "UTF-16"}).reader(t.STRING)
    assert [read(data) for data in (b"\x00a", b"\xff\xfea\x00", b"\xfe\xff\x00a")] == ["a"] * 3


def test_utf_16_is_written_with_a_mark() -> None:
    write = make_format("raw", {"charset": "UTF-16"}).writer(t.STRING)
    assert write("a") == b"\xfe\xff\x00a"


def test_one_column_only() -> None:
    with pytest.raises(UnsupportedFeature, match="one column"):
        rows("raw", {"a": t.STRING, "b": t.STRING}, "")


def test_unknown_charset_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no encoding"):
        make_format("raw", {"charset": "klingon"})
