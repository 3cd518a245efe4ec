"""Functions of columns give what they give of constants, and NULL does not break them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from flott.common import logical_types as t
from flott.common.physical_types import polars_type
from flott.common.sql_errors import SqlValidationError
from flott.sql.expressions import Call, Expression, InputRef, Literal, transform
from flott.sql.functions import compile_projection, is_deterministic
from flott.sql.functions.calls.literals import column_value
from flott.sql.functions.registry import entries
from flott.sql.logical.nodes import Project
from tests.sql.binder.catalogs import bind, session_with
from tests.sql.functions.evaluation import BATCH, plain, same


def _examples() -> Iterator[Any]:
    for entry in {id(entry): entry for entry in entries().values()}.values():
        for text, expected in entry.examples:
            if not any(name in text for name in ("RAND", "UUID", "TYPEOF")):
                yield pytest.param(text, expected, id=f"{entry.name}: {text}")


def _lifted(expression: Expression) -> tuple[Expression, list[Literal]]:
    """The expression over columns in the place of its constants."""
    constants: list[Literal] = []

    def rule(part: Expression) -> Expression:
        if not isinstance(part, Literal) or isinstance(part.data_type, t.NullType):
            return part
        constants.append(part)
        return InputRef(part.data_type.nullable_(), len(constants) - 1)

    return transform(expression, rule), constants


@pytest.mark.parametrize(("text", "expected"), list(_examples()))
def test_columns_give_what_constants_give(text: str, expected: Any) -> None:
    node = bind(f"SELECT {text}", session_with(is_streaming=False))
    assert isinstance(node, Project)
    expression, constants = _lifted(node.expressions[0])
    if not is_deterministic(expression) and isinstance(expression, Call) and not expression.args:
        pytest.skip("a function without operands")
    frame = pl.DataFrame(
        {
            f"f{index}": pl.Series(
                [column_value(each.value, each.data_type), None] * 2,
                dtype=polars_type(each.data_type),
            )
            for index, each in enumerate(constants)
        }
    )
    if frame.width == 0:
        pytest.skip("an example without constants")
    types = [each.data_type.nullable_() for each in constants]
    try:
        projection = compile_projection([expression], types, BATCH)
        result = projection.evaluate(frame)
    except SqlValidationError as error:
        pytest.skip(f"needs a constant: {error}")
    values = plain(result.to_series(), expression.data_type)
    assert len(values) == 4
    assert same(values[0], expected), f"{text} over columns gives {values[0]!r}"
    assert same(values[2], values[0])
    assert values[1] == values[3]
    assert projection.evaluate(frame.head(0)).height == 0
    one = projection.evaluate(frame.head(1)).to_series()
    assert same(plain(one, expression.data_type)[0], values[0])
    assert one.dtype == polars_type(expression.data_type)
