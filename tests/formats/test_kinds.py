from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from flott.common import Types
from flott.common.composite_types import ExternalTypeInfo
from flott.common.temporal_types import LocalTimeTypeInfo
from flott.formats.kinds import INT_BOUNDS, Kind, Shape, shape_of, to_type_info


@dataclass
class Click:
    id: int


class Point(NamedTuple):
    x: float


@pytest.mark.parametrize(
    ("type_info", "kind"),
    [
        (Types.STRING(), Kind.STRING),
        (Types.CHAR(), Kind.STRING),
        (Types.BOOLEAN(), Kind.BOOLEAN),
        (Types.BYTE(), Kind.INT8),
        (Types.SHORT(), Kind.INT16),
        (Types.INT(), Kind.INT32),
        (Types.LONG(), Kind.INT64),
        (Types.BIG_INT(), Kind.BIG_INT),
        (Types.FLOAT(), Kind.FLOAT),
        (Types.DOUBLE(), Kind.DOUBLE),
        (Types.BIG_DEC(), Kind.DECIMAL),
        (Types.INSTANT(), Kind.INSTANT),
        (Types.SQL_DATE(), Kind.DATE),
        (Types.SQL_TIME(), Kind.TIME),
        (Types.SQL_TIMESTAMP(), Kind.TIMESTAMP),
        (LocalTimeTypeInfo(LocalTimeTypeInfo.TimeType.LOCAL_DATE), Kind.DATE),
        (LocalTimeTypeInfo(LocalTimeTypeInfo.TimeType.LOCAL_TIME), Kind.TIME),
        (LocalTimeTypeInfo(LocalTimeTypeInfo.TimeType.LOCAL_DATE_TIME), Kind.TIMESTAMP),
        (ExternalTypeInfo(Types.INT()), Kind.INT32),
        (Types.PRIMITIVE_ARRAY(Types.BYTE()), Kind.BYTES),
        (Types.PICKLED_BYTE_ARRAY(), Kind.ANY),
        (None, Kind.ANY),
    ],
)
def test_plain_types(type_info: Any, kind: Kind) -> None:
    assert shape_of(type_info) == Shape(kind)


@pytest.mark.parametrize(
    "make", [Types.LIST, Types.BASIC_ARRAY, Types.OBJECT_ARRAY, Types.PRIMITIVE_ARRAY]
)
def test_lists_and_arrays_of_elements(make: Any) -> None:
    assert shape_of(make(Types.INT())) == Shape(Kind.LIST, (Shape(Kind.INT32),))


def test_types_with_fields() -> None:
    fields = (Shape(Kind.INT32), Shape(Kind.STRING))
    types = [Types.INT(), Types.STRING()]
    assert shape_of(Types.ROW_NAMED(["a", "b"], types)) == Shape(Kind.ROW, fields, ("a", "b"))
    assert shape_of(Types.ROW(types)) == Shape(Kind.ROW, fields, ("f0", "f1"))
    assert shape_of(Types.TUPLE(types)) == Shape(Kind.TUPLE, fields, ("f0", "f1"))
    assert shape_of(Types.MAP(*types)) == Shape(Kind.MAP, fields)


def test_records_of_python_know_their_class() -> None:
    click = Shape(Kind.RECORD, (Shape(Kind.INT64),), ("id",), Click)
    point = Shape(Kind.RECORD, (Shape(Kind.DOUBLE),), ("x",), Point)
    assert shape_of(to_type_info(Click)) == click
    assert shape_of(to_type_info(Point)) == point


class TableType:
    def to_type_info(self) -> Any:
        return Types.SHORT()


def test_types_may_be_written_in_several_ways() -> None:
    assert to_type_info(Types.INT()) == Types.INT()
    assert to_type_info(int) == Types.LONG()
    assert to_type_info(TableType()) == Types.SHORT()
    with pytest.raises(TypeError):
        to_type_info(7)


def test_bounds_of_whole_numbers() -> None:
    assert INT_BOUNDS[Kind.INT8] == (-128, 127)
    assert INT_BOUNDS[Kind.INT64] == (-(2**63), 2**63 - 1)
