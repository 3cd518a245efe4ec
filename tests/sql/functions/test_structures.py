"""Rows with the name of a class."""

from __future__ import annotations

import pytest

from flott.common.sql_errors import SqlValidationError
from tests.sql.functions.evaluation import evaluate, type_of

_ITEM = "OBJECT_OF('shop.Item', 'id', 7, 'name', 'x')"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (_ITEM, [7, "x"]),
        (f"{_ITEM}.name", "x"),
        (f"CAST({_ITEM} AS STRING)", "(id=7, name=x)"),
        (f"CAST({_ITEM} AS ROW<a BIGINT, b STRING>).a", 7),
        (f"JSON_STRING({_ITEM})", '{"id":7,"name":"x"}'),
        (f"OBJECT_UPDATE({_ITEM}, 'name', 2.5)", [7, "2.5"]),
        ("CAST(ROW(1) AS STRUCTURED<'shop.Item', id INT>).id", 1),
    ],
)
def test_structures_have_values(expression: str, value: object) -> None:
    assert evaluate(expression) == value


def test_a_changed_field_has_the_type_of_its_value() -> None:
    assert type_of(_ITEM) == ("STRUCTURED<'shop.Item', `id` INT NOT NULL, `name` CHAR(1) NOT NULL>")
    assert type_of(f"OBJECT_UPDATE({_ITEM}, 'name', TRUE)") == (
        "STRUCTURED<'shop.Item', `id` INT NOT NULL, `name` BOOLEAN NOT NULL>"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "OBJECT_OF('no name', 'x', 1)",
        "OBJECT_OF('a.B', 'x')",
        "OBJECT_OF('a.B', 'x', 1, 'x', 2)",
        f"OBJECT_UPDATE({_ITEM}, 'price', 1)",
        "OBJECT_UPDATE(ROW(1), 'x', 2)",
        f"IF(TRUE, {_ITEM}, OBJECT_OF('shop.Other', 'id', 7, 'name', 'x'))",
    ],
)
def test_what_is_no_structure_is_refused(expression: str) -> None:
    with pytest.raises(SqlValidationError):
        evaluate(expression)
