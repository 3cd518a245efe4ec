"""The kernels of CSV against the readers and writers that go field by field."""

from __future__ import annotations

import base64
import datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.csv.format import CsvEncoder
from flott.formats.columns.csv.kernels import CsvKernelReader, CsvKernelWriter
from flott.formats.columns.csv.records import CsvNotation
from flott.formats.columns.csv.values import CsvValues
from tests.formats.columns.decoding import fields_of, make_format
from tests.formats.columns.messaging import Columns, batch_of, read, write

COLUMNS: Columns = {
    "flag": t.BooleanType(),
    "tiny": t.TinyIntType(),
    "whole": t.BigIntType(),
    "short": t.FloatType(),
    "real": t.DoubleType(),
    "money": t.DecimalType(8, 2),
    "text": t.STRING,
    "day": t.DateType(),
    "time": t.TimeType(3),
    "at": t.TimestampType(3),
    "then": t.LocalZonedTimestampType(9),
    "raw": t.BYTES,
    "list": t.ArrayType(t.IntType()),
    "row": t.RowType.of(("x", t.IntType()), ("y", t.STRING)),
}
#: No kernel knows this delimiter.
ODD = "§"

fields = st.one_of(
    st.text(" 0123456789+-.eE_xinfaNT:\"'#;", max_size=9),
    st.integers(-(2**64), 2**64).map(str),
    st.floats().map(repr),
    st.floats(width=32).map(repr),
    st.decimals(-(10**7), 10**7, places=3).map(str),
    st.datetimes().map(lambda at: str(at.date())),
    st.datetimes().map(str),
    st.datetimes().map(lambda at: f"{at}Z"),
    st.times().map(str),
    st.binary(max_size=4).map(lambda raw: base64.b64encode(raw).decode()),
    st.sampled_from(
        ["", "n/a", "true", "TRUE", "1;2", "2024-2-9", "1e400", "7;a", "é🙂", "\r", "\n"]
    ),
)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(list(COLUMNS)),
    st.lists(st.tuples(fields, st.booleans()), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from([None, "n/a", ""]),
)
def test_fields_mean_the_same(
    name: str, found: list[tuple[str, bool]], ignores: bool, null: str | None
) -> None:
    options = {"ignore-parse-errors": str(ignores).lower()}
    if null is not None:
        options["null-literal"] = null
    columns = {"id": t.IntType(), name: COLUMNS[name]}

    def messages(delimiter: str) -> list[bytes]:
        lines = []
        for number, (text, is_quoted) in enumerate(found):
            field = '"' + text.replace('"', '""') + '"' if is_quoted else text
            lines.append(f"{number}{delimiter}{field}".encode())
        return lines

    fast = read(make_format("csv", options), columns, messages(","))
    slow = read(make_format("csv", options | {"field-delimiter": ODD}), columns, messages(ODD))
    assert fast.frame.equals(slow.frame)
    assert [bad.position for bad in fast.malformed] == [bad.position for bad in slow.malformed]


def test_plain_messages_are_read_without_the_slow_reader() -> None:
    every = fields_of(COLUMNS)
    reader = CsvKernelReader(every, [6, 0, 12], CsvNotation(), CsvValues())
    line = b'true,1,2,3.5,4.5,6.70,"a ""b"", c",2024-02-29,12:34:56,2024-02-29 12:34:56.789,'
    line += b"2024-02-29 12:34:56.789Z,YWI=,1;2,7;x"
    found = reader.read(pl.Series([line, b"1,2", line + b"\n", None], dtype=pl.Binary))
    assert found.messages.to_list() == [0, 2]
    assert found.left.to_list() == [1]
    assert found.frame.rows() == [('a "b", c', True, "1;2")] * 2
    lines = reader.read_lines(line + b"\n" + line)
    assert lines is not None
    assert lines.rows() == [('a "b", c', True, [1, 2])] * 2


@pytest.mark.parametrize("broken", [b"1\n", b"1,2,3\n", b'1,"a\nb"\n', b"\n", b"1,a\r\n", b"x,a"])
def test_blocks_with_unusual_lines_are_left(broken: bytes) -> None:
    pair = fields_of({"id": t.IntType(), "name": t.STRING})
    reader = CsvKernelReader(pair, [0, 1], CsvNotation(), CsvValues())
    assert reader.read_lines(b"1,a\n" + broken) is None


WORDS = [float("nan"), float("inf"), float("-inf"), 0.0, -0.0]
values = st.fixed_dictionaries(
    {
        "flag": st.none() | st.booleans(),
        "tiny": st.none() | st.integers(-128, 127),
        "whole": st.none() | st.integers(-(2**63), 2**63 - 1),
        # Others are left to slower code.
        "short": st.none() | st.floats(2.0**-9, 2.0**62, width=32) | st.sampled_from(WORDS),
        "real": st.none() | st.floats(-(2.0**62), -0.1) | st.sampled_from([1e-5, *WORDS]),
        "money": st.none() | st.decimals(-(10**5), 10**5, places=2),
        "text": st.none() | st.text("ab1 ,;\"'|\t\n\ré🙂#-.", max_size=30),
        "day": st.none() | st.dates(),
        "time": st.none() | st.just(datetime.time(1, 2, 3)),
        "at": st.none() | st.datetimes(datetime.datetime(1700, 1, 1)),
        "then": st.none()
        | st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2200, 1, 1)),
        "raw": st.none() | st.binary(max_size=20),
        "list": st.none() | st.lists(st.none() | st.integers(-9, 9), max_size=3),
        "row": st.none()
        | st.fixed_dictionaries({"x": st.integers(0, 9), "y": st.text(max_size=3)}),
    }
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(values, min_size=1, max_size=4),
    st.sampled_from([CsvNotation(), CsvNotation("|", "'"), CsvNotation("\t"), CsvNotation(";")]),
    st.sampled_from([None, "n/a"]),
    st.booleans(),
)
def test_rows_are_written_alike(
    rows: list[dict[str, object]], notation: CsvNotation, null: str | None, scientific: bool
) -> None:
    meaning = CsvValues(null_literal=null, scientific_decimals=scientific)
    batch = batch_of(COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
    encoder = CsvEncoder(fields_of(COLUMNS), notation, meaning)
    written = CsvKernelWriter(fields_of(COLUMNS), notation, meaning).messages(batch.frame)
    assert written is not None
    lines = encoder.lines(ColumnBatch(batch.frame))
    assert written.to_list() == [line.encode() for line in lines]
    assert encoder.encode(batch) == "".join(line + "\n" for line in lines).encode()


@pytest.mark.parametrize(
    ("number", "text"), [(1e23, b"9.999999999999999E22"), (0.5e-323, b"4.9E-324")]
)
def test_numbers_of_many_digits_are_written_all_the_same(number: float, text: bytes) -> None:
    assert write(make_format("csv"), {"d": t.DoubleType()}, [[number]]) == [text]


def test_texts_with_a_backslash_are_quoted() -> None:
    lines = write(make_format("csv"), {"text": t.STRING}, [["a\\b"], ["a|b"]])
    assert lines == [b'"a\\b"', b"a|b"]


def test_quotes_are_doubled_beside_an_escape_character() -> None:
    made = make_format("csv", {"escape-character": "\\"})
    assert write(made, {"text": t.STRING}, [['q"q'], ["a\\b"]]) == [b'"q""q"', b'"a\\\\b"']


def test_long_texts_are_quoted_and_java_counts_halves_of_characters() -> None:
    made = make_format("csv")
    texts = ["a" * 24, "a" * 25, "🙂" * 12, "🙂" * 13]
    lines = write(made, {"text": t.STRING}, [[text] for text in texts])
    assert [line[:1] == b'"' for line in lines] == [False, True, False, True]


def test_decimals_of_any_scale_are_written() -> None:
    columns = {"d": t.DecimalType(38, 10)}
    rows = [[Decimal("0")], [Decimal("-100")], [Decimal("0.0000000001")]]
    assert write(make_format("csv"), columns, rows) == [b"0", b"-1E+2", b"1E-10"]
