"""KeyedStream: keyed operations, and what a keyed stream does not have."""

import pytest

from flott.common import Row, Types
from flott.common.errors import ProgramError
from flott.core.partitioner import HashKey
from flott.datastream import (
    KeyedProcessFunction,
    KeySelector,
    MapFunction,
    ProcessFunction,
    StreamExecutionEnvironment,
)
from flott.operators.rows.map import FilterSpec, FlatMapSpec, MapSpec
from flott.operators.rows.process import KeyedProcessSpec
from flott.operators.rows.reduce import KeyedReduceSpec
from flott.operators.rows.rolling_aggregate import RollingAggregateSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment


class Echo(KeyedProcessFunction):
    def process_element(self, value, ctx):
        yield value


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def test_key_by_adds_no_operation_but_hashes(env: Env) -> None:
    env.from_collection([1]).key_by(abs).map(str)
    assert len(env._plan.nodes) == 2
    assert last(env).inputs[0].partitioner == HashKey(abs)


def test_a_key_selector_object_gives_its_method(env: Env) -> None:
    class First(KeySelector):
        def get_key(self, value):
            return value[0]

    env.from_collection([(1, 2)]).key_by(First()).map(str)
    partitioner = last(env).inputs[0].partitioner
    assert isinstance(partitioner, HashKey)
    assert partitioner.key_selector((1, 2)) == 1


def test_map_flat_map_and_filter_know_the_key(env: Env) -> None:
    keyed = env.from_collection([1], Types.INT()).key_by(abs)
    keyed.map(str)
    assert last(env).spec == MapSpec(str, None, abs)
    keyed.flat_map(range)
    assert last(env).spec == FlatMapSpec(range, None, abs)
    assert keyed.filter(bool).get_type() == Types.INT()
    assert last(env).spec == FilterSpec(bool, abs)


def test_process_takes_a_keyed_process_function(env: Env) -> None:
    function = Echo()
    env.from_collection([1]).key_by(abs).process(function, Types.INT())
    assert last(env).spec == KeyedProcessSpec(function, abs, Types.INT())


def test_process_with_a_plain_process_function_is_refused(env: Env) -> None:
    class Plain(ProcessFunction):
        def process_element(self, value, ctx):
            yield value

    with pytest.raises(TypeError, match="Plain is a ProcessFunction; a keyed stream needs a Keyed"):
        env.from_collection([1]).key_by(abs).process(Plain())  # type: ignore[arg-type]


def test_reduce_keeps_the_type(env: Env) -> None:
    reduced = env.from_collection([1], Types.INT()).key_by(abs).reduce(max)
    assert last(env).spec == KeyedReduceSpec(max, abs, Types.INT())
    assert reduced.get_type() == Types.INT()
    assert reduced.get_name() == "Reduce"


@pytest.mark.parametrize("kind", ["sum", "min", "max", "min_by", "max_by"])
def test_rolling_aggregates_name_field_and_kind(env: Env, kind: str) -> None:
    getattr(env.from_collection([(1, 2)]).key_by(len), kind)("x")
    assert last(env).spec == RollingAggregateSpec(kind, "x", len)
    getattr(env.from_collection([1]).key_by(abs), kind)()
    assert last(env).spec == RollingAggregateSpec(kind, 0, abs)


def test_a_field_is_a_position_or_a_name(env: Env) -> None:
    with pytest.raises(TypeError, match="sum: expected the position or name of a field"):
        env.from_collection([1]).key_by(abs).sum(1.5)  # type: ignore[arg-type]


def test_key_by_again_takes_the_other_key(env: Env) -> None:
    env.from_collection([1]).key_by(abs).key_by(str).map(len)
    assert last(env).inputs[0].partitioner == HashKey(str)


def test_keys_of_a_declared_row_type_are_converted(env: Env) -> None:
    kind = Types.ROW_NAMED(["a"], [Types.INT()])
    env.from_collection([1]).key_by(lambda n: [n], kind).map(str)
    key = last(env).inputs[0].partitioner.key_selector(5)
    assert key == Row(a=5)


def test_keys_of_a_declared_basic_type_cost_nothing(env: Env) -> None:
    env.from_collection([1]).key_by(abs, Types.INT()).map(str)
    assert last(env).inputs[0].partitioner == HashKey(abs)


@pytest.mark.parametrize(
    "method", ["shuffle", "rebalance", "rescale", "forward", "broadcast", "global_"]
)
def test_a_keyed_stream_cannot_be_repartitioned(env: Env, method: str) -> None:
    with pytest.raises(ProgramError, match="divided by its keys already"):
        getattr(env.from_collection([1]).key_by(abs), method)()


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("name", ["x"]),
        ("get_name", []),
        ("uid", ["x"]),
        ("set_uid_hash", ["0" * 32]),
        ("set_parallelism", [2]),
        ("set_max_parallelism", [2]),
        ("force_non_parallel", []),
        ("set_buffer_timeout", [1]),
        ("start_new_chain", []),
        ("disable_chaining", []),
        ("slot_sharing_group", ["x"]),
    ],
)
def test_a_keyed_stream_has_no_settings(env: Env, method: str, arguments: list[object]) -> None:
    with pytest.raises(ProgramError, match=r"A keyed stream has no .* before key_by"):
        getattr(env.from_collection([1]).key_by(abs), method)(*arguments)


def test_a_rich_map_on_a_keyed_stream_is_not_stateless(env: Env) -> None:
    class Rich(MapFunction):
        def open(self, runtime_context):
            self.context = runtime_context

        def map(self, value):
            return value

    env.from_collection([1]).key_by(abs).map(Rich())
    assert not last(env).spec.is_stateless
