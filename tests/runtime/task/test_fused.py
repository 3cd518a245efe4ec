from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flott.core.batch import Batch, RowBatch
from flott.core.operator import Operator, RowStep, RowStepKind
from flott.core.output import Output
from flott.runtime.task.failure import describe_failure, find_culprit
from flott.runtime.task.fused import FusedSteps


class Collected(Output):
    def __init__(self) -> None:
        self.events: list[Any] = []

    def emit(self, batch: Batch) -> None:
        self.events.append(batch)

    def emit_side(self, tag_id: str, batch: Batch) -> None:
        raise AssertionError

    def emit_watermark(self, timestamp: int) -> None:
        self.events.append(timestamp)

    def emit_status(self, idle: bool) -> None:
        self.events.append(idle)


class Named(Operator):
    def __init__(self, name: str) -> None:
        self.name = name

    def process_batch(self, batch: Batch, input_index: int) -> None:
        raise AssertionError("fused operators are not called")


class ToText:
    """A conversion to str."""

    exact = str

    @staticmethod
    def convert(value: Any) -> str:
        return str(value)


def chain(steps: list[RowStep]) -> tuple[FusedSteps, Collected]:
    output = Collected()
    return FusedSteps([Named(f"op {i}") for i in range(len(steps))], steps, output), output


FUNCTIONS: dict[str, tuple[RowStepKind, Callable[[int], Any]]] = {
    "add": (RowStepKind.MAP, lambda n: n + 1),
    "double": (RowStepKind.MAP, lambda n: 2 * n),
    "even": (RowStepKind.FILTER, lambda n: n % 2 == 0),
    "small": (RowStepKind.FILTER, lambda n: n < 40),
    "twice": (RowStepKind.FLAT_MAP, lambda n: [n, n + 3]),
    "down": (RowStepKind.FLAT_MAP, lambda n: range(n % 3)),
    "none": (RowStepKind.FLAT_MAP, lambda n: None if n % 5 == 0 else (n,)),
}
CHAINS = st.lists(st.sampled_from(sorted(FUNCTIONS)), min_size=1, max_size=6)
VALUES = st.lists(st.integers(0, 60), max_size=15)


def naive(names: list[str], rows: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    """One step after the other, row by row."""
    for name in names:
        kind, function = FUNCTIONS[name]
        if kind is RowStepKind.MAP:
            rows = [(function(value), time) for value, time in rows]
        elif kind is RowStepKind.FILTER:
            rows = [(value, time) for value, time in rows if function(value)]
        else:
            rows = [(each, time) for value, time in rows for each in function(value) or ()]
    return rows


@given(CHAINS, VALUES, st.booleans())
def test_fused_chain_equals_one_step_after_the_other(
    names: list[str], values: list[int], timed: bool
) -> None:
    fused, output = chain([RowStep(*FUNCTIONS[name]) for name in names])
    times = [100 + i for i in range(len(values))] if timed else None
    expected = naive(names, list(zip(values, times or [None] * len(values), strict=True)))
    fused.emit(RowBatch(values, times))
    if not expected:
        assert output.events == []
        return
    (batch,) = output.events
    assert batch.values == [value for value, _ in expected]
    assert batch.timestamps == ([time for _, time in expected] if timed else None)


def fails_at(bad: int, inner: Callable[[int], Any]) -> Callable[[int], Any]:
    def function(value: int) -> Any:
        if value == bad:
            raise ValueError(f"no {bad}")
        return inner(value)

    return function


@given(
    names=CHAINS,
    values=st.lists(st.integers(0, 60), min_size=1, max_size=15),
    timed=st.booleans(),
    data=st.data(),
)
def test_error_names_the_operator_and_the_record(
    names: list[str], values: list[int], timed: bool, data: Any
) -> None:
    position = data.draw(st.integers(0, len(names) - 1))
    bad = data.draw(st.integers(0, 130))
    steps = [RowStep(*FUNCTIONS[name]) for name in names]
    kind, function = FUNCTIONS[names[position]]
    steps[position] = RowStep(kind, fails_at(bad, function))
    reaching = (v for v in values if bad in [n for n, _ in naive(names[:position], [(v, 0)])])
    culprit = next(reaching, None)
    fused, _ = chain(steps)
    batch = RowBatch(values, [0] * len(values) if timed else None)
    if culprit is None:
        fused.emit(batch)
        return
    with pytest.raises(ValueError, match=f"no {bad}") as caught:
        fused.emit(batch)
    operator, record = find_culprit(caught.value)
    assert isinstance(operator, Named)
    assert (operator.name, record) == (f"op {position}", culprit)


def test_error_of_a_generator_names_its_operator() -> None:
    def generate(value: int) -> Any:
        yield value
        raise KeyError("after the first")

    fused, _ = chain(
        [
            RowStep(RowStepKind.MAP, lambda n: n),
            RowStep(RowStepKind.FLAT_MAP, generate),
            RowStep(RowStepKind.FILTER, bool),
        ]
    )
    with pytest.raises(KeyError) as caught:
        fused.emit(RowBatch([1, 2]))
    operator, record = find_culprit(caught.value)
    assert (operator.name, record) == ("op 1", 1)  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [RowStepKind.MAP, RowStepKind.FLAT_MAP])
@pytest.mark.parametrize("times", [None, [5, 6]])
def test_declared_types_are_converted_to(kind: RowStepKind, times: list[int] | None) -> None:
    function = (lambda n: n) if kind is RowStepKind.MAP else (lambda n: [n])
    fused, output = chain([RowStep(kind, function, ToText()), RowStep(RowStepKind.MAP, len)])
    fused.emit(RowBatch([7, "abc"], times))
    assert output.events == [RowBatch([1, 3], times)]


def test_watermarks_and_idleness_pass() -> None:
    fused, output = chain([RowStep(RowStepKind.FILTER, lambda n: False)])
    fused.emit_watermark(5)
    fused.emit_status(True)
    assert output.events == [5, True]


def test_report_of_a_failure_shows_the_users_frames_only() -> None:
    fused, _ = chain([RowStep(RowStepKind.MAP, lambda n: 1 // n)])
    with pytest.raises(ZeroDivisionError) as caught:
        fused.emit(RowBatch([3, 0]))
    report = describe_failure(caught.value, "task")
    assert (report.error_type, report.record) == ("ZeroDivisionError", "0")
    assert "1 // n" in report.user_trace
    assert "<flott" not in report.user_trace
    assert "<flott" in report.engine_trace
