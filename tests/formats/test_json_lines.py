from __future__ import annotations

import datetime
import io
from collections import namedtuple
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row, Types
from flott.common.time import Instant
from flott.formats.json_lines import JsonBulkWriters, JsonLinesEncoder, JsonLinesFormat
from flott.formats.json_rows import rows_reader_of
from flott.formats.json_values import dumps, reader_of
from flott.formats.kinds import Kind, shape_of

CLICK = Types.ROW_NAMED(["id", "user"], [Types.INT(), Types.STRING()])


@dataclass
class Click:
    id: int
    user: str | None


def decode(data: bytes, type_info: Any = None, **options: Any) -> Any:
    return JsonLinesFormat(type_info, **options).create_decoder().decode(data, True)


def reasons(data: bytes, type_info: Any = None, **options: Any) -> list[str]:
    return [bad.reason for bad in decode(data, type_info, **options).malformed]


def test_lines_are_what_json_has() -> None:
    assert decode(b'{"id": 1}\n[2]\n"three"\nnull\n').rows == [{"id": 1}, [2], "three", None]


def test_blank_lines_are_passed_over() -> None:
    assert decode(b'\n{"id": 1}\n  \n\r\n2\n').rows == [{"id": 1}, 2]


def test_a_broken_line_spoils_only_itself() -> None:
    decoded = decode(b'{"id": 1}\n{"id": \n{"id": 3}\n')
    assert decoded.rows == [{"id": 1}, {"id": 3}]
    assert [(bad.offset, bad.length) for bad in decoded.malformed] == [(10, 7)]


@pytest.mark.parametrize("line", [b"1,2", b"NaN", b'"\xff"', b"{'id': 1}", b"{}}", b"[1"])
def test_what_is_no_json(line: bytes) -> None:
    assert len(reasons(line + b"\n1\n")) == 1


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    assert len(reasons(b"[" * 100_000 + b"]" * 100_000)) == 1


def test_rows_of_a_declared_type() -> None:
    rows = decode(b'{"user": "ada", "id": 1, "more": 2}\n{"id": null}\n', CLICK).rows
    assert rows == [Row(id=1, user="ada"), Row(id=None, user=None)]


def test_dataclasses() -> None:
    assert decode(b'{"id": 1, "user": "ada"}', Click).rows == [Click(1, "ada")]


def test_a_missing_field_is_an_error_on_demand() -> None:
    assert reasons(b'{"id": 1}', CLICK, fail_on_missing_field=True) == ["field 'user' is missing"]
    assert decode(b'{"id": 1, "user": null}', CLICK, fail_on_missing_field=True).rows


def test_the_way_to_a_wrong_field_is_shown() -> None:
    outer = Types.ROW_NAMED(["click"], [CLICK])
    assert reasons(b'{"click": {"id": "x"}}', outer) == [
        "field 'click': field 'id': expected a whole number, found 'x'"
    ]


DAY = datetime.date(2026, 7, 1)
NOON = datetime.datetime(2026, 7, 1, 12)
GOOD: list[tuple[Any, str, Any]] = [
    (Types.BYTE(), "-128", -128),
    (Types.INT(), "7.0", 7),
    (Types.LONG(), '"42"', 42),
    (Types.BIG_INT(), '"123456789012345678901234567890"', 123456789012345678901234567890),
    (Types.DOUBLE(), "1", 1.0),
    (Types.DOUBLE(), '"2.5"', 2.5),
    (Types.BIG_DEC(), '"1.10"', Decimal("1.10")),
    (Types.BOOLEAN(), '"TRUE"', True),
    (Types.STRING(), "12", "12"),
    (Types.STRING(), '{"a":1}', '{"a":1}'),
    (Types.SQL_DATE(), '"2026-07-01"', DAY),
    (Types.SQL_TIME(), '"12:30:00Z"', datetime.time(12, 30)),
    (Types.SQL_TIMESTAMP(), '"2026-07-01T12:00:00Z"', NOON),
    (Types.SQL_TIMESTAMP(), '"2026-07-01T14:00:00+02:00"', NOON),
    (Types.INSTANT(), '"1970-01-01T00:00:01.5Z"', Instant(1, 500_000_000)),
    (Types.INSTANT(), "1500", Instant(1, 500_000_000)),
    (Types.PRIMITIVE_ARRAY(Types.BYTE()), '"AQI="', b"\x01\x02"),
    (Types.LIST(Types.INT()), "[1, null]", [1, None]),
    (Types.MAP(Types.STRING(), Types.DOUBLE()), '{"a": 1}', {"a": 1.0}),
    (Types.MAP(Types.INT(), Types.STRING()), '{"1": "a"}', {1: "a"}),
    (Types.TUPLE([Types.INT(), Types.STRING()]), '[1, "a"]', (1, "a")),
    (Types.ROW([Types.INT(), Types.STRING()]), '[1, "a"]', Row(f0=1, f1="a")),
]


@pytest.mark.parametrize(("field", "text", "value"), GOOD)
def test_values_of_each_type(field: Any, text: str, value: Any) -> None:
    type_info = Types.ROW_NAMED(["v"], [field])
    assert decode(f'{{"v": {text}}}'.encode(), type_info).rows == [Row(v=value)]


@pytest.mark.parametrize(
    "field", list({str(field): field for field, _, _ in GOOD}.values()), ids=str
)
def test_every_type_takes_null(field: Any) -> None:
    assert decode(b'{"v": null}', Types.ROW_NAMED(["v"], [field])).rows == [Row(v=None)]


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        (Types.BYTE(), "128", "128 is not between -128 and 127"),
        (Types.INT(), "1.5", "expected a whole number, found 1.5"),
        (Types.INT(), "true", "expected a whole number, found True"),
        (Types.INT(), '"1_000"', "expected a whole number, found '1_000'"),
        (Types.DOUBLE(), '"x"', "expected a number, found 'x'"),
        (Types.BIG_DEC(), "[]", "expected a decimal number, found []"),
        (Types.BOOLEAN(), "1", "expected true or false, found 1"),
        (Types.SQL_DATE(), '"1 July"', "expected a date, found '1 July'"),
        (Types.SQL_TIMESTAMP(), "7", "expected a timestamp, found 7"),
        (Types.INSTANT(), '"soon"', "expected a timestamp, found 'soon'"),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), '"?"', "expected Base64 text, found '?'"),
        (Types.LIST(Types.INT()), "{}", "expected an array, found {}"),
        (Types.MAP(Types.STRING(), Types.INT()), "[]", "expected an object, found []"),
        (Types.TUPLE([Types.INT()]), "[1, 2]", "expected an array of 1 values, found [1, 2]"),
        (CLICK, "7", "expected an object, found 7"),
    ],
)
def test_values_of_wrong_types(field: Any, text: str, reason: str) -> None:
    type_info = Types.ROW_NAMED(["v"], [field])
    assert reasons(f'{{"v": {text}}}'.encode(), type_info) == [f"field 'v': {reason}"]


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=10,
)


@given(st.lists(json_values, max_size=10))
def test_written_lines_come_back(values: list[Any]) -> None:
    encoded = JsonLinesEncoder().encode.encode_all(values)  # type: ignore[attr-defined]
    assert decode(encoded).rows == values
    assert encoded == b"".join(map(JsonLinesEncoder().encode, values))


Point = namedtuple("Point", "x y")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Row(id=1, user="ada"), b'{"id":1,"user":"ada"}'),
        (Row(1, "ada"), b'[1,"ada"]'),
        (Click(1, None), b'{"id":1,"user":null}'),
        (Point(1, 2), b'{"x":1,"y":2}'),
        ((1, Row(a=2)), b'[1,{"a":2}]'),
        (Decimal("1.10"), b"1.10"),
        (b"\x01\x02", b'"AQI="'),
        (NOON, b'"2026-07-01T12:00:00Z"'),
        (datetime.datetime(2026, 7, 1, 12, tzinfo=datetime.UTC), b'"2026-07-01T12:00:00Z"'),
        (Instant(1, 500_000_000), b'"1970-01-01T00:00:01.500000Z"'),
        ({1: frozenset([2])}, b'{"1":[2]}'),
        (2**70, b"1180591620717411303424"),
        (float("nan"), b"null"),
    ],
)
def test_what_python_values_are_written_as(value: Any, text: bytes) -> None:
    assert dumps(value) == text


def test_what_json_has_no_notation_for() -> None:
    with pytest.raises(TypeError, match="object cannot be written as JSON"):
        dumps([object()])


def test_bulk_writer_writes_lines() -> None:
    stream = io.BytesIO()
    writer = JsonBulkWriters.for_lines().create(stream)
    writer.add_elements([{"id": 1}, 2**70])
    writer.flush()
    writer.finish()
    assert stream.getvalue() == b'{"id":1}\n1180591620717411303424\n'


def test_a_type_that_says_nothing_has_no_shape() -> None:
    assert shape_of(None).kind is Kind.ANY
    assert shape_of(Types.PICKLED_BYTE_ARRAY()).kind is Kind.ANY


@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "i": st.none() | st.integers(-200, 200) | st.text("1x", max_size=2),
                "d": st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
                "s": st.none() | st.text("ab", max_size=2) | st.integers(0, 9),
                "l": st.none() | st.lists(st.integers(0, 9), max_size=2),
            },
        )
        | st.integers(0, 9),
        max_size=6,
    )
)
def test_many_rows_at_once_are_the_rows_one_by_one(values: list[Any]) -> None:
    fields = [Types.BYTE(), Types.DOUBLE(), Types.STRING(), Types.LIST(Types.INT())]
    shape = shape_of(Types.ROW_NAMED(["i", "d", "s", "l"], fields))
    one, many = reader_of(shape), rows_reader_of(shape)
    assert one is not None
    assert many is not None
    try:
        expected = list(map(one, values))
    except ValueError:
        with pytest.raises(ValueError):
            many(values)
    else:
        assert many(values) == expected
