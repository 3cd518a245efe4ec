"""A constant compared with a conditional gives each row its value, on whichever side it stands."""

import polars as pl
import pytest

from flott.common.logical_types import BigIntType
from flott.sql.expressions import InputRef, Literal
from flott.sql.functions import compile_projection, resolve_call
from flott.sql.functions.settings import EvaluationSettings


@pytest.mark.parametrize("operator", ["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM"])
def test_each_row_has_a_result(operator: str) -> None:
    column, zero = InputRef(BigIntType(), 0), Literal(BigIntType(nullable=False), 0)
    filled = resolve_call("COALESCE", [column, zero])
    calls = [resolve_call(operator, pair) for pair in ([zero, filled], [filled, zero])]
    frame = pl.DataFrame({"f0": pl.Series([None, None, None], dtype=pl.Int64())})
    projection = compile_projection(calls, [BigIntType()], EvaluationSettings())
    assert projection.evaluate(frame).height == 3
