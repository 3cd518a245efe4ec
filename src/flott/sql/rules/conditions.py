"""Small tools for Boolean expressions and column references, used by all rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

from flott.common.logical_types import BigIntType, BooleanType, DataType
from flott.sql.expressions import (
    Call,
    Cast,
    ExistsSubquery,
    Expression,
    InputRef,
    InSubquery,
    Literal,
    OuterRef,
    OverCall,
    ScalarSubquery,
    input_columns,
    transform,
    walk,
)
from flott.sql.logical.nodes import Field

BOOLEAN: Final = BooleanType()
TRUE: Final = Literal(BooleanType(nullable=False), True)
FALSE: Final = Literal(BooleanType(nullable=False), False)

#: Functions that are NULL if an operand is, and so false as a condition.
_STRICT: Final = frozenset(["=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "LIKE"])


def conjuncts(predicate: Expression | None) -> list[Expression]:
    """The conditions that ``predicate`` joins by AND."""
    if predicate is None or predicate == TRUE or _is_true(predicate):
        return []
    if isinstance(predicate, Call) and predicate.function == "AND":
        return [part for arg in predicate.args for part in conjuncts(arg)]
    if isinstance(predicate, Call) and predicate.function == "BETWEEN" and not predicate.settings:
        value, low, high = predicate.args
        if is_simple(value):
            return [_comparison(">=", value, low), _comparison("<=", value, high)]
    return [predicate]


def _comparison(function: str, left: Expression, right: Expression) -> Expression:
    nullable = left.data_type.nullable or right.data_type.nullable
    return Call(BooleanType(nullable=nullable), function, (left, right))


def _is_true(predicate: Expression) -> bool:
    return isinstance(predicate, Literal) and predicate.value is True


def all_of(parts: Iterable[Expression]) -> Expression | None:
    """The parts joined by AND, each once; ``None`` if there are none."""
    every = list(dict.fromkeys(parts))
    if not every:
        return None
    if len(every) == 1:
        return every[0]
    nullable = any(part.data_type.nullable for part in every)
    return Call(BooleanType(nullable=nullable), "AND", tuple(every))


def any_of(*parts: Expression) -> Expression:
    """The parts joined by OR."""
    if len(parts) == 1:
        return parts[0]
    nullable = any(part.data_type.nullable for part in parts)
    return Call(BooleanType(nullable=nullable), "OR", tuple(parts))


def equal(left: Expression, right: Expression) -> Expression:
    """``left = right``."""
    nullable = left.data_type.nullable or right.data_type.nullable
    return Call(BooleanType(nullable=nullable), "=", (left, right))


def same(left: Expression, right: Expression) -> Expression:
    """``left IS NOT DISTINCT FROM right``."""
    if not left.data_type.nullable and not right.data_type.nullable:
        return equal(left, right)
    return Call(BooleanType(nullable=False), "IS NOT DISTINCT FROM", (left, right))


def is_null(arg: Expression) -> Expression:
    """``arg IS NULL``."""
    return Call(BooleanType(nullable=False), "IS NULL", (arg,))


def is_not_null(arg: Expression) -> Expression:
    """``arg IS NOT NULL``."""
    return Call(BooleanType(nullable=False), "IS NOT NULL", (arg,))


def negated(arg: Expression) -> Expression:
    """``NOT arg``."""
    return Call(BooleanType(nullable=arg.data_type.nullable), "NOT", (arg,))


def case(data_type: DataType, *args: Expression) -> Expression:
    """``CASE WHEN args[0] THEN args[1] ... ELSE args[-1] END``."""
    return Call(data_type, "CASE", args)


def bigint(value: int) -> Literal:
    """A whole number."""
    return Literal(BigIntType(nullable=False), value)


def reference(fields: Sequence[Field], index: int, shift: int = 0) -> InputRef:
    """The column at ``index``, as one of an input that begins at ``shift``."""
    return InputRef(fields[index].data_type, index + shift)


def references(fields: Sequence[Field], shift: int = 0) -> tuple[InputRef, ...]:
    """All columns."""
    return tuple(reference(fields, index, shift) for index in range(len(fields)))


def substitute(expression: Expression, columns: Sequence[Expression]) -> Expression:
    """``expression`` over the columns of a projection, as one over the projection's input."""

    def rule(part: Expression) -> Expression:
        return columns[part.index] if isinstance(part, InputRef) else part

    return transform(expression, rule)


def shifted(expression: Expression, by: int) -> Expression:
    """``expression`` with every input column ``by`` further right."""
    return renumbered(expression, lambda index: index + by)


def renumbered(expression: Expression, mapping: Callable[[int], int]) -> Expression:
    """``expression`` with every input column renumbered."""

    def rule(part: Expression) -> Expression:
        if not isinstance(part, InputRef):
            return part
        index = mapping(part.index)
        return part if index == part.index else replace(part, index=index)

    return transform(expression, rule)


def contains(expression: Expression, kinds: type | tuple[type, ...]) -> bool:
    """Whether a part of ``expression`` is one of ``kinds``."""
    return any(isinstance(part, kinds) for part in walk(expression))


def has_subquery(expression: Expression) -> bool:
    """Whether a part of ``expression`` is a sub-query."""
    return contains(expression, (ScalarSubquery, InSubquery, ExistsSubquery))


def has_over(expression: Expression) -> bool:
    """Whether a part of ``expression`` is a call over a window."""
    return contains(expression, OverCall)


def is_correlated(expression: Expression) -> bool:
    """Whether ``expression`` itself refers to a query around it."""
    return contains(expression, OuterRef)


def is_simple(expression: Expression) -> bool:
    """Whether computing ``expression`` again costs nothing."""
    return isinstance(expression, InputRef | Literal)


def rejects_null(predicate: Expression, columns: frozenset[int]) -> bool:
    """Whether a row whose ``columns`` are all NULL cannot satisfy ``predicate``."""
    if isinstance(predicate, Call):
        if predicate.function == "AND":
            return any(rejects_null(arg, columns) for arg in predicate.args)
        if predicate.function == "OR":
            return all(rejects_null(arg, columns) for arg in predicate.args)
        if predicate.function in ("IS NOT NULL", "IS TRUE"):
            return _is_null_with(predicate.args[0], columns)
    return _is_null_with(predicate, columns)


def _is_null_with(expression: Expression, columns: frozenset[int]) -> bool:
    """Whether ``expression`` is NULL (or false) where ``columns`` are."""
    match expression:
        case InputRef():
            return expression.index in columns
        case Cast():
            return _is_null_with(expression.arg, columns)
        case Call() if expression.function in _STRICT:
            return any(_is_null_with(arg, columns) for arg in expression.args)
        case Call(function="IN"):
            return _is_null_with(expression.args[0], columns)
        case Call(function="NOT"):
            return _is_null_with(expression.args[0], columns)
    return False


def uses_only(expression: Expression, first: int, stop: int) -> bool:
    """Whether ``expression`` reads no columns but those from ``first`` up to ``stop``."""
    return all(first <= column < stop for column in input_columns(expression))
