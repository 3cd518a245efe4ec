"""ProcessFunction and KeyedProcessFunction."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.common.errors import ProgramError, StateAccessError, TypeMismatchError
from flott.common.output_tag import OutputTag
from flott.common.state import ValueStateDescriptor
from flott.common.time_domain import TimeDomain
from flott.common.typeinfo import Types
from flott.core.element import MAX_WATERMARK, MIN_WATERMARK
from flott.operators.rows import KeyedProcessSpec, ProcessSpec
from tests.operators.harness import Harness

SIDE = OutputTag("side", Types.STRING())


def first(value: Any) -> Any:
    return value[0]


class Function:
    """A process function made of two plain ones."""

    def __init__(self, process: Any, on_timer: Any = None) -> None:
        self._process = process
        self._on_timer = on_timer

    def process_element(self, value: Any, ctx: Any) -> Any:
        return self._process(value, ctx)

    def on_timer(self, timestamp: int, ctx: Any) -> Any:
        return self._on_timer(timestamp, ctx) if self._on_timer else None


def keyed(process: Any, on_timer: Any = None, key: Any = first, **settings: Any) -> Harness:
    return Harness(KeyedProcessSpec(Function(process, on_timer), key), **settings)


def register(value: Any, ctx: Any) -> None:
    ctx.timer_service().register_event_time_timer(value[1])


def tell_timer(timestamp: int, ctx: Any) -> Any:
    yield ctx.get_current_key(), timestamp, ctx.time_domain()


class Count:
    """A running count for each key."""

    def open(self, runtime_context: Any) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def process_element(self, value: Any, ctx: Any) -> Any:
        count = (self.count.value() or 0) + 1
        self.count.update(count)
        yield ctx.get_current_key(), count


# --- results -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("process", "expected"),
    [
        (lambda value, ctx: None, []),
        (lambda value, ctx: [], []),
        (lambda value, ctx: [value, value], [1, 1]),
        (lambda value, ctx: (value for _ in range(3)), [1, 1, 1]),
        (lambda value, ctx: {value: 2}.values(), [2]),
    ],
)
def test_results_are_any_iterable_or_none(process: Any, expected: list[int]) -> None:
    harness = Harness(ProcessSpec(Function(process)))
    harness.push(1)
    assert harness.values == expected


def test_a_plain_function_may_process() -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: [value + 1]))
    harness.push(1, at=5)
    assert harness.records == [(2, 5)]


def test_a_result_that_is_no_iterable_is_explained() -> None:
    harness = keyed(lambda value, ctx: 7)
    with pytest.raises(ProgramError, match=r"process_element\(\) of operator 'operator' gave 7"):
        harness.push("ab")


def test_one_batch_in_is_one_batch_out() -> None:
    harness = keyed(lambda value, ctx: [value] * 2)
    harness.push("ab", "cd", at=[1, 2])
    assert [batch.timestamps for batch in harness.batches] == [[1, 1, 2, 2]]


def test_the_context_tells_the_timestamp_or_none() -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: [ctx.timestamp()]))
    harness.push("a", "b", at=[3, 4])
    harness.push("c")
    assert harness.values == [3, 4, None]


def test_side_results_go_to_their_tag_with_the_timestamp() -> None:
    def process(value: int, ctx: Any) -> Any:
        if value < 0:
            yield SIDE, f"negative {value}"
        else:
            yield value

    harness = Harness(ProcessSpec(process))
    harness.push(4, -2, 6, at=[1, 2, 3])
    assert harness.records == [(4, 1), (6, 3)]
    assert harness.side_records("side") == [("negative -2", 2)]


@pytest.mark.parametrize("result", [("a", 1), (1, 2, 3), (), [SIDE, 1], (SIDE,)])
def test_other_tuples_are_ordinary_results(result: Any) -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: [result]))
    harness.push(0)
    assert harness.values == [result]


def test_a_side_result_must_have_the_type_of_its_tag() -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: [(SIDE, 7)]))
    with pytest.raises(TypeMismatchError, match="declared as String, found int 7"):
        harness.push(0)


def test_results_take_the_form_of_the_declared_type() -> None:
    spec = KeyedProcessSpec(Function(lambda value, ctx: [1]), first, Types.DOUBLE())
    harness = Harness(spec)
    harness.push("a")
    assert [type(value) for value in harness.values] == [float]


def test_the_error_for_a_wrong_type_carries_the_wrong_result() -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: [value], Types.INT()))
    with pytest.raises(TypeMismatchError) as caught:
        harness.push(1, "two", 3)
    trace = caught.value.__traceback__
    records = []
    while trace is not None:
        records.append(trace.tb_frame.f_locals.get("value"))
        trace = trace.tb_next
    assert records[-1] == "two"


# --- keys and state ----------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers()), min_size=1), st.integers(1, 7))
def test_each_key_has_its_own_state(records: list[Any], size: int) -> None:
    harness = Harness(KeyedProcessSpec(Count(), first))
    counts: dict[str, int] = defaultdict(int)
    expected = []
    for start in range(0, len(records), size):
        part = records[start : start + size]
        harness.push(*part)
        for key, _ in part:
            counts[key] += 1
            expected.append((key, counts[key]))
    assert harness.values == expected


def test_a_key_selector_may_be_an_object() -> None:
    class Selector:
        def get_key(self, value: Any) -> Any:
            return value[0]

    harness = Harness(KeyedProcessSpec(Count(), Selector()))
    harness.push("ax", "by", "az")
    assert harness.values == [("a", 1), ("b", 1), ("a", 2)]


def test_an_unhashable_key_names_operator_and_type() -> None:
    harness = keyed(lambda value, ctx: [value], key=lambda value: [value])
    with pytest.raises(
        ProgramError, match=r"'operator' gave \[1\]; a list is not hashable"
    ) as caught:
        harness.push(1)
    trace = caught.value.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    assert trace is not None
    assert trace.tb_frame.f_locals["value"] == 1


def test_a_tuple_with_a_list_in_it_is_no_key_either() -> None:
    harness = keyed(lambda value, ctx: [value], key=lambda value: ("a", [value]))
    with pytest.raises(ProgramError, match="a tuple is not hashable"):
        harness.push(1)


def test_an_error_of_the_key_selector_stays_as_it_is() -> None:
    harness = keyed(lambda value, ctx: [value], key=lambda value: value["missing"])
    with pytest.raises(KeyError, match="missing"):
        harness.push({})


def test_state_survives_a_restore_at_another_parallelism() -> None:
    spec = KeyedProcessSpec(Count(), first)
    before = Harness(spec)
    before.push(*"abcdefgh")
    snapshot = before.snapshot(1)
    halves = [
        Harness(KeyedProcessSpec(Count(), first), parallelism=2, subtask=i, restore=[snapshot])
        for i in range(2)
    ]
    found = []
    for half in halves:
        half.push(*(key for key in half.context.keyed_store.keys("count")))
        found += half.values
    assert sorted(found) == [(key, 2) for key in "abcdefgh"]


# --- timers ------------------------------------------------------------------------------------


def test_event_timers_fire_in_order_of_time_before_the_watermark_goes_on() -> None:
    harness = keyed(register, tell_timer)
    harness.push(("a", 30), ("b", 10), ("a", 20))
    harness.watermark(25)
    assert harness.flow == [
        [("b", 10, TimeDomain.EVENT_TIME), ("a", 20, TimeDomain.EVENT_TIME)],
        ("watermark", 25),
    ]
    assert [time for _, time in harness.records] == [10, 20]


def test_the_same_timer_registered_twice_fires_once() -> None:
    harness = keyed(register, tell_timer)
    harness.push(("a", 10), ("a", 10), ("b", 10))
    harness.watermark(10)
    assert [value[0] for value in harness.values] == ["a", "b"]


def test_a_deleted_timer_does_not_fire() -> None:
    def process(value: Any, ctx: Any) -> None:
        ctx.timer_service().register_event_time_timer(10)
        ctx.timer_service().register_event_time_timer(20)
        ctx.timer_service().delete_event_time_timer(10)
        ctx.timer_service().register_processing_time_timer(5)
        ctx.timer_service().delete_processing_time_timer(5)

    harness = keyed(process, tell_timer)
    harness.push("a")
    harness.advance_to(100)
    harness.watermark(MAX_WATERMARK)
    assert [value[1] for value in harness.values] == [20]


def test_a_past_timer_fires_with_the_next_watermark() -> None:
    harness = keyed(register, tell_timer)
    harness.watermark(100)
    harness.push(("a", 10))
    assert harness.values == []
    harness.watermark(101)
    assert [value[1] for value in harness.values] == [10]


def test_a_timer_registered_by_a_timer_fires_at_the_same_watermark() -> None:
    def on_timer(timestamp: int, ctx: Any) -> Any:
        if timestamp < 30:
            ctx.timer_service().register_event_time_timer(timestamp + 10)
        yield timestamp

    harness = keyed(register, on_timer)
    harness.push(("a", 10))
    harness.watermark(30)
    assert harness.values == [10, 20, 30]


def test_processing_timers_fire_by_the_clock_with_their_time() -> None:
    def process(value: Any, ctx: Any) -> None:
        now = ctx.timer_service().current_processing_time()
        ctx.timer_service().register_processing_time_timer(now + value[1])

    harness = keyed(process, tell_timer, now_ms=1000)
    harness.push(("a", 50), ("b", 20))
    harness.advance_to(1049)
    assert harness.records == [(("b", 1020, TimeDomain.PROCESSING_TIME), 1020)]
    harness.advance_to(1050)
    assert harness.records[1:] == [(("a", 1050, TimeDomain.PROCESSING_TIME), 1050)]


def test_processing_timers_are_dropped_at_the_end_of_a_stream() -> None:
    def process(value: Any, ctx: Any) -> None:
        ctx.timer_service().register_processing_time_timer(10)

    harness = keyed(process, tell_timer)
    harness.push("a")
    harness.end()
    assert harness.values == []


def test_a_timer_may_send_to_a_side_output() -> None:
    harness = keyed(register, lambda timestamp, ctx: [(SIDE, "late"), "main"])
    harness.push(("a", 10))
    harness.watermark(10)
    assert harness.records == [("main", 10)]
    assert harness.side_records("side") == [("late", 10)]


def test_a_timer_result_that_is_no_iterable_is_explained() -> None:
    harness = keyed(register, lambda timestamp, ctx: 7)
    harness.push(("a", 10))
    with pytest.raises(ProgramError, match=r"on_timer\(\) of operator 'operator' gave 7"):
        harness.watermark(10)


def test_a_timer_sees_the_state_of_its_key() -> None:
    class Late(Count):
        def process_element(self, value: Any, ctx: Any) -> Any:
            ctx.timer_service().register_event_time_timer(10)
            return list(super().process_element(value, ctx))

        def on_timer(self, timestamp: int, ctx: Any) -> Any:
            yield "timer", ctx.get_current_key(), self.count.value()

    harness = Harness(KeyedProcessSpec(Late(), first))
    harness.push("a", "b", "a")
    harness.clear()
    harness.watermark(10)
    assert sorted(harness.values) == [("timer", "a", 2), ("timer", "b", 1)]


def test_timers_survive_a_restore_and_overdue_ones_fire_at_once() -> None:
    def process(value: Any, ctx: Any) -> None:
        ctx.timer_service().register_event_time_timer(10)
        ctx.timer_service().register_processing_time_timer(10)

    before = keyed(process)
    before.push("a")
    after = keyed(process, tell_timer, restore=[before.snapshot(1)], now_ms=500)
    after.advance_to(500)
    assert after.values == [("a", 10, TimeDomain.PROCESSING_TIME)]
    after.watermark(10)
    assert after.values[1:] == [("a", 10, TimeDomain.EVENT_TIME)]


def test_the_watermark_is_the_smallest_before_the_first() -> None:
    harness = keyed(lambda value, ctx: [ctx.timer_service().current_watermark()])
    harness.push("a")
    harness.watermark(7)
    harness.push("a")
    assert harness.values == [MIN_WATERMARK, 7]


@pytest.mark.parametrize("time", [None, 1.5, "10"])
def test_a_timer_needs_whole_milliseconds(time: Any) -> None:
    harness = keyed(lambda value, ctx: ctx.timer_service().register_event_time_timer(time))
    with pytest.raises(ProgramError, match="whole milliseconds"):
        harness.push("a")


# --- without keys ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "method",
    [
        "register_event_time_timer",
        "register_processing_time_timer",
        "delete_event_time_timer",
        "delete_processing_time_timer",
    ],
)
def test_timers_without_keys_are_refused(method: str) -> None:
    harness = Harness(ProcessSpec(lambda value, ctx: getattr(ctx.timer_service(), method)(5)))
    with pytest.raises(StateAccessError, match=r"A timer belongs to a key.*key_by\(\)"):
        harness.push(1)


def test_times_are_told_without_keys_too() -> None:
    def process(value: Any, ctx: Any) -> Any:
        timers = ctx.timer_service()
        yield timers.current_watermark(), timers.current_processing_time()

    harness = Harness(ProcessSpec(process), now_ms=50)
    harness.push(1)
    harness.watermark(7)
    harness.push(1)
    assert harness.values == [(MIN_WATERMARK, 50), (7, 50)]
    assert harness.watermarks == [7]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("record"), st.sampled_from("ab"), st.integers(0, 60)),
            st.tuples(st.just("watermark"), st.integers(0, 60)),
        ),
        max_size=40,
    )
)
def test_event_timers_agree_with_a_model(steps: list[Any]) -> None:
    harness = keyed(register, lambda timestamp, ctx: [(ctx.get_current_key(), timestamp)])
    pending: set[tuple[int, str]] = set()
    expected: list[tuple[str, int]] = []
    reached = -1
    for step in steps:
        if step[0] == "record":
            harness.push((step[1], step[2]))
            pending.add((step[2], step[1]))
        elif step[1] > reached:
            reached = step[1]
            harness.watermark(reached)
            due = sorted(timer for timer in pending if timer[0] <= reached)
            pending.difference_update(due)
            expected += [(key, time) for time, key in due]
    assert sorted(harness.values) == sorted(expected)
    for key in "ab":
        own = [timer for timer in harness.values if timer[0] == key]
        assert own == [timer for timer in expected if timer[0] == key]
