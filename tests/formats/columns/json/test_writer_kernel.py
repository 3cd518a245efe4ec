"""The kernel writes JSON byte by byte as the slow writer does."""

from __future__ import annotations

import datetime
import math
import sys
from decimal import Decimal
from typing import Any

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.physical_types import polars_schema
from flott.common.sql_errors import RecordError
from flott.core.column_batch import ColumnBatch
from flott.formats.columns.json.format import JsonObjects, make_rows_writer
from flott.formats.columns.json.writer import JsonStyle, NullKeyMode, json_bytes
from flott.formats.columns.temporal_text import TimestampStandard
from tests.formats.columns.decoding import KINDS, encode, encode_messages

DECIMALS = [Decimal(f"{number}e-3") for number in (0, 1, 10, 1000, 123000, 10**9, -5, 12345)]
times = st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59))
decimals = st.sampled_from(DECIMALS) | st.decimals(-(10**8), 10**8, places=3)
texts = st.text(max_size=30) | st.text('"\\/\n\t\x00\x1f\x7f é🙂a', max_size=20)
reals = st.floats() | st.sampled_from([0.0, -0.0, 1e-3, 9.999999e-4, 1e7, 9999999.0, 1e22, 5e-324])
floats = st.floats(width=32) | st.sampled_from([0.1, 1e7, 16777216.0, 1e-3, 3.4028235e38, 1e-45])
X = t.RowType.of(("x", t.IntType()), ('na"me', t.STRING), ("d", t.DoubleType()))

COLUMNS: dict[str, tuple[t.DataType, st.SearchStrategy[Any]]] = {
    "b": (t.BooleanType(), st.booleans()),
    "tiny": (t.TinyIntType(), st.integers(-128, 127)),
    "small": (t.SmallIntType(), st.integers(-(2**15), 2**15 - 1)),
    "i": (t.IntType(), st.integers(-(2**31), 2**31 - 1)),
    "long": (t.BigIntType(), st.integers(-(2**63), 2**63 - 1)),
    "d": (t.DoubleType(), reals),
    "f": (t.FloatType(), floats.filter(lambda value: abs(value) < 3.5e38 or value != value)),
    "de": (t.DecimalType(12, 3), decimals),
    "big": (t.DecimalType(38, 18), st.decimals(-(10**19), 10**19, places=18)),
    "no point": (t.DecimalType(38, 0), st.integers(-(10**37), 10**37).map(Decimal)),
    's"\\': (t.STRING, texts),
    "bytes": (t.BYTES, st.binary(max_size=20)),
    "day": (t.DateType(), st.dates()),
    "tm": (t.TimeType(3), st.times()),
    "ts": (t.TimestampType(6), times),
    "tz": (t.LocalZonedTimestampType(3), times),
    "months": (t.YearMonthIntervalType(), st.integers(-100, 100)),
    "millis": (t.DayTimeIntervalType(), st.integers(-(10**12), 10**12)),
    "r": (X, st.fixed_dictionaries({
        "x": st.none() | st.integers(-9, 9), 'na"me': st.none() | texts, "d": st.none() | reals,
    })),
    "a": (t.ArrayType(t.ArrayType(t.DateType())), st.lists(
        st.none() | st.lists(st.none() | st.dates(), max_size=2), max_size=3)),
    "m": (t.MapType(t.STRING, t.DecimalType(5, 2)), st.lists(st.fixed_dictionaries({
        "key": texts, "value": st.none() | st.decimals(-99, 99, places=2)}), max_size=3)),
    "bag": (t.MultisetType(t.STRING), st.lists(
        st.fixed_dictionaries({"key": texts, "value": st.integers(1, 5)}), max_size=2)),
}  # fmt: skip


def fields_and_frame(
    names: list[str], rows: list[tuple[Any, ...]]
) -> tuple[list[t.RowField], pl.DataFrame]:
    types = [COLUMNS[name][0] for name in names]
    fields = [t.RowField(name, each) for name, each in zip(names, types, strict=True)]
    return fields, pl.DataFrame(rows, schema=polars_schema(types), orient="row")


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[t.RowField], pl.DataFrame]:
    names = draw(st.lists(st.sampled_from(list(COLUMNS)), min_size=1, max_size=6, unique=True))
    row = st.tuples(*(st.none() | COLUMNS[name][1] for name in names))
    return fields_and_frame(names, draw(st.lists(row, max_size=5)))


styles = st.builds(
    JsonStyle,
    st.sampled_from(TimestampStandard),
    plain_decimals=st.booleans(),
    omits_nulls=st.booleans(),
)


@settings(max_examples=500, deadline=None)
@given(batches(), styles)
def test_kernel_and_slow_writer_agree(
    batch: tuple[list[t.RowField], pl.DataFrame], style: JsonStyle
) -> None:
    fields, frame = batch
    writer = make_rows_writer(fields, style)
    assert writer is not None
    expected = list(map(json_bytes, JsonObjects(fields, style).of(ColumnBatch(frame))))
    messages = writer.messages(frame, None)
    if messages is not None:
        assert messages.to_list() == expected
        assert writer.lines(frame, None) == b"".join(text + b"\n" for text in expected)
    else:
        maps = t.MapType | t.MultisetType
        reals = (each for row in frame.rows() for each in row if isinstance(each, float | dict))
        assert any(map(_is_hard, reals)) or any(isinstance(each.data_type, maps) for each in fields)


def _is_hard(value: float | dict[str, Any]) -> bool:
    """Whether the digits of a number, or one in a row, take more than 64 bits to find."""
    if isinstance(value, dict):
        return value["d"] is not None and _is_hard(value["d"])
    size = abs(value)
    is_small = size < sys.float_info.min or size < 1.1754943508222875e-38
    is_power_of_two = math.isfinite(value) and math.frexp(size)[0] == 0.5
    return 2.0**63 <= size < math.inf or (size != 0 and is_small) or (size < 1 and is_power_of_two)


@settings(max_examples=300, deadline=None)
@given(st.lists(reals, max_size=20), st.lists(floats, max_size=20))
def test_numbers_are_those_of_the_slow_writer(doubles: list[float], singles: list[float]) -> None:
    for name, values in (("d", doubles), ("f", singles)):
        fields, frame = fields_and_frame([name], [(value,) for value in values])
        writer = make_rows_writer(fields, JsonStyle())
        assert writer is not None
        messages = writer.messages(frame, None)
        if messages is None:
            assert any(map(_is_hard, values))
            continue
        expected = JsonObjects(fields, JsonStyle()).of(ColumnBatch(frame))
        assert messages.to_list() == list(map(json_bytes, expected))


@pytest.mark.parametrize("size", [0, 1, 11, 12, 13, 15, 16, 17, 63, 64, 65, 1000])
def test_texts_of_every_length(size: int) -> None:
    for end in ("", '"', "\n", "é"):
        text = "x" * size + end
        assert encode_messages("json", {"s": t.STRING}, [(text,)]) == [orjson.dumps({"s": text})]


def test_characters_beyond_the_first_65536_are_pairs_of_escapes() -> None:
    lines = encode("json", {"s": t.STRING}, [("é🙂\n",), ("\U0010ffff",)])
    assert lines == '{"s":"é\\uD83D\\uDE42\\n"}\n{"s":"\\uDBFF\\uDFFF"}\n'


def test_nine_digits_of_a_second_are_written() -> None:
    fields = [t.RowField("at", t.TimestampType(9))]
    frame = pl.Series("f0", [-1, 10**9 + 120]).cast(pl.Datetime("ns")).to_frame()
    writer = make_rows_writer(fields, JsonStyle())
    assert writer is not None
    assert writer.lines(frame, None) == (
        b'{"at":"1969-12-31 23:59:59.999999999"}\n{"at":"1970-01-01 00:00:01.00000012"}\n'
    )


def test_thirty_eight_digits_are_kept() -> None:
    digits = "12345678901234567890.123456789012345678"
    assert (
        encode("json", {"d": t.DecimalType(38, 18)}, [(Decimal(digits),)]) == f'{{"d":{digits}}}\n'
    )


def test_no_rows_and_no_columns() -> None:
    assert encode("json", {"s": t.STRING}, []) == ""
    assert encode_messages("json", {"s": t.STRING}, []) == []
    assert encode_messages("json", {"x": t.NullType()}, [(None,)]) == [b'{"x":null}']


def test_keys_that_are_null_are_left_to_the_slow_writer() -> None:
    fields, frame = fields_and_frame(["m"], [([{"key": None, "value": Decimal(1)}],)])
    writer = make_rows_writer(fields, JsonStyle(null_keys=NullKeyMode.DROP))
    assert writer is not None
    assert writer.messages(frame, None) is None
    with pytest.raises(RecordError, match="no NULL keys"):
        encode_messages("json", {"m": COLUMNS["m"][0]}, frame.rows())


def test_columns_of_another_type_are_left_to_the_slow_writer() -> None:
    fields, _ = fields_and_frame(["i"], [])
    writer = make_rows_writer(fields, JsonStyle())
    assert writer is not None
    assert writer.messages(pl.DataFrame({"f0": ["x"]}), None) is None
    assert writer.messages(pl.DataFrame({"f0": [None]}), None).to_list() == [b'{"i":null}']  # type: ignore[union-attr]


def test_years_beyond_four_digits_are_left_to_the_slow_writer() -> None:
    fields, _ = fields_and_frame(["day", "ts"], [])
    writer = make_rows_writer(fields, JsonStyle())
    assert writer is not None
    for day in (-719163, 2932897):
        frame = pl.DataFrame({"f0": pl.Series([day]).cast(pl.Date), "f1": [None]})
        assert writer.lines(frame, None) is None


@pytest.mark.parametrize("omits", [False, True])
@pytest.mark.parametrize("name", ["debezium-json", "canal-json", "maxwell-json", "ogg-json"])
def test_changes_are_written_as_slowly(name: str, omits: bool) -> None:
    options = {"encode.ignore-null-fields": "true"} if omits else {}
    kinds = [*KINDS, "+I"]
    rows = [(number, None if number % 2 else 'q"') for number in range(5)]
    plain = {"id": t.IntType(), "v": t.STRING}
    slow = encode(
        name, {**plain, "n": t.NullType()}, [(*row, None) for row in rows], options, kinds
    )
    found = encode(name, plain, rows, options, kinds)
    assert found == (slow if omits else slow.replace(',"n":null', ""))
    messages = encode_messages(name, plain, rows, options, kinds)
    assert b"\n".join(filter(None, messages)).decode() + "\n" == found
