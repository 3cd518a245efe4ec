"""What functions learn in ``open``."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import StateAccessError
from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from flott.operators.rows import MapSpec, ProcessSpec
from flott.operators.runtime_context import RuntimeContext
from tests.operators.harness import Harness


class Sum:
    """An aggregate function."""

    def create_accumulator(self) -> int:
        return 0

    def add(self, value: int, accumulator: int) -> int:
        return accumulator + value

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, acc_a: int, acc_b: int) -> int:
        return acc_a + acc_b


KEYED_DESCRIPTORS = [
    ("get_state", ValueStateDescriptor("value", int)),
    ("get_list_state", ListStateDescriptor("list", int)),
    ("get_map_state", MapStateDescriptor("map", str, int)),
    ("get_reducing_state", ReducingStateDescriptor("reduced", max, int)),
    ("get_aggregating_state", AggregatingStateDescriptor("sum", Sum(), int)),
]


def make(is_keyed: bool = False, **settings: Any) -> RuntimeContext:
    return RuntimeContext(Harness(MapSpec(str), **settings).context, is_keyed)


def test_it_tells_where_the_function_runs() -> None:
    context = make(parallelism=6, subtask=2, max_parallelism=32)
    assert context.get_task_name() == "operator"
    assert context.get_task_name_with_subtasks() == "operator (3/6)#0"
    assert context.get_index_of_this_subtask() == 2
    assert context.get_number_of_parallel_subtasks() == 6
    assert context.get_max_number_of_parallel_subtasks() == 32
    assert context.get_attempt_number() == 0


def test_job_parameters_have_defaults() -> None:
    context = make(job_parameters={"greeting": "hello"})
    assert context.get_job_parameter("greeting", "none") == "hello"
    assert context.get_job_parameter("unknown", "fallback") == "fallback"
    assert context.get_job_parameter("unknown") is None


def test_metrics_are_those_of_the_operator() -> None:
    harness = Harness(MapSpec(str))
    RuntimeContext(harness.context).get_metrics_group().counter("seen").inc(3)
    assert harness.context.metrics.snapshot() == {"seen": 3}


@pytest.mark.parametrize(("method", "descriptor"), KEYED_DESCRIPTORS)
def test_keyed_state_is_given_on_keyed_streams(method: str, descriptor: Any) -> None:
    harness = Harness(MapSpec(str))
    state = getattr(RuntimeContext(harness.context, is_keyed=True), method)(descriptor)
    harness.context.keyed_store.current_key = "k"
    state.clear()


@pytest.mark.parametrize(("method", "descriptor"), KEYED_DESCRIPTORS)
def test_keyed_state_without_keys_is_refused_by_name(method: str, descriptor: Any) -> None:
    with pytest.raises(StateAccessError, match=f"'{descriptor.name}' belongs to a key.*key_by"):
        getattr(make(), method)(descriptor)


def test_a_descriptor_of_another_kind_is_refused() -> None:
    with pytest.raises(StateAccessError, match="Expected a ValueStateDescriptor"):
        make(is_keyed=True).get_state(ListStateDescriptor("list"))  # type: ignore[arg-type]


def test_operator_state_is_asked_for_by_name_or_descriptor() -> None:
    context = make()
    context.get_operator_list_state("items").add(1)
    assert context.get_operator_list_state(ListStateDescriptor("items", int)).get() == [1]
    context.get_union_list_state("all").add(2)
    assert context.get_union_list_state(ListStateDescriptor("all", int)).get() == [2]


def test_operator_state_needs_a_name() -> None:
    with pytest.raises(StateAccessError, match="ListStateDescriptor or a name, found ''"):
        make().get_operator_list_state("")


class Remember:
    """Keeps what it saw in operator state."""

    def open(self, runtime_context: RuntimeContext) -> None:
        self.seen = runtime_context.get_operator_list_state("seen")
        self.union = runtime_context.get_union_list_state("union")

    def process_element(self, value: int, ctx: Any) -> None:
        self.seen.add(value)
        self.union.add(value)


def test_operator_state_is_dealt_out_on_restore_and_union_state_is_not() -> None:
    before = Harness(ProcessSpec(Remember()))
    before.push(1, 2, 3, 4)
    snapshot = before.snapshot(1)
    functions = [Remember(), Remember()]
    for subtask, function in enumerate(functions):
        Harness(ProcessSpec(function), parallelism=2, subtask=subtask, restore=[snapshot])
    assert sorted(functions[0].seen.get() + functions[1].seen.get()) == [1, 2, 3, 4]
    assert len(functions[0].seen.get()) == 2
    assert [function.union.get() for function in functions] == [[1, 2, 3, 4]] * 2
