"""Compiled expressions: one select, values computed once, failures only where they count."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import polars as pl
import pytest

from flott.common import logical_types as t
from flott.common.sql_errors import RecordError
from flott.core.clock import Clock
from flott.sql.expressions import Call, Expression, InputRef, Literal
from flott.sql.functions import (
    EvaluationSettings,
    compile_predicate,
    compile_projection,
    resolve_call,
    resolve_cast,
)
from flott.sql.functions.expression_compiler import Compiler

_INT = t.IntType()
_SETTINGS = EvaluationSettings()
_X, _S = InputRef(_INT, 0), InputRef(t.STRING, 1)
_FRAME = pl.DataFrame(
    {"f0": pl.Series([5, 0, None], dtype=pl.Int32), "f1": pl.Series(["7", "x", None])}
)


def _int(value: int) -> Literal:
    return Literal(t.IntType(nullable=False), value)


def _tenth() -> Call:
    return resolve_call("/", [_int(10), _X])


def _run(*expressions: Expression, frame: pl.DataFrame = _FRAME) -> list[Sequence[object]]:
    projection = compile_projection(expressions, [_INT, t.STRING], _SETTINGS)
    return [list(row) for row in projection.evaluate(frame).rows()]


def test_columns_are_named_by_position() -> None:
    projection = compile_projection([_S, _X], [_INT, t.STRING], _SETTINGS)
    assert projection.evaluate(_FRAME).columns == ["f0", "f1"]


def test_a_division_by_zero_names_the_expression_and_the_row() -> None:
    call = resolve_call("/", [_int(10), _X], origin="10 / x")
    with pytest.raises(RecordError, match=r"Division by zero in 10 / x for the row \(0, 'x'\)"):
        _run(call)


def test_a_strict_cast_names_the_value() -> None:
    cast = resolve_cast(_S, _INT)
    with pytest.raises(RecordError, match=r"^Cannot cast 'x' to INT in .* TRY_CAST gives NULL"):
        _run(cast)


def test_try_cast_gives_null_where_cast_fails() -> None:
    assert _run(resolve_cast(_S, _INT, is_try=True)) == [[7], [None], [None]]


def test_a_branch_of_case_that_is_not_taken_cannot_fail() -> None:
    case = resolve_call("CASE", [resolve_call("<>", [_X, _int(0)]), _tenth(), _int(-1)])
    assert _run(case) == [[2], [-1], [-1]]


def test_a_condition_behind_a_true_one_cannot_fail() -> None:
    first = resolve_call("=", [_X, _int(0)])
    second = resolve_call(">", [_tenth(), _int(1)])
    assert _run(resolve_call("CASE", [first, _int(1), second, _int(2), _int(3)])) == [[2], [1], [3]]


def test_and_and_or_stop_where_the_answer_is_known() -> None:
    not_zero = resolve_call("<>", [_X, _int(0)])
    large = resolve_call(">", [_tenth(), _int(1)])
    zero = resolve_call("=", [_X, _int(0)])
    assert _run(resolve_call("AND", [not_zero, large])) == [[True], [False], [None]]
    assert _run(resolve_call("OR", [zero, large])) == [[True], [True], [None]]


def test_and_fails_where_its_first_operand_fails() -> None:
    large, not_zero = (
        resolve_call(">", [_tenth(), _int(1)]),
        resolve_call("<>", [_X, _int(0)]),
    )
    with pytest.raises(RecordError):
        _run(resolve_call("AND", [large, not_zero]))


def test_coalesce_needs_an_operand_only_where_those_before_are_null() -> None:
    frame = _FRAME.filter(pl.col("f0").is_not_null())
    assert _run(resolve_call("COALESCE", [_X, _tenth()]), frame=frame) == [[5], [0]]


def test_a_row_without_rows_does_not_fail() -> None:
    assert _run(_tenth(), frame=_FRAME.head(0)) == []


def test_constants_fill_every_row() -> None:
    assert _run(_int(1), Literal(t.CharType(1), "a")) == [[1, "a"]] * 3
    assert _run(_int(1), frame=_FRAME.head(0)) == []


def test_a_repeated_expression_is_computed_once() -> None:
    upper = resolve_call("UPPER", [_S])
    doubled = resolve_call("CONCAT", [upper, upper])
    compiler = Compiler(_SETTINGS, [doubled, upper])
    compiler.compile(doubled)
    compiler.compile(upper)
    assert [len(stage) for stage in compiler.stages] == [1]
    assert _run(doubled, upper) == [["77", "7"], ["XX", "X"], [None, None]]


def test_a_shared_expression_still_fails_where_it_is_needed() -> None:
    tenth = _tenth()
    guarded = resolve_call("CASE", [resolve_call("<>", [_X, _int(0)]), tenth, _int(0)])
    with pytest.raises(RecordError):
        _run(guarded, tenth)


def test_projections_travel_to_workers() -> None:
    projection = compile_projection([_tenth()], [_INT, t.STRING], _SETTINGS)
    projection.open(None)
    copy = pickle.loads(pickle.dumps(projection))
    assert copy == projection
    assert copy.evaluate(_FRAME.head(1)).rows() == [(2,)]


def test_null_does_not_pass_a_predicate() -> None:
    predicate = compile_predicate(resolve_call(">", [_X, _int(0)]), [_INT], _SETTINGS)
    assert predicate.evaluate(_FRAME).to_list() == [True, False, False]


def test_nan_equals_nothing_and_is_less_than_nothing() -> None:
    double = t.DoubleType()
    frame = pl.DataFrame({"f0": [float("nan")], "f1": [1.0]})
    args = [InputRef(double, 0), InputRef(double, 1)]
    calls = [resolve_call(name, args) for name in ("=", "<>", "<", "<=", ">", ">=")]
    result = compile_projection(calls, [double, double], _SETTINGS).evaluate(frame)
    assert result.row(0) == (False, True, False, False, False, False)


class _Hand(Clock):
    def __init__(self) -> None:
        self.now = 1000

    def now_ms(self) -> int:
        return self.now

    def monotonic_ms(self) -> float:
        return float(self.now)


class _Context:
    def __init__(self) -> None:
        self.clock = _Hand()


def test_the_present_is_that_of_the_batch() -> None:
    context = _Context()
    projection = compile_projection([resolve_call("NOW", [])], [_INT], _SETTINGS)
    projection.open(context)  # type: ignore[arg-type]
    first = projection.evaluate(_FRAME)["f0"]
    context.clock.now = 5000
    second = projection.evaluate(_FRAME)["f0"]
    assert first.dt.epoch("ms").to_list() == [1000] * 3
    assert second.dt.epoch("ms").to_list() == [5000] * 3


def test_the_present_of_a_batch_query_stays() -> None:
    settings = EvaluationSettings(is_streaming=False, now_us=7_000_000)
    projection = compile_projection([resolve_call("CURRENT_TIMESTAMP", [])], [_INT], settings)
    assert projection.evaluate(_FRAME)["f0"].dt.epoch("s").to_list() == [7] * 3
