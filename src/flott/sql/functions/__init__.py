"""The library of SQL functions: types of calls, and expressions compiled to columns.

``resolve_*`` find functions, check their operands and give the type of the result;
``compile_*`` turn bound expressions into what operators evaluate.
"""

from __future__ import annotations

from collections.abc import Sequence

from flott.common.logical_types import DataType
from flott.core.expression import Predicate, Projection
from flott.sql.expressions import Expression
from flott.sql.functions.aggregates import empty_is_null, is_aggregate, resolve_aggregate
from flott.sql.functions.casting.rules import can_cast_implicitly
from flott.sql.functions.coercion import common_type, comparison_type
from flott.sql.functions.description import traits
from flott.sql.functions.folding import fold_constants, is_deterministic
from flott.sql.functions.names import all_names, suggest
from flott.sql.functions.projection import CompiledPredicate, CompiledProjection
from flott.sql.functions.registry import entries
from flott.sql.functions.resolve import resolve_call, resolve_cast
from flott.sql.functions.settings import EvaluationSettings
from flott.sql.functions.table_functions import (
    is_table_function,
    require_table_function,
    resolve_table_function,
)
from flott.sql.functions.text import expression_text
from flott.sql.functions.windows import is_over_only, resolve_over_call

__all__ = [
    "EvaluationSettings",
    "can_cast_implicitly",
    "common_type",
    "comparison_type",
    "compile_predicate",
    "compile_projection",
    "empty_is_null",
    "expression_text",
    "fold_constants",
    "function_names",
    "is_aggregate",
    "is_deterministic",
    "is_known",
    "is_over_only",
    "is_table_function",
    "require_table_function",
    "resolve_aggregate",
    "resolve_call",
    "resolve_cast",
    "resolve_over_call",
    "resolve_table_function",
    "suggest",
    "traits",
]


def compile_projection(
    expressions: Sequence[Expression],
    input_types: Sequence[DataType],
    settings: EvaluationSettings,
    names: Sequence[str] = (),
) -> Projection:
    """What computes ``expressions`` over columns of ``input_types``, all in one select; errors
    show rows with the ``names`` of these columns."""
    return CompiledProjection(expressions, input_types, settings, names)


def compile_predicate(
    expression: Expression,
    input_types: Sequence[DataType],
    settings: EvaluationSettings,
    names: Sequence[str] = (),
) -> Predicate:
    """What tells for which rows ``expression`` is true; NULL counts as false. Errors show rows
    with the ``names`` of the columns."""
    return CompiledPredicate(expression, input_types, settings, names)


def is_known(name: str) -> bool:
    """Whether there is a function ``name``, of whatever kind."""
    word = name.upper()
    return word in entries() or is_aggregate(word) or is_over_only(word) or is_table_function(word)


def function_names() -> tuple[str, ...]:
    """The names of all functions as SQL calls them."""
    return all_names()
