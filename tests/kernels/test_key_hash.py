"""The key hash equals its reference, agrees with equality, and refuses what cannot be a key."""

import dataclasses
import enum
import os
import subprocess
import sys
import uuid
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import attrs
import numpy as np
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common import Row
from flott.kernels.key_hash import key_hash
from tests.kernels import reference_hash

NEW_YORK = timezone(-timedelta(hours=5))

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.fractions()
    | st.complex_numbers()
    | st.text(st.characters())
    | st.text(st.characters(categories=["Cs", "L"]))
    | st.binary(max_size=100)
    | st.dates()
    | st.times()
    | st.datetimes()
    | st.timedeltas()
    | st.uuids()
)


def _can_be_compared(value: Any) -> bool:
    return not (isinstance(value, Decimal) and value.is_snan())


keys = st.recursive(
    scalars.filter(_can_be_compared),
    lambda inner: st.lists(inner, max_size=4).map(tuple) | st.frozensets(inner, max_size=4),
    max_leaves=8,
)


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


class Airport(NamedTuple):
    code: str
    gate: int


@dataclasses.dataclass(frozen=True)
class Flight:
    carrier: str
    number: int
    note: str = dataclasses.field(default="", compare=False)


@attrs.frozen
class Gate:
    terminal: str
    number: int
    seen: int = attrs.field(eq=False)


class Plane(pydantic.BaseModel, frozen=True):
    tail: str
    seats: int | None = None


class Route:
    """A class with an equality of its own, and a part that does not count."""

    def __init__(self, stops: list[str]) -> None:
        self.stops = stops

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Route) and self.stops == other.stops

    def __hash__(self) -> int:
        return hash(tuple(self.stops))


class Shouting(str):
    """A str with a hash of its own, equal to its plain twin all the same."""

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other)

    def __hash__(self) -> int:
        return str.__hash__(self)


@given(keys)
def test_native_hash_equals_the_reference(key: Any) -> None:
    assert key_hash(key) == reference_hash.key_hash(key)


@given(st.lists(keys, min_size=2, max_size=6))
def test_equal_keys_hash_alike(some: list[Any]) -> None:
    for key in some:
        for other in some:
            assert key != other or key_hash(key) == key_hash(other)


@given(st.integers(-(2**70), 2**70))
def test_equal_numbers_of_all_types_hash_alike(number: int) -> None:
    twins = [Decimal(number), Fraction(number), Fraction(2 * number, 2)]
    if int(float(number)) == number:
        twins += [float(number), complex(number), np.float64(number)]
    if abs(number) < 2**63:
        twins.append(np.int64(number))
    assert {key_hash(twin) for twin in twins} == {key_hash(number)}


@pytest.mark.parametrize(
    ("key", "twin"),
    [
        (1, True),
        (0.0, -0.0),
        (1, np.bool_(True)),
        ("a", np.str_("a")),
        ("a", Shouting("a")),
        (b"ab", memoryview(b"ab")),
        (("JFK", 4), Airport("JFK", 4)),
        (Airport("JFK", 4), Airport("JFK", 4.0)),
        (Flight("UA", 1, "late"), Flight("UA", 1.0, "early")),
        (Route(["JFK", "LAX"]), Route(["JFK", "".join(["LA", "X"])])),
        (frozenset([1, "a", None]), frozenset([None, "a", 1.0])),
        (Gate("A", 1, seen=2), Gate("A", 1.0, seen=3)),
        (Plane(tail="N1", seats=None), Plane(tail="N1")),
        (datetime(2013, 1, 1, 12, tzinfo=UTC), datetime(2013, 1, 1, 7, tzinfo=NEW_YORK)),
        (time(12, tzinfo=UTC), time(7, tzinfo=NEW_YORK)),
        (datetime(2013, 1, 1, fold=1), datetime(2013, 1, 1)),
        (timedelta(hours=24), timedelta(days=1)),
        (uuid.UUID(int=5), uuid.UUID(hex=f"{5:032x}")),
        (PurePosixPath("a/b"), PurePosixPath("a", "b")),
    ],
)
def test_equal_keys_of_different_make_hash_alike(key: Any, twin: Any) -> None:
    assert key == twin
    assert key_hash(key) == key_hash(twin)


@pytest.mark.parametrize(
    "nan",
    [float("nan"), -float("nan"), Decimal("nan"), Decimal("snan"), np.float32("nan")],
)
def test_every_nan_is_one_key(nan: Any) -> None:
    assert key_hash(nan) == key_hash(float("nan"))


def test_keys_that_look_alike_are_told_apart() -> None:
    some = [None, 0, "", b"", (), frozenset(), "0", b"0", (0,), ((0,),), date(1, 1, 1), Colour.RED]
    some += ["RED", Colour.GREEN, (1, 2), (2, 1), datetime(1, 1, 1), timedelta(1), time(1)]
    assert len({key_hash(key) for key in some}) == len(some)


def test_rows_hash_by_their_values_whatever_the_order_of_their_names() -> None:
    assert key_hash(Row(code="JFK", gate=4)) == key_hash(Row(gate=4.0, code="JFK"))
    assert key_hash(Row("JFK", 4)) == key_hash(("JFK", 4))
    assert key_hash(Row("JFK", 4)) != key_hash(Row(4, "JFK"))


def test_the_parts_of_an_object_count_and_their_identity_does_not() -> None:
    code = "".join(["J", "F", "K"])
    assert key_hash(Route(["JFK", "JFK"])) == key_hash(Route(["JFK", code]))
    assert key_hash(Route(["JFK"])) != key_hash(Route(["LAX"]))


def test_hash_is_the_same_in_a_process_with_another_salt() -> None:
    key = ("JFK", 1.5, frozenset(["a", "b"]), date(2013, 1, 1), b"x", None)
    program = (
        f"import datetime\nfrom flott.kernels.key_hash import key_hash\nprint(key_hash({key!r}))"
    )
    for salt in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": salt}
        printed = subprocess.check_output([sys.executable, "-c", program], env=environment)
        assert int(printed) == key_hash(key)


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ([1], r"a list cannot be a key.*tuple\(key\)"),
        ({1}, r"a set cannot be a key.*frozenset\(key\)"),
        ({"a": 1}, r"a dict cannot be a key.*tuple\(sorted\(key\.items\(\)\)\)"),
        (bytearray(b"a"), r"a bytearray cannot be a key.*bytes\(key\)"),
        ((1, [2]), r"a list cannot be a key"),
    ],
)
def test_unhashable_key_is_refused_with_its_hashable_twin(key: Any, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        key_hash(key)


@pytest.mark.parametrize("key", [object(), lambda: 1, int])
def test_key_without_a_stable_hash_is_refused(key: Any) -> None:
    with pytest.raises(TypeError, match="address in memory"):
        key_hash(key)


def test_error_of_a_key_inside_a_key_is_the_same() -> None:
    with pytest.raises(TypeError, match="object cannot be a key"):
        key_hash(("a", (object(),)))


def test_endless_key_raises_recursion_error() -> None:
    endless = Route([])
    endless.stops.append(endless)  # type: ignore[arg-type]
    with pytest.raises(RecursionError):
        key_hash(endless)
