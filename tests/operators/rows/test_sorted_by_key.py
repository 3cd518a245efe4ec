"""Keyed operators in BATCH mode: one key after the other."""

from __future__ import annotations

from typing import Any

import cloudpickle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.output_tag import OutputTag
from flott.common.state import MapStateDescriptor, ValueStateDescriptor
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.operators.rows import (
    CoMapSpec,
    FilterSpec,
    IntervalJoinSpec,
    KeyedBroadcastProcessSpec,
    KeyedCoProcessSpec,
    KeyedProcessSpec,
    KeyedReduceSpec,
    MapSpec,
    RollingAggregateSpec,
    SortedByKeySpec,
)
from flott.operators.rows.sorted_by_key import sorted_by_key
from tests.operators.harness import Harness

RULES = MapStateDescriptor("rules")


def first(value: Any) -> Any:
    return value[0]


class Trace:
    """Says everything that happens to it."""

    def open(self, runtime_context: Any) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def process_element(self, value: Any, ctx: Any) -> Any:
        self.count.update((self.count.value() or 0) + 1)
        timers = ctx.timer_service()
        if ctx.timestamp() is not None:
            timers.register_event_time_timer(ctx.timestamp() + 100)
        timers.register_processing_time_timer(5)
        yield "record", value, ctx.timestamp(), timers.current_watermark()

    def on_timer(self, timestamp: int, ctx: Any) -> Any:
        reached = ctx.timer_service().current_watermark()
        key, domain = ctx.get_current_key(), ctx.time_domain().name
        yield domain, key, timestamp, self.count.value(), reached

    process_element1 = process_element
    process_element2 = process_element


def run(spec: Any, *pushes: tuple[int, list[Any]], inputs: int = 1) -> Harness:
    harness = Harness(SortedByKeySpec(spec), is_batch=True)
    for side, records in pushes:
        harness.push_timed(*records, side=side)
    assert harness.output.events == []
    harness.end(inputs)
    return harness


def test_a_keys_records_come_by_time_then_its_timers_then_the_next_key() -> None:
    records = [(("a", 1), 30), (("b", 2), 10), (("a", 3), 20)]
    harness = run(KeyedProcessSpec(Trace(), first), (0, records))
    assert harness.values == [
        ("record", ("a", 3), 20, MIN_WATERMARK),
        ("record", ("a", 1), 30, MIN_WATERMARK),
        ("EVENT_TIME", "a", 120, 2, MAX_WATERMARK),
        ("EVENT_TIME", "a", 130, 2, MAX_WATERMARK),
        ("PROCESSING_TIME", "a", 5, 2, MAX_WATERMARK),
        ("record", ("b", 2), 10, MIN_WATERMARK),
        ("EVENT_TIME", "b", 110, 1, MAX_WATERMARK),
        ("PROCESSING_TIME", "b", 5, 1, MAX_WATERMARK),
    ]


def test_the_last_watermark_follows_the_last_result_and_is_the_only_one() -> None:
    harness = Harness(SortedByKeySpec(KeyedProcessSpec(Trace(), first)), is_batch=True)
    harness.watermark(5)
    harness.operator.process_status(True)
    harness.push(("a", 1), at=1)
    harness.end()
    assert len(harness.batches) == 1
    assert harness.flow[1:] == [("watermark", MAX_WATERMARK)]


def test_records_without_timestamps_keep_their_order() -> None:
    harness = Harness(SortedByKeySpec(KeyedProcessSpec(Trace(), first)), is_batch=True)
    harness.push(("a", 3), ("b", 0), ("a", 1))
    harness.push(("a", 2))
    harness.end()
    seen = [value[1] for value in harness.values if value[0] == "record"]
    assert seen == [("a", 3), ("a", 1), ("a", 2), ("b", 0)]


@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from("abc"), st.integers(0, 20)), max_size=40)
)
def test_two_inputs_are_merged_by_key_and_time(records: list[Any]) -> None:
    spec = KeyedCoProcessSpec(Trace(), first, first)
    pushes = [(side, [((key, side, i), time)]) for i, (side, key, time) in enumerate(records)]
    harness = run(spec, *pushes, inputs=2)
    seen = [value[1:3] for value in harness.values if value[0] == "record"]
    keys = list(dict.fromkeys(value[0] for value, _ in seen))
    assert len(seen) == len(records)
    expected = []
    for key in keys:
        own = [(value, time) for side, batch in pushes for value, time in batch if value[0] == key]
        expected += sorted(own, key=lambda pair: (pair[1], pair[0][1], pair[0][2]))
    assert seen == expected


class Rules:
    """Reads in every record what was broadcast."""

    def process_element(self, value: Any, ctx: Any) -> Any:
        yield value, sorted(ctx.get_broadcast_state(RULES).keys())

    def process_broadcast_element(self, value: Any, ctx: Any) -> None:
        ctx.get_broadcast_state(RULES).put(value, value)


def test_broadcast_input_comes_first() -> None:
    spec = KeyedBroadcastProcessSpec(Rules(), lambda value: value, (RULES,))
    harness = run(spec, (0, [("a", 1)]), (1, [("rule 1", 50), ("rule 2", 60)]), inputs=2)
    assert harness.values == [("a", ["rule 1", "rule 2"])]


def test_an_interval_join_finds_the_same_pairs_and_nothing_is_late() -> None:
    class Pair:
        def process_element(self, left: Any, right: Any, ctx: Any) -> Any:
            yield left, right

    spec = IntervalJoinSpec(Pair(), first, first, -5, 5)
    left = [(("a", 1), 100), (("b", 2), 3), (("a", 3), 1)]
    right = [(("a", 4), 2), (("b", 5), 90), (("a", 6), 105)]
    harness = run(spec, (0, left), (1, right), inputs=2)
    assert sorted(harness.records) == [
        ((("a", 1), ("a", 6)), 105),
        ((("a", 3), ("a", 4)), 2),
    ]


def test_an_event_timer_of_a_processing_timer_still_fires() -> None:
    class Late:
        def process_element(self, value: Any, ctx: Any) -> None:
            ctx.timer_service().register_processing_time_timer(5)

        def on_timer(self, timestamp: int, ctx: Any) -> Any:
            if ctx.time_domain().name == "PROCESSING_TIME":
                ctx.timer_service().register_event_time_timer(7)
                ctx.timer_service().register_processing_time_timer(6)
            yield ctx.time_domain().name, timestamp

    harness = run(KeyedProcessSpec(Late(), first), (0, [("a", 1), ("b", 2)]))
    assert harness.values == [("PROCESSING_TIME", 5), ("EVENT_TIME", 7)] * 2


def test_side_outputs_pass() -> None:
    class Side:
        def process_element(self, value: Any, ctx: Any) -> Any:
            yield OutputTag("side"), value

    harness = run(KeyedProcessSpec(Side(), first), (0, [("a", 1), ("b", 2)]))
    assert harness.side_records("side") == [("a", 1), ("b", 2)]


def test_many_rows_take_several_turns_and_few_batches() -> None:
    harness = Harness(SortedByKeySpec(KeyedProcessSpec(Trace(), lambda v: v % 5000)), is_batch=True)
    harness.push(*range(25_000), at=0)
    harness.operator.end_input(0)
    harness.operator.end_input(0)
    turns = 0
    while harness.operator.has_pending_work():
        harness.context.mail.pop(0)()
        turns += 1
    harness.operator.finish()
    assert turns == 3
    assert len(harness.batches) == 3
    assert sum(value[0] == "record" for value in harness.values) == 25_000


def test_without_input_there_is_only_the_last_watermark() -> None:
    assert run(KeyedProcessSpec(Trace(), first)).flow == [("watermark", MAX_WATERMARK)]


def test_a_checkpoint_is_refused() -> None:
    harness = Harness(SortedByKeySpec(KeyedProcessSpec(Trace(), first)), is_batch=True)
    with pytest.raises(UnsupportedFeature, match="savepoint of a job in BATCH mode"):
        harness.snapshot(1)


def test_an_unhashable_key_is_refused() -> None:
    harness = Harness(SortedByKeySpec(KeyedProcessSpec(Trace(), lambda v: [v])), is_batch=True)
    harness.push("a")
    with pytest.raises(ProgramError, match="a list is not hashable"):
        harness.end()


def test_the_function_is_opened_and_closed() -> None:
    class Life(Trace):
        calls: list[str] = []

        def close(self) -> None:
            self.calls.append("close")

    harness = run(KeyedProcessSpec(Life(), first))
    harness.close()
    assert Life.calls == ["close"]


@pytest.mark.parametrize(
    "spec",
    [
        KeyedProcessSpec(Trace(), first),
        KeyedCoProcessSpec(Trace(), first, first),
        KeyedBroadcastProcessSpec(Rules(), first, (RULES,)),
        IntervalJoinSpec(min, first, first, 0, 0),
        MapSpec(Trace(), None, first),
        CoMapSpec(Trace(), None, (first, first)),
    ],
)
def test_what_could_tell_the_difference_runs_by_key(spec: Any) -> None:
    wrapped = sorted_by_key(spec)
    assert wrapped == SortedByKeySpec(spec)
    assert (wrapped.kind, wrapped.meaning) == (spec.kind, spec.meaning)
    assert wrapped.is_stateless == spec.is_stateless
    assert cloudpickle.loads(cloudpickle.dumps(wrapped)).inner.kind == spec.kind


@pytest.mark.parametrize(
    "spec",
    [
        MapSpec(Trace()),
        MapSpec(len, None, first),
        FilterSpec(len, first),
        KeyedReduceSpec(max, first),
        RollingAggregateSpec("sum", 0, first),
    ],
)
def test_what_could_not_stays_as_it_is(spec: Any) -> None:
    assert sorted_by_key(spec) is spec
