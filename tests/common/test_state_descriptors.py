"""Descriptors name state, take types in any form, and refuse functions that are none."""

import operator
import pickle
from typing import Any

import pytest

from flott.common import Time, Types
from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    MapStateDescriptor,
    ReducingStateDescriptor,
    StateTtlConfig,
    ValueStateDescriptor,
)
from flott.common.state_descriptors import to_type_info


class Maximum:
    def reduce(self, first: int, second: int) -> int:
        return max(first, second)


class Average:
    def create_accumulator(self) -> tuple[int, int]:
        return 0, 0

    def add(self, value: int, accumulator: tuple[int, int]) -> tuple[int, int]:
        return accumulator[0] + value, accumulator[1] + 1

    def get_result(self, accumulator: tuple[int, int]) -> float:
        return accumulator[0] / accumulator[1]

    def merge(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        return a[0] + b[0], a[1] + b[1]


@pytest.mark.parametrize(
    ("descriptor", "text"),
    [
        (ValueStateDescriptor("v", Types.INT()), "ValueStateDescriptor('v', Integer)"),
        (ValueStateDescriptor("v", str), "ValueStateDescriptor('v', String)"),
        (ValueStateDescriptor("v"), "ValueStateDescriptor('v', PickledByteArrayTypeInfo)"),
        (ListStateDescriptor("l", int), "ListStateDescriptor('l', ListTypeInfo<Long>)"),
        (MapStateDescriptor("m", Types.STRING(), list[int]),
         "MapStateDescriptor('m', MapTypeInfo<String, ListTypeInfo<Long>>)"),
        (ReducingStateDescriptor("r", Maximum(), int), "ReducingStateDescriptor('r', Long)"),
        (AggregatingStateDescriptor("a", Average(), tuple[int, int]),
         "AggregatingStateDescriptor('a', TupleTypeInfo(Long, Long))"),
    ],
)  # fmt: skip
def test_kind_name_and_type(descriptor: Any, text: str) -> None:
    assert repr(descriptor) == text
    again = pickle.loads(pickle.dumps(descriptor))
    assert again == descriptor
    assert hash(again) == hash(descriptor)
    assert again.type_info == descriptor.type_info
    assert descriptor.get_name() == descriptor.name


def test_descriptors_are_the_same_by_kind_and_name() -> None:
    assert ValueStateDescriptor("a", int) == ValueStateDescriptor("a", str)
    assert ValueStateDescriptor("a") != ValueStateDescriptor("b")
    assert ValueStateDescriptor("a") != ListStateDescriptor("a")


def test_default_value() -> None:
    assert ValueStateDescriptor("a", int, default_value=7).default_value == 7
    assert ValueStateDescriptor("a", int).default_value is None


def test_time_to_live() -> None:
    descriptor = ValueStateDescriptor("a", int)
    assert descriptor.ttl_config is None
    config = StateTtlConfig.new_builder(Time.seconds(1)).build()
    descriptor.enable_time_to_live(config)
    assert descriptor.ttl_config == config
    assert pickle.loads(pickle.dumps(descriptor)).ttl_config == config


def test_disabled_time_to_live_is_none() -> None:
    builder = StateTtlConfig.new_builder(Time.seconds(1))
    descriptor = ValueStateDescriptor("a", int)
    descriptor.enable_time_to_live(
        builder.set_update_type(StateTtlConfig.UpdateType.Disabled).build()
    )
    assert descriptor.ttl_config is None


def test_reduce_functions_may_be_objects_or_functions() -> None:
    function = Maximum()
    assert ReducingStateDescriptor("r", function).get_reduce_function() is function
    plain = ReducingStateDescriptor("r", operator.add).get_reduce_function()
    assert pickle.loads(pickle.dumps(plain)).reduce(1, 2) == 3


def test_aggregate_function_is_given_back() -> None:
    function = Average()
    assert AggregatingStateDescriptor("a", function).get_agg_function() is function


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: ValueStateDescriptor("", int), ValueError, "needs a name"),
        (lambda: ValueStateDescriptor(7, int), ValueError, "needs a name"),
        (lambda: ValueStateDescriptor("a", 7), TypeError, "Expected a type"),
        (lambda: ValueStateDescriptor("a", Types.INT), TypeError, "Expected a type"),
        (lambda: ReducingStateDescriptor("a", 7), TypeError, "ReduceFunction"),
        (lambda: ReducingStateDescriptor("a", dict), TypeError, "ReduceFunction"),
        (lambda: AggregatingStateDescriptor("a", sum), TypeError, "lacks create_accumulator"),
        (lambda: AggregatingStateDescriptor("a", Average), TypeError, "make an instance"),
        (lambda: ValueStateDescriptor("a").enable_time_to_live(Time.seconds(1)),
         TypeError, "StateTtlConfig"),
        (lambda: ValueStateDescriptor("a").enable_time_to_live(
            StateTtlConfig.new_builder(Time.seconds(1))), TypeError, r"build\(\)"),
    ],
)  # fmt: skip
def test_mistakes_are_refused(make: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        make()


def test_types_in_any_form() -> None:
    assert to_type_info(None) == Types.PICKLED_BYTE_ARRAY()
    assert to_type_info(Types.INT()) == Types.INT()
    assert to_type_info(float) == Types.DOUBLE()
