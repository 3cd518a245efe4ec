"""reduce on keyed streams."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, TypeMismatchError
from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.core.element import MAX_WATERMARK
from flott.operators.rows import KeyedReduceSpec
from tests.operators.harness import Harness

RECORDS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(-9, 9), st.integers(0, 99)), min_size=1
)


def add(first: Any, second: Any) -> Any:
    return first[0], first[1] + second[1]


def key(value: Any) -> Any:
    return value[0]


SUM = KeyedReduceSpec(add, key)


def push_in_parts(harness: Harness, records: list[Any], size: int) -> None:
    for start in range(0, len(records), size):
        harness.push_timed(*(((k, v), t) for k, v, t in records[start : start + size]))


@given(RECORDS, st.integers(1, 5))
def test_each_record_gives_the_value_reached(records: list[Any], size: int) -> None:
    harness = Harness(SUM)
    push_in_parts(harness, records, size)
    sums: dict[str, int] = {}
    expected = []
    for name, number, time in records:
        sums[name] = sums.get(name, 0) + number
        expected.append(((name, sums[name]), time))
    assert harness.records == expected


@given(RECORDS, st.integers(1, 5))
def test_in_batch_mode_each_key_gives_the_last_value_of_the_stream(
    records: list[Any], size: int
) -> None:
    stream, batch = Harness(SUM), Harness(SUM, is_batch=True)
    for harness in (stream, batch):
        push_in_parts(harness, records, size)
    assert batch.values == []
    batch.end()
    last = {value[0]: (value, time) for value, time in stream.records}
    assert sorted(batch.records) == sorted(last.values())
    assert batch.watermarks == [MAX_WATERMARK]


def test_final_values_come_before_the_last_watermark() -> None:
    harness = Harness(SUM, is_batch=True)
    harness.push(("a", 1), ("a", 2))
    harness.end()
    assert harness.flow == [[("a", 3)], ("watermark", MAX_WATERMARK)]
    assert harness.records == [(("a", 3), None)]


def test_state_is_restored() -> None:
    before = Harness(SUM)
    before.push(("a", 1), ("b", 2))
    after = Harness(SUM, restore=[before.snapshot(1)])
    after.push(("a", 10), ("b", 20))
    assert after.values == [("a", 11), ("b", 22)]


def test_none_is_a_value_like_any_other() -> None:
    harness = Harness(KeyedReduceSpec(lambda first, second: (first, second), lambda value: 0))
    harness.push(None)
    harness.push(1)
    assert harness.values == [None, (None, 1)]


def test_a_reduce_function_may_be_an_object_with_state_of_its_own() -> None:
    class Calls:
        def open(self, runtime_context: Any) -> None:
            self.calls = runtime_context.get_state(ValueStateDescriptor("calls", int))

        def reduce(self, first: Any, second: Any) -> Any:
            self.calls.update((self.calls.value() or 0) + 1)
            return second[0], self.calls.value()

    harness = Harness(KeyedReduceSpec(Calls(), key))
    harness.push(("a", 0), ("b", 0), ("a", 0), ("a", 0), ("b", 0))
    assert harness.values == [("a", 0), ("b", 0), ("a", 1), ("a", 2), ("b", 1)]


def test_results_take_the_form_of_the_declared_type() -> None:
    harness = Harness(KeyedReduceSpec(lambda a, b: a + b, lambda value: 0, Types.INT()))
    with pytest.raises(TypeMismatchError, match="declared as Integer"):
        harness.push("a")


def test_an_unhashable_key_is_refused() -> None:
    harness = Harness(KeyedReduceSpec(add, lambda value: [value]))
    with pytest.raises(ProgramError, match="a list is not hashable"):
        harness.push(("a", 1))


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"an object with the method reduce\(\)"):
        KeyedReduceSpec(None, key).build()
