"""Bound expressions as SQL text, for messages and plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.sql.expressions import Call, Cast, Expression, InputRef, Literal, OuterRef

_INFIX = frozenset(
    (
        *("+", "-", "*", "/", "%", "=", "<>", "<", "<=", ">", ">=", "AND", "OR", "LIKE", "||"),
        *("IS DISTINCT FROM", "IS NOT DISTINCT FROM", "SIMILAR TO"),
    )
)
_POSTFIX = frozenset(
    f"IS {word}{test}" for word in ("", "NOT ") for test in ("NULL", "TRUE", "FALSE", "UNKNOWN")
)


def expression_text(expression: Expression, column: Callable[[int], str] | None = None) -> str:
    """``expression`` as SQL text: as the user wrote it where that is known.

    Args:
        expression: Any bound scalar expression.
        column: Gives the name of an input column; then the text is made from the expression.
    """
    name = column or (lambda index: f"${index}")
    match expression:
        case InputRef():
            return name(expression.index)
        case OuterRef():
            return f"outer ${expression.index}"
        case Literal():
            return literal_text(expression.value)
        case Cast() | Call() if column is None and expression.origin:
            return expression.origin
        case Cast():
            word = "TRY_CAST" if expression.is_try else "CAST"
            return f"{word}({expression_text(expression.arg, column)} AS {expression.data_type})"
        case Call():
            return _call_text(expression, column)
    return type(expression).__name__


def _call_text(call: Call, column: Callable[[int], str] | None) -> str:
    parts = [expression_text(arg, column) for arg in call.args]
    function = call.function
    if function in _INFIX and len(parts) >= 2:
        return f"({f' {function} '.join(parts)})"
    if function in _POSTFIX:
        return f"{parts[0]} {function}"
    if function in ("NOT", "-", "+") and len(parts) == 1:
        return f"{'NOT ' if function == 'NOT' else function}{parts[0]}"
    if function == "CASE":
        whens = [f"WHEN {a} THEN {b}" for a, b in zip(parts[::2], parts[1::2], strict=False)]
        rest = f" ELSE {parts[-1]}" if len(parts) % 2 else ""
        return f"CASE {' '.join(whens)}{rest} END"
    if function == "ITEM":
        return f"{parts[0]}[{parts[1]}]"
    if function == "FIELD":
        return f"{parts[0]}.{dict(call.settings)['name']}"
    words = [f"{key} {value}" for key, value in call.settings]
    return f"{function}({', '.join(parts)}{' ' if words else ''}{' '.join(words)})"


def literal_text(value: Any) -> str:
    """A constant as SQL text."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, bytes):
        return f"x'{value.hex()}'"
    return str(value)
