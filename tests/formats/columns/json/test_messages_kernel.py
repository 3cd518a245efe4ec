"""The kernel of messages and the slow reader agree, message by message."""

from __future__ import annotations

import base64
import json
import random
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.formats.columns.json.decoder import JsonMessageDecoder
from flott.formats.columns.json.kernels import JsonMessagesReader
from flott.formats.columns.json.reader import JsonRules
from flott.formats.columns.temporal_text import TimestampStandard

COLUMNS: dict[str, t.DataType] = {
    "b": t.BooleanType(),
    "i1": t.TinyIntType(),
    "i2": t.SmallIntType(),
    "i": t.IntType(),
    "l": t.BigIntType(),
    "d": t.DoubleType(),
    "f": t.FloatType(),
    "de": t.DecimalType(12, 3),
    "s": t.STRING,
    "dt": t.DateType(),
    "tm": t.TimeType(),
    "ts": t.TimestampType(3),
    "tn": t.TimestampType(9),
    "tz": t.LocalZonedTimestampType(6),
    "months": t.YearMonthIntervalType(),
    "a rather long name": t.RowType.of(("x", t.BigIntType()), ("größe", t.STRING)),
    "a": t.ArrayType(t.ArrayType(t.IntType())),
    "m": t.MapType(t.STRING, t.DoubleType()),
    "rs": t.ArrayType(t.RowType.of(("x", t.BigIntType()), ("s", t.STRING))),
    "raw": t.BYTES,
}
FIELDS = tuple(t.RowField(name, data_type) for name, data_type in COLUMNS.items())
RULES = (
    JsonRules(),
    JsonRules(standard=TimestampStandard.ISO_8601),
    JsonRules(fails_on_missing=True),
    JsonRules(ignores_errors=True),
)

digits = st.text("0123456789", min_size=1, max_size=20)
numbers = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.builds("{}{}.{}".format, st.sampled_from(["", "-"]), st.integers(0, 10**9), digits),
    st.builds("{}e{}".format, st.integers(-999, 999), st.integers(-330, 330)),
    st.sampled_from(["-0", "-0.0", "00", "01", "1.", ".5", "+1", "-", "1e", "1E+2", "0e-0", "NaN"]),
)
temporals = st.builds(
    "{:04}-{:02}-{:02}{}{:02}:{:02}{}".format,
    st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32), st.sampled_from(" T"),
    st.integers(0, 24), st.integers(0, 60),
    st.sampled_from(
        ["", ":00", ":59.", ":60", ":07.5", ":07.123456789Z", ":01Z", ":1", ":00.1234567891"]
    ),
)  # fmt: skip
plain_texts = st.one_of(
    st.text(max_size=20),
    temporals,
    temporals.map(lambda text: text[:10]),
    temporals.map(lambda text: text[11:]),
    numbers,
    st.binary(max_size=7).map(lambda raw: base64.b64encode(raw).decode()),
    st.text("AZ9+/=", max_size=9),
    st.sampled_from(["true", " TRUE ", " 12 ", "+3", "", "\x00", "\ud800", "é🙂"]),
)


@st.composite
def written_texts(draw: st.DrawFn) -> str:
    """A text as a JSON string, characters escaped or not."""
    parts = []
    for char in draw(plain_texts):
        if draw(st.integers(0, 9)) and char not in '"\\' and " " <= char <= "\uff00":
            parts.append(char)
        else:
            parts.append(json.dumps(char)[1:-1])
    return '"' + "".join(parts) + '"'


scalars = st.one_of(
    st.sampled_from(["null", "true", "false", "tru", '"\\x"', '"\\u12"', '"\\ud800"', '"']),
    numbers,
    written_texts(),
)
blanks = st.sampled_from(["", "", "", " ", "\n", "\t ", "\r\n"])
keys = st.sampled_from([*(name for name in COLUMNS), "x", "größe", "other", 'quo"te'])


def _array(parts: list[tuple[str, str]]) -> str:
    return "[" + ",".join(blank + part for blank, part in parts) + "]"


def _object(parts: list[tuple[str, str, str]]) -> str:
    members = [f"{blank}{json.dumps(key)}{blank}:{part}{blank}" for blank, key, part in parts]
    return "{" + ",".join(members) + "}"


values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(st.tuples(blanks, inner), max_size=3).map(_array)
        | st.lists(st.tuples(blanks, keys, inner), max_size=3).map(_object)
    ),
    max_leaves=5,
)
objects = st.lists(st.tuples(blanks, keys, values), max_size=8).map(_object)
messages = st.one_of(st.none(), values, st.builds("{}{}".format, objects, blanks)).map(
    lambda text: None if text is None else text.encode("utf-8", "surrogatepass")
)

#: A value of each column that the kernel takes.
PLAIN: dict[str, Any] = {
    "b": True, "i1": -128, "i2": 32767, "i": -5, "l": 2**63 - 1, "d": 1.5, "f": -2, "de": 2.0625,
    "s": 'é🙂\n"', "dt": "2024-02-29", "tm": "12:34:56.789", "ts": "2024-02-29 12:34:56.789",
    "tn": "1969-12-31 23:59:59.999999999", "tz": "2024-01-01 00:00:00Z", "months": 14,
    "a rather long name": {"größe": "x", "x": None}, "a": [[1, 2], [], None], "m": {"k": 0.25},
    "raw": "YWJj", "rs": [{"x": 1}, None, {"s": "a text that is longer than twelve bytes", "x": 2}],
}  # fmt: skip


def check_same(texts: list[bytes | None], rules: JsonRules) -> None:
    series = pl.Series(texts, dtype=pl.Binary)
    decoder = JsonMessageDecoder(FIELDS, rules)
    assert decoder._kernel is not None
    found = decoder.decode(series)
    expected = decoder._exact.decode(series)
    assert list(found.malformed) == list(expected.malformed)
    assert found.frame.equals(expected.frame)
    assert found.frame.schema == expected.frame.schema
    if expected.messages is None:
        assert found.messages is None
    else:
        assert found.messages is not None
        assert found.messages.to_list() == expected.messages.to_list()


@settings(max_examples=400, deadline=None)
@given(st.lists(messages, max_size=6), st.sampled_from(RULES))
def test_whatever_comes_is_read_as_slowly(texts: list[bytes | None], rules: JsonRules) -> None:
    check_same(texts, rules)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_messages_are_found_at_their_place(data: st.DataObject) -> None:
    plain = json.dumps(PLAIN, ensure_ascii=data.draw(st.booleans())).encode()
    texts: list[bytes | None] = [plain] * data.draw(st.integers(1, 5))
    for index in data.draw(st.sets(st.integers(0, len(texts) - 1))):
        damaged = bytearray(plain)
        for _ in range(data.draw(st.integers(1, 2))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + data.draw(st.integers(0, 2))] = data.draw(
                st.sampled_from([b"", *(bytes([each]) for each in b'{}[]",:\\ 01e.-tfn\n\x00\xff')])
            )
        texts[index] = bytes(damaged)
    check_same(texts, JsonRules())


def test_plain_messages_are_the_kernels_whatever_their_order() -> None:
    shuffled = random.Random(7)
    texts = []
    for _ in range(50):
        names = shuffled.sample(list(PLAIN), len(PLAIN) - shuffled.randrange(3))
        texts.append(json.dumps({"more": [1, {"x": "y"}], **{n: PLAIN[n] for n in names}}).encode())
    series = pl.Series(texts, dtype=pl.Binary)
    found = JsonMessagesReader(FIELDS, False, False).read(series)
    assert (len(found.messages), len(found.left)) == (50, 0)
    check_same([*texts], JsonRules())


def test_objects_in_columns_of_text_are_the_kernels() -> None:
    value = r'{ "a" : [1, 2.50, 1e7, -0.0, true, null], "b": {"c": "\u00e9\n\/"}, "e": {} }'
    series = pl.Series([b'{"s": %s, "i": 1}' % value.encode(), b'{"s": [ ], "i": 2}'])
    found = JsonMessagesReader([FIELDS[8], FIELDS[3]], False, False).read(series)
    assert found.frame.rows() == [
        ('{"a":[1,2.5,1.0E7,-0.0,true,null],"b":{"c":"é\\n/"},"e":{}}', 1),
        ("[]", 2),
    ]
    check_same(series.to_list(), JsonRules())


def test_a_value_given_up_late_leaves_nothing_behind() -> None:
    texts = [json.dumps(PLAIN).encode() for _ in range(3)]
    texts[1] = texts[1][:-4] + b'"x"}]}'
    found = JsonMessagesReader(FIELDS, False, False).read(pl.Series(texts, dtype=pl.Binary))
    assert (found.messages.to_list(), found.left.to_list()) == ([0, 2], [1])
    assert found.frame.row(0) == found.frame.row(1)


@pytest.mark.parametrize("depth", [3, 60, 200, 100_000])
def test_depth_has_an_end(depth: int) -> None:
    check_same([b'{"other":' + b"[" * depth + b"]" * depth + b"}"], JsonRules())


def test_keys_of_any_number_and_length_are_passed_over() -> None:
    many = {f"key {number} " + "x" * (number % 90): number for number in range(200)}
    text = json.dumps({**many, "i": 1, **{key + "'": 0 for key in many}, "s": "a"}).encode()
    found = JsonMessagesReader(FIELDS[3:9:5], False, False).read(pl.Series([text] * 3))
    assert found.frame.rows() == [(1, "a")] * 3


def test_slices_of_messages_are_read() -> None:
    series = pl.Series([b"{", b'{"i":1}', None, b'{"i":3}', b"{"]).slice(1, 3)
    found = JsonMessagesReader(FIELDS[3:4], False, False).read(series)
    assert (found.frame.rows(), found.messages.to_list()) == ([(1,), (3,)], [0, 2])
