"""Two connected streams, keyed or not, and broadcast connections, as plans."""

import pytest

from flott.common import Types
from flott.common.errors import ProgramError
from flott.common.state import MapStateDescriptor
from flott.core.partitioner import Broadcast, HashKey
from flott.datastream import (
    BroadcastProcessFunction,
    CoFlatMapFunction,
    CoMapFunction,
    CoProcessFunction,
    KeyedBroadcastProcessFunction,
    KeyedCoProcessFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.data_stream import ConnectedStreams
from flott.operators.rows.broadcast import BroadcastProcessSpec, KeyedBroadcastProcessSpec
from flott.operators.rows.co_process import CoProcessSpec, KeyedCoProcessSpec
from flott.operators.rows.connect import CoFlatMapSpec, CoMapSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment
RULES = MapStateDescriptor("rules", Types.STRING(), Types.INT())


class Map(CoMapFunction):
    def map1(self, value) -> str:
        return value

    def map2(self, value):
        return value


class FlatMap(CoFlatMapFunction):
    def flat_map1(self, value):
        yield value

    def flat_map2(self, value):
        yield value


class Process(CoProcessFunction):
    def process_element1(self, value, ctx):
        yield value

    def process_element2(self, value, ctx):
        yield value


class KeyedProcess(KeyedCoProcessFunction):
    def process_element1(self, value, ctx):
        yield value

    def process_element2(self, value, ctx):
        yield value


class Apply(BroadcastProcessFunction):
    def process_element(self, value, ctx):
        yield value

    def process_broadcast_element(self, value, ctx):
        yield value


class KeyedApply(KeyedBroadcastProcessFunction):
    def process_element(self, value, ctx):
        yield value

    def process_broadcast_element(self, value, ctx):
        yield value


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def connected(env: Env) -> ConnectedStreams:
    return env.from_collection([1]).connect(env.from_collection(["a"]))


def test_map_and_flat_map_read_two_inputs(env: Env) -> None:
    function, other = Map(), FlatMap()
    stream = connected(env).map(function)
    assert last(env).spec == CoMapSpec(function)
    assert [edge.input_index for edge in last(env).inputs] == [0, 1]
    assert stream.get_type() == Types.STRING()
    connected(env).flat_map(other, Types.INT())
    assert last(env).spec == CoFlatMapSpec(other, Types.INT())


def test_keyed_inputs_hash_by_their_own_selectors(env: Env) -> None:
    function = Map()
    connected(env).key_by(abs, len).map(function)
    assert last(env).spec == CoMapSpec(function, None, (abs, len))
    assert [edge.partitioner for edge in last(env).inputs] == [HashKey(abs), HashKey(len)]


def test_key_by_replaces_former_keys(env: Env) -> None:
    first, second = env.from_collection([1]).key_by(str), env.from_collection(["a"])
    first.connect(second).key_by(abs, len).flat_map(FlatMap())
    assert last(env).inputs[0].partitioner == HashKey(abs)


def test_process_takes_the_function_for_its_kind_of_streams(env: Env) -> None:
    plain, keyed = Process(), KeyedProcess()
    connected(env).process(plain, Types.INT())
    assert last(env).spec == CoProcessSpec(plain, Types.INT())
    connected(env).key_by(abs, len).process(keyed)
    assert last(env).spec == KeyedCoProcessSpec(keyed, abs, len)


def test_a_keyed_function_needs_keys_on_both_streams(env: Env) -> None:
    half = env.from_collection([1]).key_by(abs).connect(env.from_collection(["a"]))
    with pytest.raises(ProgramError, match=r"KeyedProcess .* needs keys on both streams"):
        half.process(KeyedProcess())


@pytest.mark.parametrize("method", ["map", "flat_map", "process"])
def test_a_callable_is_no_function_of_two_streams(env: Env, method: str) -> None:
    with pytest.raises(TypeError, match=f"{method}: expected a "):
        getattr(connected(env), method)(abs)


def test_a_broadcast_side_is_the_second_input(env: Env) -> None:
    function = Apply()
    rules = env.from_collection(["r"]).broadcast(RULES)
    env.from_collection([1]).connect(rules).process(function, Types.INT())
    assert last(env).spec == BroadcastProcessSpec(function, (RULES,), Types.INT())
    assert [edge.partitioner for edge in last(env).inputs] == [None, Broadcast()]


def test_a_keyed_stream_meets_a_broadcast_stream(env: Env) -> None:
    function = KeyedApply()
    rules = env.from_collection(["r"]).broadcast(RULES)
    env.from_collection([1]).key_by(abs).connect(rules).process(function)
    assert last(env).spec == KeyedBroadcastProcessSpec(function, abs, (RULES,))


def test_the_broadcast_function_must_fit_the_stream(env: Env) -> None:
    stream, rules = env.from_collection([1]), env.from_collection(["r"]).broadcast(RULES)
    with pytest.raises(TypeError, match="needs a keyed stream"):
        stream.connect(rules).process(KeyedApply())
    with pytest.raises(TypeError, match="needs a KeyedBroadcastProcessFunction"):
        stream.key_by(abs).connect(rules).process(Apply())
