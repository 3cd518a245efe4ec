"""Whole programs, one for each kind of operation, and what comes out."""

from typing import Any

from flott.common import Duration, Time, Types, WatermarkStrategy
from flott.common.state import ListStateDescriptor, MapStateDescriptor
from flott.datastream import (
    AggregateFunction,
    AsyncDataStream,
    AsyncFunction,
    BroadcastProcessFunction,
    CoFlatMapFunction,
    KeyedCoProcessFunction,
    Order,
    OutputTag,
    ProcessFunction,
    StreamExecutionEnvironment,
)
from flott.datastream.window import (
    CountEvictor,
    CountTrigger,
    CountTumblingWindowAssigner,
    GlobalWindows,
    TumblingEventTimeWindows,
)

Env = StreamExecutionEnvironment
BY_SECOND = WatermarkStrategy.for_monotonous_timestamps().with_timestamp_assigner(lambda v: v[1])
ONE_SECOND = TumblingEventTimeWindows.of(Time.seconds(1))


def first(value: Any) -> Any:
    return value[0]


def results(stream: Any) -> list[Any]:
    return sorted(stream.execute_and_collect())


def timed(env: Env, *records: tuple[Any, int]) -> Any:
    return env.from_collection(records).assign_timestamps_and_watermarks(BY_SECOND)


def test_side_outputs_split_a_stream(env: Env) -> None:
    odd = OutputTag("odd", Types.INT())

    class Split(ProcessFunction):
        def process_element(self, value, ctx):
            if value % 2:
                yield odd, value
            else:
                yield value

    even = env.from_collection(range(6)).process(Split())
    assert results(even.map(str).union(even.get_side_output(odd).map(lambda n: f"odd {n}"))) == [
        "0",
        "2",
        "4",
        "odd 1",
        "odd 3",
        "odd 5",
    ]


def test_connected_streams_share_the_state_of_a_key(env: Env) -> None:
    class Match(KeyedCoProcessFunction):
        def open(self, runtime_context):
            self.waiting = runtime_context.get_list_state(ListStateDescriptor("waiting"))

        def process_element1(self, value, ctx):
            return self._meet(value)

        def process_element2(self, value, ctx):
            return self._meet(value)

        def _meet(self, value):
            self.waiting.add(value[1])
            seen = sorted(self.waiting.get())
            if len(seen) == 2:
                yield value[0], *seen

    orders = env.from_collection([("a", "order"), ("b", "order")])
    payments = env.from_collection([("b", "payment"), ("a", "payment")])
    matched = orders.connect(payments).key_by(first, first).process(Match())
    assert results(matched) == [("a", "order", "payment"), ("b", "order", "payment")]


def test_co_flat_map_merges_two_types(env: Env) -> None:
    class Words(CoFlatMapFunction):
        def flat_map1(self, value):
            return value.split()

        def flat_map2(self, value):
            return None if value < 0 else [str(value)]

    merged = env.from_collection(["a b"]).connect(env.from_collection([1, -1])).flat_map(Words())
    assert results(merged) == ["1", "a", "b"]


def test_broadcast_rules_reach_every_subtask(env: Env) -> None:
    limits = MapStateDescriptor("limits", Types.STRING(), Types.INT())

    class Remember(BroadcastProcessFunction):
        def process_element(self, value, ctx):
            yield value

        def process_broadcast_element(self, value, ctx):
            ctx.get_broadcast_state(limits).put(*value)
            yield dict(ctx.get_broadcast_state(limits).items())

    rules = env.from_collection([("a", 1), ("b", 2)]).broadcast(limits)
    env.set_parallelism(2)
    events = env.from_collection([{"event": 0}])
    found = list(events.connect(rules).process(Remember()).execute_and_collect())
    assert sorted(map(str, found)) == sorted(
        ["{'event': 0}", *2 * ["{'a': 1}"], *2 * ["{'a': 1, 'b': 2}"]]
    )


def test_a_window_join_pairs_what_shares_key_and_window(env: Env) -> None:
    left, right = timed(env, ("a", 1), ("b", 5), ("a", 1500)), timed(env, ("a", 2), ("a", 900))
    joined = left.join(right).where(first).equal_to(first).window(ONE_SECOND)
    assert results(joined.apply(lambda a, b: (a[1], b[1]))) == [(1, 2), (1, 900)]


def test_a_co_group_sees_sides_without_partner(env: Env) -> None:
    left, right = timed(env, ("a", 1), ("b", 5)), timed(env, ("a", 2), ("c", 3))
    grouped = left.co_group(right).where(first).equal_to(first).window(ONE_SECOND)
    assert results(grouped.apply(lambda a, b: [(len(list(a)), len(list(b)))])) == [
        (0, 1),
        (1, 0),
        (1, 1),
    ]


def test_an_interval_join_pairs_what_is_near(env: Env) -> None:
    left = timed(env, ("a", 100), ("a", 900)).key_by(first)
    right = timed(env, ("a", 150), ("a", 250), ("b", 150)).key_by(first)
    near = left.interval_join(right).between(Time.milliseconds(0), Duration.of_millis(100))
    assert results(near.process(lambda a, b: (a[1], b[1]))) == [(100, 150)]


def test_a_partition_is_sorted_when_all_has_come(env: Env) -> None:
    ranked = env.from_collection([("a", 2), ("b", 9), ("a", 7), ("b", 1)]).key_by(first)
    best = ranked.full_window_partition().sort_partition(1, Order.DESCENDING)
    assert list(best.execute_and_collect()) == [("a", 7), ("a", 2), ("b", 9), ("b", 1)]


def test_an_evictor_keeps_the_last_records(env: Env) -> None:
    class Join(AggregateFunction):
        def create_accumulator(self):
            return ""

        def add(self, value, accumulator):
            return accumulator + value

        def get_result(self, accumulator):
            return accumulator

        def merge(self, acc_a, acc_b):
            return acc_a + acc_b

    letters = env.from_collection("abcdef").key_by(lambda _: 0).window(GlobalWindows.create())
    recent = letters.trigger(CountTrigger.of(2)).evictor(CountEvictor.of(3)).aggregate(Join())
    assert list(recent.execute_and_collect()) == ["ab", "bcd", "def"]


def test_late_records_go_to_a_side_output(env: Env) -> None:
    late = OutputTag("late")
    stream = timed(env, *[("a", t) for t in (10, 5000, 20)]).key_by(first).window(ONE_SECOND)
    main = stream.side_output_late_data(late).reduce(lambda a, b: (a[0], a[1] + b[1]))
    counted = main.map(lambda v: ("main", v[1])).union(
        main.get_side_output(late).map(lambda v: ("late", v[1]))
    )
    # Watermarks arise at intervals, so that the last record may or may not be late; none is lost.
    found = results(counted)
    assert sum(time for _, time in found) == 5030
    assert ("main", 5000) in found


def test_windows_of_the_whole_stream(env: Env) -> None:
    threes = env.from_collection(range(7)).window_all(CountTumblingWindowAssigner.of(3))
    assert list(threes.reduce(lambda a, b: a + b).execute_and_collect()) == [3, 12]


class Slow(AsyncFunction):
    async def async_invoke(self, value):
        return [value, -value]


def test_asynchronous_calls_keep_their_order_or_not(env: Env) -> None:
    numbers = env.from_collection([1, 2])
    ordered = AsyncDataStream.ordered_wait(numbers, Slow(), Time.seconds(5))
    assert list(ordered.execute_and_collect()) == [1, -1, 2, -2]
    unordered = AsyncDataStream.unordered_wait(numbers, Slow(), Time.seconds(5), 1, Types.INT())
    assert results(unordered) == [-2, -1, 1, 2]
