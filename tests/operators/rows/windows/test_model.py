"""Every way to run event-time windows gives what the plain model gives."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common.output_tag import OutputTag
from flott.core.snapshot import StateKind, StatePart
from flott.kernels.partition import partition
from flott.operators.rows.windows.aligned import EventTimeWindowOperator
from flott.operators.rows.windows.general import GeneralWindowOperator
from flott.operators.rows.windows.session import SessionWindowOperator
from flott.operators.rows.windows.sliced import SlicedWindowOperator
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import (
    EventTimeSessionWindows,
    EventTimeTrigger,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
)
from tests.operators.harness import Harness
from tests.operators.rows.windows.window_model import WindowModel

Row = tuple[str, int, int]
"""Key, timestamp, serial number; the model and the operators get the whole row as record."""


class AskedEveryTime(EventTimeTrigger):
    """The default trigger, but not by class: makes the general operator run."""


class Collect:
    """Collects records, as an aggregate that can merge."""

    def create_accumulator(self) -> tuple[Row, ...]:
        return ()

    def add(self, value: Row, accumulator: tuple[Row, ...]) -> tuple[Row, ...]:
        return (*accumulator, value)

    def get_result(self, accumulator: tuple[Row, ...]) -> list[Row]:
        return list(accumulator)

    def merge(self, a: tuple[Row, ...], b: tuple[Row, ...]) -> tuple[Row, ...]:
        return a + b


class Process:
    def process(self, key: str, context: Any, elements: list[Row]) -> Any:
        window = context.window()
        yield key, window.start, window.end, tuple(elements)


def apply(key: str, window: Any, inputs: list[Row]) -> Any:
    return [(key, window.start, window.end, tuple(inputs))]


def unwrap(key: str, window: Any, inputs: list[list[Row]]) -> Any:
    return apply(key, window, inputs[0])


def key_of(row: Row) -> str:
    return row[0]


def append(a: Any, b: Any) -> Any:
    """A reduce function over records, the first of which becomes a list."""
    return [*(a if isinstance(a, list) else [a]), *(b if isinstance(b, list) else [b])]


def unwrap_reduced(key: str, window: Any, inputs: list[Any]) -> Any:
    rows = inputs[0] if isinstance(inputs[0], list) else [inputs[0]]
    return apply(key, window, rows)


FUNCTIONS = {
    "apply": (WindowFunctionKind.APPLY, apply, None),
    "process": (WindowFunctionKind.PROCESS, Process(), None),
    "aggregate": (WindowFunctionKind.AGGREGATE, Collect(), unwrap),
    "reduce": (WindowFunctionKind.REDUCE, append, unwrap_reduced),
}


def gap_of(row: Row) -> int:
    return row[1] % 4 + 1


ASSIGNERS: dict[str, tuple[Any, type]] = {
    "tumbling": (TumblingEventTimeWindows.of(10), EventTimeWindowOperator),
    "tumbling with offset": (TumblingEventTimeWindows.of(10, -3), EventTimeWindowOperator),
    "sliding": (SlidingEventTimeWindows.of(10, 5), EventTimeWindowOperator),
    "sliding unevenly": (SlidingEventTimeWindows.of(10, 4, 1), EventTimeWindowOperator),
    "sliding with gaps": (SlidingEventTimeWindows.of(4, 10), EventTimeWindowOperator),
    "sliding in slices": (SlidingEventTimeWindows.of(16, 2, 1), SlicedWindowOperator),
    "session": (EventTimeSessionWindows.with_gap(4), SessionWindowOperator),
    "dynamic session": (EventTimeSessionWindows.with_dynamic_gap(gap_of), SessionWindowOperator),
}


def spec_of(assigner: str, function: str, lateness: int, is_general: bool) -> WindowSpec:
    kind, main, window_function = FUNCTIONS[function]
    return WindowSpec(
        assigner=ASSIGNERS[assigner][0],
        trigger=AskedEveryTime() if is_general else None,
        function=main,
        function_kind=kind,
        window_function=window_function,
        key_selector=key_of,
        allowed_lateness_ms=lateness,
        late_tag=OutputTag("late"),
    )


def model_of(assigner: str, lateness: int) -> WindowModel:
    given = ASSIGNERS[assigner][0]
    if "session" in assigner:
        gap = (lambda t: t % 4 + 1) if "dynamic" in assigner else (lambda t: 4)
        return WindowModel(lambda t: [(t, t + gap(t))], merging=True, lateness=lateness)
    return WindowModel(lambda t: [(w.start, w.end) for w in given.windows_of(t)], lateness=lateness)


keys = st.sampled_from("abc")
batches = st.lists(st.tuples(keys, st.integers(-12, 30)), min_size=1, max_size=8)
steps = st.lists(st.tuples(batches, st.integers(0, 9), st.booleans()), min_size=1, max_size=8)


def normal(results: list[tuple[Any, int | None]], in_order: bool) -> list[Any]:
    """Results with their records in order of arrival, which some operators don't keep."""
    if not in_order:
        results = [
            ((k, s, e, tuple(sorted(r, key=lambda r: r[2]))), t) for (k, s, e, r), t in results
        ]
    return sorted(results)


class Chain:
    """A full snapshot and the changes after it, as a checkpoint would have them."""

    def __init__(self) -> None:
        self.keyed: list[StatePart] = []
        self.operator: list[StatePart] = []

    def take(self, harness: Harness) -> list[StatePart]:
        parts = harness.snapshot(1, full=False)
        for part in parts:
            if part.kind is StateKind.KEYED:
                self.keyed = [part] if part.full else [*self.keyed, part]
        self.operator = [part for part in parts if part.kind is StateKind.OPERATOR]
        return self.keyed + self.operator


def run_steps(spec: WindowSpec, model: WindowModel, given_steps: Any) -> None:
    harness, chain = Harness(spec), Chain()
    keeps_order = not model.merging and not isinstance(harness.operator, SlicedWindowOperator)
    watermark, serial = -15, 0
    for batch, progress, is_restored in given_steps:
        rows = []
        for key, time in batch:
            serial += 1
            rows.append((key, time, serial))
            model.row(key, rows[-1], time)
        harness.push(*rows, at=[time for _, time, _ in rows])
        watermark += progress
        snapshot = chain.take(harness)
        if is_restored:
            assert normal(harness.records, keeps_order) == sorted(model.results)
            assert harness.side("late") == model.late
            harness = Harness(spec, restore=[snapshot])
            model.results, model.late = [], []
        harness.watermark(watermark)
        model.advance(watermark)
        assert normal(harness.records, keeps_order) == sorted(model.results)
    harness.end()
    model.advance(2**63 - 1)
    assert normal(harness.records, keeps_order) == sorted(model.results)
    assert harness.side("late") == model.late
    assert harness.watermarks[-1] == 2**63 - 1


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("assigner", ASSIGNERS)
@pytest.mark.parametrize("lateness", [0, 3, 50])
@settings(max_examples=15, deadline=None)
@given(given_steps=steps)
def test_the_chosen_operator_gives_what_the_model_gives(
    assigner: str, function: str, lateness: int, given_steps: Any
) -> None:
    spec = spec_of(assigner, function, lateness, is_general=False)
    run_steps(spec, model_of(assigner, lateness), given_steps)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("assigner", ASSIGNERS)
@settings(max_examples=12, deadline=None)
@given(lateness=st.sampled_from([0, 3, 50]), given_steps=steps)
def test_the_general_operator_gives_what_the_model_gives(
    assigner: str, function: str, lateness: int, given_steps: Any
) -> None:
    spec = spec_of(assigner, function, lateness, is_general=True)
    assert type(spec.build()) is GeneralWindowOperator
    run_steps(spec, model_of(assigner, lateness), given_steps)


@pytest.mark.parametrize("assigner", ASSIGNERS)
def test_each_assigner_has_its_fast_operator(assigner: str) -> None:
    spec = spec_of(assigner, "aggregate", 0, is_general=False)
    assert type(spec.build()) is ASSIGNERS[assigner][1]


@pytest.mark.parametrize("assigner", ASSIGNERS)
@settings(max_examples=15, deadline=None)
@given(given_batch=batches, more=batches, parallelism=st.integers(1, 3))
def test_windows_go_on_at_another_parallelism(
    assigner: str, given_batch: Any, more: Any, parallelism: int
) -> None:
    spec, model = spec_of(assigner, "aggregate", 3, is_general=False), model_of(assigner, 3)
    first = Harness(spec)
    rows = [(key, time, serial) for serial, (key, time) in enumerate(given_batch)]
    first.push(*rows, at=[row[1] for row in rows])
    first.watermark(0)
    snapshot = first.snapshot(1)
    parts = [
        Harness(spec, parallelism=parallelism, subtask=subtask, restore=[snapshot])
        for subtask in range(parallelism)
    ]
    late_rows = [(key, time + 20, serial + 100) for serial, (key, time) in enumerate(more)]
    for row in late_rows:
        owner = parts[partition([row[0]], 128, parallelism)[0]]
        owner.push(row, at=row[1])
    for row in rows:
        model.row(row[0], row, row[1])
    model.advance(0)
    for row in late_rows:
        model.row(row[0], row, row[1])
    model.advance(2**63 - 1)
    for part in parts:
        part.end()
    records = [record for harness in [first, *parts] for record in harness.records]
    assert normal(records, in_order=False) == sorted(model.results)
