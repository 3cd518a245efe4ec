"""Specs of windowed operations: what they refuse, compare and say about themselves."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.common.output_tag import OutputTag
from flott.operators.rows.windows.aligned import (
    EventTimeWindowOperator,
    ProcessingTimeWindowOperator,
)
from flott.operators.rows.windows.count import CountWindowOperator
from flott.operators.rows.windows.general import GeneralWindowOperator
from flott.operators.rows.windows.session import SessionWindowOperator
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.operators.window import (
    CountEvictor,
    CountSlidingWindowAssigner,
    CountTrigger,
    EventTimeSessionWindows,
    EventTimeTrigger,
    GlobalWindows,
    ProcessingTimeSessionWindows,
    ProcessingTimeTrigger,
    SlidingEventTimeWindows,
    TumblingEventTimeWindows,
    TumblingProcessingTimeWindows,
)
from tests.operators.rows.windows.window_cases import Show, Sum, key_of, spec

TEN = TumblingEventTimeWindows.of(10)
FOUR = CountSlidingWindowAssigner.of(4, 2)


class OwnWindows(TumblingEventTimeWindows[Any]):
    """A subclass may do anything, so it is asked."""


@pytest.mark.parametrize(
    ("assigner", "settings", "operator"),
    [
        (TEN, {}, EventTimeWindowOperator),
        (TEN, {"trigger": EventTimeTrigger.create()}, EventTimeWindowOperator),
        (TEN, {"trigger": ProcessingTimeTrigger.create()}, GeneralWindowOperator),
        (TEN, {"trigger": CountTrigger.of(2)}, GeneralWindowOperator),
        (TEN, {"evictor": CountEvictor.of(2)}, GeneralWindowOperator),
        (OwnWindows(10), {}, GeneralWindowOperator),
        (SlidingEventTimeWindows.of(10, 5), {}, EventTimeWindowOperator),
        (TumblingProcessingTimeWindows.of(10), {}, ProcessingTimeWindowOperator),
        (EventTimeSessionWindows.with_gap(10), {}, SessionWindowOperator),
        (ProcessingTimeSessionWindows.with_gap(10), {}, GeneralWindowOperator),
        (FOUR, {}, CountWindowOperator),
        (
            CountSlidingWindowAssigner.of(4, 2),
            {"trigger": CountTrigger.of(4)},
            GeneralWindowOperator,
        ),
        (GlobalWindows.create(), {}, GeneralWindowOperator),
    ],
)
def test_the_fastest_operator_that_does_the_same_is_chosen(
    assigner: Any, settings: Any, operator: type
) -> None:
    assert type(spec(assigner, **settings).build()) is operator


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"assigner": "ten seconds"}, "Expected a WindowAssigner, found 'ten seconds'"),
        ({"trigger": 5}, "Expected a Trigger, found 5"),
        ({"evictor": 5}, "Expected a Evictor, found 5"),
        ({"late_tag": "late"}, "Expected a OutputTag, found 'late'"),
    ],
)
def test_settings_of_the_wrong_class_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        spec(**{"assigner": TEN, **settings})


def test_a_negative_lateness_is_refused() -> None:
    with pytest.raises(ValueError, match="must not be negative, found -1 ms"):
        spec(TEN, allowed_lateness_ms=-1)


@pytest.mark.parametrize(
    ("function", "kind", "message"),
    [
        (5, "reduce", "reduce"),
        (max, "aggregate", "needs the methods create_accumulator, add, get_result, merge"),
        (Sum, "aggregate", r"write Sum\(\)"),
    ],
)
def test_a_function_of_the_wrong_kind_is_refused(function: Any, kind: str, message: str) -> None:
    with pytest.raises(ProgramError, match=message):
        spec(TEN, function, kind)


@pytest.mark.parametrize("function", [5, Show])
def test_a_window_function_that_cannot_be_called_is_refused_when_opened(function: Any) -> None:
    from tests.operators.harness import Harness

    with pytest.raises(ProgramError):
        Harness(spec(TEN, function))


def test_specs_compare_by_value_and_can_be_pickled() -> None:
    given: dict[str, Any] = {
        "assigner": TEN,
        "function": max,
        "function_kind": WindowFunctionKind.REDUCE,
        "key_selector": key_of,
        "late_tag": OutputTag("late"),
    }
    first = WindowSpec(**given)
    assert first == WindowSpec(**given)
    assert pickle.loads(pickle.dumps(first)) == first
    assert first != WindowSpec(**{**given, "assigner": TumblingEventTimeWindows.of(11)})


def test_specs_name_themselves_by_assigner_and_functions() -> None:
    given = spec(TEN, Sum(), "aggregate", window_function=Show())
    assert given.kind == "TumblingEventTimeWindows"
    assert given.meaning == (
        "tests.operators.rows.windows.window_cases.Sum, "
        "tests.operators.rows.windows.window_cases.Show"
    )
    assert not given.is_stateless


def test_the_default_trigger_is_the_assigners() -> None:
    assert type(spec(TEN).effective_trigger) is EventTimeTrigger
    assert spec(TEN, trigger=CountTrigger.of(3)).effective_trigger is not None
