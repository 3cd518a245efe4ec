"""Partitioning is a property of the edge to the next operation."""

import pytest

from flott.common import Types
from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.state import MapStateDescriptor, ValueStateDescriptor
from flott.core.partitioner import (
    Broadcast,
    Custom,
    Forward,
    Global,
    Partitioner,
    Rebalance,
    Rescale,
    Shuffle,
)
from flott.datastream import KeySelector, StreamExecutionEnvironment, functions
from flott.datastream.data_stream import BroadcastStream

Env = StreamExecutionEnvironment


def partitioner_before_last(env: Env) -> Partitioner | None:
    return env._plan.nodes[-1].inputs[0].partitioner


@pytest.mark.parametrize(
    ("method", "partitioner"),
    [
        ("shuffle", Shuffle()),
        ("rebalance", Rebalance()),
        ("rescale", Rescale()),
        ("forward", Forward()),
        ("broadcast", Broadcast()),
        ("global_", Global()),
    ],
)
def test_a_method_sets_the_partitioner(env: Env, method: str, partitioner: Partitioner) -> None:
    stream = env.from_collection([1], Types.INT())
    moved = getattr(stream, method)()
    moved.map(abs)
    assert moved.get_type() == Types.INT()
    assert partitioner_before_last(env) == partitioner
    assert stream.map(abs) is not None
    assert partitioner_before_last(env) is None


def test_the_last_partitioning_counts(env: Env) -> None:
    env.from_collection([1]).shuffle().rebalance().map(abs)
    assert partitioner_before_last(env) == Rebalance()


class ByFirst(functions.Partitioner):
    def partition(self, key, num_partitions):
        return key % num_partitions


class First(KeySelector):
    def get_key(self, value):
        return value[0]


def test_partition_custom_takes_objects_and_callables(env: Env) -> None:
    stream = env.from_collection([(7, "a")])
    stream.partition_custom(ByFirst(), First()).map(len)
    chosen = partitioner_before_last(env)
    assert isinstance(chosen, Custom)
    assert chosen.partition(chosen.key_selector((7, "a")), 4) == 3
    stream.partition_custom(lambda key, n: 0, lambda value: value).map(len)
    assert isinstance(partitioner_before_last(env), Custom)


def test_partition_custom_refuses_what_cannot_be_called(env: Env) -> None:
    with pytest.raises(TypeError, match="partition_custom: expected a Partitioner or a callable"):
        env.from_collection([1]).partition_custom(3, abs)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="partition_custom: expected a KeySelector or a callable"):
        env.from_collection([1]).partition_custom(max, None)  # type: ignore[arg-type]


def test_a_key_selector_cannot_be_opened(env: Env) -> None:
    class Opened(First):
        def open(self, runtime_context):
            self.context = runtime_context

    with pytest.raises(UnsupportedFeature, match=r"KeySelector\.open is not supported"):
        env.from_collection([1]).key_by(Opened())


def test_broadcast_with_descriptors_gives_a_broadcast_stream(env: Env) -> None:
    rules, limits = MapStateDescriptor("rules"), MapStateDescriptor("limits")
    stream = env.from_collection([1]).broadcast(rules, limits)
    assert isinstance(stream, BroadcastStream)
    assert stream.broadcast_state_descriptors == [rules, limits]
    assert stream.input_stream._outputs[0].partitioner == Broadcast()


def test_broadcast_state_is_described_by_maps_of_different_names(env: Env) -> None:
    stream = env.from_collection([1])
    with pytest.raises(TypeError, match="expected a MapStateDescriptor"):
        stream.broadcast(ValueStateDescriptor("v"))  # type: ignore[call-overload]
    with pytest.raises(ProgramError, match="same name"):
        stream.broadcast(MapStateDescriptor("a"), MapStateDescriptor("a"))
