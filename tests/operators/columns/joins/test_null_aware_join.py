"""NOT IN against its definition, one change at a time and in batches."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.logical_types import STRING, BigIntType
from flott.operators.columns.joins.regular import JoinSpec
from tests.operators.columns.harness import ColumnHarness
from tests.operators.columns.joins.model import Change, Row, applied, changelogs, in_batches

LONG = BigIntType()
TYPES = (LONG, STRING)
KEYS = st.integers(1, 2) | st.none()


def not_in(keys: tuple[int, ...] = (0,), **more: Any) -> JoinSpec:
    types = (LONG, LONG) if len(keys) > 1 else TYPES
    arguments: dict[str, Any] = {"left_retracts": True, "right_retracts": True} | more
    safe = (False,) * len(keys)
    return JoinSpec("ANTI", keys, keys, safe, None, types, types, null_aware=True, **arguments)


def is_surely_another(left: Row, right: Row, width: int) -> bool:
    pairs = zip(left[:width], right[:width], strict=True)
    return any(a is not None and b is not None and a != b for a, b in pairs)


def expected(log: list[tuple[int, Change]], width: int = 1) -> Counter[Row]:
    sides: tuple[Counter[Row], Counter[Row]] = (Counter(), Counter())
    for side, (kind, *row) in log:
        sides[side][tuple(row)] += 1 if kind in ("+I", "+U") else -1
    right = list((+sides[1]).elements())
    return Counter(
        left
        for left in (+sides[0]).elements()
        if all(is_surely_another(left, each, width) for each in right)
    )


ROWS = st.tuples(KEYS, st.sampled_from(["a", "b"]))


@settings(max_examples=150)
@given(changelogs(ROWS), st.sampled_from([1, 3, 1000]))
def test_the_result_is_not_in_after_every_batch(log: list[tuple[int, Change]], rows: int) -> None:
    columns = ColumnHarness(not_in(), TYPES, TYPES)
    seen: list[tuple[int, Change]] = []
    for side, changes in in_batches(log, rows):
        columns.push(*changes, side=side)
        seen += [(side, change) for change in changes]
        assert applied(columns.changes) == expected(seen)


@settings(max_examples=60)
@given(changelogs(ROWS), st.integers(0, 30))
def test_a_restored_not_in_goes_on(log: list[tuple[int, Change]], cut: int) -> None:
    first = ColumnHarness(not_in(), TYPES, TYPES)
    for side, change in log[:cut]:
        first.push(change, side=side)
    second = ColumnHarness(not_in(), TYPES, TYPES, restore=[first.snapshot(1)])
    for side, change in log[cut:]:
        second.push(change, side=side)
    assert applied(first.changes + second.changes) == expected(log)


@settings(max_examples=60)
@given(changelogs(ROWS, retracts=False), st.integers(0, 1))
def test_bounded_inputs_give_their_result_once(
    log: list[tuple[int, Change]], first_end: int
) -> None:
    spec = not_in(left_retracts=False, right_retracts=False, final_only=True)
    columns = ColumnHarness(spec, TYPES, TYPES, is_batch=True)
    for side, change in [each for each in log if each[0] == first_end]:
        columns.push(change, side=side)
    columns.plain.operator.end_input(first_end)
    for side, change in [each for each in log if each[0] != first_end]:
        columns.push(change, side=side)
    columns.plain.operator.end_input(1 - first_end)
    assert {change[0] for change in columns.changes} <= {"+I"}
    assert applied(columns.changes) == expected(log)


@settings(max_examples=60)
@given(changelogs(st.tuples(KEYS, KEYS)), st.sampled_from([1, 1000]))
def test_several_columns_compare_as_rows(log: list[tuple[int, Change]], rows: int) -> None:
    columns = ColumnHarness(not_in((0, 1)), (LONG, LONG), (LONG, LONG))
    for side, changes in in_batches(log, rows):
        columns.push(*changes, side=side)
    assert applied(columns.changes) == expected(log, 2)


@pytest.mark.parametrize("key", [1, None])
def test_a_null_on_the_right_takes_everything_back(key: int | None) -> None:
    columns = ColumnHarness(not_in(), TYPES, TYPES)
    columns.push(("+I", key, "a"))
    columns.push(("+I", None, "x"), side=1)
    columns.push(("-D", None, "x"), side=1)
    assert columns.changes == [("+I", key, "a"), ("-D", key, "a"), ("+I", key, "a")]
