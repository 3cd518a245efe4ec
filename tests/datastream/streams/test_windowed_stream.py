"""Windows of keyed and whole streams, as plans."""

from typing import Any

import pytest

from flott.common import Duration, Time, Types
from flott.common.errors import ProgramError
from flott.datastream import (
    AggregateFunction,
    AllWindowFunction,
    OutputTag,
    ProcessAllWindowFunction,
    ProcessWindowFunction,
    StreamExecutionEnvironment,
    WindowFunction,
)
from flott.datastream.window import (
    CountEvictor,
    CountSlidingWindowAssigner,
    CountTrigger,
    CountTumblingWindowAssigner,
    EventTimeSessionWindows,
    NeverTrigger,
    TumblingEventTimeWindows,
)
from flott.operators.rows.windows.window import WindowFunctionKind, WindowSpec
from flott.plan.stream_plan import StreamNode

Env = StreamExecutionEnvironment
MINUTE = TumblingEventTimeWindows.of(Time.minutes(1))


class Count(AggregateFunction):
    def create_accumulator(self):
        return 0

    def add(self, value, accumulator):
        return accumulator + 1

    def get_result(self, accumulator) -> int:
        return accumulator

    def merge(self, acc_a, acc_b):
        return acc_a + acc_b


class Bounds(WindowFunction):
    def apply(self, key, window, inputs):
        yield key


class Process(ProcessWindowFunction):
    def process(self, key, context, elements):
        yield key


class AllBounds(AllWindowFunction):
    def apply(self, window, inputs):
        yield window


class AllProcess(ProcessAllWindowFunction):
    def process(self, context, elements):
        yield context


def last(env: Env) -> StreamNode:
    return env._plan.nodes[-1]


def spec(env: Env) -> WindowSpec:
    found = last(env).spec
    assert isinstance(found, WindowSpec)
    return found


def windowed(env: Env, assigner: Any = MINUTE) -> Any:
    return env.from_collection([1], Types.INT()).key_by(abs).window(assigner)


def test_reduce_keeps_the_type_unless_a_window_function_follows(env: Env) -> None:
    assert windowed(env).reduce(max).get_type() == Types.INT()
    assert (spec(env).function, spec(env).function_kind) == (max, WindowFunctionKind.REDUCE)
    assert spec(env).output_type == Types.INT()
    stream = windowed(env).reduce(max, window_function=Bounds(), output_type=Types.STRING())
    assert stream.get_type() == Types.STRING()
    assert isinstance(spec(env).window_function, Bounds)


def test_aggregate_takes_its_type_from_the_hint(env: Env) -> None:
    stream = windowed(env).aggregate(Count(), accumulator_type=Types.LONG())
    assert stream.get_type() == Types.LONG()
    assert spec(env).function_kind is WindowFunctionKind.AGGREGATE
    windowed(env).aggregate(Count(), Process(), output_type=Types.INT())
    assert isinstance(spec(env).window_function, Process)


def test_apply_and_process_get_all_records(env: Env) -> None:
    windowed(env).apply(Bounds(), Types.INT())
    assert spec(env).function_kind is WindowFunctionKind.APPLY
    windowed(env).process(Process())
    assert spec(env).function_kind is WindowFunctionKind.PROCESS
    assert spec(env).key_selector is abs


def test_settings_reach_the_operation(env: Env) -> None:
    late, trigger, evictor = OutputTag("late"), CountTrigger.of(3), CountEvictor.of(2)
    stream = windowed(env).trigger(trigger).evictor(evictor).allowed_lateness(5)
    stream.side_output_late_data(late).apply(lambda key, window, inputs: inputs)
    assert (spec(env).trigger, spec(env).evictor, spec(env).late_tag) == (trigger, evictor, late)
    assert spec(env).allowed_lateness_ms == 5
    windowed(env).allowed_lateness(Duration.of_seconds(2)).reduce(max)
    assert spec(env).allowed_lateness_ms == 2000


def test_the_operation_is_named_and_described(env: Env) -> None:
    windowed(env).process(Process())
    assert last(env).name == "TumblingEventTimeWindows"
    assert last(env).description == (
        "Window(TumblingEventTimeWindows(60000, 0), EventTimeTrigger, Process)"
    )


def test_count_windows_tumble_or_slide(env: Env) -> None:
    keyed = env.from_collection([1]).key_by(abs)
    keyed.count_window(3).reduce(max)
    assert spec(env).assigner == CountTumblingWindowAssigner.of(3)
    keyed.count_window(3, 2).reduce(max)
    assert spec(env).assigner == CountSlidingWindowAssigner.of(3, 2)


def test_windows_of_a_whole_stream_are_not_parallel(env: Env) -> None:
    stream = env.from_collection([1], Types.INT()).map(abs).window_all(MINUTE)
    stream.apply(AllBounds())
    assert spec(env).key_selector is None
    assert (last(env).parallelism, last(env).fixed_parallelism) == (1, True)
    stream.process(AllProcess())
    stream.reduce(max, AllBounds())
    stream.aggregate(Count(), AllProcess())
    assert last(env).description is not None
    assert last(env).description.startswith("AllWindow(")


def test_environment_and_input_type_are_at_hand(env: Env) -> None:
    assert windowed(env).get_execution_environment() is env
    assert windowed(env).get_input_type() == Types.INT()


@pytest.mark.parametrize(
    ("method", "wrong", "message"),
    [
        ("apply", AllBounds(), "apply: expected a WindowFunction or a callable"),
        ("process", Bounds(), "process: expected a ProcessWindowFunction"),
        ("reduce", 5, "reduce: expected a ReduceFunction or a callable"),
        ("aggregate", max, "aggregate: expected a AggregateFunction"),
        ("trigger", 5, "trigger: expected a Trigger"),
        ("evictor", 5, "evictor: expected an Evictor"),
        ("side_output_late_data", "late", "expected an OutputTag"),
    ],
)
def test_what_does_not_fit_is_refused(env: Env, method: str, wrong: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(windowed(env), method)(wrong)


def test_a_window_function_of_the_wrong_kind_is_refused(env: Env) -> None:
    with pytest.raises(TypeError, match="window_function: expected a WindowFunction or a Process"):
        windowed(env).reduce(max, AllBounds())


def test_merging_windows_need_a_trigger_that_merges(env: Env) -> None:
    sessions = EventTimeSessionWindows.with_gap(Time.seconds(5))
    with pytest.raises(TypeError, match="EventTimeSessionWindows merges windows and NeverTrigger"):
        windowed(env, sessions).trigger(NeverTrigger())


def test_negative_lateness_is_refused(env: Env) -> None:
    with pytest.raises(ProgramError, match="must not be negative, found -1 ms"):
        windowed(env).allowed_lateness(-1)


def test_an_assigner_is_needed(env: Env) -> None:
    with pytest.raises(TypeError, match="window: expected a WindowAssigner, found 5"):
        windowed(env, 5)
