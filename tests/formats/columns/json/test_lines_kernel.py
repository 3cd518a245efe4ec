"""The kernel reads what the slow reader reads, or leaves it to it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.formats.columns.contract import FormatRequest
from flott.formats.columns.json.decoder import JsonColumnsFormat
from flott.formats.columns.json.kernels import JsonLinesReader
from flott.formats.columns.json.reader import JsonRules

COLUMNS = {
    "i": t.IntType(),
    "b": t.BooleanType(),
    "d": t.DoubleType(),
    "f": t.FloatType(),
    "de": t.DecimalType(8, 3),
    "s": t.STRING,
    "dt": t.DateType(),
    "tm": t.TimeType(),
    "ts": t.TimestampType(3),
    "tz": t.LocalZonedTimestampType(9),
    "r": t.RowType.of(("x", t.BigIntType()), ("s", t.STRING)),
    "a": t.ArrayType(t.ArrayType(t.SmallIntType())),
    "m": t.MapType(t.STRING, t.IntType()),
}
FIELDS = tuple(t.RowField(name, data_type) for name, data_type in COLUMNS.items())

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=5),
    st.sampled_from(
        ["1", "-07", "+3", "2024-02-29", "1900-02-29", "12:34:56.7891", "24:00:00", "1.5",
         "2024-02-29 12:34:56.123456789", "1969-12-31 23:59:59Z", "9999-12-31 00:00:00"]
    ),
)  # fmt: skip
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
rows = st.dictionaries(st.sampled_from([*COLUMNS, "other"]), values, max_size=6)
ROW = {"x": 1, "s": "é🙂\n"}
PLAIN: dict[str, Any] = {
    "i": 1, "b": True, "d": 1.5, "de": -2.0625, "s": '"\\/', "dt": "2024-02-29",
    "ts": "2024-02-29 12:34:56.789", "r": ROW, "a": [[1], [], None], "m": {"k": 2},
}  # fmt: skip


def decode(text: bytes, with_kernel: bool) -> tuple[Any, ...]:
    decoder: Any = JsonColumnsFormat(
        FormatRequest(FIELDS, tuple(COLUMNS)), JsonRules()
    ).create_decoder()
    if not with_kernel:
        decoder._kernel = None
    decoded = decoder.decode(text, True)
    return decoded.rows.frame, decoded.malformed, decoded.consumed


def check_same(text: bytes) -> None:
    found, malformed, consumed = decode(text, True)
    expected = decode(text, False)
    assert (malformed, consumed) == expected[1:]
    assert found.equals(expected[0])
    assert found.schema == expected[0].schema


@settings(max_examples=300, deadline=None)
@given(st.lists(rows, max_size=4), st.booleans())
def test_kernel_and_slow_reader_agree(lines: list[dict[str, Any]], ascii_only: bool) -> None:
    texts = [json.dumps(line, ensure_ascii=ascii_only) for line in lines]
    check_same("\n".join(texts).encode("utf-8", "surrogatepass"))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_damaged_lines_are_found_by_both(data: st.DataObject) -> None:
    text = bytearray(json.dumps(PLAIN, ensure_ascii=False).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(st.sampled_from(b'{}[]",:\\ 01e.-tfn\n\x00\xff'))
    check_same(bytes(text))


def test_plain_lines_are_the_kernels() -> None:
    text = (json.dumps(PLAIN, ensure_ascii=False) + "\n").encode()
    frame = JsonLinesReader(FIELDS, False, False).read(text * 2)
    assert frame is not None
    assert frame.row(0)[5] == '"\\/'
    assert frame.row(1)[10] == ROW


@pytest.mark.parametrize(
    "text",
    [
        b'{"i":1,"i":2}',
        b'{"i":1} x',
        b'{"i":1',
        b'{"i":01}',
        b'{"i":1.5}',
        b'{"s":"a\tb"}',
        b'{"s":"\\ud800"}',
        b'{"s":{"a":1,"a":2}}',
        b"[" * 100,
        b'{"other":' + b"[" * 100,
        b'{"m":{"a":1,"a":2}}',
    ],
)
def test_whatever_is_not_plain_is_left_alone(text: bytes) -> None:
    assert JsonLinesReader(FIELDS, False, False).read(text) is None


def test_missing_fields_are_left_to_the_slow_reader_where_all_must_be_there() -> None:
    reader = JsonLinesReader(FIELDS[:2], False, True)
    assert reader.read(b'{"b":true}') is None
    assert reader.read(b'{"b":true,"i":1}') is not None
