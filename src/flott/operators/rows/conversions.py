"""Conversions of results to a declared type; of rows by a kernel, which is many times faster.

The kernel lets pass what is right, names rows that have no names yet, and brings fields into the
declared order. A row with a value that must become another one goes through the conversion itself,
as does anything that is not a row.
"""

from __future__ import annotations

from typing import Any

from flott.common.conversion import Conversion
from flott.common.errors import TypeMismatchError
from flott.common.state_descriptors import to_type_info
from flott.common.type_conversion import conversion_for
from flott.common.types import Row, RowKind
from flott.kernels.rows import RowClass, RowForm

__all__ = ["conversion_of"]

_Field = tuple[type | None, Any, int | None, int | None]


def conversion_of(output_type: Any) -> Conversion | None:
    """Return the conversion to a declared type; None if every object passes."""
    if output_type is None:
        return None
    conversion = conversion_for(to_type_info(output_type))
    if conversion is None or conversion.row is None:
        return conversion
    return _RowConversion(conversion)


class _RowConversion(Conversion):
    """The conversion of a row type, done by the kernel as far as it can."""

    __slots__ = ("_form", "_slow")

    def __init__(self, slow: Conversion) -> None:
        assert slow.row is not None, "a conversion of rows"
        names, fields = slow.row
        self._slow = slow
        self._form = RowForm(
            RowClass(Row, RowKind.INSERT), names, list(map(_describe, fields)), slow.convert
        )
        super().__init__(slow.type_info, Row, self._form.convert, check=slow.check, row=slow.row)

    def convert_batch(self, values: list[Any]) -> list[Any]:
        try:
            return self._form.convert_all(values)
        except TypeMismatchError:
            return self._slow.convert_batch(values)  # says which one it is


def _describe(field: Conversion | None) -> _Field:
    if field is None:
        return None, None, None, None
    if field.bounds is not None:
        return field.usual, None, *field.bounds
    return field.usual, field.check, None, None
