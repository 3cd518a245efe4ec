"""Filters that restrict a column to some values are recognised, and no others."""

from __future__ import annotations

import pytest

from flott.common.logical_types import BigIntType, BooleanType
from flott.connectors.tables.conjuncts import column_values
from flott.sql.expressions import Call, Expression, InputRef, Literal

A, B = (InputRef(BigIntType(), index) for index in range(2))


def literal(value: int | None) -> Literal:
    return Literal(BigIntType(), value)


def call(function: str, *args: Expression) -> Call:
    return Call(BooleanType(), function, args)


IS_ONE = call("=", A, literal(1))


@pytest.mark.parametrize(
    ("conjunct", "expected"),
    [
        (IS_ONE, {1}),
        (call("=", literal(1), A), {1}),
        (call("IN", A, literal(1), literal(2)), {1, 2}),
        (call("OR", IS_ONE, call("IN", A, literal(3), literal(4))), {1, 3, 4}),
    ],
)
def test_values_are_found(conjunct: Expression, expected: set[int]) -> None:
    assert column_values(conjunct, 0) == expected


@pytest.mark.parametrize(
    "conjunct",
    [
        A,
        call(">", A, literal(1)),
        call("=", B, literal(1)),
        call("=", A, B),
        call("=", A, literal(None)),
        call("IN", A, literal(1), B),
        call("OR", IS_ONE, call("=", B, literal(1))),
    ],
)
def test_other_filters_are_left_alone(conjunct: Expression) -> None:
    assert column_values(conjunct, 0) is None
