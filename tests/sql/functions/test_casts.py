"""Casts: every value as Flink writes and reads it."""

from __future__ import annotations

import struct
from datetime import date, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.java_reals import java_double
from flott.common.physical_types import polars_type
from flott.common.sql_errors import RecordError
from flott.sql.expressions import InputRef
from flott.sql.functions import EvaluationSettings, compile_projection, resolve_cast
from flott.sql.functions.casting.to_temporal import parse_date, parse_stamp, parse_time
from tests.sql.functions.evaluation import evaluate

_INTS: list[t.IntegralType] = [t.TinyIntType(), t.SmallIntType(), t.IntType(), t.BigIntType()]


def cast(
    values: list[object], source: t.DataType, target: t.DataType, zone: str = "UTC"
) -> list[object]:
    """TRY_CAST of each value."""
    frame = pl.DataFrame({"f0": pl.Series(values, dtype=polars_type(source))})
    expression = resolve_cast(InputRef(source, 0), target, is_try=True)
    evaluation = EvaluationSettings(time_zone=zone)
    return compile_projection([expression], [source], evaluation).evaluate(frame)["f0"].to_list()


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(_INTS))
def test_whole_numbers_wrap(value: int, target: t.IntegralType) -> None:
    half = 1 << (target.bits - 1)
    assert cast([value], t.BigIntType(), target) == [(value + half) % (2 * half) - half]


@settings(deadline=None)
@given(st.floats(width=64), st.sampled_from(_INTS[2:]))
def test_floats_saturate(value: float, target: t.IntegralType) -> None:
    limit = 1 << (target.bits - 1)
    expected = 0 if value != value else max(-limit, min(limit - 1, _whole(value)))
    assert cast([value], t.DoubleType(), target) == [expected]


def _whole(value: float) -> int:
    if value in (float("inf"), float("-inf")):
        return 2**70 if value > 0 else -(2**70)
    return int(value)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_double_reads_as_the_double(value: float) -> None:
    [text] = cast([value], t.DoubleType(), t.STRING)
    assert isinstance(text, str)
    assert struct.pack("d", float(text)) == struct.pack("d", value)
    assert "." in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e7", "1.0E7"),
        ("9999999", "9999999.0"),
        ("0.001", "0.001"),
        ("0.0001", "1.0E-4"),
        ("-1.5e-10", "-1.5E-10"),
        ("-0.0", "-0.0"),
        ("123456789.125", "1.23456789125E8"),
    ],
)
def test_floats_are_written_as_java_writes_them(text: str, expected: str) -> None:
    assert java_double(float(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("7", 7), (" 7 ", 7), ("+5", 5), ("1.9", 1), ("-0.5", 0), (".5", 0), ("5.", 5),
     ("1e3", None), ("", None), ("x", None), ("\t3", None), ("128", None)],
)  # fmt: skip
def test_strings_read_as_whole_numbers(text: str, expected: int | None) -> None:
    assert cast([text], t.STRING, t.TinyIntType()) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1.5", 1.5), ("1d", 1.0), ("1.0f", 1.0), ("NaN", "nan"), ("nan", None),
     ("Infinity", float("inf")), ("inf", None), ("\t3\n", 3.0), ("1_0", None), ("0x1F", None)],
)  # fmt: skip
def test_strings_read_as_doubles(text: str, expected: object) -> None:
    [found] = cast([text], t.STRING, t.DoubleType())
    assert (str(found) if expected == "nan" else found) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("t", True), ("YES", True), ("1", True), ("f", False), ("0", False), ("2", None)],
)
def test_strings_read_as_booleans(text: str, expected: bool | None) -> None:
    assert cast([text], t.STRING, t.BooleanType()) == [expected]


def test_strings_are_cut_and_padded_to_their_length() -> None:
    assert cast(["abc", "é"], t.STRING, t.CharType(2)) == ["ab", "é "]
    assert cast(["abc", "é"], t.STRING, t.VarCharType(2)) == ["ab", "é"]
    assert cast(["abc", "a"], t.STRING, t.BinaryType(2)) == [b"ab", b"a\0"]


@settings(deadline=None)
@given(st.dates(date(1, 1, 1), date(9999, 12, 31)))
def test_dates_read_as_they_are_written(day: date) -> None:
    [text] = cast([day], t.DateType(), t.STRING)
    assert text == day.isoformat()
    assert cast([text], t.STRING, t.DateType()) == [day]


@settings(deadline=None)
@given(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), st.integers(0, 6))
def test_timestamps_are_written_with_their_digits(moment: datetime, precision: int) -> None:
    [text] = cast([moment], t.TimestampType(6), t.TimestampType(precision))
    assert isinstance(text, datetime)
    cut = 10 ** (6 - precision)
    micros = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) // cut * cut
    assert text == datetime(1970, 1, 1) + timedelta(microseconds=micros)
    [written] = cast([text], t.TimestampType(precision), t.STRING)
    assert isinstance(written, str)
    assert len(written) == (20 + precision if precision else 19)
    assert parse_stamp(written) == micros * 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2024", date(2024, 1, 1)), ("2024-2", date(2024, 2, 1)), (" 2024-02-29 ", date(2024, 2, 29)),
     ("2024-02-30", None), ("2024-02-29 x", date(2024, 2, 29)), ("20240229", None)],
)  # fmt: skip
def test_dates_may_lack_a_month_and_have_a_time(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


def test_times_and_timestamps_that_are_none_are_null() -> None:
    assert parse_time("25:00:00") is None
    assert parse_stamp("2024-02-29 12:34") is None
    assert parse_stamp("2024-02-29 12:34:56.1234567890") is None


def test_instants_are_shown_in_the_zone_of_the_session() -> None:
    noon = datetime(2024, 7, 1, 12)
    zoned, zone = t.LocalZonedTimestampType(0), "America/New_York"
    assert cast([noon], zoned, t.STRING, zone) == ["2024-07-01 08:00:00"]
    assert cast([noon], t.TimestampType(0), zoned, zone) == [datetime(2024, 7, 1, 16)]
    assert cast(["2024-07-01 12:00:00"], t.STRING, zoned, zone) == [datetime(2024, 7, 1, 16)]
    assert cast([noon], zoned, t.STRING, "+02:00") == ["2024-07-01 14:00:00"]


def test_a_local_time_that_a_zone_skips_moves_on() -> None:
    skipped = datetime(2024, 3, 31, 2, 30)
    zoned = t.LocalZonedTimestampType(0)
    found = cast([skipped], t.TimestampType(0), zoned, "Europe/Berlin")
    assert found == [datetime(2024, 3, 31, 1, 30)]


def test_nested_values_are_cast_part_by_part() -> None:
    ints, texts = t.ArrayType(t.IntType()), t.ArrayType(t.STRING)
    assert cast([[1, None]], ints, texts) == [["1", None]]
    assert cast([["1", "x"], ["2"]], texts, ints) == [None, [2]]
    row = t.RowType.of(("a", t.STRING))
    assert cast([{"a": "7"}, None], row, t.RowType.of(("b", t.IntType()))) == [{"b": 7}, None]
    pairs = [{"key": "k", "value": "1"}]
    target = t.MapType(t.STRING, t.IntType())
    assert cast([pairs], t.MapType(t.STRING, t.STRING), target) == [[{"key": "k", "value": 1}]]


def test_nested_values_have_a_text() -> None:
    row = t.RowType.of(("a", t.IntType()), ("b", t.ArrayType(t.STRING)))
    assert cast([{"a": None, "b": ["x", None]}], row, t.STRING) == ["(NULL, [x, NULL])"]


def test_decimals_overflow_to_null_without_failing() -> None:
    given = t.DecimalType(9, 3)
    values = [Decimal("123456"), Decimal("1.005")]
    frame = pl.DataFrame({"f0": pl.Series(values, dtype=pl.Decimal(38, 3))})
    expression = resolve_cast(InputRef(given, 0), t.DecimalType(5, 2))
    found = compile_projection([expression], [given], EvaluationSettings()).evaluate(frame)
    assert found["f0"].to_list() == [None, Decimal("1.01")]


def test_texts_with_too_many_digits_for_a_decimal_fail() -> None:
    frame = pl.DataFrame({"f0": ["123456"]})
    expression = resolve_cast(InputRef(t.STRING, 0), t.DecimalType(5, 2))
    projection = compile_projection([expression], [t.STRING], EvaluationSettings())
    with pytest.raises(RecordError, match="123456"):
        projection.evaluate(frame)


@pytest.mark.parametrize("given", [t.TimestampType(3), t.STRING])
def test_moments_beyond_a_column_of_nanoseconds_fail_and_are_null_for_try_cast(
    given: t.DataType,
) -> None:
    texts = pl.Series("f0", ["1500-01-01 00:00:00", "2020-01-01 00:00:00"])
    frame = (texts if given == t.STRING else texts.str.to_datetime()).to_frame()
    tried = resolve_cast(InputRef(given, 0), t.TimestampType(9), is_try=True)
    found = compile_projection([tried], [given], EvaluationSettings()).evaluate(frame)
    assert found["f0"].is_null().to_list() == [True, False]
    strict = resolve_cast(InputRef(given, 0), t.TimestampType(9))
    with pytest.raises(RecordError, match=r"1500.* hold the years 1678 to 2261"):
        compile_projection([strict], [given], EvaluationSettings()).evaluate(frame)


def test_a_time_may_follow_a_date_that_no_blank_precedes() -> None:
    assert evaluate("CAST('2024-02-29 12:34:56 ' AS DATE)") == "2024-02-29"
    assert evaluate("CAST(' 2024-02-29 ' AS DATE)") == "2024-02-29"
    assert evaluate("TRY_CAST(' 2024-02-29 12:34:56' AS DATE)") is None


@pytest.mark.parametrize("target", ["DATE", "TIMESTAMP(3)", "TIMESTAMP(9)"])
def test_years_before_the_calendar_are_no_dates(target: str) -> None:
    assert evaluate(f"TRY_CAST('-2024-02-29 00:00:00' AS {target})") is None
    assert evaluate(f"TRY_CAST('12024-02-29 00:00:00' AS {target})") is None


def test_a_constant_cast_to_an_interval_counts_its_unit() -> None:
    assert evaluate("CAST(CAST(3 AS INTERVAL DAY) AS STRING)") == "+3 00:00:00.000"
    assert evaluate("CAST(CAST(-2 AS INTERVAL YEAR) AS STRING)") == "-2-00"
