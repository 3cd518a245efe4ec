"""Types made of other types: rows, tuples, arrays, lists, maps and Python's own record classes.

The types of the parts are checked when the description is made, so that a mistake is reported in
the line that makes it and not by the first record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flott.common.type_information import BasicType, BasicTypeInfo, TypeInformation
from flott.common.types import Row, RowKind

__all__ = [
    "BasicArrayTypeInfo",
    "ExternalTypeInfo",
    "ListTypeInfo",
    "MapTypeInfo",
    "ObjectArrayTypeInfo",
    "PrimitiveArrayTypeInfo",
    "RecordClassTypeInfo",
    "RowTypeInfo",
    "TupleTypeInfo",
]


def _checked(type_info: object, what: str) -> TypeInformation:
    if isinstance(type_info, TypeInformation):
        return type_info
    name = getattr(type_info, "__name__", "")
    hint = f". Did you forget to call it: Types.{name}()?" if name.isupper() else ""
    raise TypeError(f"The {what} must be a TypeInformation, found {type_info!r}{hint}")


def _checked_all(type_infos: Sequence[TypeInformation], what: str) -> list[TypeInformation]:
    if isinstance(type_infos, (str, TypeInformation)) or not isinstance(type_infos, Sequence):
        raise TypeError(f"The {what}s must be a list of TypeInformation, found {type_infos!r}")
    return [_checked(each, f"{what} at position {i}") for i, each in enumerate(type_infos)]


class _ElementTypeInfo(TypeInformation):
    """Shared by the types that hold many values of one type."""

    __slots__ = ("_element_type",)

    def __init__(self, element_type: TypeInformation) -> None:
        self._element_type = _checked(element_type, "element type")

    def _parts(self) -> tuple[Any, ...]:
        return (self._element_type,)

    def _children(self) -> Iterator[TypeInformation]:
        yield self._element_type

    def __repr__(self) -> str:
        return f"{type(self).__name__}<{self._element_type}>"


class PrimitiveArrayTypeInfo(_ElementTypeInfo):
    """Arrays whose elements are never None; with element type BYTE, ``bytes``."""

    __slots__ = ()


class BasicArrayTypeInfo(_ElementTypeInfo):
    """Arrays of a basic type; elements may be None."""

    __slots__ = ()


class ObjectArrayTypeInfo(_ElementTypeInfo):
    """Arrays of any type; elements may be None."""

    __slots__ = ()


class ListTypeInfo(_ElementTypeInfo):
    """Lists of one element type."""

    __slots__ = ()

    @property
    def elem_type(self) -> TypeInformation:
        """The type of the elements."""
        return self._element_type


class MapTypeInfo(TypeInformation):
    """Dicts with keys of one type and values of one type."""

    __slots__ = ("_key_type_info", "_value_type_info")

    def __init__(self, key_type_info: TypeInformation, value_type_info: TypeInformation) -> None:
        self._key_type_info = _checked(key_type_info, "key type")
        self._value_type_info = _checked(value_type_info, "value type")

    def _parts(self) -> tuple[Any, ...]:
        return (self._key_type_info, self._value_type_info)

    def _children(self) -> Iterator[TypeInformation]:
        yield self._key_type_info
        yield self._value_type_info

    def __repr__(self) -> str:
        return f"MapTypeInfo<{self._key_type_info}, {self._value_type_info}>"


class TupleTypeInfo(TypeInformation):
    """Tuples with a fixed number of fields."""

    __slots__ = ("_field_types",)

    def __init__(self, field_types: Sequence[TypeInformation]) -> None:
        self._field_types = _checked_all(field_types, "field type")

    def get_field_types(self) -> list[TypeInformation]:
        """Return the types of the fields, in order."""
        return self._field_types

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, obj: Any) -> Any:
        if obj is None:
            return None
        if not isinstance(obj, (list, tuple, Row)):
            raise ValueError(f"Unexpected value {obj!r} for {self!r}")
        return tuple(f.to_internal_type(v) for f, v in zip(self._field_types, obj, strict=False))

    def from_internal_type(self, obj: Any) -> Any:
        if obj is None or isinstance(obj, (tuple, list)):
            return obj
        return tuple(f.from_internal_type(v) for f, v in zip(self._field_types, obj, strict=False))

    def _parts(self) -> tuple[Any, ...]:
        return tuple(self._field_types)

    def _children(self) -> Iterator[TypeInformation]:
        return iter(self._field_types)

    def __repr__(self) -> str:
        return f"TupleTypeInfo({', '.join(map(str, self._field_types))})"


class RowTypeInfo(TypeInformation):
    """Rows with a fixed number of fields, named or not.

    Two row types are equal if their field types are; names do not count, as in PyFlink.

    >>> RowTypeInfo([BasicTypeInfo.INT_TYPE_INFO()], ["age"])
    RowTypeInfo(age: Integer)
    """

    __slots__ = ("_field_names", "_field_types")

    def __init__(
        self, field_types: Sequence[TypeInformation], field_names: Sequence[str] | None = None
    ) -> None:
        self._field_types = _checked_all(field_types, "field type")
        self._field_names = None if field_names is None else list(field_names)
        if self._field_names is not None:
            _check_names(self._field_names, len(self._field_types))

    def get_field_names(self) -> list[str]:
        """Return the names of the fields; f0, f1, ... where none were given."""
        if self._field_names is None:
            return [f"f{i}" for i in range(len(self._field_types))]
        return self._field_names

    def get_field_index(self, field_name: str) -> int:
        """Return the position of a field; -1 where no names were given.

        Raises:
            ValueError: if no field has this name.
        """
        return self._field_names.index(field_name) if self._field_names else -1

    def get_field_types(self) -> list[TypeInformation]:
        """Return the types of the fields, in order."""
        return self._field_types

    def need_conversion(self) -> bool:
        return True

    def to_internal_type(self, obj: Any) -> Any:
        """Return the number of the row kind, followed by the inner values of the fields.

        Takes a Row, tuple, list, dict or any object with attributes of these names.
        """
        if obj is None:
            return None
        kind = RowKind.INSERT
        if isinstance(obj, dict):
            values: Any = [obj.get(name) for name in self.get_field_names()]
        elif isinstance(obj, Row):
            kind = obj.get_row_kind()
            names = obj._names
            values = obj if names is None else [obj[name] for name in self.get_field_names()]
        elif isinstance(obj, (tuple, list)):
            values = obj
        elif hasattr(obj, "__dict__"):
            values = [obj.__dict__.get(name) for name in self.get_field_names()]
        else:
            raise ValueError(f"Unexpected value {obj!r} for {self!r}")
        fields = (f.to_internal_type(v) for f, v in zip(self._field_types, values, strict=False))
        return (kind.value, *fields)

    def from_internal_type(self, obj: Any) -> Any:
        if obj is None or isinstance(obj, (tuple, list)):
            return obj
        return tuple(f.from_internal_type(v) for f, v in zip(self._field_types, obj, strict=False))

    def _parts(self) -> tuple[Any, ...]:
        return tuple(self._field_types)

    def _children(self) -> Iterator[TypeInformation]:
        return iter(self._field_types)

    def __repr__(self) -> str:
        fields = [str(field_type) for field_type in self._field_types]
        if self._field_names:
            fields = [f"{n}: {t}" for n, t in zip(self._field_names, fields, strict=True)]
        return f"RowTypeInfo({', '.join(fields)})"


class RecordClassTypeInfo(TypeInformation):
    """Instances of a dataclass or NamedTuple; goes beyond PyFlink.

    Args:
        record_class: the class of the values.
        field_names: the names of its fields, in order.
        field_types: their types.
    """

    __slots__ = ("_field_names", "_field_types", "_record_class")

    def __init__(
        self,
        record_class: type,
        field_names: Sequence[str],
        field_types: Sequence[TypeInformation],
    ) -> None:
        self._record_class = record_class
        self._field_types = _checked_all(field_types, "field type")
        self._field_names = list(field_names)
        _check_names(self._field_names, len(self._field_types))

    @property
    def record_class(self) -> type:
        """The class of the values."""
        return self._record_class

    def get_field_names(self) -> list[str]:
        """Return the names of the fields, in order."""
        return self._field_names

    def get_field_types(self) -> list[TypeInformation]:
        """Return the types of the fields, in order."""
        return self._field_types

    def _parts(self) -> tuple[Any, ...]:
        return (self._record_class, tuple(self._field_names), tuple(self._field_types))

    def _children(self) -> Iterator[TypeInformation]:
        return iter(self._field_types)

    def __repr__(self) -> str:
        pairs = zip(self._field_names, self._field_types, strict=True)
        fields = ", ".join(f"{name}: {field_type}" for name, field_type in pairs)
        return f"RecordClassTypeInfo<{self._record_class.__name__}>({fields})"


class ExternalTypeInfo(TypeInformation):
    """A type as the Table API hands it to a DataStream; wraps the type meant."""

    __slots__ = ("_type_info",)

    def __init__(self, type_info: TypeInformation) -> None:
        self._type_info = _checked(type_info, "wrapped type")

    def _parts(self) -> tuple[Any, ...]:
        return (self._type_info,)

    def _children(self) -> Iterator[TypeInformation]:
        yield self._type_info

    def __repr__(self) -> str:
        return f"ExternalTypeInfo<{self._type_info}>"


def _check_names(names: list[str], count: int) -> None:
    if len(names) != count:
        raise ValueError(f"There are {len(names)} field names for {count} field types: {names}")
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"Field names must be strings, found {name!r}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Field names must be unique, found more than once: {', '.join(twice)}")


_PRIMITIVES = frozenset(
    {
        BasicType.BOOLEAN,
        BasicType.BYTE,
        BasicType.SHORT,
        BasicType.INT,
        BasicType.LONG,
        BasicType.FLOAT,
        BasicType.DOUBLE,
        BasicType.CHAR,
    }
)


def check_array_element(element_type: TypeInformation, *, primitive: bool) -> TypeInformation:
    """Refuse element types that Flink has no such array for.

    Raises:
        TypeError: if the element type is not one of the primitive (or basic) types.
    """
    _checked(element_type, "element type")
    allowed = _PRIMITIVES if primitive else _PRIMITIVES | {BasicType.STRING}
    kind = element_type._basic_type if isinstance(element_type, BasicTypeInfo) else None
    if kind not in allowed:
        name = "PRIMITIVE_ARRAY" if primitive else "BASIC_ARRAY"
        raise TypeError(
            f"{name} cannot have elements of type {element_type}. "
            "Use Types.OBJECT_ARRAY or Types.LIST."
        )
    return element_type
