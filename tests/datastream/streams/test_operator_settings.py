"""Names, uids, parallelism and chaining of single operations."""

import pytest

from flott.common.errors import ProgramError
from flott.datastream import SlotSharingGroup, StreamExecutionEnvironment
from flott.plan.stream_plan import ChainingStrategy, StreamNode

Env = StreamExecutionEnvironment


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def test_settings_reach_the_node_and_return_the_stream(env: Env) -> None:
    stream = env.from_collection([1]).map(abs)
    chained = (
        stream.name("absolute").uid("abs-1").set_description("|x|").set_parallelism(3)
    ).set_max_parallelism(12)
    assert chained is stream
    node = last(env)
    assert (node.name, node.uid, node.description) == ("absolute", "abs-1", "|x|")
    assert (node.parallelism, node.max_parallelism) == (3, 12)
    assert stream.get_name() == "absolute"


def test_the_parallelism_of_the_environment_counts_when_the_operation_is_made(env: Env) -> None:
    stream = env.set_parallelism(2).from_sequence(1, 5)
    env.set_parallelism(3)
    stream.map(abs)
    env.set_parallelism(4)
    assert [node.parallelism for node in env._plan.nodes] == [2, 3]


def test_chaining_can_begin_anew_or_end(env: Env) -> None:
    env.from_collection([1]).map(abs).start_new_chain()
    assert last(env).chaining is ChainingStrategy.HEAD
    env.from_collection([1]).map(abs).disable_chaining()
    assert last(env).chaining is ChainingStrategy.NEVER


def test_a_slot_sharing_group_is_named_by_text_or_object(env: Env) -> None:
    env.from_collection([1]).slot_sharing_group("a")
    assert last(env).slot_sharing_group == "a"
    env.from_collection([1]).slot_sharing_group(SlotSharingGroup.builder("b").build())
    assert last(env).slot_sharing_group == "b"


def test_buffer_timeout_is_kept_for_show(env: Env) -> None:
    env.from_collection([1]).set_buffer_timeout(5)
    assert last(env).buffer_timeout_ms == 5


def test_force_non_parallel_fixes_one(env: Env) -> None:
    stream = env.from_collection([1]).map(abs).force_non_parallel()
    assert (last(env).parallelism, last(env).max_parallelism) == (1, 1)
    with pytest.raises(ProgramError, match="always runs with parallelism 1"):
        stream.set_parallelism(2)
    stream.set_parallelism(1)


def test_a_collection_is_never_parallel(env: Env) -> None:
    with pytest.raises(ProgramError, match="'Collection Source' always runs with parallelism 1"):
        env.from_collection([1]).set_parallelism(2)


@pytest.mark.parametrize("wrong", [0, -1, 32769, 1.5, True, "2"])
def test_a_parallelism_is_a_whole_number_in_range(env: Env, wrong: object) -> None:
    with pytest.raises(ProgramError, match="expected a whole number from 1 to 32768"):
        env.from_collection([1]).map(abs).set_parallelism(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["name", "uid", "set_description", "slot_sharing_group"])
def test_texts_are_not_empty(env: Env, method: str) -> None:
    with pytest.raises(ProgramError, match="must be a string that is not empty"):
        getattr(env.from_collection([1]), method)("")


def test_a_uid_hash_has_32_digits(env: Env) -> None:
    stream = env.from_collection([1])
    stream.set_uid_hash("AB" * 16)
    assert last(env).uid_hash == "ab" * 16
    with pytest.raises(ProgramError, match="32 hexadecimal digits"):
        stream.set_uid_hash("ab")


@pytest.mark.parametrize("method", ["rebalance", "broadcast", "union"])
def test_a_stream_that_is_no_operation_has_no_name(env: Env, method: str) -> None:
    stream = env.from_collection([1])
    moved = (
        stream.union(env.from_collection([2])) if method == "union" else getattr(stream, method)()
    )
    with pytest.raises(ProgramError, match="no name to get or set"):
        moved.name("x")


def test_a_sink_has_settings_too(env: Env) -> None:
    sink = env.from_collection([1]).print().name("out").uid("out-1").set_parallelism(2)
    sink.set_description("the end").disable_chaining().slot_sharing_group("io")
    sink.set_uid_hash("0" * 32)
    node = last(env)
    assert (node.name, node.uid, node.parallelism) == ("out", "out-1", 2)
    assert (node.description, node.slot_sharing_group) == ("the end", "io")
