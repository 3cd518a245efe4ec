"""How ``print`` writes a record: as PyFlink does, so as Java where a type is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.typeinfo import (
    BasicArrayTypeInfo,
    BasicTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
    RowTypeInfo,
    TupleTypeInfo,
    TypeInformation,
    Types,
)
from flott.common.types import Row

__all__ = ["printer_of"]

#: Types whose values are Java objects in PyFlink, printed by Java.
_JAVA_TYPES = (
    BasicTypeInfo,
    TupleTypeInfo,
    MapTypeInfo,
    ListTypeInfo,
    PrimitiveArrayTypeInfo,
    BasicArrayTypeInfo,
    ObjectArrayTypeInfo,
)


def printer_of(type_info: TypeInformation | None) -> Callable[[Any], str]:
    """Give the function that writes records of a declared type, or of none.

    >>> printer_of(Types.TUPLE([Types.STRING(), Types.BOOLEAN()]))(("a", True))
    '(a,true)'
    >>> printer_of(None)(("a", True))
    "('a', True)"
    """
    if isinstance(type_info, RowTypeInfo):
        return _print_row
    if isinstance(type_info, _JAVA_TYPES):
        return str if type_info == Types.STRING() else _print_plain
    return str


def _print_row(row: Any) -> str:
    """Write a row with its kind: ``+I[1,a]``."""
    if not isinstance(row, Row):
        return _print_plain(row)
    return f"{row.get_row_kind()}[{','.join([str(field) for field in row])}]"


def _print_plain(value: Any) -> str:
    """Write a value as Java's ``toString`` would."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"({','.join(map(_print_plain, value))})"
    if isinstance(value, list):
        return f"[{', '.join(map(_print_plain, value))}]"
    if isinstance(value, dict):
        entries = (f"{_print_plain(key)}={_print_plain(each)}" for key, each in value.items())
        return f"{{{', '.join(entries)}}}"
    return _print_row(value) if isinstance(value, Row) else str(value)
