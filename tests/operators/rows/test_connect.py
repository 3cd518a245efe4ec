"""CoMap, CoFlatMap, CoProcess and KeyedCoProcess."""

from __future__ import annotations

from typing import Any

import pytest

from flott.common.errors import ProgramError, StateAccessError
from flott.common.output_tag import OutputTag
from flott.common.state import ListStateDescriptor, ValueStateDescriptor
from flott.common.typeinfo import Types
from flott.operators.rows import CoFlatMapSpec, CoMapSpec, CoProcessSpec, KeyedCoProcessSpec
from tests.operators.harness import Harness

REJECTED = OutputTag("rejected", Types.STRING())


class Both:
    """A function of two inputs, for both kinds of mapping."""

    def map1(self, value: int) -> int | None:
        return value * 2 if value > 0 else None

    def map2(self, value: str) -> str:
        return value.upper()

    def flat_map1(self, value: int) -> Any:
        return range(value)

    def flat_map2(self, value: str) -> Any:
        return None if value == "none" else list(value)


class Shared:
    """Counts both inputs of a key together."""

    def open(self, runtime_context: Any) -> None:
        self.count = runtime_context.get_state(ValueStateDescriptor("count", int))

    def _next(self) -> int:
        self.count.update((self.count.value() or 0) + 1)
        number: int = self.count.value()
        return number

    def map1(self, value: str) -> Any:
        return 1, value, self._next()

    def map2(self, value: str) -> Any:
        return 2, value, self._next()

    def flat_map1(self, value: str) -> Any:
        yield self.map1(value)

    def flat_map2(self, value: str) -> Any:
        yield self.map2(value)


KEYS = (lambda value: value, lambda value: value)


def test_co_map_drops_none_and_keeps_timestamps() -> None:
    harness = Harness(CoMapSpec(Both()))
    harness.push(1, -1, 3, at=[10, 11, 12])
    harness.push("a", side=1)
    assert harness.records == [(2, 10), (6, 12), ("A", None)]


def test_co_flat_map_takes_any_iterable_or_none() -> None:
    harness = Harness(CoFlatMapSpec(Both()))
    harness.push(2, 0, at=[10, 11])
    harness.push("ab", "none", side=1)
    assert harness.records == [(0, 10), (1, 10), ("a", None), ("b", None)]


@pytest.mark.parametrize("spec", [CoMapSpec, CoFlatMapSpec])
def test_both_sides_of_a_key_share_state(spec: Any) -> None:
    harness = Harness(spec(Shared(), None, KEYS))
    harness.push("a", "b")
    harness.push("a", side=1)
    assert harness.values == [(1, "a", 1), (1, "b", 1), (2, "a", 2)]


@pytest.mark.parametrize("spec", [CoMapSpec, CoFlatMapSpec])
def test_state_without_keys_is_refused(spec: Any) -> None:
    with pytest.raises(StateAccessError, match="does not run on a keyed stream"):
        Harness(spec(Shared()))


@pytest.mark.parametrize("spec", [CoMapSpec, CoFlatMapSpec])
def test_results_take_the_form_of_the_declared_type(spec: Any) -> None:
    harness = Harness(spec(Both(), Types.DOUBLE()))
    harness.push(2)
    assert all(type(value) is float for value in harness.values)


def test_a_flat_map_result_that_is_no_iterable_is_explained() -> None:
    class Wrong(Both):
        def flat_map2(self, value: str) -> Any:
            return 5

    harness = Harness(CoFlatMapSpec(Wrong()))
    with pytest.raises(ProgramError, match=r"flat_map2\(\) of operator 'operator' gave 5"):
        harness.push("a", side=1)


@pytest.mark.parametrize(
    ("spec", "method"),
    [(CoMapSpec, "map1"), (CoFlatMapSpec, "flat_map1")],
)
def test_a_plain_function_cannot_stand_for_two(spec: Any, method: str) -> None:
    with pytest.raises(ProgramError, match=rf"an object with the method {method}\(\)"):
        spec(abs).build()


class Check:
    """Halves numbers and reads words, rejecting what it cannot take."""

    def process_element1(self, value: int, ctx: Any) -> Any:
        if value < 0:
            yield REJECTED, f"negative {value}"
        else:
            yield value / 2, ctx.timestamp()

    def process_element2(self, value: str, ctx: Any) -> Any:
        try:
            yield float(value), ctx.timestamp()
        except ValueError:
            yield REJECTED, f"not a number: {value}"


def test_co_process_sends_side_results_of_both_inputs() -> None:
    harness = Harness(CoProcessSpec(Check()))
    harness.push(4, -2, at=[1, 2])
    harness.push("7.5", "seven", side=1)
    assert harness.values == [(2.0, 1), (7.5, None)]
    assert harness.side("rejected") == ["negative -2", "not a number: seven"]


def test_co_process_without_keys_has_no_timers() -> None:
    class Timer(Check):
        def process_element1(self, value: int, ctx: Any) -> Any:
            ctx.timer_service().register_event_time_timer(1)

    with pytest.raises(StateAccessError, match="A timer belongs to a key"):
        Harness(CoProcessSpec(Timer())).push(1)


class Join:
    """Keeps the left records of a key until a timer set by the right one."""

    def open(self, runtime_context: Any) -> None:
        self.held = runtime_context.get_list_state(ListStateDescriptor("held", Types.INT()))

    def process_element1(self, value: Any, ctx: Any) -> None:
        self.held.add(value[1])

    def process_element2(self, value: Any, ctx: Any) -> Any:
        ctx.timer_service().register_event_time_timer(ctx.timestamp() + 10)
        yield "armed", ctx.get_current_key()

    def on_timer(self, timestamp: int, ctx: Any) -> Any:
        yield ctx.get_current_key(), list(self.held.get()), ctx.timestamp()


def keyed_join(**settings: Any) -> Harness:
    spec = KeyedCoProcessSpec(Join(), lambda value: value[0], lambda value: value)
    return Harness(spec, **settings)


def test_a_process_result_that_is_no_iterable_names_its_method() -> None:
    class Wrong(Check):
        def process_element2(self, value: str, ctx: Any) -> Any:
            return 5

    harness = Harness(CoProcessSpec(Wrong()))
    with pytest.raises(ProgramError, match=r"process_element2\(\) of operator 'operator' gave 5"):
        harness.push("a", side=1)


def test_keyed_co_process_shares_state_and_timers() -> None:
    harness = keyed_join()
    harness.push(("a", 1), ("b", 2), ("a", 3), at=0)
    harness.push("a", at=5, side=1)
    harness.watermark(14)
    assert harness.values == [("armed", "a")]
    harness.watermark(15)
    assert harness.records[1:] == [(("a", [1, 3], 15), 15)]


def test_keyed_co_process_is_restored_with_its_timers() -> None:
    before = keyed_join()
    before.push(("a", 1), at=0)
    before.push("a", at=5, side=1)
    after = keyed_join(restore=[before.snapshot(1)])
    after.watermark(15)
    assert after.values == [("a", [1], 15)]


def test_an_unhashable_key_of_the_second_input_is_refused() -> None:
    harness = Harness(KeyedCoProcessSpec(Join(), lambda value: value, lambda value: {value}))
    with pytest.raises(ProgramError, match="a set is not hashable"):
        harness.push("a", side=1)
