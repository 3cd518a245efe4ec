"""Window joins, coGroups, interval joins and partition windows, as plans."""

import pytest

from flott.common import Duration, Time, Types
from flott.common.errors import ProgramError
from flott.datastream import (
    CoGroupFunction,
    FlatJoinFunction,
    JoinFunction,
    MapPartitionFunction,
    Order,
    OutputTag,
    ProcessJoinFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.window import CountTrigger, TumblingEventTimeWindows
from flott.operators.rows.interval_join import IntervalJoinSpec
from flott.operators.rows.windows.co_group import CoGroupSpec
from flott.operators.rows.windows.full_partition import FullPartitionKind, FullPartitionSpec
from flott.operators.rows.windows.join import WindowJoinSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment
MINUTE = TumblingEventTimeWindows.of(Time.minutes(1))


class Pair(JoinFunction):
    def join(self, first, second) -> str:
        return first + second


class Pairs(FlatJoinFunction):
    def join(self, first, second):
        yield first, second


class Group(CoGroupFunction):
    def co_group(self, first, second):
        yield len(list(first))


class Near(ProcessJoinFunction):
    def process_element(self, left, right, ctx):
        yield left, right


class Sum(MapPartitionFunction):
    def map_partition(self, values):
        yield sum(values)


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def test_a_window_join_names_keys_and_window(env: Env) -> None:
    a, b = env.from_collection(["a"]), env.from_collection([1])
    trigger = CountTrigger.of(2)
    joined = a.join(b).where(len).equal_to(abs).window(MINUTE).trigger(trigger)
    assert joined.apply(Pair()).get_type() == Types.STRING()
    spec = last(env).spec
    assert isinstance(spec, WindowJoinSpec)
    assert (spec.key_selectors, spec.assigner, spec.is_flat) == ((len, abs), MINUTE, False)
    assert spec.trigger is trigger
    assert [edge.input_index for edge in last(env).inputs] == [0, 1]


def test_a_flat_join_gives_any_number_of_results(env: Env) -> None:
    a = env.from_collection([1])
    a.join(a).where(abs).equal_to(abs).window(MINUTE).apply(Pairs(), Types.INT())
    assert last(env).spec.is_flat  # type: ignore[attr-defined]
    assert last(env).output_type == Types.INT()


def test_a_co_group_takes_a_function_or_a_callable(env: Env) -> None:
    a = env.from_collection([1])
    grouped = a.co_group(a).where(abs).equal_to(abs).window(MINUTE)
    grouped.apply(Group())
    assert isinstance(last(env).spec, CoGroupSpec)
    grouped.apply(lambda first, second: [1])
    with pytest.raises(TypeError, match="co_group: expected a CoGroupFunction"):
        grouped.apply(Pair())


def test_an_interval_join_has_bounds_and_late_tags(env: Env) -> None:
    left, right = env.from_collection([1]).key_by(abs), env.from_collection([2]).key_by(abs)
    late = OutputTag("late")
    join = (
        left.interval_join(right).in_event_time().between(Time.seconds(-1), Duration.of_millis(5))
    )
    join.lower_bound_exclusive().side_output_left_late_data(late).process(Near(), Types.INT())
    assert last(env).spec == IntervalJoinSpec(
        last(env).spec.function,  # type: ignore[attr-defined]
        abs,
        abs,
        -1000,
        5,
        lower_inclusive=False,
        left_late_tag=late,
        output_type=Types.INT(),
    )
    join.upper_bound_exclusive().side_output_right_late_data(late).process(max)
    assert not last(env).spec.upper_inclusive  # type: ignore[attr-defined]


def test_an_interval_join_needs_keys_event_time_and_room(env: Env) -> None:
    keyed = env.from_collection([1]).key_by(abs)
    with pytest.raises(TypeError, match="expected a KeyedStream"):
        keyed.interval_join(env.from_collection([1]))  # type: ignore[arg-type]
    with pytest.raises(ProgramError, match="by event time only"):
        keyed.interval_join(keyed).in_processing_time()
    with pytest.raises(ProgramError, match="lower bound, 5 ms, is above the upper, 1 ms"):
        keyed.interval_join(keyed).between(Time.milliseconds(5), Time.milliseconds(1))


@pytest.mark.parametrize("is_keyed", [False, True])
def test_partitions_are_of_a_subtask_or_of_a_key(env: Env, is_keyed: bool) -> None:
    stream = env.from_collection([1], Types.INT())
    (stream.key_by(abs) if is_keyed else stream).full_window_partition().map_partition(Sum())
    spec = last(env).spec
    assert isinstance(spec, FullPartitionSpec)
    assert spec.partition_kind is FullPartitionKind.MAP_PARTITION
    assert spec.key_selector is (abs if is_keyed else None)


def test_partitions_can_be_sorted_and_reduced(env: Env) -> None:
    window = env.from_collection([1], Types.INT()).full_window_partition()
    assert window.sort_partition("x", Order.DESCENDING).get_type() == Types.INT()
    assert last(env).spec.is_descending  # type: ignore[attr-defined]
    assert window.reduce(max).get_type() == Types.INT()
    with pytest.raises(TypeError, match="sort_partition: expected a KeySelector or a callable"):
        window.sort_partition(None, Order.ASCENDING)  # type: ignore[arg-type]
