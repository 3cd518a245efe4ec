from __future__ import annotations

import functools
import struct
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from google.protobuf import message_factory
from hypothesis import given
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.errors import ConfigurationError, UnsupportedFeature
from flott.common.sql_errors import RecordError
from flott.formats.columns.contract import ColumnFormat, FormatRequest
from flott.formats.protobuf.descriptors import compile_proto, find_message
from tests.formats.columns.decoding import fields_of, make_format
from tests.formats.columns.messaging import Columns, read, read_rows, write

FOLDER = Path(__file__).parents[1] / "protobuf"
INNER = t.RowType.of(("id", t.BigIntType()))
PART = t.RowType.of(("id", t.BigIntType()), ("name", t.STRING), ("inner", t.ArrayType(INNER)))
THING: Columns = {
    "id": t.BigIntType(),
    "name": t.STRING,
    "flag": t.BooleanType(),
    "f": t.FloatType(),
    "d": t.DoubleType(),
    "raw": t.BYTES,
    "s32": t.IntType(),
    "s64": t.BigIntType(),
    "u32": t.BigIntType(),
    "u64": t.BigIntType(),
    "f32": t.IntType(),
    "f64": t.BigIntType(),
    "sf32": t.IntType(),
    "sf64": t.BigIntType(),
    "i32": t.IntType(),
    "color": t.STRING,
    "maybe": t.IntType(),
    "part": PART,
    "numbers": t.ArrayType(t.IntType()),
    "names": t.ArrayType(t.STRING),
    "parts": t.ArrayType(PART),
    "counts": t.MapType(t.STRING, t.BigIntType()),
    "by_number": t.MapType(t.IntType(), INNER),
    "text": t.STRING,
    "number": t.BigIntType(),
    "other": INNER,
    "at": t.RowType.of(("seconds", t.BigIntType()), ("nanos", t.IntType())),
    "wrapped": t.RowType.of(("value", t.IntType())),
    "colors": t.ArrayType(t.IntType()),
}


@functools.cache
def compiled(file: str) -> bytes:
    return compile_proto(str(FOLDER / file))


@functools.cache
def message_class(file: str, name: str) -> Any:
    return message_factory.GetMessageClass(find_message(compiled(file), name))


@pytest.fixture
def things() -> ColumnFormat:
    return made("things.proto", "things.Thing")


@pytest.fixture
def old() -> ColumnFormat:
    return made("old.proto", "old.Old")


def made(file: str, name: str, **options: str) -> ColumnFormat:
    given = {"proto-file": str(FOLDER / file), "message-class-name": name}
    return make_format(
        "protobuf", {**given, **{k.replace("_", "-"): v for k, v in options.items()}}
    )


def thing(**fields: Any) -> Any:
    return message_class("things.proto", "things.Thing")(**fields)


def fields_of_row(columns: Columns, row: tuple[Any, ...]) -> dict[str, Any]:
    return dict(zip(columns, row, strict=True))


FULL = {
    "id": -1,
    "name": "Ä",
    "flag": True,
    "f": 0.5,
    "d": -0.25,
    "raw": b"\xff",
    "s32": -3,
    "s64": -(1 << 62),
    "u32": (1 << 32) - 1,
    "u64": 1 << 40,
    "f32": 7,
    "f64": 8,
    "sf32": -9,
    "sf64": -10,
    "i32": -11,
    "color": "BLUE",
    "maybe": 0,
    "numbers": [1, -2, 300],
    "names": ["a", ""],
    "text": "chosen",
    "number": None,
    "other": None,
    "wrapped": {"value": 5},
    "at": {"seconds": 1, "nanos": 2},
    "part": {"id": 1, "name": "p", "inner": [{"id": 2}]},
    "parts": [{"id": 3, "name": "", "inner": None}],
    "counts": [{"key": "k", "value": 4}],
    "by_number": [{"key": -1, "value": {"id": 5}}],
    "colors": [5, 1],
}


def as_message(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the arguments of a message of the oracle."""
    fields = {name: value for name, value in row.items() if value is not None}
    for name in ("counts", "by_number"):
        if name in fields:
            fields[name] = {entry["key"]: entry["value"] for entry in fields[name]}
    for part in [*fields.get("parts", ()), *filter(None, [fields.get("part")])]:
        part["inner"] = part.get("inner") or []
    return fields


def copied(row: dict[str, Any]) -> dict[str, Any]:
    import copy

    return copy.deepcopy(row)


def test_what_others_write_is_read(things: ColumnFormat) -> None:
    message = thing(**as_message(copied(FULL))).SerializeToString()
    (row,) = read_rows(things, THING, [message])
    assert fields_of_row(THING, row) == FULL


def test_what_is_written_others_read(things: ColumnFormat) -> None:
    row = tuple(FULL[name] for name in THING)
    (message,) = write(things, THING, [row])
    assert message_class("things.proto", "things.Thing").FromString(message) == thing(
        **as_message(copied(FULL))
    )
    assert read_rows(things, THING, [message]) == [row]


def test_fields_that_are_not_there_are_null_or_the_only_value_they_can_be(
    things: ColumnFormat,
) -> None:
    (row,) = read_rows(things, THING, [b""])
    found = fields_of_row(THING, row)
    assert (found["id"], found["name"], found["flag"], found["color"]) == (0, "", False, "UNKNOWN")
    absent = ("maybe", "part", "numbers", "counts", "text", "number", "at", "wrapped")
    assert all(found[name] is None for name in absent)


def test_defaults_can_be_asked_for() -> None:
    with_defaults = made("things.proto", "things.Thing", read_default_values="true")
    found = fields_of_row(THING, read_rows(with_defaults, THING, [b""])[0])
    assert (found["maybe"], found["numbers"], found["text"]) == (0, [], "")
    assert found["part"] == {"id": 0, "name": "", "inner": []}
    columns: Columns = {
        "id": t.BigIntType(), "name": t.STRING, "size": t.IntType(), "offset": t.BigIntType(),
        "share": t.DoubleType(), "level": t.STRING, "raw": t.BYTES, "small": t.FloatType(),
    }  # fmt: skip
    old = message_class("old.proto", "old.Old")(id=1).SerializeToString()
    with_defaults = made("old.proto", "old.Old", read_default_values="true")
    assert read_rows(with_defaults, columns, [old]) == [
        (1, "nobody", -7, -9, 0.5, "HIGH", b"\x01x", 1.5)
    ]
    assert read_rows(made("old.proto", "old.Old"), columns, [old]) == [(1, *[None] * 7)]


def test_only_the_last_of_several_counts(things: ColumnFormat) -> None:
    columns = {name: THING[name] for name in ("text", "number", "other", "id", "part")}
    parts = [
        thing(text="a", id=1),
        thing(number=2, part={"id": 3}),
        thing(id=4, part={"name": "merged"}),
    ]
    message = b"".join(part.SerializeToString() for part in parts)
    merged = {"id": 3, "name": "merged", "inner": None}
    assert read_rows(things, columns, [message]) == [(None, 2, None, 4, merged)]
    # Also those of which no column asks count.
    assert read_rows(things, {"text": t.STRING}, [message]) == [(None,)]


def test_later_entries_of_a_map_replace_earlier_ones(things: ColumnFormat) -> None:
    messages = [
        thing(counts=counts).SerializeToString() for counts in ({"a": 1}, {"b": 2}, {"a": 3})
    ]
    (row,) = read_rows(things, {"counts": THING["counts"]}, [b"".join(messages)])
    assert row == ([{"key": "a", "value": 3}, {"key": "b", "value": 2}],)


def test_numbers_are_read_packed_and_not(old: ColumnFormat) -> None:
    columns: Columns = {
        "id": t.BigIntType(),
        "numbers": t.ArrayType(t.IntType()),
        "packed": t.ArrayType(t.IntType()),
    }
    (message,) = write(old, columns, [(1, [1, 2], [3, 4])])
    oracle = message_class("old.proto", "old.Old")
    assert message == oracle(id=1, numbers=[1, 2], packed=[3, 4]).SerializeToString()
    other_way = b"\x08\x01\x3a\x02\x01\x02\x40\x03\x40\x04"
    assert read_rows(old, columns, [message, other_way]) == [(1, [1, 2], [3, 4])] * 2


def test_unknown_fields_and_groups_are_passed_over(old: ColumnFormat) -> None:
    message = message_class("old.proto", "old.Old")(id=7, loose={"x": 1}).SerializeToString()
    unknown = b"\xfa\x3e\x01x\xfd\x3e1234\xf9\x3e12345678\xf8\x3e\x01"
    assert read_rows(old, {"id": t.BigIntType()}, [unknown + message]) == [(7,)]


def test_values_an_enum_does_not_name(things: ColumnFormat, old: ColumnFormat) -> None:
    color = b"\x80\x01\x63"
    assert read_rows(things, {"color": t.STRING}, [color]) == [("UNRECOGNIZED",)]
    assert read_rows(things, {"color": t.IntType()}, [color]) == [(99,)]
    assert read_rows(old, {"level": t.STRING}, [b"\x08\x01\x30\x63"]) == [(None,)]


def test_broken_messages_are_listed_and_the_others_read(old: ColumnFormat) -> None:
    columns: Columns = {"id": t.BigIntType(), "name": t.STRING}
    good = b"\x08\x01\x12\x01a"
    messages = [good, b"\x08", None, b"\x12\x01a", b"\x08\x01\x12\x05a", b"\x08\x01\x12\x01\xff",
                b"\x00\x01", b"\x0f", b"\x5b\x08", good]  # fmt: skip
    decoded = read(old, columns, messages)
    assert decoded.frame.rows() == [(1, "a")] * 2
    assert decoded.messages is not None
    assert decoded.messages.to_list() == [0, 9]
    assert [tuple(bad) for bad in decoded.malformed] == [
        (1, "the message ends within a number"),
        (3, "field 'id': is required and not there"),
        (4, "5 bytes are announced, 1 are left"),
        (5, "field 'name': a text is not UTF-8"),
        (6, "a field has the number 0"),
        (7, "there is no wire type 7"),
        (8, "the message ends within a number"),
    ]
    ignoring = made("old.proto", "old.Old", ignore_parse_errors="true")
    decoded = read(ignoring, columns, messages)
    assert (decoded.frame.height, list(decoded.malformed)) == (2, [])


@given(st.lists(st.binary(max_size=30), max_size=10))
def test_no_bytes_are_worse_than_broken(messages: list[bytes]) -> None:
    decoded = read(made_once(), THING, messages)
    assert decoded.frame.height + len(decoded.malformed) == len(messages)
    oracle = message_class("things.proto", "things.Thing")
    broken = {bad.position for bad in decoded.malformed}
    for position, message in enumerate(messages):
        if position not in broken:
            oracle.FromString(message)


@functools.cache
def made_once() -> ColumnFormat:
    return made("things.proto", "things.Thing")


INT32 = st.integers(-(1 << 31), (1 << 31) - 1)
INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
FLOAT = st.floats(width=32, allow_nan=False)
PARTS = st.fixed_dictionaries(
    {
        "id": INT64,
        "name": TEXT,
        "inner": st.none() | st.lists(st.fixed_dictionaries({"id": INT64}), min_size=1, max_size=2),
    }
)
ROWS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("id", "s64", "sf64"), INT64),
        **dict.fromkeys(("s32", "sf32", "i32"), INT32),
        "u32": st.integers(0, (1 << 32) - 1),
        "f64": st.integers(0, (1 << 63) - 1),
        "f": FLOAT,
        "d": st.floats(allow_nan=False),
        "name": TEXT,
        "raw": st.binary(max_size=5),
        "flag": st.booleans(),
        "color": st.sampled_from(["UNKNOWN", "RED", "BLUE"]),
        "maybe": st.none() | INT32,
        "part": st.none() | PARTS,
        "parts": st.none() | st.lists(PARTS, min_size=1, max_size=3),
        "numbers": st.none() | st.lists(INT32, min_size=1, max_size=4),
        "names": st.none() | st.lists(TEXT, min_size=1, max_size=4),
        "counts": st.none()
        | st.dictionaries(TEXT, INT64, min_size=1, max_size=3).map(
            lambda counts: [{"key": key, "value": counts[key]} for key in sorted(counts)]
        ),
        "number": st.none() | INT64,
    }
)


@given(st.lists(ROWS, max_size=3))
def test_any_rows_are_what_the_oracle_makes_of_them(rows: list[dict[str, Any]]) -> None:
    columns = {name: THING[name] for name in (rows[0] if rows else ["id"])}
    values = [tuple(row[name] for name in columns) for row in rows]
    messages = write(made_once(), columns, values)
    oracle = message_class("things.proto", "things.Thing")
    for row, message in zip(rows, messages, strict=True):
        expected = thing(**as_message(copied(row)))
        assert oracle.FromString(message) == expected
        assert len(message) == expected.ByteSize()
    assert read_rows(made_once(), columns, messages) == values


def test_null_among_others_is_written_as_a_default() -> None:
    columns = {name: THING[name] for name in ("numbers", "names", "parts", "counts")}
    columns["counts"] = t.MapType(t.STRING, t.BigIntType())
    row = ([1, None], ["a", None], [None], [{"key": None, "value": None}])
    with_text = made("things.proto", "things.Thing", write_null_string_literal="nil")
    (message,) = write(with_text, columns, [row])
    found = message_class("things.proto", "things.Thing").FromString(message)
    assert list(found.numbers) == [1, 0]
    assert list(found.names) == ["a", "nil"]
    assert dict(found.counts) == {"nil": 0}
    assert len(found.parts) == 1


def test_what_cannot_be_written_is_named(things: ColumnFormat, old: ColumnFormat) -> None:
    with pytest.raises(RecordError, match="field 'id': is required, and the value is NULL"):
        write(old, {"id": t.BigIntType()}, [(None,)])
    inner = t.RowType.of(("x", t.IntType()))
    with pytest.raises(RecordError, match=r"field 'inner\.x': is required"):
        write(old, {"id": t.BigIntType(), "inner": inner}, [(1, {"x": None})])
    with pytest.raises(RecordError, match="field 'color': the enum has no value of this name"):
        write(things, {"color": t.STRING}, [("PINK",)])
    with pytest.raises(RecordError, match="field 'u32': -1 does not fit 32 bits without sign"):
        write(things, {"u32": t.BigIntType()}, [(-1,)])


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"nothing": t.STRING}, "things.Thing has no field 'nothing'"),
        ({"id": t.IntType()}, "field 'id' is BIGINT as a column, not INT"),
        ({"numbers": t.IntType()}, "field 'numbers' is an ARRAY of INT as a column"),
        ({"names": t.ArrayType(t.IntType())}, "field 'names' is CHAR or VARCHAR"),
        ({"counts": t.STRING}, "field 'counts' is a MAP"),
        ({"part": t.RowType.of(("x", t.IntType()))}, "Part has no field 'part.x'"),
    ],
)
def test_columns_that_do_not_fit_are_refused(
    things: ColumnFormat, columns: Columns, reason: str
) -> None:
    for use in (lambda: read(things, columns, []), lambda: write(things, columns, [])):
        with pytest.raises(ConfigurationError, match=reason):
            use()


def test_groups_cannot_be_columns(old: ColumnFormat) -> None:
    with pytest.raises(ConfigurationError, match="field 'loose' is a group"):
        read(old, {"loose": t.RowType.of(("x", t.IntType()))}, [])


def test_messages_are_found_by_full_names_and_those_of_java(tmp_path: Path) -> None:
    descriptors = tmp_path / "things.desc"
    descriptors.write_bytes(compiled("things.proto"))
    for name in ("things.Thing", "com.acme.Thing", "com.acme.ThingsProto$Thing"):
        options = {"descriptor-file": str(descriptors), "message-class-name": name}
        assert read_rows(make_format("protobuf", options), {"id": t.BigIntType()}, [b""]) == [(0,)]
    assert find_message(compiled("old.proto"), "old.Old$Inner").full_name == "old.Old.Inner"


def test_wrong_options_say_what_is_wrong(tmp_path: Path) -> None:
    broken = tmp_path / "broken.proto"
    broken.write_text("syntax = 'proto3'; message X {")
    cases = {
        "lacks the option 'message-class-name'": {},
        "give the message's descriptor": {"message-class-name": "X"},
        "did you mean 'things.Thing'": {
            "message-class-name": "things.Think", "proto-file": str(FOLDER / "things.proto")
        },
        "protoc refuses the file": {"message-class-name": "X", "proto-file": str(broken)},
        "there is no file": {"message-class-name": "X", "proto-file": str(tmp_path / "none")},
        "cannot be read": {"message-class-name": "X", "descriptor-file": str(tmp_path / "none")},
        "the descriptors cannot be read": {
            "message-class-name": "X", "descriptor-file": str(broken)
        },
    }  # fmt: skip
    for reason, options in cases.items():
        with pytest.raises(ConfigurationError, match=reason):
            make_format("protobuf", options)


def test_the_format_is_for_messages_only(things: ColumnFormat) -> None:
    with pytest.raises(UnsupportedFeature, match="Reading format 'protobuf'"):
        things.create_stream_format(None)  # type: ignore[arg-type]


def test_floats_keep_their_bits(things: ColumnFormat) -> None:
    columns = {"f": THING["f"], "d": THING["d"]}
    message = b"\x25" + struct.pack("<f", float("-inf")) + b"\x29" + struct.pack("<d", -0.0)
    (row,) = read_rows(things, columns, [message])
    assert str(row) == "(-inf, -0.0)"
    assert write(things, columns, [row]) == [message]


def test_fields_of_inner_messages_that_nobody_wants_are_passed_over(things: ColumnFormat) -> None:
    narrow = {"part": t.RowType.of(("name", t.STRING))}
    request = FormatRequest(fields_of({"part": PART}), ("part",), narrowed=narrow)
    message = thing(part={"id": 1, "name": "p", "inner": [{"id": 2}]}).SerializeToString()
    decoded = things.create_message_decoder(request).decode(pl.Series([message]))
    assert decoded.frame.rows() == [({"name": "p"},)]
