"""Union and connection of streams."""

import pytest

from flott.common import Types
from flott.common.errors import ProgramError
from flott.core.partitioner import HashKey
from flott.datastream import StreamExecutionEnvironment
from flott.datastream.data_stream import BroadcastConnectedStream, ConnectedStreams
from flott.datastream.state import MapStateDescriptor

Env = StreamExecutionEnvironment


def test_union_feeds_one_input_from_all_streams(env: Env) -> None:
    a, b, c = (env.from_collection([n], Types.INT()) for n in range(3))
    merged = a.union(b, c)
    merged.map(abs)
    edges = env._plan.nodes[-1].inputs
    assert [edge.source for edge in edges] == env._plan.nodes[:3]
    assert {edge.input_index for edge in edges} == {0}
    assert merged.get_type() == Types.INT()


def test_union_with_itself_doubles_the_records(env: Env) -> None:
    stream = env.from_collection([1])
    stream.union(stream).map(abs)
    assert len(env._plan.nodes[-1].inputs) == 2


def test_union_of_different_declared_types_is_refused(env: Env) -> None:
    with pytest.raises(ProgramError, match="different types, Integer and String"):
        env.from_collection([1], Types.INT()).union(env.from_collection(["a"], Types.STRING()))


def test_union_of_unknown_types_is_of_unknown_type(env: Env) -> None:
    merged = env.from_collection([1], Types.INT()).union(env.from_collection([1]))
    assert merged.get_type() == Types.PICKLED_BYTE_ARRAY()


def test_union_of_keyed_streams_keeps_keys_together(env: Env) -> None:
    keyed = env.from_collection([1]).key_by(abs)
    keyed.union(env.from_collection([1])).map(abs)
    first, second = env._plan.nodes[-1].inputs
    assert isinstance(first.partitioner, HashKey)
    assert second.partitioner is None


def test_streams_of_two_environments_cannot_meet(env: Env) -> None:
    other = StreamExecutionEnvironment.get_execution_environment().from_collection([1])
    with pytest.raises(ProgramError, match="different environments"):
        env.from_collection([1]).union(other)


def test_connect_makes_connected_or_broadcast_connected_streams(env: Env) -> None:
    stream = env.from_collection([1])
    assert isinstance(stream.connect(stream), ConnectedStreams)
    rules = stream.broadcast(MapStateDescriptor("rules"))
    assert isinstance(stream.connect(rules), BroadcastConnectedStream)


@pytest.mark.parametrize("method", ["union", "connect", "join", "co_group"])
def test_only_streams_can_be_met(env: Env, method: str) -> None:
    with pytest.raises(TypeError, match=f"{method}: expected a DataStream, found 5"):
        getattr(env.from_collection([1]), method)(5)
