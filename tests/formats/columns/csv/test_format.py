from __future__ import annotations

import csv
import datetime
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, SinkError, UnsupportedFeature
from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.csv.records import CsvNotation, read_records, split_block
from tests.formats.columns.decoding import decode, encode, make_format, reasons, rows

INT = t.IntType()
S = t.STRING
NOON = datetime.datetime(2024, 2, 29, 12, 0, 0, 500000)


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        (t.BooleanType(), "TRUE", True),
        (t.BooleanType(), "yes", False),
        (INT, " +5 ", 5),
        (t.DoubleType(), "-1e3", -1000.0),
        (t.DecimalType(5, 2), "1.005", Decimal("1.01")),
        (t.DecimalType(3, 2), "10", None),
        (S, " a ", " a "),
        (S, "", ""),
        (t.DateType(), "2024-2-9", datetime.date(2024, 2, 9)),
        (t.TimeType(), "12:34:56.789", datetime.time(12, 34, 56)),
        (t.TimeType(2), "12:34:56.789", datetime.time(12, 34, 56, 780000)),
        (t.TimestampType(3), "2024-02-29 12:00:00.5", NOON),
        (t.LocalZonedTimestampType(3), "2024-02-29 12:00:00.5Z", NOON),
        (t.BYTES, "YWJj", b"abc"),
        (t.ArrayType(S), "a;b;", ["a", "b", ""]),
        (t.ArrayType(S), "", []),
        (t.ArrayType(S), ";", ["", ""]),
        (t.RowType.of(("x", INT), ("y", S)), "7;left", {"x": 7, "y": "left"}),
        (t.RowType.of(("x", INT), ("y", S)), "", None),
    ],
)  # fmt: skip
def test_field_means_what_flink_reads(data_type: t.DataType, text: str, value: object) -> None:
    assert rows("csv", {"k": INT, "v": data_type}, f"1,{text}\n") == [(1, value)]


def test_empty_number_is_an_error_without_null_literal() -> None:
    columns = {"id": INT, "v": INT}
    assert reasons("csv", columns, "1,\n") == ["column 'v': no whole number: ''"]
    assert rows("csv", columns, "1,\n", {"null-literal": ""}) == [(1, None)]


def test_null_literal_stands_for_null_in_quotes_too() -> None:
    options = {"null-literal": "NULL"}
    assert rows("csv", {"a": S, "b": INT}, 'NULL,1\n"NULL",NULL\n', options) == [
        (None, 1),
        (None, None),
    ]


def test_quotes_hold_delimiters_line_ends_and_quotes() -> None:
    text = '"a,b","say ""hi"""\r\nin"ner,"two\nlines"\n'
    assert rows("csv", {"a": S, "b": S}, text) == [("a,b", 'say "hi"'), ('in"ner', "two\nlines")]


def test_escapes_and_other_notation() -> None:
    options = {"field-delimiter": ";", "quote-character": "'", "escape-character": "\\"}
    text = "1;'it\\'s';x\\;y\n2;'';\\N\n"
    assert rows("csv", {"i": INT, "a": S, "b": S}, text, options) == [
        (1, "it's", "x;y"),
        (2, "", "N"),
    ]


def test_comments_and_empty_lines_are_passed_over_if_allowed() -> None:
    text = "# head\n1,one\n\n#3,three\n4,#four\n"
    found = rows("csv", {"id": INT, "name": S}, text, {"allow-comments": "true"})
    assert found == [(1, "one"), (4, "#four")]


def test_rows_of_another_length_are_broken() -> None:
    text = "1,a\n2\n3,c,more\n\n"
    found = reasons("csv", {"id": INT, "v": S}, text)
    assert found == [f"expected 2 columns, found {count}" for count in (1, 3, 1)]


def test_ignored_errors_leave_nulls_and_drop_long_rows() -> None:
    text = "1,10,a\nx,20,b\n3,notnum\n5,50,c,extra\n 9, 90 ,d\n"
    columns = {"id": INT, "v": INT, "s": S}
    found = rows("csv", columns, text, {"ignore-parse-errors": "true"})
    assert found == [(1, 10, "a"), (None, 20, "b"), (3, None, None), (9, 90, "d")]


def test_an_open_quote_waits_for_the_next_block() -> None:
    request = FormatRequest((t.RowField("a", S),), ("a",))
    decoder = make_format("csv").create_stream_format(request).create_decoder()
    decoded = decoder.decode(b'x\n"open\n', False)
    assert (decoded.rows.frame.rows(), decoded.consumed) == ([("x",)], 2)
    assert decoder.decode(b'"open\nend"\n', False).rows.frame.rows() == [("open\nend",)]


def test_a_quote_never_closed_is_broken_at_the_end() -> None:
    decoded = decode("csv", {"a": S}, 'x\n"open\n')
    assert [bad.reason for bad in decoded.malformed] == [
        "field 1 has a quote that is opened and never closed"
    ]
    assert decoded.malformed[0].offset == 2


def test_text_behind_a_quote_is_broken() -> None:
    [reason] = reasons("csv", {"a": S}, '"a"b\n')
    assert "behind a quote" in reason


def test_wanted_columns_are_found_by_name() -> None:
    columns = {"a": INT, "b": S, "c": INT}
    assert rows("csv", columns, "x,b,3\n", wanted=["c", "b"]) == [(3, "b")]
    assert rows("csv", columns, "x,b,3\n", wanted=[]) == [()]


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8"), max_size=6), st.text('a",; \n\r\\#é', max_size=6)
        ),
        max_size=5,
    )
)
def test_block_and_record_readers_agree_with_the_writer(values: list[tuple[str, str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(values)
    block = stream.getvalue().encode()
    expected = [list(value) for value in values]
    assert [record.fields for record in read_records(block, CsvNotation(), True)] == expected
    assert split_block(block, CsvNotation()) == expected


@given(st.lists(st.tuples(st.text(max_size=40), st.none() | st.integers(-5, 5)), max_size=5))
def test_what_is_written_is_read_again(values: list[tuple[str, int | None]]) -> None:
    columns = {"s": S, "i": INT}
    options = {"null-literal": "NULL"}
    kept = [(text if text != "NULL" else "", number) for text, number in values]
    assert rows("csv", columns, encode("csv", columns, kept, options), options) == kept


def test_values_are_quoted_as_flink_quotes_them() -> None:
    columns = {"s": S, "ts": t.TimestampType(3), "d": t.DecimalType(5, 2)}
    written = encode("csv", columns, [("plain", NOON, Decimal("-5.25")), ("x" * 25, None, None)])
    assert written == f'plain,"2024-02-29 12:00:00.5",-5.25\n"{"x" * 25}",,\n'


def test_decimals_are_written_with_an_exponent_unless_told() -> None:
    columns = {"d": t.DecimalType(5, 0)}
    options = {"write-bigdecimal-in-scientific-notation": "false"}
    assert encode("csv", columns, [(Decimal(100),)]) == "1E+2\n"
    assert encode("csv", columns, [(Decimal(100),)], options) == "100\n"


def test_without_quotes_a_delimiter_cannot_be_written() -> None:
    with pytest.raises(SinkError, match="without quotes"):
        encode("csv", {"a": S}, [("a,b",)], {"disable-quote-character": "true"})


@pytest.mark.parametrize(
    "options",
    [
        {"field-delimiter": "||"},
        {"quote-character": "''"},
        {"quote-character": "'", "disable-quote-character": "true"},
        {"ignore-parse-errors": "maybe"},
    ],
)
def test_wrong_options_are_refused(options: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        make_format("csv", options)


def test_delimiters_may_be_written_as_escapes() -> None:
    assert rows("csv", {"a": S, "b": S}, "x\ty\n", {"field-delimiter": "\\t"}) == [("x", "y")]


@pytest.mark.parametrize("data_type", [t.MapType(S, S), t.TimeType(6), t.ArrayType(t.ArrayType(S))])
def test_types_without_a_field_are_refused(data_type: t.DataType) -> None:
    with pytest.raises(UnsupportedFeature, match="CSV of type"):
        rows("csv", {"v": data_type}, "")
