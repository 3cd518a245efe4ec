"""Short ways to run a window operator by hand; records are pairs of key and value."""

from __future__ import annotations

from typing import Any

from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import EventTimeTrigger, ProcessingTimeTrigger, TimeWindow
from tests.operators.harness import Harness


class AskedEveryTime(EventTimeTrigger):
    """The default trigger, but not by class: makes the general operator run."""


class AskedByTheClock(ProcessingTimeTrigger):
    """The same for windows by the clock."""


class Show:
    """Gives what a window holds: key, start and end of the window, values."""

    def process(self, key: Any, context: Any, elements: list[Any]) -> Any:
        yield (key, *bounds(context.window()), [value for _, value in elements])


def bounds(window: Any) -> tuple[Any, ...]:
    return tuple(window) if isinstance(window, TimeWindow) else (window,)


class Sum:
    """Adds up values."""

    def create_accumulator(self) -> int:
        return 0

    def add(self, value: Any, accumulator: int) -> int:
        return accumulator + value[1]

    def get_result(self, accumulator: int) -> int:
        return accumulator

    def merge(self, a: int, b: int) -> int:
        return a + b


def key_of(pair: Any) -> Any:
    return pair[0]


def spec(
    assigner: Any, function: Any = None, kind: str = "process", keyed: bool = True, **settings: Any
) -> WindowSpec:
    return WindowSpec(
        assigner=assigner,
        function=Show() if function is None else function,
        function_kind=WindowFunctionKind(kind),
        key_selector=key_of if keyed else None,
        **settings,
    )


def windowed(assigner: Any, *function_and_kind: Any, **settings: Any) -> Harness:
    return Harness(spec(assigner, *function_and_kind, **settings))


def push(harness: Harness, key: Any, *times: int) -> None:
    """Send a record of ``key`` at each time, whose value is the time."""
    harness.push(*((key, time) for time in times), at=list(times))


def shown(harness: Harness) -> list[Any]:
    """Results since the last call."""
    values = harness.values
    harness.clear()
    return values


def values(harness: Harness) -> list[Any]:
    """The values in each window that fired since the last call."""
    return [result[-1] for result in shown(harness)]
