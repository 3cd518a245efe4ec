"""Values take the form their declared type asks for, and what does not fit is shown the way to."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import math
import re
import struct
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Instant, Row, RowKind, TypeInformation, Types
from flott.common.errors import TypeMismatchError
from flott.common.type_conversion import Conversion, conversion_for
from flott.common.typeinfo import ExternalTypeInfo, LocalTimeTypeInfo, RecordClassTypeInfo


class Word(str, enum.Enum):  # noqa: UP042 - its str() is not its text
    HELLO = "hello"


class Index:
    def __index__(self) -> int:
        return 7


class Real:
    def __float__(self) -> float:
        return 0.5


class Pair(NamedTuple):
    id: int
    name: str


@dataclasses.dataclass(slots=True)
class Person:
    name: str
    id: int


class numpy_like:
    """Stands for an array of another library."""

    def tolist(self) -> list[int]:
        return [1, 2]


PERSON = Types.ROW_NAMED(["id", "name"], [Types.LONG(), Types.STRING()])
DAY = datetime.date(2024, 3, 10)
MOMENT = datetime.datetime(2024, 3, 10, 12, 30)
TimeType = LocalTimeTypeInfo.TimeType


def conversion(type_info: TypeInformation) -> Conversion:
    found = conversion_for(type_info)
    assert found is not None
    return found


UNTOUCHED: list[tuple[TypeInformation, Any]] = [
    (Types.STRING(), "a"),
    (Types.CHAR(), "c"),
    (Types.BOOLEAN(), True),
    (Types.BYTE(), -128),
    (Types.SHORT(), 32767),
    (Types.INT(), 2**31 - 1),
    (Types.LONG(), 2**63 - 1),
    (Types.LONG(), 2**70),
    (Types.BIG_INT(), 10**30),
    (Types.FLOAT(), 0.5),
    (Types.DOUBLE(), 0.1),
    (Types.BIG_DEC(), decimal.Decimal("1.10")),
    (Types.INSTANT(), Instant(1, 2)),
    (Types.SQL_DATE(), DAY),
    (Types.SQL_TIME(), datetime.time(1, 2, 3, 4)),
    (Types.SQL_TIMESTAMP(), MOMENT),
    (LocalTimeTypeInfo(TimeType.LOCAL_DATE), DAY),
    (LocalTimeTypeInfo(TimeType.LOCAL_TIME), datetime.time(1)),
    (LocalTimeTypeInfo(TimeType.LOCAL_DATE_TIME), MOMENT),
    (Types.PRIMITIVE_ARRAY(Types.BYTE()), b"ab"),
    (Types.PRIMITIVE_ARRAY(Types.INT()), [1, 2]),
    (Types.BASIC_ARRAY(Types.STRING()), ["a", None]),
    (Types.OBJECT_ARRAY(Types.SQL_DATE()), [DAY]),
    (Types.LIST(Types.PICKLED_BYTE_ARRAY()), [1, object()]),
    (Types.LIST(Types.LONG()), []),
    (Types.MAP(Types.STRING(), Types.LONG()), {"a": 1, "b": None}),
    (Types.TUPLE([Types.STRING(), Types.INT()]), ("a", 1)),
    (Types.TUPLE([Types.STRING(), Types.LONG()]), (None, 1)),
    (Types.TUPLE([Types.PICKLED_BYTE_ARRAY(), Types.LONG()]), ({}, 1)),
    (PERSON, Row(id=1, name="a")),
    (PERSON, Row.of_kind(RowKind.DELETE, id=1, name="a")),
    (ExternalTypeInfo(Types.LONG()), 5),
    (RecordClassTypeInfo(Pair, ["id"], [Types.LONG()]), Pair(1, "a")),
]


def name_of(value: object) -> str:
    """A value in a test's name: without its address, which every process gives anew."""
    return re.sub(r" at 0x[0-9a-f]+", "", str(value))


@pytest.mark.parametrize(("type_info", "value"), UNTOUCHED)
def test_right_values_pass_untouched(type_info: TypeInformation, value: Any) -> None:
    convert = conversion(type_info)
    assert convert.convert(value) is value
    assert convert.is_right(value)
    assert convert.convert_batch([value]) == [value]
    if convert.exact is not None:
        assert type(value) is convert.exact


@pytest.mark.parametrize("type_info", [type_info for type_info, _ in UNTOUCHED], ids=name_of)
def test_missing_values_pass(type_info: TypeInformation) -> None:
    convert = conversion(type_info)
    values = [None, None]
    assert convert.convert(None) is None
    assert convert.convert_batch(values) is values


@pytest.mark.parametrize(
    ("type_info", "value", "expected"),
    [
        (Types.INT(), True, 1),
        (Types.INT(), Index(), 7),
        (Types.LONG(), False, 0),
        (Types.BIG_INT(), Index(), 7),
        (Types.DOUBLE(), 1, 1.0),
        (Types.DOUBLE(), True, 1.0),
        (Types.DOUBLE(), decimal.Decimal("0.5"), 0.5),
        (Types.DOUBLE(), Real(), 0.5),
        (Types.DOUBLE(), Index(), 7.0),
        (Types.FLOAT(), 0.1, struct.unpack("f", struct.pack("f", 0.1))[0]),
        (Types.FLOAT(), 3, 3.0),
        (Types.FLOAT(), 1e300, math.inf),
        (Types.FLOAT(), -1e300, -math.inf),
        (Types.STRING(), Word.HELLO, "hello"),
        (Types.BOOLEAN(), 1, True),
        (Types.BOOLEAN(), 0, False),
        (Types.BIG_DEC(), 5, decimal.Decimal(5)),
        (Types.BIG_DEC(), 0.1, decimal.Decimal("0.1")),
        (Types.BIG_DEC(), "1.50", decimal.Decimal("1.50")),
        (Types.SQL_DATE(), MOMENT, DAY),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), bytearray(b"ab"), b"ab"),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), memoryview(b"ab"), b"ab"),
        (Types.PRIMITIVE_ARRAY(Types.INT()), (1, True), [1, 1]),
        (Types.PRIMITIVE_ARRAY(Types.DOUBLE()), array.array("i", [1]), [1.0]),
        (Types.LIST(Types.LONG()), (1, None), [1, None]),
        (Types.LIST(Types.LONG()), collections.deque([1]), [1]),
        (Types.LIST(Types.LONG()), numpy_like(), [1, 2]),
        (Types.LIST(Types.PICKLED_BYTE_ARRAY()), (1, "a"), [1, "a"]),
        (Types.MAP(Types.LONG(), Types.DOUBLE()), {True: 1}, {1: 1.0}),
        (Types.MAP(Types.STRING(), Types.LONG()), collections.UserDict(a=1), {"a": 1}),
        (Types.TUPLE([Types.LONG(), Types.DOUBLE()]), [1, 2], (1, 2.0)),
        (Types.TUPLE([Types.LONG(), Types.STRING()]), Row(1, "a"), (1, "a")),
        (Types.TUPLE([Types.LONG(), Types.STRING()]), Pair(1, "a"), (1, "a")),
        (Types.TUPLE([Types.LIST(Types.LONG())]), ((1, 2),), ([1, 2],)),
        (PERSON, Row(1, "a"), Row(id=1, name="a")),
        (PERSON, Row(1, None), Row(id=1, name=None)),
        (PERSON, Row(name="a", id=1), Row(id=1, name="a")),
        (PERSON, Row(name="a", id=1, extra=2), Row(id=1, name="a")),
        (PERSON, (1, "a"), Row(id=1, name="a")),
        (PERSON, [True, "a"], Row(id=1, name="a")),
        (PERSON, Pair(1, "a"), Row(id=1, name="a")),
        (PERSON, {"name": "a"}, Row(id=None, name="a")),
        (PERSON, Person("a", 1), Row(id=1, name="a")),
        (Types.ROW([Types.LONG()]), Row(1), Row(f0=1)),
        (Types.ROW_NAMED(["p"], [PERSON]), Row(Row(1, "a")), Row(p=Row(id=1, name="a"))),
    ],
    ids=name_of,
)
def test_other_values_are_converted(type_info: TypeInformation, value: Any, expected: Any) -> None:
    convert = conversion(type_info)
    for converted in (convert.convert(value), convert.convert_batch([value])[0]):
        assert converted == expected
        assert type(converted) is type(expected)
        assert repr(converted) == repr(expected)
    assert not convert.is_right(value)


def test_conversion_keeps_the_kind_of_a_row() -> None:
    for row in (Row.of_kind(RowKind.DELETE, 1, "a"), Row.of_kind(RowKind.DELETE, name="a", id=1)):
        assert conversion(PERSON).convert(row).get_row_kind() is RowKind.DELETE


def test_conversion_leaves_the_given_row_alone() -> None:
    row = Row(1, "a")
    converted = conversion(PERSON).convert(row)
    converted[0] = 2
    assert repr(row) == "<Row(1, 'a')>"


@pytest.mark.parametrize("type_info", [Types.PICKLED_BYTE_ARRAY(), None, TypeInformation()])
def test_types_that_accept_everything_have_no_conversion(type_info: TypeInformation | None) -> None:
    assert conversion_for(type_info) is None


NESTED = Types.ROW_NAMED(
    ["a"], [Types.ROW_NAMED(["b"], [Types.LIST(Types.MAP(Types.STRING(), Types.INT()))])]
)


@pytest.mark.parametrize(
    ("type_info", "value", "text"),
    [
        (Types.INT(), "7", "value: declared as Integer, found str '7'"),
        (Types.INT(), 7.0, "value: declared as Integer, found float 7.0"),
        (Types.INT(), 2**31, "found int 2147483648 (must be from -2147483648 to 2147483647)"),
        (Types.BYTE(), -129, "must be from -128 to 127"),
        (Types.SHORT(), 32768, "must be from -32768 to 32767"),
        (Types.LONG(), None.__class__, "declared as Long, found type"),
        (Types.BIG_INT(), "1", "declared as BigInteger"),
        (Types.DOUBLE(), "0.5", "declared as Double, found str '0.5'"),
        (Types.DOUBLE(), 10**400, "is not a floating point number"),
        (Types.FLOAT(), "x", "declared as Float"),
        (Types.STRING(), 7, "value: declared as String, found int 7"),
        (Types.STRING(), b"a", "found bytes b'a'"),
        (Types.BOOLEAN(), "true", "declared as Boolean"),
        (Types.BIG_DEC(), "x", "is not a decimal number"),
        (Types.BIG_DEC(), True, "declared as BigDecimal, found bool True"),
        (Types.INSTANT(), 5, "declared as Instant"),
        (Types.SQL_DATE(), "2024-03-10", "declared as DateTypeInfo"),
        (Types.SQL_TIMESTAMP(), DAY, "declared as TimestampTypeInfo, found date"),
        (Types.SQL_TIME(), MOMENT, "declared as TimeTypeInfo"),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), [1], "PrimitiveArrayTypeInfo<Byte>, found list"),
        (Types.PRIMITIVE_ARRAY(Types.INT()), [1, None], "[1]: declared as Integer, found None"),
        (Types.LIST(Types.LONG()), "ab", "declared as ListTypeInfo<Long>, found str 'ab'"),
        (Types.LIST(Types.LONG()), {"a": 1}, "found dict"),
        (Types.LIST(Types.LONG()), iter([1]), "found list_iterator"),
        (Types.LIST(Types.LONG()), [1, "x"], "[1]: declared as Long, found str 'x'"),
        (Types.MAP(Types.STRING(), Types.LONG()), [("a", 1)], "found list"),
        (Types.MAP(Types.STRING(), Types.LONG()), {"a": "x"}, "['a']: declared as Long"),
        (Types.MAP(Types.STRING(), Types.LONG()), {7: 1}, ".key 7: declared as String"),
        (Types.TUPLE([Types.LONG()]), 7, "declared as TupleTypeInfo(Long), found int 7"),
        (Types.TUPLE([Types.LONG()]), (1, 2), "(expected 1 fields, found 2)"),
        (Types.TUPLE([Types.LONG(), Types.LONG()]), (1, "x"), "field 1: declared as Long"),
        (PERSON, Row(1), "(expected 2 fields, found 1)"),
        (PERSON, Row(id=1), "(lacks the fields name)"),
        (PERSON, Row(id="x", name="a"), "field 'id': declared as Long, found str 'x'"),
        (PERSON, Row("x", "a"), "field 'id': declared as Long"),
        (PERSON, "ab", "found str 'ab'"),
        (PERSON, 7, "found int 7"),
        (PERSON, object(), "found object"),
        (NESTED, Row(Row([{}, {"k": "x"}])), "field 'a'.'b'[1]['k']: declared as Integer"),
        (RecordClassTypeInfo(Pair, ["id"], [Types.LONG()]), (1, "a"), "found tuple"),
        (ExternalTypeInfo(Types.LONG()), "x", "declared as Long"),
    ],
    ids=name_of,
)
def test_what_does_not_fit(type_info: TypeInformation, value: Any, text: str) -> None:
    with pytest.raises(TypeMismatchError) as info:
        conversion(type_info).convert(value)
    assert text in str(info.value)
    with pytest.raises(TypeMismatchError):
        conversion(type_info).convert_batch([value])


def test_a_batch_tells_which_record_does_not_fit() -> None:
    with pytest.raises(TypeMismatchError) as info:
        conversion(Types.INT()).convert_batch([1, None, 2, "x", "y"])
    assert info.value.record_index == 3


def test_secrets_do_not_leak_into_errors() -> None:
    with pytest.raises(TypeMismatchError) as info:
        conversion(Types.INT()).convert({"password": "hunter2"})
    assert "hunter2" not in str(info.value)


def test_rows_of_many_shapes_do_not_fill_the_memory() -> None:
    convert = conversion(Types.ROW_NAMED(["a"], [Types.LONG()])).convert
    for i in range(200):
        assert convert(Row(**{f"x{i}": 0, "a": i})) == Row(a=i)


@given(st.lists(st.integers() | st.booleans() | st.none()), st.sampled_from([7, 15, 31]))
def test_ranges_of_integers(values: list[Any], bits: int) -> None:
    type_info = {7: Types.BYTE(), 15: Types.SHORT(), 31: Types.INT()}[bits]
    fits = all(v is None or -(2**bits) <= v < 2**bits for v in values)
    try:
        assert conversion(type_info).convert_batch(values) == values
    except TypeMismatchError:
        assert not fits
    else:
        assert fits


@given(st.lists(st.floats() | st.integers(-(2**40), 2**40) | st.none()))
def test_rounding_to_single_precision_is_that_of_c(values: list[Any]) -> None:
    converted = conversion(Types.FLOAT()).convert_batch(values)
    for value, single in zip(values, converted, strict=True):
        if value is None or math.isnan(value):
            assert single is None or math.isnan(single)
        else:
            assert single == array.array("f", [value])[0]
    again = conversion(Types.FLOAT()).convert_batch(converted)
    assert [*map(repr, again)] == [*map(repr, converted)]


fields = st.sampled_from(
    [
        (Types.LONG(), st.integers()),
        (Types.STRING(), st.text()),
        (Types.DOUBLE(), st.floats(allow_nan=False)),
        (Types.BOOLEAN(), st.booleans()),
        (Types.PICKLED_BYTE_ARRAY(), st.lists(st.integers())),
    ]
)


@given(st.lists(fields, min_size=1, max_size=5), st.data())
def test_every_form_of_a_record_becomes_the_same_row(
    columns: list[tuple[TypeInformation, Any]], data: st.DataObject
) -> None:
    names = [f"n{i}" for i in range(len(columns))]
    values = [data.draw(strategy | st.none()) for _, strategy in columns]
    convert = conversion(Types.ROW_NAMED(names, [type_info for type_info, _ in columns])).convert
    expected = Row(**dict(zip(names, values, strict=True)))
    order = data.draw(st.permutations(range(len(names))))
    shuffled = Row(**{names[i]: values[i] for i in order})
    for form in (Row(*values), tuple(values), values, expected.as_dict(), expected, shuffled):
        assert repr(convert(form)) == repr(expected)
