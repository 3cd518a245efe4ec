"""Broadcast process functions, keyed and not."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import StateAccessError
from flott.common.state import ListStateDescriptor, MapStateDescriptor, ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.core.element import MIN_WATERMARK
from flott.operators.rows import BroadcastProcessSpec, KeyedBroadcastProcessSpec
from tests.operators.harness import Harness

RULES = MapStateDescriptor("rules", Types.STRING(), Types.INT())
OTHER = MapStateDescriptor("other", Types.STRING(), Types.INT())
HELD = ListStateDescriptor("held", Types.INT())


class Limits:
    """Compares amounts with the limit of their kind."""

    def process_element(self, value: Any, ctx: Any) -> Any:
        yield value, ctx.get_broadcast_state(RULES).get(value)

    def process_broadcast_element(self, value: Any, ctx: Any) -> None:
        rules = ctx.get_broadcast_state(RULES)
        if value[1] is None:
            rules.remove(value[0])
        else:
            rules.put(*value)


class OnElement(Limits):
    """Does something on the other side."""

    def __init__(self, act: Any) -> None:
        self._act = act

    def process_element(self, value: Any, ctx: Any) -> Any:
        return self._act(value, ctx)


class OnBroadcast(Limits):
    """Does something on the broadcast side, with state of keys at hand."""

    def __init__(self, act: Any) -> None:
        self._act = act

    def open(self, runtime_context: Any) -> None:
        self.held = runtime_context.get_list_state(HELD)

    def process_element(self, value: Any, ctx: Any) -> None:
        self.held.add(value[1])

    def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
        return self._act(self, value, ctx)


def plain(function: Any, **settings: Any) -> Harness:
    return Harness(BroadcastProcessSpec(function, (RULES,)), **settings)


def keyed(function: Any, **settings: Any) -> Harness:
    return Harness(KeyedBroadcastProcessSpec(function, lambda v: v[0], (RULES,)), **settings)


@pytest.mark.parametrize("make", [plain, keyed])
def test_the_other_side_reads_what_was_broadcast(make: Any) -> None:
    harness = make(Limits())
    harness.push("food")
    harness.push(("food", 50), ("fuel", 70), side=1)
    harness.push("food", "fuel")
    harness.push(("food", None), side=1)
    harness.push("food")
    assert harness.values == [
        ("food", None),
        ("food", 50),
        ("fuel", 70),
        ("food", None),
    ]


@pytest.mark.parametrize("make", [plain, keyed])
@pytest.mark.parametrize(
    "change",
    [
        lambda rules: rules.put("a", 1),
        lambda rules: rules.put_all({"a": 1}),
        lambda rules: rules.remove("a"),
        lambda rules: rules.clear(),
        lambda rules: rules.__setitem__("a", 1),
        lambda rules: rules.__delitem__("a"),
    ],
)
def test_the_other_side_cannot_change_it(make: Any, change: Any) -> None:
    harness = make(OnElement(lambda value, ctx: change(ctx.get_broadcast_state(RULES))))
    with pytest.raises(StateAccessError, match="'rules' can only be read here"):
        harness.push("a")


@pytest.mark.parametrize("side", [0, 1])
def test_all_ways_of_reading_agree(side: int) -> None:
    def read(value: Any, ctx: Any) -> Any:
        rules = ctx.get_broadcast_state(RULES)
        yield (
            sorted(rules),
            sorted(rules.keys()),
            sorted(rules.values()),
            sorted(rules.items()),
            "a" in rules,
            rules["b"],
            rules.is_empty(),
        )

    class Read(Limits):
        def process_element(self, value: Any, ctx: Any) -> Any:
            return read(value, ctx)

        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            ctx.get_broadcast_state(RULES).put_all({"a": 1, "b": 2})
            return read(value, ctx)

    harness = plain(Read())
    harness.push("x", side=1)
    harness.clear()
    harness.push("x", side=side)
    assert harness.values == [
        (["a", "b"], ["a", "b"], [1, 2], [("a", 1), ("b", 2)], True, 2, False)
    ]


def test_a_loop_over_the_state_may_remove_from_it() -> None:
    class Clear(Limits):
        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            rules = ctx.get_broadcast_state(RULES)
            rules.put_all({"a": 1, "b": 2})
            for name, _ in rules.items():
                del rules[name]
            rules["c"] = 3
            rules.clear()
            yield rules.is_empty()

    harness = plain(Clear())
    harness.push("x", side=1)
    assert harness.values == [True]


def test_a_state_that_was_not_named_is_refused() -> None:
    harness = plain(OnElement(lambda value, ctx: ctx.get_broadcast_state(OTHER)))
    with pytest.raises(StateAccessError, match=r"no broadcast state 'other', only 'rules'"):
        harness.push("a")


def test_contexts_tell_times() -> None:
    def times(value: Any, ctx: Any) -> Any:
        yield ctx.timestamp(), ctx.current_watermark(), ctx.current_processing_time()

    class Times(Limits):
        process_element = staticmethod(times)
        process_broadcast_element = staticmethod(times)

    for make in (plain, keyed):
        harness = make(Times(), now_ms=9)
        harness.push("a", at=5)
        harness.watermark(7)
        harness.push("a", side=1)
        assert harness.values == [(5, MIN_WATERMARK, 9), (None, 7, 9)]


def test_state_of_keys_is_out_of_reach_on_the_broadcast_side() -> None:
    harness = keyed(OnBroadcast(lambda self, value, ctx: list(self.held.get())))
    harness.push(("a", 1))
    with pytest.raises(StateAccessError):
        harness.push("x", side=1)


def test_timers_are_out_of_reach_on_the_broadcast_side() -> None:
    def act(self: Any, value: Any, ctx: Any) -> None:
        ctx.timer_service().register_event_time_timer(1)

    with pytest.raises(StateAccessError, match="keyed side only"):
        keyed(OnBroadcast(act)).push("x", side=1)


def test_apply_to_keyed_state_visits_every_key_that_has_it() -> None:
    def act(self: Any, value: Any, ctx: Any) -> Any:
        seen: list[Any] = []

        def visit(key: Any, state: Any) -> None:
            seen.append((key, list(state.get())))
            state.clear() if key == "a" else state.add(0)

        ctx.apply_to_keyed_state(HELD, visit)
        yield sorted(seen)

    harness = keyed(OnBroadcast(act))
    harness.push(("a", 1), ("b", 2), ("a", 3))
    harness.push("x", side=1)
    harness.push("x", side=1)
    assert harness.values == [[("a", [1, 3]), ("b", [2])], [("b", [2, 0])]]


def test_apply_to_keyed_state_takes_an_object_and_leaves_no_key() -> None:
    class Forget:
        def process(self, key: Any, state: Any) -> None:
            state.clear()

    def act(self: Any, value: Any, ctx: Any) -> None:
        ctx.apply_to_keyed_state(HELD, Forget())
        self.held.get()

    harness = keyed(OnBroadcast(act))
    harness.push(("a", 1))
    with pytest.raises(StateAccessError):
        harness.push("x", side=1)


def test_without_keys_there_is_no_keyed_state_to_apply_to() -> None:
    class Apply(Limits):
        def process_broadcast_element(self, value: Any, ctx: Any) -> Any:
            yield hasattr(ctx, "apply_to_keyed_state")

    harness = plain(Apply())
    harness.push("x", side=1)
    assert harness.values == [False]


class Waiting(Limits):
    """Holds amounts back until a timer, then judges them by the rules of that moment."""

    def open(self, runtime_context: Any) -> None:
        self.amount = runtime_context.get_state(ValueStateDescriptor("amount", int))

    def process_element(self, value: Any, ctx: Any) -> None:
        self.amount.update(value[1])
        ctx.timer_service().register_event_time_timer(100)

    def on_timer(self, timestamp: int, ctx: Any) -> Any:
        limit = ctx.get_broadcast_state(RULES).get(ctx.get_current_key())
        yield ctx.get_current_key(), self.amount.value() > limit, ctx.time_domain().name


def test_timers_of_the_keyed_side_read_the_state() -> None:
    harness = keyed(Waiting())
    harness.push(("food", 12), at=1)
    harness.push(("food", 5), side=1)
    harness.watermark(100)
    assert harness.records == [(("food", True, "EVENT_TIME"), 100)]


def test_broadcast_state_is_restored_in_every_subtask() -> None:
    before = plain(Limits())
    before.push(("food", 5), side=1)
    snapshot = before.snapshot(1)
    for subtask in range(3):
        after = plain(Limits(), parallelism=3, subtask=subtask, restore=[snapshot])
        after.push("food")
        assert after.values == [("food", 5)]
