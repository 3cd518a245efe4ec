"""What is known about the records of a stream: their type, and how it came to be known.

A declared type is a promise: operators convert their results to it. A type from a hint is only
shown, since hints are often looser than the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flott.common.composite_types import (
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    RowTypeInfo,
    TupleTypeInfo,
)
from flott.common.state_descriptors import to_type_info
from flott.common.type_inference import return_type_info
from flott.common.typeinfo import TypeInformation, Types

__all__ = ["UNKNOWN", "RecordType", "result_type", "to_declared"]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A type and its origin: ``declared``, ``hint`` or, if nothing is known, ``""``."""

    info: TypeInformation | None
    origin: str

    @property
    def declared(self) -> TypeInformation | None:
        """The type if the program declared it."""
        return self.info if self.origin == "declared" else None

    @property
    def shown(self) -> TypeInformation:
        """The type as PyFlink would name it: pickled where nothing is known, each field named."""
        return Types.PICKLED_BYTE_ARRAY() if self.info is None else _with_field_names(self.info)


UNKNOWN: Final = RecordType(None, "")


def _with_field_names(info: TypeInformation) -> TypeInformation:
    """Return the type with the names f0, f1, ... in rows that were declared without names."""
    if isinstance(info, RowTypeInfo):
        return RowTypeInfo(
            [*map(_with_field_names, info.get_field_types())], info.get_field_names()
        )
    if isinstance(info, TupleTypeInfo):
        return TupleTypeInfo([*map(_with_field_names, info.get_field_types())])
    if isinstance(info, (ListTypeInfo, ObjectArrayTypeInfo, MapTypeInfo)):
        return type(info)(*map(_with_field_names, info._children()))
    return info


def to_declared(output_type: Any) -> TypeInformation | None:
    """Return the type information meant by an ``output_type`` argument.

    Args:
        output_type: a TypeInformation, a Python type, a list of field types for a row, or None.

    Raises:
        TypeError: if it is something else.

    >>> to_declared([Types.INT(), Types.STRING()])
    RowTypeInfo(Integer, String)
    """
    if output_type is None:
        return None
    return RowTypeInfo(output_type) if isinstance(output_type, list) else to_type_info(output_type)


def result_type(
    output_type: Any, function: Any, method: str, *, of_elements: bool = False
) -> RecordType:
    """Return the type of a function's results: as declared, else as its annotation says.

    Args:
        output_type: what the program declared, or None.
        function: a callable, or an object with ``method``.
        method: the method that gives the results.
        of_elements: whether it gives an iterable of them.
    """
    declared = to_declared(output_type)
    if declared is not None:
        return RecordType(declared, "declared")
    hinted = return_type_info(getattr(function, method, function), of_elements=of_elements)
    return UNKNOWN if hinted is None else RecordType(hinted, "hint")
