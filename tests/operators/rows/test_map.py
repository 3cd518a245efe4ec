"""map, filter and flat_map, alone and as row steps."""

from __future__ import annotations

from typing import Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, TypeMismatchError
from flott.common.state import ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.core.operator import RowStepKind
from flott.operators.rows import FilterSpec, FlatMapSpec, MapSpec
from tests.operators.harness import Harness

RECORDS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 1000)), min_size=1, max_size=40)


class Upper:
    """A map function with a life."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def open(self, runtime_context: Any) -> None:
        self.calls.append("open")

    def map(self, value: str) -> str:
        return value.upper()

    def close(self) -> None:
        self.calls.append("close")


class Running:
    """Numbers the records of each key; serves as map, filter and flat_map function."""

    def open(self, runtime_context: Any) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def _next(self) -> int:
        number: int = (self.count.value() or 0) + 1
        self.count.update(number)
        return number

    def map(self, value: Any) -> Any:
        return value, self._next()

    def filter(self, value: Any) -> bool:
        return self._next() == 1

    def flat_map(self, value: Any) -> Any:
        return [value] * self._next()


@given(RECORDS)
def test_map_gives_one_result_each_with_its_timestamp(records: list[tuple[int, int]]) -> None:
    harness = Harness(MapSpec(lambda value: value * 2))
    harness.push_timed(*records)
    assert harness.records == [(value * 2, time) for value, time in records]


@given(RECORDS)
def test_filter_keeps_what_passes_with_its_timestamp(records: list[tuple[int, int]]) -> None:
    harness = Harness(FilterSpec(lambda value: value % 3))
    harness.push_timed(*records)
    assert harness.records == [record for record in records if record[0] % 3]


@given(RECORDS)
def test_flat_map_repeats_the_timestamp(records: list[tuple[int, int]]) -> None:
    harness = Harness(FlatMapSpec(lambda value: range(value % 4)))
    harness.push_timed(*records)
    assert harness.records == [(i, time) for value, time in records for i in range(value % 4)]


def test_none_is_a_result_of_map() -> None:
    harness = Harness(MapSpec(lambda value: None))
    harness.push(1, 2)
    assert harness.values == [None, None]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda value: [value, value], [3, 3]),
        (range, [0, 1, 2]),
        (lambda value: {"a": 7, "b": 8}.values(), [7, 8]),
        (lambda value: (value for _ in range(1)), [3]),
        (lambda value: None, []),
        (lambda value: [], []),
    ],
)
def test_flat_map_takes_any_iterable_or_none(function: Any, expected: list[int]) -> None:
    harness = Harness(FlatMapSpec(function))
    harness.push(3)
    assert harness.values == expected


def test_a_flat_map_result_that_is_no_iterable_is_explained() -> None:
    harness = Harness(FlatMapSpec(lambda value: 7))
    with pytest.raises(ProgramError, match=r"flat_map\(\) of operator 'operator' gave 7"):
        harness.push(1)


def test_a_type_error_of_the_users_own_stays_as_it_is() -> None:
    harness = Harness(FlatMapSpec(lambda value: (value + "x" for _ in range(1))))
    with pytest.raises(TypeError, match="unsupported operand"):
        harness.push(1)


def test_a_filter_that_keeps_everything_hands_the_batch_on() -> None:
    harness = Harness(FilterSpec(lambda value: True))
    harness.push(1, 2)
    assert harness.values == [1, 2]


def test_nothing_is_emitted_when_nothing_is_left() -> None:
    harness = Harness(FilterSpec(lambda value: False))
    harness.push(1, 2)
    assert harness.output.events == []


def test_a_function_object_is_opened_and_closed_once() -> None:
    function = Upper()
    harness = Harness(MapSpec(function))
    harness.push("a")
    harness.close()
    harness.close()
    assert harness.values == ["A"]
    assert function.calls == ["open", "close"]


def test_a_class_in_place_of_an_object_is_explained() -> None:
    with pytest.raises(ProgramError, match=r"found the class Upper. Write Upper\(\)"):
        MapSpec(Upper).build()


def test_a_class_may_be_a_plain_function() -> None:
    harness = Harness(MapSpec(str))
    harness.push(1)
    assert harness.values == ["1"]


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ProgramError, match=r"an object with the method map\(\), found 3"):
        MapSpec(3).build()


def test_results_take_the_form_of_the_declared_type() -> None:
    harness = Harness(
        MapSpec(lambda value: [value, value], Types.TUPLE([Types.INT(), Types.DOUBLE()]))
    )
    harness.push(1, 2)
    assert harness.values == [(1, 1.0), (2, 2.0)]


@pytest.mark.parametrize("spec", [MapSpec, FlatMapSpec])
def test_a_result_of_another_type_is_an_error(spec: Any) -> None:
    harness = Harness(spec(lambda value: [value], Types.INT()))
    with pytest.raises(TypeMismatchError, match="declared as Integer"):
        harness.push("seven")


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        (MapSpec(abs), RowStepKind.MAP),
        (FilterSpec(abs), RowStepKind.FILTER),
        (FlatMapSpec(abs), RowStepKind.FLAT_MAP),
    ],
)
def test_the_operator_offers_its_function_as_a_step(spec: Any, kind: RowStepKind) -> None:
    step = Harness(spec).operator.row_step()
    assert step.kind is kind
    assert step.function(-3) == 3
    assert step.conversion is None


def test_the_step_carries_the_declared_type() -> None:
    step = Harness(MapSpec(float, Types.STRING())).operator.row_step()
    assert step.conversion.exact is str


def test_after_key_by_a_map_may_keep_state() -> None:
    harness = Harness(MapSpec(Running(), key_selector=lambda value: value))
    harness.push("a", "b", "a", at=[1, 2, 3])
    assert harness.records == [(("a", 1), 1), (("b", 1), 2), (("a", 2), 3)]
    assert harness.operator.row_step() is None


def test_after_key_by_a_filter_may_keep_state() -> None:
    harness = Harness(FilterSpec(Running(), key_selector=lambda value: value))
    harness.push("a", "b", "a", "c", at=[1, 2, 3, 4])
    assert harness.records == [("a", 1), ("b", 2), ("c", 4)]


def test_after_key_by_a_flat_map_may_keep_state() -> None:
    harness = Harness(FlatMapSpec(Running(), key_selector=lambda value: value))
    harness.push("a", "b", "a")
    assert harness.values == ["a", "b", "a", "a"]


def test_a_keyed_stream_of_plain_functions_is_still_fused() -> None:
    harness = Harness(MapSpec(abs, key_selector=lambda value: value))
    assert harness.operator.row_step() is not None


@pytest.mark.parametrize("spec", [MapSpec(len), FilterSpec(len), FlatMapSpec(len)])
def test_specs_are_values_that_travel(spec: Any) -> None:
    assert cloudpickle.loads(cloudpickle.dumps(spec)) == spec
    assert spec.meaning == "builtins.len"
    assert spec.is_stateless


def test_a_function_that_is_opened_may_have_state() -> None:
    assert not MapSpec(Upper()).is_stateless
