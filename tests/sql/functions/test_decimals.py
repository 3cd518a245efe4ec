"""DECIMAL arithmetic against Python's own decimals."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.sql.expressions import InputRef
from flott.sql.functions import (
    EvaluationSettings,
    compile_projection,
    resolve_call,
    resolve_cast,
)
from flott.sql.functions.decimals import round_quotient
from tests.sql.functions.evaluation import evaluate

_SETTINGS = EvaluationSettings()
_TYPES = [t.DecimalType(10, 2), t.DecimalType(38, 18), t.DecimalType(38, 0), t.DecimalType(5, 3)]


def _values(data_type: t.DecimalType) -> st.SearchStrategy[Decimal]:
    limit = 10**data_type.precision - 1
    digits = st.one_of(st.integers(-limit, limit), st.integers(-999, 999))
    return digits.map(lambda number: Decimal(number).scaleb(-data_type.scale))


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[t.DecimalType, t.DecimalType, list[tuple[Decimal, Decimal]]]:
    left, right = draw(st.sampled_from(_TYPES)), draw(st.sampled_from(_TYPES))
    rows = st.lists(st.tuples(_values(left), _values(right)), min_size=1, max_size=4)
    with localcontext() as context:
        context.prec = 90
        return left, right, draw(rows)


def _computed(
    operator: str, left: t.DecimalType, right: t.DecimalType, rows: list[tuple[Decimal, Decimal]]
) -> tuple[t.DecimalType, list[Decimal | None]]:
    call = resolve_call(operator, [InputRef(left, 0), InputRef(right, 1)])
    frame = pl.DataFrame(
        {
            "f0": pl.Series([row[0] for row in rows], dtype=polars_type(left)),
            "f1": pl.Series([row[1] for row in rows], dtype=polars_type(right)),
        }
    )
    assert isinstance(call.data_type, t.DecimalType)
    result = compile_projection([call], [left, right], _SETTINGS).evaluate(frame)
    return call.data_type, result.to_series().to_list()


def _rounded(exact: Fraction, result: t.DecimalType) -> Decimal | None:
    scaled = exact * 10**result.scale
    digits = round_quotient(scaled.numerator, scaled.denominator)
    with localcontext() as context:
        context.prec = 90
        return (
            None if abs(digits) >= 10**result.precision else Decimal(digits).scaleb(-result.scale)
        )


@given(_pairs())
@settings(max_examples=40, deadline=None)
def test_sums_are_exact_and_rounded_once(
    case: tuple[t.DecimalType, t.DecimalType, list[tuple[Decimal, Decimal]]],
) -> None:
    left, right, rows = case
    result, found = _computed("+", left, right, rows)
    assert found == [_rounded(Fraction(a) + Fraction(b), result) for a, b in rows]


@given(_pairs())
@settings(max_examples=40, deadline=None)
def test_products_are_exact_and_rounded_once(
    case: tuple[t.DecimalType, t.DecimalType, list[tuple[Decimal, Decimal]]],
) -> None:
    left, right, rows = case
    result, found = _computed("*", left, right, rows)
    assert found == [_rounded(Fraction(a) * Fraction(b), result) for a, b in rows]


@given(_pairs())
@settings(max_examples=40, deadline=None)
def test_quotients_are_rounded_half_away_from_zero(
    case: tuple[t.DecimalType, t.DecimalType, list[tuple[Decimal, Decimal]]],
) -> None:
    left, right, rows = case
    rows = [(a, b if b else Decimal(1)) for a, b in rows]
    result, found = _computed("/", left, right, rows)
    assert found == [_rounded(Fraction(a) / Fraction(b), result) for a, b in rows]


@given(_pairs())
@settings(max_examples=40, deadline=None)
def test_a_rest_has_the_sign_of_the_dividend(
    case: tuple[t.DecimalType, t.DecimalType, list[tuple[Decimal, Decimal]]],
) -> None:
    left, right, rows = case
    rows = [(a, b if b else Decimal(1)) for a, b in rows]
    result, found = _computed("%", left, right, rows)
    rests = [
        (abs(Fraction(a)) % abs(Fraction(b))) * (-1 if Fraction(a) < 0 else 1) for a, b in rows
    ]
    assert found == [_rounded(rest, result) for rest in rests]


@given(st.sampled_from(_TYPES), st.sampled_from(_TYPES), st.data())
@settings(max_examples=40, deadline=None)
def test_casts_round_and_overflow_to_null(
    source: t.DecimalType, target: t.DecimalType, data: st.DataObject
) -> None:
    with localcontext() as context:
        context.prec = 90
        values = data.draw(st.lists(_values(source), min_size=1, max_size=4))
    frame = pl.DataFrame({"f0": pl.Series(values, dtype=polars_type(source))})
    cast = resolve_cast(InputRef(source, 0), target)
    found = compile_projection([cast], [source], _SETTINGS).evaluate(frame).to_series().to_list()
    assert found == [_rounded(Fraction(value), target) for value in values]


@pytest.mark.parametrize(
    ("operator", "left", "right", "result"),
    [
        ("+", (10, 2), (5, 3), "DECIMAL(12, 3)"),
        ("+", (38, 18), (38, 18), "DECIMAL(38, 17)"),
        ("-", (38, 0), (38, 18), "DECIMAL(38, 6)"),
        ("*", (10, 2), (5, 3), "DECIMAL(16, 5)"),
        ("*", (38, 18), (38, 18), "DECIMAL(38, 6)"),
        ("/", (10, 2), (10, 0), "DECIMAL(21, 13)"),
        ("/", (38, 18), (10, 0), "DECIMAL(38, 18)"),
        ("%", (5, 2), (10, 4), "DECIMAL(7, 4)"),
    ],
)
def test_the_type_of_a_result_is_flinks(
    operator: str, left: tuple[int, int], right: tuple[int, int], result: str
) -> None:
    args = [InputRef(t.DecimalType(*left), 0), InputRef(t.DecimalType(*right), 1)]
    assert str(resolve_call(operator, args).data_type) == result


def test_halves_round_away_from_zero() -> None:
    assert [round_quotient(n, 2) for n in (1, 3, 5, -1, -3, -5)] == [1, 2, 3, -1, -2, -3]
    unit = Decimal("1")
    assert Decimal("2.5").quantize(unit, ROUND_HALF_UP) == round_quotient(5, 2)


def test_the_rest_of_numbers_without_a_fraction_has_the_type_of_the_second() -> None:
    args = [InputRef(t.DecimalType(38, 0), 0), InputRef(t.IntType(), 1)]
    assert str(resolve_call("%", args).data_type) == "INT"
    assert evaluate("CAST(7 AS DECIMAL(38, 0)) % 2") == 1
