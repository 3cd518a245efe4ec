"""Constants folded while planning, and expressions as text."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from flott.common import logical_types as t
from flott.sql.expressions import Call, Cast, InputRef, Literal
from flott.sql.functions import (
    EvaluationSettings,
    expression_text,
    fold_constants,
    is_deterministic,
    resolve_call,
    resolve_cast,
)
from flott.sql.functions.text import literal_text
from flott.sql.logical.nodes import Project
from tests.sql.binder.catalogs import bind, session_with

_SETTINGS = EvaluationSettings()
_X = InputRef(t.IntType(), 0)


def _int(value: int) -> Literal:
    return Literal(t.IntType(nullable=False), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2", 3),
        ("1.5 * 2", Decimal("3.0")),
        ("CAST('2024-01-01' AS DATE)", date(2024, 1, 1)),
        ("CAST('2024-01-01 00:00:00' AS TIMESTAMP(3))", datetime(2024, 1, 1)),
        ("CAST('1970-01-01 00:00:01' AS TIMESTAMP(9))", 10**9),
        ("ARRAY[1, 2]", (1, 2)),
        ("MAP['a', 1]", (("a", 1),)),
        ("ROW(1, 'a')", (1, "a")),
        ("ARRAY[ROW(1, ARRAY[2])]", ((1, (2,)),)),
        ("CAST(NULL AS INT) + 1", None),
        ("x'ff'", b"\xff"),
    ],
)
def test_a_constant_becomes_a_literal(text: str, value: Any) -> None:
    node = bind(f"SELECT {text}", session_with(is_streaming=False))
    assert isinstance(node, Project)
    folded = fold_constants(node.expressions[0], _SETTINGS)
    assert isinstance(folded, Literal)
    assert folded.value == value
    assert folded.data_type == node.expressions[0].data_type


def test_what_fails_is_left_for_the_row_that_needs_it() -> None:
    division = resolve_call("/", [_int(1), _int(0)])
    assert fold_constants(division, _SETTINGS) is division


def test_constant_parts_of_an_expression_are_folded() -> None:
    sum_of_three = resolve_call("+", [_X, resolve_call("+", [_int(1), _int(2)])])
    folded = fold_constants(sum_of_three, _SETTINGS)
    assert isinstance(folded, Call)
    assert folded.args == (_X, Literal(t.IntType(nullable=False), 3))


@pytest.mark.parametrize("name", ["RAND", "UUID", "NOW", "CURRENT_DATE", "PROCTIME"])
def test_what_may_differ_is_not_folded(name: str) -> None:
    call = resolve_call(name, [])
    assert not is_deterministic(call)
    assert fold_constants(call, _SETTINGS) is call


def test_an_expression_is_deterministic_if_all_its_parts_are() -> None:
    assert is_deterministic(resolve_call("+", [_X, _int(1)]))
    assert not is_deterministic(resolve_call("+", [_X, resolve_call("RAND_INTEGER", [_int(3)])]))


def test_expressions_have_a_text() -> None:
    case = resolve_call("CASE", [resolve_call("=", [_X, _int(1)]), _int(2), _int(3)])
    names = ["x"].__getitem__
    assert expression_text(case, names) == "CASE WHEN (x = 1) THEN 2 ELSE 3 END"
    assert expression_text(resolve_call("-", [_X]), names) == "-x"
    assert expression_text(resolve_call("IS NULL", [_X]), names) == "x IS NULL"
    assert expression_text(resolve_call("ABS", [_X]), names) == "ABS(x)"
    assert expression_text(resolve_cast(_X, t.STRING), names) == "CAST(x AS STRING)"
    tried = Cast(t.IntType(), InputRef(t.STRING, 0), is_try=True, origin="TRY_CAST(s AS INT)")
    assert expression_text(tried) == "TRY_CAST(s AS INT)"


def test_literals_have_a_text() -> None:
    texts = [literal_text(value) for value in (None, True, "it's", b"\x01", 1.5, date(2024, 1, 1))]
    assert texts == ["NULL", "TRUE", "'it''s'", "x'01'", "1.5", "2024-01-01"]
