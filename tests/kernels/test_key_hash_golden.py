"""The hash of a key, frozen: state is kept by it, so these values must never change."""

import enum
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest

from flott.kernels.key_hash import key_hash
from flott.kernels.partition import key_groups


class Colour(enum.Enum):
    RED = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


GOLDEN: list[tuple[Any, int]] = [
    (None, 3811820009),
    (True, 885181228),
    (0, 0),
    (1, 885181228),
    (-1, 1817550891),
    (-2, 1817550891),
    (2**31, 2591967366),
    (2**61 - 1, 0),
    (-(2**63), 188011495),
    (10**30, 2432367450),
    (0.5, 3499696607),
    (-0.0, 0),
    (1e300, 3168377371),
    (float("inf"), 1254573723),
    (float("nan"), 402188667),
    (1 + 2j, 1606892983),
    (Decimal("1.10"), 3455554469),
    (Fraction(1, 3), 2608311972),
    ("", 1373170073),
    ("a", 2844552795),
    ("JFK", 270610852),
    ("Zürich", 3139076729),
    ("日本語", 924448225),
    ("\ud800", 2394887089),
    ("a key of more than thirty-two characters in all", 2262394884),
    (b"", 916700747),
    (b"JFK", 322740522),
    (bytes(range(100)), 160067619),
    ((), 2823173684),
    (("JFK", 1), 553492957),
    ((("JFK",), None), 1322229664),
    (frozenset(), 3963013699),
    (frozenset(["a", "b", 3]), 3157470852),
    (date(2013, 1, 1), 1549464651),
    (datetime(2013, 1, 1, 5, 15, 0, 250), 3326652717),
    (datetime(2013, 1, 1, 5, 15, tzinfo=UTC), 3711765819),
    (time(5, 15), 4105512339),
    (timedelta(days=-1, seconds=5), 555999649),
    (UUID("12345678-1234-5678-1234-567812345678"), 3628300654),
    (Colour.RED, 3246860399),
    (Access.READ | Access.WRITE, 2326368130),
]


@pytest.mark.parametrize(("key", "expected"), GOLDEN, ids=lambda value: type(value).__name__)
def test_hash_is_what_it_has_always_been(key: Any, expected: int) -> None:
    assert key_hash(key) == expected


def test_key_groups_are_what_they_have_always_been() -> None:
    assert key_groups([key for key, _ in GOLDEN], 128) == [value % 128 for _, value in GOLDEN]
