"""How ``print`` writes a record: as PyFlink does, so as Java where a type is declared."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flott.common.typeinfo import PickledBytesTypeInfo, RowTypeInfo, TypeInformation
from flott.datastream.streams.java_text import JavaText

__all__ = ["printer_of"]


def printer_of(type_info: TypeInformation | None) -> Callable[[Any], str]:
    """Return the function that writes records of a declared type, or of none.

    >>> from flott.common import Types
    >>> printer_of(Types.TUPLE([Types.STRING(), Types.BOOLEAN()]))(("a", True))
    '(a,true)'
    >>> printer_of(None)(("a", True))
    "('a', True)"
    """
    if type_info is None or isinstance(type_info, PickledBytesTypeInfo):
        return str
    if isinstance(type_info, RowTypeInfo):
        return _row_text
    return JavaText(type_info)


def _row_text(row: Any) -> str:
    """Write a row with its kind, ``+I[1,a]``; PyFlink does so without asking Java."""
    return f"{row.get_row_kind()}[{','.join([str(field) for field in row])}]"
