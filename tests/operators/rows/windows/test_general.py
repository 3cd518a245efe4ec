"""What only the general operator does: custom assigners and triggers, evictors, merging."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError, StateAccessError
from flott.common.output_tag import OutputTag
from flott.common.state import (
    AggregatingStateDescriptor,
    ListStateDescriptor,
    ReducingStateDescriptor,
    ValueStateDescriptor,
)
from flott.operators.rows.windows.general import GeneralWindowOperator
from flott.operators.window import (
    CountEvictor,
    CountTrigger,
    CountTumblingWindowAssigner,
    DeltaTrigger,
    EventTimeSessionWindows,
    EventTimeTrigger,
    Evictor,
    GlobalWindows,
    MergingWindowAssigner,
    ProcessingTimeSessionWindows,
    PurgingTrigger,
    TimeEvictor,
    TimeWindow,
    TimeWindowSerializer,
    Trigger,
    TriggerResult,
    TumblingEventTimeWindows,
    WindowAssigner,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_cases import (
    AskedEveryTime,
    Show,
    Sum,
    push,
    shown,
    spec,
    values,
    windowed,
)

TEN = TumblingEventTimeWindows.of(10)
SESSIONS = EventTimeSessionWindows.with_gap(5)


class EachTwice(WindowAssigner[Any, TimeWindow]):
    """Puts a record into a short and into a long window."""

    def assign_windows(self, element: Any, timestamp: int, context: Any) -> list[TimeWindow]:
        context.get_runtime_context().get_state(ValueStateDescriptor("seen")).update(True)
        return [TimeWindow(timestamp, timestamp + 2), TimeWindow(0, 100)]

    def get_default_trigger(self, env: Any) -> Trigger[Any, TimeWindow]:
        return EventTimeTrigger.create()

    def get_window_serializer(self) -> TimeWindowSerializer:
        return TimeWindowSerializer()

    def is_event_time(self) -> bool:
        return True


def test_an_assigner_of_ones_own_decides_for_each_record() -> None:
    harness = windowed(EachTwice())
    assert type(harness.operator) is GeneralWindowOperator
    push(harness, "a", 5, 7)
    harness.end()
    assert shown(harness) == [("a", 5, 7, [5]), ("a", 7, 9, [7]), ("a", 0, 100, [5, 7])]
    assert list(harness.context.keyed_store.keys("seen")) == ["a"]


def test_java_count_windows_fire_after_each_slide() -> None:
    harness = windowed(
        GlobalWindows.create(), trigger=CountTrigger.of(2), evictor=CountEvictor.of(4)
    )
    push(harness, "a", *range(1, 8))
    assert values(harness) == [[1, 2], [1, 2, 3, 4], [3, 4, 5, 6]]


def test_what_an_evictor_takes_out_is_gone_for_later_firings() -> None:
    harness = windowed(
        GlobalWindows.create(), trigger=CountTrigger.of(2), evictor=TimeEvictor.of(5)
    )
    push(harness, "a", 1, 9, 5, 10)
    assert values(harness) == [[9], [9, 10]]


def test_an_evictor_may_work_after_the_function() -> None:
    evictor = CountEvictor.of(1, do_evict_after=True)
    harness = windowed(GlobalWindows.create(), trigger=CountTrigger.of(2), evictor=evictor)
    push(harness, "a", 1, 2, 3, 4)
    assert values(harness) == [[1, 2], [2, 3, 4]]


@pytest.mark.parametrize(
    ("function", "kind", "expected"),
    [
        (Sum(), "aggregate", [3, 5, 7]),
        (lambda a, b: (a[0], a[1] + b[1]), "reduce", [("a", 3), ("a", 5), ("a", 7)]),
        (lambda key, window, inputs: [len(inputs)], "apply", [2, 2, 2]),
    ],
)
def test_an_evictor_goes_with_every_kind_of_function(
    function: Any, kind: str, expected: Any
) -> None:
    harness = windowed(
        GlobalWindows.create(),
        function,
        kind,
        trigger=CountTrigger.of(1),
        evictor=CountEvictor.of(2),
    )
    push(harness, "a", 1)
    harness.clear()
    push(harness, "a", 2, 3, 4)
    assert harness.values == expected


def test_after_an_evictor_that_left_nothing_reduce_gives_nothing_and_aggregate_its_start() -> None:
    settings: dict[str, Any] = {"trigger": CountTrigger.of(1), "evictor": CountEvictor.of(0)}
    reduced = windowed(GlobalWindows.create(), max, "reduce", **settings)
    push(reduced, "a", 1)
    assert reduced.values == []
    added = windowed(GlobalWindows.create(), Sum(), "aggregate", **settings)
    push(added, "a", 1)
    assert added.values == [0]


def test_a_window_function_comes_after_evicting_and_folding() -> None:
    harness = windowed(
        TEN, lambda a, b: b, "reduce", window_function=Show(), evictor=CountEvictor.of(5)
    )
    push(harness, "a", 1, 2)
    harness.end()
    assert harness.records == [(("a", 0, 10, [2]), 9)]


class DropOlder(Evictor[Any, Any]):
    """An evictor as users write them."""

    def evict_before(self, elements: Any, size: int, window: Any, ctx: Any) -> None:
        ctx.get_metric_group().counter("evictions").inc()
        assert ctx.get_current_processing_time() == 0
        elements[:] = [e for e in elements if e.timestamp > ctx.get_current_watermark() - 100]

    def evict_after(self, elements: Any, size: int, window: Any, ctx: Any) -> None:
        assert size == len(elements)


def test_an_evictor_of_ones_own_sees_times_and_watermark() -> None:
    harness = windowed(TumblingEventTimeWindows.of(1000), evictor=DropOlder())
    push(harness, "a", 850, 950)
    harness.watermark(999)
    assert values(harness) == [[950]]
    assert harness.context.metrics.counter("evictions").get_count() == 1


def test_evicted_windows_are_restored_with_times() -> None:
    given = spec(GlobalWindows.create(), trigger=CountTrigger.of(3), evictor=TimeEvictor.of(5))
    harness = Harness(given)
    push(harness, "a", 1, 9)
    harness = Harness(given, restore=[harness.snapshot(1)])
    push(harness, "a", 8)
    assert values(harness) == [[9, 8]]


# --- merging


@pytest.mark.parametrize("trigger", [None, AskedEveryTime()])
def test_sessions_that_touch_merge(trigger: Any) -> None:
    harness = windowed(EventTimeSessionWindows.with_gap(9), trigger=trigger)
    push(harness, "a", 3, 12, 22)
    harness.end()
    assert shown(harness) == [("a", 3, 21, [3, 12]), ("a", 22, 31, [22])]


def test_contents_of_merged_sessions_move_together() -> None:
    harness = windowed(SESSIONS, trigger=AskedEveryTime())
    push(harness, "a", 1, 9, 5)
    harness.end()
    assert shown(harness) == [("a", 1, 14, [1, 9, 5])]
    assert harness.context.keyed_store.entry_count == 0


def test_timers_of_merged_sessions_are_deleted() -> None:
    harness = windowed(SESSIONS, trigger=AskedEveryTime())
    push(harness, "a", 1, 5)
    harness.watermark(6)
    assert harness.records == []
    harness.watermark(9)
    assert harness.records == [(("a", 1, 10, [1, 5]), 9)]
    assert not harness.operator._timers.has_timers()


@pytest.mark.parametrize("trigger", [None, AskedEveryTime()])
def test_a_late_record_inside_an_open_session_is_accepted_and_may_extend_it(trigger: Any) -> None:
    harness = windowed(SESSIONS, trigger=trigger, late_tag=OutputTag("late"))
    push(harness, "a", 10)
    harness.watermark(12)
    push(harness, "a", 7, 1)
    harness.end()
    assert harness.values == [("a", 7, 15, [10, 7])]
    assert harness.side("late") == [("a", 1)]


@pytest.mark.parametrize("trigger", [None, AskedEveryTime()])
def test_a_late_record_may_reopen_a_session_that_has_fired(trigger: Any) -> None:
    harness = windowed(SESSIONS, trigger=trigger, allowed_lateness_ms=20)
    push(harness, "a", 1)
    harness.watermark(7)
    assert shown(harness) == [("a", 1, 6, [1])]
    push(harness, "a", 4)
    assert shown(harness) == []
    harness.watermark(8)
    assert shown(harness) == [("a", 1, 9, [1, 4])]


def test_sessions_by_the_clock_last_while_records_come() -> None:
    harness = windowed(ProcessingTimeSessionWindows.with_gap(10))
    for now in (0, 6, 14, 40):
        harness.advance_to(now)
        harness.push(("a", now))
    harness.advance_to(100)
    assert shown(harness) == [("a", 0, 24, [0, 6, 14]), ("a", 40, 50, [40])]


def test_at_the_end_of_a_batch_event_time_fires_before_the_clock() -> None:
    class Both(EventTimeTrigger):
        def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
            ctx.register_processing_time_timer(10)
            return super().on_element(element, timestamp, window, ctx)

        def on_processing_time(self, time: int, window: Any, ctx: Any) -> TriggerResult:
            return TriggerResult.FIRE

    given = spec(GlobalWindows.create(), trigger=Both())
    harness = Harness(given, is_batch=True)
    push(harness, "a", 1)
    harness.end()
    assert harness.flow == [
        [("a", harness.values[0][1], [1])],
        ("watermark", 2**63 - 1),
        [("a", harness.values[0][1], [1])],
    ]


class StateTrigger(EventTimeTrigger):
    """Keeps state of each kind that can merge."""

    listed = ListStateDescriptor("listed")
    reduced = ReducingStateDescriptor("reduced", max)
    added = AggregatingStateDescriptor("added", Sum())

    def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
        for descriptor, value in ((self.listed, timestamp), (self.reduced, timestamp)):
            ctx.get_partitioned_state(descriptor).add(value)
        ctx.get_partitioned_state(self.added).add(element)
        return super().on_element(element, timestamp, window, ctx)

    def on_merge(self, window: Any, ctx: Any) -> None:
        for descriptor in (self.listed, self.reduced, self.added):
            ctx.merge_partitioned_state(descriptor)
        super().on_merge(window, ctx)

    def clear(self, window: Any, ctx: Any) -> None:
        states = [ctx.get_partitioned_state(d) for d in (self.listed, self.reduced, self.added)]
        self.cleared = window, *(state.get() for state in states)
        for state in states:
            state.clear()
        super().clear(window, ctx)


def test_state_of_a_trigger_merges_with_its_windows() -> None:
    trigger = StateTrigger()
    harness = windowed(SESSIONS, trigger=trigger)
    push(harness, "a", 1, 9, 5)
    harness.end()
    assert trigger.cleared == (TimeWindow(1, 14), [1, 9, 5], 9, 15)
    assert harness.context.keyed_store.entry_count == 0


def test_state_that_cannot_merge_is_refused() -> None:
    class Wrong(EventTimeTrigger):
        def on_merge(self, window: Any, ctx: Any) -> None:
            ctx.merge_partitioned_state(ValueStateDescriptor("last"))

    harness = windowed(SESSIONS, trigger=Wrong())
    with pytest.raises(StateAccessError, match="Trigger state 'last' cannot be merged"):
        push(harness, "a", 1, 5)


@pytest.mark.parametrize("trigger", [None, AskedEveryTime()])
def test_state_of_a_window_that_may_merge_is_refused(trigger: Any) -> None:
    class Wrong:
        def process(self, key: Any, context: Any, elements: Any) -> Any:
            context.global_state().get_state(ValueStateDescriptor("fine")).update(1)
            context.window_state().get_state(ValueStateDescriptor("wrong"))

    harness = windowed(SESSIONS, Wrong(), trigger=trigger)
    push(harness, "a", 1)
    with pytest.raises(StateAccessError, match=r"'wrong' of a single window.*global_state"):
        harness.end()


def test_a_trigger_that_cannot_merge_is_refused_for_sessions() -> None:
    with pytest.raises(ProgramError, match="EventTimeSessionWindows merges windows"):
        spec(SESSIONS, trigger=DeltaTrigger.of(1, lambda a, b: b - a))


class Weeks(MergingWindowAssigner[Any, TimeWindow]):
    """Merges a day's window with the others of its week, of 70 ms, touching or not."""

    def assign_windows(self, element: Any, timestamp: int, context: Any) -> list[TimeWindow]:
        return [TimeWindow(timestamp - timestamp % 10, timestamp - timestamp % 10 + 10)]

    def merge_windows(self, windows: Any, callback: Any) -> None:
        weeks: dict[int, list[TimeWindow]] = {}
        for window in windows:
            weeks.setdefault(window.start // 70, []).append(window)
        for members in weeks.values():
            if len(set(members)) > 1:
                start, end = min(m.start for m in members), max(m.end for m in members)
                callback.merge(members, TimeWindow(start, end))

    def get_default_trigger(self, env: Any) -> Trigger[Any, TimeWindow]:
        return EventTimeTrigger.create()

    def get_window_serializer(self) -> TimeWindowSerializer:
        return TimeWindowSerializer()

    def is_event_time(self) -> bool:
        return True


@pytest.mark.parametrize("kind", ["apply", "aggregate"])
def test_an_assigner_of_ones_own_may_merge_what_it_likes(kind: str) -> None:
    function = Sum() if kind == "aggregate" else lambda key, w, rows: [sum(v for _, v in rows)]
    harness = windowed(Weeks(), function, kind)
    push(harness, "a", 5, 65, 71, 32)
    push(harness, "b", 5)
    harness.end()
    assert harness.records == [(5, 9), (102, 69), (71, 79)]


def test_an_assigner_that_merges_into_the_past_is_told_so() -> None:
    class Backwards(Weeks):
        def merge_windows(self, windows: Any, callback: Any) -> None:
            if len(set(windows)) > 1:
                callback.merge(windows, TimeWindow(0, 1))

    harness = windowed(Backwards())
    harness.watermark(15)
    push(harness, "a", 20)
    with pytest.raises(ProgramError, match="must not end before"):
        push(harness, "a", 30)


# --- purging and cleaning


def test_purging_keeps_the_state_of_the_function_until_the_window_is_gone() -> None:
    class Firings(Show):
        def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
            count = context.window_state().get_state(ValueStateDescriptor("firings"))
            count.update((count.value() or 0) + 1)
            yield count.value(), len(elements)

        def clear(self, context: Any) -> None:
            context.window_state().get_state(ValueStateDescriptor("firings")).clear()

    harness = windowed(TEN, Firings(), trigger=PurgingTrigger.of(CountTrigger.of(2)))
    push(harness, "a", 1, 2, 3, 4, 5)
    assert harness.values == [(1, 2), (2, 2)]
    harness.watermark(9)
    assert harness.context.keyed_store.entry_count == 0


def test_a_pane_that_was_purged_is_not_computed() -> None:
    class PurgeFirst(EventTimeTrigger):
        def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
            super().on_element(element, timestamp, window, ctx)
            return TriggerResult.PURGE

    harness = windowed(TEN, trigger=PurgeFirst())
    push(harness, "a", 1)
    harness.end()
    assert harness.values == []


def test_count_windows_with_a_trigger_of_their_own_share_no_records() -> None:
    harness = windowed(CountTumblingWindowAssigner.of(3), trigger=CountTrigger.of(2))
    push(harness, "a", 1, 2, 3, 4, 5)
    assert values(harness) == [[1, 2], [4, 5]]


def test_records_without_timestamp_have_the_least_one_for_triggers() -> None:
    class Note(EventTimeTrigger):
        def on_element(self, element: Any, timestamp: int, window: Any, ctx: Any) -> TriggerResult:
            self.seen = timestamp
            return TriggerResult.CONTINUE

    trigger = Note()
    windowed(GlobalWindows.create(), trigger=trigger).push(("a", 1))
    assert trigger.seen == -(2**63)
