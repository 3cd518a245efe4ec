"""Look into bound filters without knowing their classes, which belong to the SQL engine above.

A bound expression tells its class by name; a call has a ``function`` and ``args``, an input
reference an ``index``, a literal a ``value``.
"""

from __future__ import annotations

from typing import Any


def column_values(conjunct: Any, index: int) -> frozenset[Any] | None:
    """The values to which a conjunct restricts the column at ``index``.

    ``None`` if it is of another form than ``column = literal``, several of them joined by OR, or
    ``column IN (literals)``.
    """
    if type(conjunct).__name__ != "Call":
        return None
    args = conjunct.args
    if conjunct.function == "OR":
        parts = [column_values(part, index) for part in args]
        if any(part is None for part in parts):
            return None
        return frozenset().union(*(part for part in parts if part is not None))
    if conjunct.function == "IN" and _is_column(args[0], index):
        return _literals(args[1:])
    if conjunct.function == "=" and len(args) == 2:
        for column, literal in (args, args[::-1]):
            if _is_column(column, index):
                return _literals([literal])
    return None


def _is_column(expression: Any, index: int) -> bool:
    return type(expression).__name__ == "InputRef" and expression.index == index


def _literals(expressions: Any) -> frozenset[Any] | None:
    if any(type(each).__name__ != "Literal" or each.value is None for each in expressions):
        return None
    return frozenset(each.value for each in expressions)
