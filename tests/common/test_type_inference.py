"""Types follow from hints, classes, annotations and values; inference refuses nothing that runs."""

import dataclasses
import datetime
import decimal
import enum
import functools
import typing
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, NamedTuple, NewType, Optional, TypeVar, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Instant, Row, TypeInformation, Types
from flott.common.type_conversion import conversion_for
from flott.common.type_inference import (
    element_hint,
    return_hint,
    return_type_info,
    type_info_from_hint,
    type_info_from_value,
    type_info_from_values,
)

PICKLED = Types.PICKLED_BYTE_ARRAY()
UserId = NewType("UserId", int)
T = TypeVar("T")


@dataclasses.dataclass
class Point:
    x: int
    y: float
    tags: list[str] = dataclasses.field(default_factory=list)
    unit: ClassVar[str] = "m"


class Pair(NamedTuple):
    key: str
    value: "int"


@dataclasses.dataclass
class Node:
    name: str
    next: "Node | None" = None


@dataclasses.dataclass
class Unresolved:
    known: int
    unknown: "NoSuchName"  # type: ignore[name-defined]  # noqa: F821


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (int, Types.LONG()),
        (float, Types.DOUBLE()),
        (str, Types.STRING()),
        (bool, Types.BOOLEAN()),
        (bytes, Types.PRIMITIVE_ARRAY(Types.BYTE())),
        (decimal.Decimal, Types.BIG_DEC()),
        (datetime.date, Types.SQL_DATE()),
        (datetime.time, Types.SQL_TIME()),
        (datetime.datetime, Types.SQL_TIMESTAMP()),
        (Instant, Types.INSTANT()),
        (UserId, Types.LONG()),
        (Optional[int], Types.LONG()),  # noqa: UP045
        (int | None, Types.LONG()),
        (Union[str, None], Types.STRING()),  # noqa: UP007
        (Annotated[int, "seconds"], Types.LONG()),
        (Annotated[int, Types.INT()], Types.INT()),
        (list[int], Types.LIST(Types.LONG())),
        (typing.List[int], Types.LIST(Types.LONG())),  # noqa: UP006
        (Sequence[str], Types.LIST(Types.STRING())),
        (list[list[int | None]], Types.LIST(Types.LIST(Types.LONG()))),
        (dict[str, int], Types.MAP(Types.STRING(), Types.LONG())),
        (Mapping[str, float], Types.MAP(Types.STRING(), Types.DOUBLE())),
        (tuple[int, str], Types.TUPLE([Types.LONG(), Types.STRING()])),
        (Types.SHORT(), Types.SHORT()),
    ],
)
def test_hints(hint: Any, expected: TypeInformation) -> None:
    assert type_info_from_hint(hint) == expected


@pytest.mark.parametrize(
    "hint",
    [Any, None, object, list, dict, tuple, tuple[int, ...], tuple[()], set[int], int | str, Row,
     Callable[[int], int], "int", T, Colour, typing.Literal["a"], type(None), Iterator[int]],
)  # fmt: skip
def test_hints_that_say_too_little_accept_everything(hint: Any) -> None:
    assert type_info_from_hint(hint) == PICKLED


@pytest.mark.parametrize("hint", [7, [int], {"a": int}])
def test_what_is_no_type_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="Expected a type"):
        type_info_from_hint(hint)


@pytest.mark.parametrize(
    ("cls", "text"),
    [
        (Point, "RecordClassTypeInfo<Point>(x: Long, y: Double, tags: ListTypeInfo<String>)"),
        (Pair, "RecordClassTypeInfo<Pair>(key: String, value: Long)"),
        (Node, "RecordClassTypeInfo<Node>(name: String, next: PickledByteArrayTypeInfo)"),
        (Unresolved, "RecordClassTypeInfo<Unresolved>(known: Long, unknown: Pickled"
                     "ByteArrayTypeInfo)"),
    ],
)  # fmt: skip
def test_record_classes(cls: type, text: str) -> None:
    assert str(type_info_from_hint(cls)) == text


def plain(x: int) -> tuple[str, int]: ...
def words(line: str) -> Iterator[str]: ...
def pairs(line: str) -> Generator[tuple[str, int], None, None]: ...
def nothing(x: int) -> None: ...
def anything(x: int) -> Any: ...
def unannotated(x):  # type: ignore[no-untyped-def]
    ...


def broken(x: int) -> "NoSuchName":  # type: ignore[name-defined]  # noqa: F821
    ...


def odd(x: int) -> 7:  # type: ignore[valid-type]
    ...


class Mapper:
    def map(self, value: int) -> str: ...
    def __call__(self, value: int) -> float: ...
    @staticmethod
    def static(value: int) -> bool: ...


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (plain, Types.TUPLE([Types.STRING(), Types.LONG()])),
        (functools.partial(plain, 1), Types.TUPLE([Types.STRING(), Types.LONG()])),
        (Mapper().map, Types.STRING()),
        (Mapper(), Types.DOUBLE()),
        (Mapper.static, Types.BOOLEAN()),
        (Point, type_info_from_hint(Point)),
        (int, Types.LONG()),
        (nothing, None),
        (anything, None),
        (unannotated, None),
        (broken, None),
        (odd, None),
        (lambda x: x, None),
        (len, None),
        (words, None),
    ],
)
def test_annotations_of_functions(
    function: Callable[..., Any], expected: TypeInformation | None
) -> None:
    assert return_type_info(function) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (words, Types.STRING()),
        (pairs, Types.TUPLE([Types.STRING(), Types.LONG()])),
        (plain, None),
        (unannotated, None),
    ],
)
def test_annotations_of_functions_that_give_many(
    function: Callable[..., Any], expected: TypeInformation | None
) -> None:
    assert return_type_info(function, of_elements=True) == expected


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Iterable[int], int),
        (list[str], str),
        (tuple[int, ...], int),
        (Iterator[int] | None, int),
        (tuple[int, str], None),
        (dict[str, int], None),
        (int | str, None),
        (int, None),
        (list, None),
        (None, None),
    ],
)
def test_elements_of_hints(hint: Any, expected: Any) -> None:
    assert element_hint(hint) is expected


def test_hint_of_a_partial_of_a_method() -> None:
    assert return_hint(functools.partial(Mapper().map)) is str


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, None, 2], Types.LONG()),
        ([True], Types.BOOLEAN()),
        ([1, True], PICKLED),
        ([1, 1.0], PICKLED),
        ([], PICKLED),
        ([None], PICKLED),
        (["a"], Types.STRING()),
        ([b"a"], Types.PRIMITIVE_ARRAY(Types.BYTE())),
        ([(1, "a"), (2, None)], Types.TUPLE([Types.LONG(), Types.STRING()])),
        ([(1,), (1, 2)], PICKLED),
        ([()], PICKLED),
        ([[1], []], Types.LIST(Types.LONG())),
        ([[]], Types.LIST(PICKLED)),
        ([{"a": 1}, {}], Types.MAP(Types.STRING(), Types.LONG())),
        ([Row(1, "a")], Types.ROW([Types.LONG(), Types.STRING()])),
        ([Row(a=1), Row(b=1)], PICKLED),
        ([Row(1), Row(1, 2)], PICKLED),
        ([{1, 2}], PICKLED),
        ([Point(1, 2.0)], type_info_from_hint(Point)),
        ([Pair("a", 1)], type_info_from_hint(Pair)),
        ([Colour.RED], PICKLED),
    ],
)
def test_samples(values: list[Any], expected: TypeInformation) -> None:
    assert type_info_from_values(values) == expected


def test_named_rows_keep_their_names() -> None:
    assert str(type_info_from_value(Row(id=1, name="a"))) == "RowTypeInfo(id: Long, name: String)"


def test_deep_samples_end() -> None:
    nested: list[Any] = []
    for _ in range(100):
        nested = [nested]
    assert str(type_info_from_value(nested)).endswith("PickledByteArrayTypeInfo" + ">" * 8)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.lists(inner, min_size=1, max_size=3).map(lambda parts: Row(*parts))
    ),
    max_leaves=8,
)


@given(st.lists(values, max_size=5))
def test_every_sample_fits_the_type_inferred_from_it(samples: list[Any]) -> None:
    conversion = conversion_for(type_info_from_values(samples))
    if conversion is not None:
        assert without_names(conversion.convert_batch(samples)) == without_names(samples)


def without_names(value: Any) -> Any:
    """Compare rows by their values: those without names are given some."""
    if isinstance(value, dict):
        return {key: without_names(each) for key, each in value.items()}
    return [*map(without_names, value)] if isinstance(value, (Row, list, tuple)) else value
