"""Constants folded: calls of constants computed while planning."""

from __future__ import annotations

import polars as pl
from polars.exceptions import PolarsError

from flott.common.errors import FlottError
from flott.sql.expressions import Call, Cast, Expression, Literal, transform, walk
from flott.sql.functions.calls.literals import literal_value
from flott.sql.functions.projection import CompiledProjection
from flott.sql.functions.registry import entries
from flott.sql.functions.settings import EvaluationSettings

_ONE_ROW = pl.DataFrame({"__row": [0]})


def is_deterministic(expression: Expression) -> bool:
    """Whether equal input gives an equal value, always."""
    known = entries()
    for part in walk(expression):
        if isinstance(part, Call):
            entry = known.get(part.function)
            if entry is None or not entry.is_deterministic:
                return False
    return True


def fold_constants(expression: Expression, settings: EvaluationSettings) -> Expression:
    """``expression`` with every part that is constant computed.

    A part that fails stays as it is: it fails when a row needs it.
    """

    def rule(part: Expression) -> Expression:
        if not isinstance(part, (Call, Cast)):
            return part
        args = part.args if isinstance(part, Call) else (part.arg,)
        if not all(isinstance(arg, Literal) for arg in args) or not is_deterministic(part):
            return part
        if isinstance(part, Call) and not entries()[part.function].is_folded:
            return part
        return _folded(part, settings)

    return transform(expression, rule)


def _folded(part: Expression, settings: EvaluationSettings) -> Expression:
    try:
        column = CompiledProjection((part,), (), settings).evaluate(_ONE_ROW).to_series()
        return Literal(part.data_type, literal_value(column, part.data_type))
    except (FlottError, PolarsError, ValueError, OverflowError):
        return part
