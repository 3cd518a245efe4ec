from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.sql_errors import RecordError
from tests.formats.columns.decoding import encode, make_format, reasons, rows

INT = t.IntType()


def one(data_type: t.DataType, text: str, **options: str) -> object:
    """The value that a JSON value means."""
    keys = {key.replace("__", ".").replace("_", "-"): value for key, value in options.items()}
    [(value,)] = rows("json", {"v": data_type}, f'{{"v": {text}}}', keys)
    return value


def why_not(data_type: t.DataType, text: str) -> str:
    [reason] = reasons("json", {"v": data_type}, f'{{"v": {text}}}')
    return reason


@pytest.mark.parametrize(
    ("data_type", "text", "value"),
    [
        (t.BooleanType(), "true", True),
        (t.BooleanType(), '" TRUE "', True),
        (t.BooleanType(), "1", False),
        (t.TinyIntType(), '"-128"', -128),
        (INT, "8.9", 8),
        (INT, "1e2", 100),
        (INT, '" 12 "', 12),
        (t.BigIntType(), "-9223372036854775808", -(2**63)),
        (t.DoubleType(), '"1e-5"', 1e-5),
        (t.DoubleType(), "3", 3.0),
        (t.DecimalType(5, 2), "1.005", Decimal("1.01")),
        (t.DecimalType(3, 2), "10", None),
        (t.DecimalType(38, 2), "12345678901234567890.125", Decimal("12345678901234567890.13")),
        (t.STRING, "12.50", "12.50"),
        (t.STRING, "false", "false"),
        (t.STRING, '{"a": [1, null], "b": 1.50}', '{"a":[1,null],"b":1.5}'),
        (t.BYTES, '"YWJj"', b"abc"),
        (t.DateType(), '"2024-02-29"', datetime.date(2024, 2, 29)),
        (t.TimeType(), '"12:34:56.789"', datetime.time(12, 34, 56, 789000)),
        (t.TimestampType(3), '"2024-02-29 12:34:56"', datetime.datetime(2024, 2, 29, 12, 34, 56)),
    ],
)
def test_value_means_what_flink_reads(data_type: t.DataType, text: str, value: object) -> None:
    assert one(data_type, text) == value


def test_local_zoned_timestamp_ends_in_z() -> None:
    expected = datetime.datetime(1970, 1, 1, 0, 0, 0, 500000)
    assert one(t.LocalZonedTimestampType(3), '"1970-01-01 00:00:00.5Z"') == expected
    assert "expected" in why_not(t.LocalZonedTimestampType(3), '"1970-01-01 00:00:00"')


def test_iso_timestamps_need_the_standard() -> None:
    text = '"2024-02-29T12:34:56.789"'
    expected = datetime.datetime(2024, 2, 29, 12, 34, 56, 789000)
    assert one(t.TimestampType(6), text, timestamp_format__standard="ISO-8601") == expected
    assert "no timestamp" in why_not(t.TimestampType(6), text)


@pytest.mark.parametrize(
    ("data_type", "text", "reason"),
    [
        (INT, '"ten"', "column 'v': no whole number: 'ten'"),
        (INT, "99999999999", "column 'v': 99999999999 is out of range"),
        (INT, "[1]", "column 'v': expected a single value, found [1]"),
        (t.TinyIntType(), "1.5", "column 'v': no whole number: '1.5'"),
        (t.DateType(), '"2024-02-30"', "column 'v': no date: '2024-02-30': day is out of range"),
        (t.BYTES, '"?"', "column 'v': no base64"),
        (t.ArrayType(INT), "1", "column 'v': expected a JSON array, found 1"),
        (t.DoubleType(), "NaN", "NaN is not a JSON number"),
    ],
)
def test_broken_value_is_named_with_its_column(
    data_type: t.DataType, text: str, reason: str
) -> None:
    assert why_not(data_type, text).startswith(reason)


def test_nested_types_are_read() -> None:
    columns = {
        "m": t.MapType(t.STRING, t.RowType.of(("x", INT), ("y", t.ArrayType(INT)))),
        "ms": t.MultisetType(t.STRING),
    }
    text = '{"m":{"a":{"x":1,"y":[1,null]},"b":null},"ms":{"red":2}}'
    [(found, counts)] = rows("json", columns, text)
    expected = [{"key": "a", "value": {"x": 1, "y": [1, None]}}, {"key": "b", "value": None}]
    assert found == expected
    assert counts == [{"key": "red", "value": 2}]


def test_blank_lines_are_passed_over_and_unknown_fields_too() -> None:
    assert rows("json", {"id": INT}, '\n{"x":[{}],"id":1}\r\n\n  \n{"id":2}') == [(1,), (2,)]


def test_a_missing_field_is_null_unless_all_are_asked_for() -> None:
    options = {"fail-on-missing-field": "true"}
    assert rows("json", {"id": INT}, '{"ID":1}') == [(None,)]
    assert reasons("json", {"id": INT}, '{"ID":1}', options) == ["column 'id' is missing"]


def test_ignored_errors_leave_nulls_and_drop_what_is_no_object() -> None:
    text = '{"id":1,"v":"ten"}\nnot json\n[6,60]\n{"id":4,"v":40\n{"id":9,"v":90}'
    found = rows("json", {"id": INT, "v": INT}, text, {"ignore-parse-errors": "true"})
    assert found == [(1, None), (9, 90)]


def test_ignored_errors_reach_into_nested_values() -> None:
    columns = {"a": t.ArrayType(INT)}
    text = '{"a":[1,"x",3]}'
    assert rows("json", columns, text, {"ignore-parse-errors": "true"}) == [([1, None, 3],)]


def test_broken_lines_stand_beside_the_good_ones() -> None:
    text = '{"id":1}\nnope\n{"id":2}\n{"id":'
    columns = {"id": INT}
    assert len(reasons("json", columns, text)) == 2


def test_only_wanted_columns_are_read() -> None:
    columns = {"id": INT, "v": INT}
    assert rows("json", columns, '{"id":1,"v":"broken"}', wanted=["id"]) == [(1,)]
    assert rows("json", columns, '{"id":1}\n{"id":2}', wanted=[]) == [(), ()]


def test_invalid_utf8_is_a_broken_line() -> None:
    [reason] = reasons("json", {"s": t.STRING}, b'{"s":"\xff"}\n{"s":"ok"}')
    assert "not utf-8 text" in reason


def test_options_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="cannot both be true"):
        make_format("json", {"fail-on-missing-field": "true", "ignore-parse-errors": "true"})


def test_an_unknown_standard_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="expected one of SQL, ISO-8601"):
        make_format("json", {"timestamp-format.standard": "RFC"})


def test_maps_need_text_keys() -> None:
    with pytest.raises(UnsupportedFeature, match="Keys of JSON objects are texts only"):
        rows("json", {"m": t.MapType(INT, INT)}, "")


def test_rows_are_written_as_flink_writes_them() -> None:
    columns = {
        "f": t.FloatType(),
        "d": t.DoubleType(),
        "de": t.DecimalType(10, 2),
        "ts": t.TimestampType(3),
        "by": t.BYTES,
        "r": t.RowType.of(("x", INT), ("d", t.DateType())),
    }
    row = (
        0.1,
        1e10,
        Decimal("100.00"),
        datetime.datetime(2024, 2, 29, 12, 34, 56, 700000),
        b"abc",
        {"x": None, "d": datetime.date(2024, 1, 1)},
    )
    assert encode("json", columns, [row]) == (
        '{"f":0.1,"d":1.0E10,"de":1E+2,"ts":"2024-02-29 12:34:56.7","by":"YWJj",'
        '"r":{"x":null,"d":"2024-01-01"}}\n'
    )


def test_decimals_are_plain_if_asked() -> None:
    options = {"encode.decimal-as-plain-number": "true"}
    columns = {"d": t.DecimalType(10, 2)}
    values = [(Decimal("100.00"),), (Decimal("0.00"),), (Decimal("-5.25"),)]
    assert encode("json", columns, values, options) == '{"d":100.00}\n{"d":0.00}\n{"d":-5.25}\n'


def test_null_fields_are_left_out_if_asked() -> None:
    columns = {"a": INT, "r": t.RowType.of(("x", INT))}
    options = {"encode.ignore-null-fields": "true"}
    assert encode("json", columns, [(None, {"x": None})], options) == '{"r":{}}\n'


@pytest.mark.parametrize(
    ("mode", "text"), [("DROP", '{"m":{"a":2}}'), ("LITERAL", '{"m":{"-":1,"a":2}}')]
)
def test_null_keys_are_dropped_or_named(mode: str, text: str) -> None:
    columns = {"m": t.MapType(t.STRING, INT)}
    value = [{"key": None, "value": 1}, {"key": "a", "value": 2}]
    options = {"map-null-key.mode": mode, "map-null-key.literal": "-"}
    assert encode("json", columns, [(value,)], options) == text + "\n"


def test_null_keys_fail_otherwise() -> None:
    columns = {"m": t.MapType(t.STRING, INT)}
    with pytest.raises(RecordError, match=r"map-null-key\.mode"):
        encode("json", columns, [([{"key": None, "value": 1}],)])
