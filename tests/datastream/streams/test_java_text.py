"""Values of declared types are written as Java writes them."""

import datetime
import pickle
from typing import Any

import pytest

from flott.common import Instant, Row, Types
from flott.datastream.streams.java_text import JavaText, java_text_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (1.5, "1.5"),
        (100.0, "100.0"),
        (0.001, "0.001"),
        (0.00012, "1.2E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-1.25e10, "-1.25E10"),
        (123456789.125, "1.23456789125E8"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        (float("nan"), "NaN"),
        (7, "7.0"),
    ],
)
def test_double(value: float, text: str) -> None:
    assert java_text_of(Types.DOUBLE())(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.10000000149011612, "0.1"), (16777216.0, "1.6777216E7"), (2.5, "2.5"), (1e-5, "1.0E-5")],
)
def test_float_has_the_digits_of_32_bits(value: float, text: str) -> None:
    assert java_text_of(Types.FLOAT())(value) == text


@pytest.mark.parametrize(
    ("type_info", "value", "text"),
    [
        (Types.INT(), None, "null"),
        (Types.STRING(), "a b", "a b"),
        (Types.TUPLE([Types.ROW([Types.INT(), Types.STRING()])]), (Row(1, None),),
         "(+I[1, null])"),
        (Types.LIST(Types.TUPLE([Types.BOOLEAN()])), [(True,), None], "[(true), null]"),
        (Types.MAP(Types.STRING(), Types.DOUBLE()), {"a": 1.0, "b": None}, "{a=1.0, b=null}"),
        (Types.SQL_DATE(), datetime.date(2024, 2, 29), "2024-02-29"),
        (Types.SQL_TIME(), datetime.time(9, 5, 1), "09:05:01"),
        (Types.SQL_TIMESTAMP(), datetime.datetime(2024, 2, 29, 9, 5), "2024-02-29 09:05:00.0"),
        (Types.SQL_TIMESTAMP(), datetime.datetime(2024, 2, 29, 9, 5, 0, 120_000),
         "2024-02-29 09:05:00.12"),
        (Types.INSTANT(), Instant.of_epoch_milli(1500), "1970-01-01T00:00:01.500Z"),
        (Types.INSTANT(), Instant.of_epoch_milli(-1000), "1969-12-31T23:59:59Z"),
        (Types.PICKLED_BYTE_ARRAY(), (1, "a"), "(1, 'a')"),
    ],
)  # fmt: skip
def test_other_types(type_info: Any, value: Any, text: str) -> None:
    assert java_text_of(type_info)(value) == text


def test_java_text_travels_by_its_type() -> None:
    printer = pickle.loads(pickle.dumps(JavaText(Types.TUPLE([Types.INT(), Types.BOOLEAN()]))))
    assert printer((1, False)) == "(1,false)"
