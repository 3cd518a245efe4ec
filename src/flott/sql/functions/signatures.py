"""Signatures in a few words: what kinds of operands a function takes and what it gives.

``signature(TEXT, INTEGER, returns=STRING)`` is an ``Inference``. Operands of a kind are cast to
the type the function computes with; the result is nullable if an operand is, unless told else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from flott.common import logical_types as t
from flott.sql.functions.entry import Arguments, Inference, Resolution

Returns = t.DataType | Callable[[Arguments], t.DataType | None]

BOOLEAN: Final = t.BooleanType()
INT: Final = t.IntType()
BIGINT: Final = t.BigIntType()
DOUBLE: Final = t.DoubleType()
STRING: Final = t.STRING
BYTES: Final = t.BYTES
DATE: Final = t.DateType()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of operand.

    Attributes:
        text: Its name in messages.
        fit: The type an operand is cast to; ``None`` if it is of another kind.
    """

    text: str
    fit: Callable[[t.DataType], t.DataType | None]


def among(text: str, *classes: type[t.DataType], null: t.DataType) -> Kind:
    """Operands of one of ``classes`` as they are; a bare NULL becomes ``null``."""

    def fit(given: t.DataType) -> t.DataType | None:
        if isinstance(given, classes):
            return given
        return null if isinstance(given, t.NullType) else None

    return Kind(text, fit)


def to(text: str, target: t.DataType, *classes: type[t.DataType]) -> Kind:
    """Operands of one of ``classes``, cast to ``target``."""

    def fit(given: t.DataType) -> t.DataType | None:
        if isinstance(given, (*classes, t.NullType)):
            return target.with_nullable(given.nullable)
        return None

    return Kind(text, fit)


NUMBER: Final = among("number", t.NumericType, null=DOUBLE)
AS_DOUBLE: Final = to("number", DOUBLE, t.NumericType)
AS_INT: Final = to("INT", INT, t.IntegralType)
AS_BIGINT: Final = to("BIGINT", BIGINT, t.IntegralType)
TEXT: Final = among("string", t.CharType, t.VarCharType, null=STRING)
BINARY: Final = among("bytes", t.BinaryType, t.VarBinaryType, null=BYTES)
TRUTH: Final = among("BOOLEAN", t.BooleanType, null=BOOLEAN)
DAY: Final = among("DATE", t.DateType, null=DATE)
TIMESTAMP: Final = among("TIMESTAMP", t.TimestampType, null=t.TimestampType(3))
ARRAY: Final = among("ARRAY", t.ArrayType, null=t.ArrayType(INT))
MAP: Final = among("MAP", t.MapType, null=t.MapType(STRING, STRING))
ANY: Final = Kind("anything", lambda given: given)


def signature(
    *kinds: Kind,
    returns: Returns,
    optional: Sequence[Kind] = (),
    rest: Kind | None = None,
    nullable: bool | None = None,
) -> Inference:
    """An inference by position.

    Args:
        kinds: The operands that must be there.
        returns: The type of the result, or a function of the call.
        optional: Operands that may follow.
        rest: What any further operands are.
        nullable: Whether the result may be NULL; ``None``: if an operand may be.
    """
    known = (*kinds, *optional)

    def infer(call: Arguments) -> Resolution | None:
        count = len(call)
        if count < len(kinds) or (count > len(known) and rest is None):
            return None
        fitted: list[t.DataType] = []
        for index, given in enumerate(call.types):
            kind = known[index] if index < len(known) else rest
            assert kind is not None
            target = kind.fit(given)
            if target is None:
                return None
            fitted.append(target)
        result = returns if isinstance(returns, t.DataType) else returns(call)
        if result is None:
            return None
        may_be_null = call.any_nullable() if nullable is None else nullable
        return Resolution(result.with_nullable(may_be_null), tuple(fitted))

    return infer


def takes(*kinds: Kind, optional: Sequence[Kind] = (), rest: Kind | None = None) -> str:
    """The operands of a signature as text."""
    parts = [kind.text for kind in kinds] + [f"[{kind.text}]" for kind in optional]
    return ", ".join(parts + ([f"{rest.text} ..."] if rest else []))


def first_of(*inferences: Inference) -> Inference:
    """The first inference whose operands fit."""

    def infer(call: Arguments) -> Resolution | None:
        for each in inferences:
            found = each(call)
            if found is not None:
                return found
        return None

    return infer


def same_as(index: int) -> Callable[[Arguments], t.DataType]:
    """The type of the operand at ``index``."""
    return lambda call: call.types[index]
