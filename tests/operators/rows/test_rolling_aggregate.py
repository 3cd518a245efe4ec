"""sum, min, max, min_by and max_by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError
from flott.common.types import Row
from flott.operators.rows import RollingAggregateSpec
from tests.operators.harness import Harness


class Named(NamedTuple):
    key: str
    number: int
    other: str


@dataclass(frozen=True)
class Data:
    key: str
    number: int
    other: str


KINDS: list[tuple[Any, int | str]] = [
    (lambda *fields: fields, 1),
    (lambda *fields: fields, -2),
    (lambda *fields: list(fields), 1),
    (lambda *fields: Row(*fields), 1),
    (lambda k, n, o: Row(key=k, number=n, other=o), "number"),
    (Named, "number"),
    (Named, 1),
    (Data, "number"),
    (Data, 1),
    (lambda k, n, o: {"key": k, "number": n, "other": o}, "number"),
]


def run(kind: str, field: int | str, records: list[Any], key: Any = None) -> list[Any]:
    harness = Harness(RollingAggregateSpec(kind, field, key or (lambda value: 0)))
    for record in records:
        harness.push(record)
    return harness.values


@pytest.mark.parametrize(("make", "field"), KINDS)
def test_min_keeps_the_other_fields_of_the_first_record(make: Any, field: int | str) -> None:
    records = [make("k", 5, "first"), make("k", 3, "second"), make("k", 9, "third")]
    expected = [make("k", 5, "first"), make("k", 3, "first"), make("k", 3, "first")]
    assert run("min", field, records) == expected


@pytest.mark.parametrize(("make", "field"), KINDS)
def test_min_by_takes_the_whole_record(make: Any, field: int | str) -> None:
    records = [make("k", 5, "first"), make("k", 3, "second"), make("k", 3, "third")]
    expected = [records[0], records[1], records[1]]
    assert run("min_by", field, records) == expected


@pytest.mark.parametrize(("make", "field"), KINDS)
def test_what_was_emitted_is_never_changed(make: Any, field: int | str) -> None:
    results = run("sum", field, [make("k", 1, "x")] * 3)
    assert results == [make("k", number, "x") for number in (1, 2, 3)]


def test_sum_min_and_max_of_tuples_by_key() -> None:
    data = [("a", 5, 1.5), ("b", 2, 9.0), ("a", 3, 2.5), ("b", 8, -1.0), ("a", 9, 0.5)]

    def of(kind: str, field: int) -> list[Any]:
        return [value[field] for value in run(kind, field, data, lambda value: value[0])]

    assert of("sum", 1) == [5, 2, 8, 10, 17]
    assert of("min", 1) == [5, 2, 3, 2, 3]
    assert of("max", 2) == [1.5, 9.0, 2.5, 9.0, 2.5]


@given(st.lists(st.integers(), min_size=1))
def test_plain_numbers_are_their_own_field_0(numbers: list[int]) -> None:
    for kind, function in (
        ("sum", sum),
        ("min", min),
        ("max", max),
        ("min_by", min),
        ("max_by", max),
    ):
        expected = [function(numbers[: i + 1]) for i in range(len(numbers))]  # type: ignore[operator]
        assert run(kind, 0, list(numbers)) == expected


def test_max_by_keeps_the_first_of_equals() -> None:
    assert run("max_by", 0, [(1, "first"), (1, "second")]) == [(1, "first")] * 2


@pytest.mark.parametrize(
    ("record", "field", "message"),
    [
        (5, 1, r"sum\(1\) on a plain int: only field 0"),
        ((1, 2), 7, r"sum\(7\): the record has no such field"),
        ((1, 2), "a", r"sum\('a'\): the record has no such field"),
        (Row(a=1), "b", r"sum\('b'\): the record has no such field"),
        ({"a": 1}, "b", r"sum\('b'\): the record has no such field"),
        (Data("k", 1, "x"), "b", r"sum\('b'\): the record has no such field"),
    ],
)
def test_a_field_that_is_not_there_is_named(record: Any, field: int | str, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        run("sum", field, [record, record])


@pytest.mark.parametrize("field", [1.5, None, True])
def test_a_field_is_a_position_or_a_name(field: Any) -> None:
    with pytest.raises(ProgramError, match="position or the name"):
        RollingAggregateSpec("sum", field, abs)


def test_an_unknown_aggregate_is_refused() -> None:
    with pytest.raises(ProgramError, match="Unknown rolling aggregate 'median'"):
        RollingAggregateSpec("median", 0, abs)


def test_in_batch_mode_only_the_final_value_comes() -> None:
    harness = Harness(RollingAggregateSpec("sum", 1, lambda value: value[0]), is_batch=True)
    harness.push(("a", 1), ("b", 2), ("a", 3))
    harness.end()
    assert harness.values == [("a", 4), ("b", 2)]


def test_state_is_restored() -> None:
    spec = RollingAggregateSpec("max", 0, lambda value: 0)
    before = Harness(spec)
    before.push(5)
    after = Harness(spec, restore=[before.snapshot(1)])
    after.push(3)
    assert after.values == [5]


def test_specs_are_values_that_travel() -> None:
    spec = RollingAggregateSpec(kind="sum", field="n", key_selector=len)
    assert cloudpickle.loads(cloudpickle.dumps(spec)) == spec
    assert (spec.kind, spec.meaning) == ("sum", "sum('n')")
