"""Comparisons of values of different types, as Flink casts or refuses them."""

from __future__ import annotations

import pytest

from flott.common.sql_errors import RecordError, SqlValidationError
from tests.sql.functions.evaluation import evaluate


@pytest.mark.parametrize(
    "expression",
    [
        "1 = '1'",
        "1 <> '1'",
        "1 IS DISTINCT FROM '1'",
        "NULLIF('a', 1)",
        "CASE '5' WHEN 5 THEN 1 END",
    ],
)
def test_a_number_is_not_compared_with_a_string(expression: str) -> None:
    with pytest.raises(SqlValidationError, match="implicit type conversion"):
        evaluate(expression)


@pytest.mark.parametrize("expression", ["2 > '1'", "5 IN ('5')", "'5' BETWEEN 1 AND 10"])
def test_other_comparisons_cast_the_string(expression: str) -> None:
    assert evaluate(expression) is True


def test_a_string_that_is_no_moment_equals_none() -> None:
    assert evaluate("NULLIF('nope', 'x') = DATE '2024-01-01'") is None
    assert evaluate("CONCAT('no', 'pe') = DATE '2024-01-01'") is False


def test_a_constant_that_is_no_moment_fails() -> None:
    with pytest.raises(RecordError):
        evaluate("DATE '2024-01-01' = 'nope'")


def test_a_string_equals_no_truth() -> None:
    assert evaluate("TRUE = 'TRUE'") is False


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("CAST('NaN' AS DOUBLE) = CAST(NULL AS DOUBLE)", None),
        ("CAST('NaN' AS DOUBLE) <> CAST(NULL AS DOUBLE)", None),
        ("CAST(NULL AS DOUBLE) < CAST('NaN' AS DOUBLE)", None),
        ("CAST('NaN' AS DOUBLE) IS DISTINCT FROM CAST('NaN' AS DOUBLE)", True),
    ],
)
def test_nan_beside_others(expression: str, expected: bool | None) -> None:
    assert evaluate(expression) is expected


def test_candidates_have_one_type() -> None:
    with pytest.raises(SqlValidationError, match="compatible types"):
        evaluate("1 IN (1, 'a')")
