"""Type information prints as in PyFlink, compares by meaning, and refuses mistakes at once."""

import datetime
import pickle
from typing import Any

import pytest

from flott.common import Instant, Row, RowKind, TypeInformation, Types
from flott.common.typeinfo import (
    BasicType,
    BasicTypeInfo,
    ExternalTypeInfo,
    InstantTypeInfo,
    ListTypeInfo,
    LocalTimeTypeInfo,
    RecordClassTypeInfo,
    RowTypeInfo,
    SqlTimeTypeInfo,
    TupleTypeInfo,
)

PRINTED = [
    (Types.STRING(), "String"),
    (Types.BYTE(), "Byte"),
    (Types.BOOLEAN(), "Boolean"),
    (Types.SHORT(), "Short"),
    (Types.INT(), "Integer"),
    (Types.LONG(), "Long"),
    (Types.FLOAT(), "Float"),
    (Types.DOUBLE(), "Double"),
    (Types.CHAR(), "Char"),
    (Types.BIG_INT(), "BigInteger"),
    (Types.BIG_DEC(), "BigDecimal"),
    (Types.INSTANT(), "Instant"),
    (Types.SQL_DATE(), "DateTypeInfo"),
    (Types.SQL_TIME(), "TimeTypeInfo"),
    (Types.SQL_TIMESTAMP(), "TimestampTypeInfo"),
    (Types.PICKLED_BYTE_ARRAY(), "PickledByteArrayTypeInfo"),
    (Types.TUPLE([Types.INT(), Types.STRING(), Types.DOUBLE()]),
     "TupleTypeInfo(Integer, String, Double)"),
    (Types.ROW([Types.INT(), Types.STRING()]), "RowTypeInfo(Integer, String)"),
    (Types.ROW_NAMED(["a", "b"], [Types.INT(), Types.LIST(Types.LONG())]),
     "RowTypeInfo(a: Integer, b: ListTypeInfo<Long>)"),
    (Types.PRIMITIVE_ARRAY(Types.BYTE()), "PrimitiveArrayTypeInfo<Byte>"),
    (Types.BASIC_ARRAY(Types.STRING()), "BasicArrayTypeInfo<String>"),
    (Types.OBJECT_ARRAY(Types.SQL_DATE()), "ObjectArrayTypeInfo<DateTypeInfo>"),
    (Types.LIST(Types.STRING()), "ListTypeInfo<String>"),
    (Types.MAP(Types.STRING(), Types.LONG()), "MapTypeInfo<String, Long>"),
    (LocalTimeTypeInfo(LocalTimeTypeInfo.TimeType.LOCAL_DATE), "LocalTimeTypeInfo<LOCAL_DATE>"),
    (ExternalTypeInfo(Types.INT()), "ExternalTypeInfo<Integer>"),
    (RecordClassTypeInfo(Instant, ["seconds"], [Types.LONG()]),
     "RecordClassTypeInfo<Instant>(seconds: Long)"),
]  # fmt: skip
ALL = [type_info for type_info, _ in PRINTED]


@pytest.mark.parametrize(("type_info", "text"), PRINTED)
def test_printed_form(type_info: TypeInformation, text: str) -> None:
    assert str(type_info) == repr(type_info) == text


@pytest.mark.parametrize("type_info", ALL, ids=str)
def test_a_type_equals_its_copy_and_no_other(type_info: TypeInformation) -> None:
    copy = pickle.loads(pickle.dumps(type_info))
    assert copy == type_info
    assert hash(copy) == hash(type_info)
    assert [other for other in ALL if other == type_info] == [type_info]
    assert type_info != str(type_info)


def test_names_of_fields_do_not_count_in_comparison() -> None:
    assert Types.ROW_NAMED(["a"], [Types.INT()]) == Types.ROW([Types.INT()])
    assert hash(Types.ROW_NAMED(["a"], [Types.INT()])) == hash(Types.ROW([Types.INT()]))


def test_basic_types_by_class() -> None:
    assert BasicTypeInfo.INT_TYPE_INFO() == BasicTypeInfo(BasicType.INT) == Types.INT()
    assert BasicTypeInfo.INSTANT_TYPE_INFO() == InstantTypeInfo(BasicType.INSTANT)
    assert SqlTimeTypeInfo.DATE() == Types.SQL_DATE()


def test_row_type_tells_its_fields() -> None:
    row = RowTypeInfo([Types.INT(), Types.STRING()], ["a", "b"])
    assert row.get_field_names() == ["a", "b"]
    assert row.get_field_types() == [Types.INT(), Types.STRING()]
    assert row.get_field_index("b") == 1
    with pytest.raises(ValueError):
        row.get_field_index("c")


def test_row_type_without_names_numbers_its_fields() -> None:
    row = Types.ROW([Types.INT(), Types.STRING()])
    assert row.get_field_names() == ["f0", "f1"]
    assert row.get_field_index("f1") == -1
    assert str(row) == "RowTypeInfo(Integer, String)"


def test_list_type_tells_its_element_type() -> None:
    assert ListTypeInfo(Types.INT()).elem_type == Types.INT()


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Types.ROW_NAMED(["a"], []), ValueError, "1 field names for 0"),
        (lambda: Types.ROW_NAMED(["a", "a"], [Types.INT()] * 2), ValueError, "more than once: a"),
        (lambda: Types.ROW_NAMED([1], [Types.INT()]), TypeError, "must be strings"),
        (lambda: Types.ROW([int]), TypeError, "position 0"),
        (lambda: Types.ROW(Types.INT()), TypeError, "must be a list"),
        (lambda: Types.TUPLE("ab"), TypeError, "must be a list"),
        (lambda: Types.TUPLE([Types.INT]), TypeError, r"Types\.INT\(\)"),
        (lambda: Types.LIST(Types.STRING), TypeError, r"Types\.STRING\(\)"),
        (lambda: Types.LIST(None), TypeError, "element type"),
        (lambda: Types.MAP(Types.INT(), str), TypeError, "value type"),
        (lambda: Types.MAP(7, Types.INT()), TypeError, "key type"),
        (lambda: Types.PRIMITIVE_ARRAY(Types.STRING()), TypeError, "OBJECT_ARRAY"),
        (lambda: Types.BASIC_ARRAY(Types.SQL_DATE()), TypeError, "BASIC_ARRAY cannot"),
        (lambda: Types.PRIMITIVE_ARRAY(Types.LIST(Types.INT())), TypeError, "PRIMITIVE_ARRAY"),
        (lambda: BasicTypeInfo("Integer"), TypeError, "BasicType"),
        (lambda: LocalTimeTypeInfo(0), TypeError, "TimeType"),
        (lambda: ExternalTypeInfo(None), TypeError, "wrapped type"),
    ],
)
def test_mistakes_are_refused(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


def test_java_types_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="without a JVM"):
        Types.INT().get_java_type_info()


@pytest.mark.parametrize("type_info", ALL, ids=str)
def test_missing_values_stay_missing_inside(type_info: TypeInformation) -> None:
    assert type_info.to_internal_type(None) is None
    assert type_info.from_internal_type(None) is None


MOMENT = datetime.datetime(2024, 3, 10, 12, 30, 15, 123456)


@pytest.mark.parametrize(
    ("type_info", "value"),
    [
        (Types.INT(), 7),
        (Types.INSTANT(), Instant.of_epoch_milli(-5)),
        (Types.SQL_DATE(), datetime.date(1969, 12, 31)),
        (Types.SQL_TIME(), datetime.time(23, 59, 59, 999999)),
        (Types.SQL_TIMESTAMP(), MOMENT),
    ],
)
def test_inner_values_come_back(type_info: TypeInformation, value: object) -> None:
    assert type_info.from_internal_type(type_info.to_internal_type(value)) == value


def test_inner_values_are_those_of_pyflink() -> None:
    assert Types.SQL_DATE().to_internal_type(datetime.date(1970, 1, 2)) == 1
    assert Types.INSTANT().to_internal_type(Instant(1, 5_000_000)) == 1_005_000
    utc = datetime.UTC
    assert Types.SQL_TIMESTAMP().to_internal_type(MOMENT.replace(tzinfo=utc)) == 1710073815123456
    time = datetime.time(1, 0, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    assert Types.SQL_TIME().to_internal_type(time) == 0


class Plain:
    def __init__(self) -> None:
        self.d, self.n = datetime.date(1970, 1, 2), 5


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Row(5, datetime.date(1970, 1, 2)), 0),
        (Row.of_kind(RowKind.DELETE, d=datetime.date(1970, 1, 2), n=5), 3),
        ((5, datetime.date(1970, 1, 2)), 0),
        ([5, datetime.date(1970, 1, 2)], 0),
        ({"d": datetime.date(1970, 1, 2), "n": 5}, 0),
        (Plain(), 0),
    ],
)
def test_whatever_stands_for_a_row_has_an_inner_form(value: object, kind: int) -> None:
    row = Types.ROW_NAMED(["n", "d"], [Types.INT(), Types.SQL_DATE()])
    assert row.need_conversion()
    assert row.to_internal_type(value) == (kind, 5, 1)


def test_what_cannot_stand_for_a_row_or_tuple() -> None:
    for type_info in (Types.ROW([Types.INT()]), Types.TUPLE([Types.INT()])):
        with pytest.raises(ValueError, match="Unexpected value 7"):
            type_info.to_internal_type(7)


def test_inner_form_of_tuples() -> None:
    pair = TupleTypeInfo([Types.INT(), Types.SQL_DATE()])
    assert pair.to_internal_type([5, datetime.date(1970, 1, 2)]) == (5, 1)
    assert pair.from_internal_type(iter((5, 1))) == (5, datetime.date(1970, 1, 2))
    assert pair.from_internal_type((5, 1)) == (5, 1)
    row = Types.ROW([Types.INT(), Types.SQL_DATE()])
    assert row.from_internal_type(iter((5, 1))) == (5, datetime.date(1970, 1, 2))
