"""Conditions on partition columns, decided by the names of folders: files that cannot have rows
that are asked for are not read.

Conditions are bound expressions, whose classes belong to the SQL engine above: they tell their
class by name; a call has a ``function`` and ``args``, an input reference an ``index``, a literal a
``value``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flott.common.logical_types import (
    BooleanType,
    DataType,
    DateType,
    IntegralType,
    VarCharType,
)

_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_LOGIC: Final = frozenset(("AND", "OR", "NOT", "IN", "IS NULL"))
#: Types whose values compare in Python as they do in SQL.
_TYPES: Final = (BooleanType, DateType, IntegralType, VarCharType)


@dataclass(frozen=True)
class PartitionFilter:
    """A condition that the partition columns decide.

    Attributes:
        condition: The bound expression.
        columns: Name of each partition column by its index in the expression.
    """

    condition: Any
    columns: Mapping[int, str]

    def accepts(self, values: Mapping[str, Any]) -> bool:
        """Whether the rows of a partition are asked for.

        Args:
            values: The partition columns by name.
        """
        return _value(self.condition, {i: values[name] for i, name in self.columns.items()}) is True


def partition_filter(condition: Any, columns: Mapping[int, str]) -> PartitionFilter | None:
    """The condition as one on ``columns``; ``None`` if they do not decide it alone."""
    used: dict[int, str] = {}
    return PartitionFilter(condition, used) if _is_decided(condition, columns, used) else None


def _is_decided(part: Any, columns: Mapping[int, str], used: dict[int, str]) -> bool:
    kind = type(part).__name__
    data_type: DataType = part.data_type
    if not isinstance(data_type, _TYPES):
        return False
    if kind == "Literal":
        return True
    if kind == "InputRef" and part.index in columns:
        used[part.index] = columns[part.index]
        return True
    if kind != "Call" or not (part.function in _COMPARE or part.function in _LOGIC):
        return False
    return all(_is_decided(each, columns, used) for each in part.args)


def _value(part: Any, values: Mapping[int, Any]) -> Any:
    """The value of an expression that is decided; ``None`` is NULL."""
    kind = type(part).__name__
    if kind == "Literal":
        return part.value
    if kind == "InputRef":
        return values[part.index]
    args = [_value(each, values) for each in part.args]
    match part.function:
        case "AND":
            return False if False in args else (None if None in args else True)
        case "OR":
            return True if True in args else (None if None in args else False)
        case "NOT":
            return None if args[0] is None else not args[0]
        case "IS NULL":
            return args[0] is None
        case "IN":
            return _among(args[0], args[1:])
    return None if None in args else _COMPARE[part.function](*args)


def _among(value: Any, candidates: list[Any]) -> bool | None:
    if value is None:
        return None
    if value in candidates:
        return True
    return None if None in candidates else False
