"""From a declared type to the function that brings values into its form.

When a type is declared, values take its form at the boundary of an operator: a positional Row gets
the declared field names, a Row with keyword arguments the declared order, a list becomes the tuple,
an int the float, a double is rounded to a float. What does not fit is an error that shows the way
from the record to the value. Types that accept everything have no conversion at all.

The functions are put together once from the description, so that nothing is looked up per record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flott.common.basic_conversions import (
    basic_conversion,
    bytes_conversion,
    date_conversion,
    time_conversion,
    timestamp_conversion,
)
from flott.common.composite_types import (
    BasicArrayTypeInfo,
    ExternalTypeInfo,
    ListTypeInfo,
    MapTypeInfo,
    ObjectArrayTypeInfo,
    PrimitiveArrayTypeInfo,
    RecordClassTypeInfo,
    RowTypeInfo,
    TupleTypeInfo,
)
from flott.common.conversion import Conversion, refuse
from flott.common.errors import TypeMismatchError
from flott.common.temporal_types import (
    DateTypeInfo,
    LocalTimeTypeInfo,
    TimestampTypeInfo,
    TimeTypeInfo,
)
from flott.common.type_information import BasicType, BasicTypeInfo, TypeInformation
from flott.common.types import Row, RowKind

__all__ = ["Conversion", "conversion_for"]

_NONE = type(None)
_MISSING = object()

#: Rows of a stream have few different orders of names; this bounds a program that makes up many.
_PICKERS_MAX = 64


def conversion_for(type_info: TypeInformation | None) -> Conversion | None:
    """Return the conversion to a declared type; None if every object passes.

    >>> from flott.common import Types
    >>> conversion_for(Types.TUPLE([Types.LONG(), Types.DOUBLE()])).convert([1, 2])
    (1, 2.0)
    >>> person = Types.ROW_NAMED(["id", "name"], [Types.LONG(), Types.STRING()])
    >>> conversion_for(person).convert((7, "a"))
    Row(id=7, name='a')
    >>> conversion_for(Types.LIST(Types.STRING())).convert(["a", 1])
    Traceback (most recent call last):
        ...
    flott.common.errors.TypeMismatchError: [1]: declared as String, found int 1
    >>> conversion_for(Types.PICKLED_BYTE_ARRAY()) is None
    True
    """
    if isinstance(type_info, BasicTypeInfo):
        return basic_conversion(type_info, type_info._basic_type)
    if isinstance(type_info, ExternalTypeInfo):
        return conversion_for(type_info._type_info)
    if isinstance(type_info, RowTypeInfo):
        return _row_conversion(type_info)
    if isinstance(type_info, TupleTypeInfo):
        return _tuple_conversion(type_info)
    if isinstance(type_info, PrimitiveArrayTypeInfo):
        element = type_info._element_type
        if isinstance(element, BasicTypeInfo) and element._basic_type is BasicType.BYTE:
            return bytes_conversion(type_info)
        return _list_conversion(type_info, element, none_allowed=False)
    if isinstance(type_info, (ListTypeInfo, BasicArrayTypeInfo, ObjectArrayTypeInfo)):
        return _list_conversion(type_info, type_info._element_type, none_allowed=True)
    if isinstance(type_info, MapTypeInfo):
        return _map_conversion(type_info)
    if isinstance(type_info, RecordClassTypeInfo):
        return _record_conversion(type_info)
    return _temporal_conversion(type_info)


def _temporal_conversion(type_info: TypeInformation | None) -> Conversion | None:
    kind = type_info._time_type.name if isinstance(type_info, LocalTimeTypeInfo) else ""
    if isinstance(type_info, DateTypeInfo) or kind == "LOCAL_DATE":
        return date_conversion(type_info)  # type: ignore[arg-type]
    if isinstance(type_info, TimeTypeInfo) or kind == "LOCAL_TIME":
        return time_conversion(type_info)  # type: ignore[arg-type]
    if isinstance(type_info, TimestampTypeInfo) or kind == "LOCAL_DATE_TIME":
        return timestamp_conversion(type_info)  # type: ignore[arg-type]
    return None


class _Fields:
    """The fields of a tuple or row: check them all at once, convert them one by one.

    Attributes:
        are_right: tells whether no value of a sequence needs to be converted.
        conversions: those of the fields.
    """

    __slots__ = ("_labels", "are_right", "conversions", "count")

    def __init__(self, field_types: Sequence[TypeInformation], labels: Sequence[str]) -> None:
        self.conversions = tuple(map(conversion_for, field_types))
        self._labels = labels
        self.count = len(self.conversions)
        # Compared with the classes of all values at once; a field that takes anything rules it out.
        usual = tuple(None if c is None else c.usual for c in self.conversions)
        checks = [(i, c.check) for i, c in enumerate(self.conversions) if c and c.check]
        self.are_right = self._checker(usual, checks)

    def _checker(
        self,
        usual: tuple[type | None, ...],
        checks: list[tuple[int, Callable[[Any], bool]]],
    ) -> Callable[[Sequence[Any]], bool]:
        are_right_one_by_one = self._are_right_one_by_one
        if None in usual:
            return are_right_one_by_one
        if not checks:
            return lambda values: tuple(map(type, values)) == usual or are_right_one_by_one(values)

        def are_right(values: Sequence[Any]) -> bool:
            if tuple(map(type, values)) != usual:
                return are_right_one_by_one(values)
            for i, check in checks:  # noqa: SIM110 - a generator costs more than the checks
                if not check(values[i]):
                    return False
            return True

        return are_right

    def _are_right_one_by_one(self, values: Sequence[Any]) -> bool:
        if len(values) != self.count:
            return False
        for conversion, value in zip(self.conversions, values, strict=True):
            if conversion is not None and not conversion.is_right(value):
                return False
        return True

    def convert(self, type_info: TypeInformation, values: Sequence[Any], whole: Any) -> list[Any]:
        """Convert all values, naming the field of one that does not fit."""
        if self.are_right(values):
            return list(values)
        if len(values) != self.count:
            refuse(type_info, whole, f"expected {self.count} fields, found {len(values)}")
        converted: list[Any] = []
        try:
            for conversion, value in zip(self.conversions, values, strict=True):
                converted.append(value if conversion is None else conversion.convert(value))
        except TypeMismatchError as error:
            raise error.within(self._labels[len(converted)]) from None
        return converted


def _tuple_conversion(type_info: TupleTypeInfo) -> Conversion:
    field_types = type_info.get_field_types()
    fields = _Fields(field_types, [f"field {i}" for i in range(len(field_types))])
    are_right = fields.are_right

    def convert(value: Any) -> Any:
        if type(value) is tuple and are_right(value):
            return value
        if value is None:
            return None
        if not isinstance(value, (tuple, list, Row)):
            refuse(type_info, value)
        return tuple(fields.convert(type_info, list(value), value))

    return Conversion(type_info, tuple, convert, check=are_right)


def _row_conversion(type_info: RowTypeInfo) -> Conversion:
    names = tuple(type_info.get_field_names())
    fields = _Fields(type_info.get_field_types(), [f"field '{name}'" for name in names])
    are_right = fields.are_right
    of_values = Row.of_values

    pickers: dict[tuple[str, ...], Callable[[list[Any]], list[Any]]] = {}

    def is_right(row: Row) -> bool:
        return row._names == names and are_right(row._values)

    def convert(value: Any) -> Any:
        if type(value) is Row:
            own, values = value._names, value._values
            if own != names and own is not None:
                pick = pickers.get(own)
                if pick is None:
                    pick = _picker(type_info, value, names)
                    if len(pickers) < _PICKERS_MAX:
                        pickers[own] = pick
                values = pick(values)
            elif own is not None and are_right(values):
                return value
            return of_values(fields.convert(type_info, values, value), names, value._row_kind)
        if value is None:
            return None
        values = _values_of(type_info, value, names)
        return of_values(fields.convert(type_info, values, value), names, RowKind.INSERT)

    return Conversion(type_info, Row, convert, check=is_right, row=(names, fields.conversions))


def _picker(
    type_info: TypeInformation, row: Row, names: tuple[str, ...]
) -> Callable[[list[Any]], list[Any]]:
    """Return what brings the values of such rows into the declared order of names."""
    own = row._names
    assert own is not None, "rows without names keep their order"
    missing = [name for name in names if name not in own]
    if missing:
        refuse(type_info, row, f"lacks the fields {', '.join(missing)}")
    order = [own.index(name) for name in names]
    return lambda values: [values[i] for i in order]


def _values_of(type_info: TypeInformation, value: Any, names: tuple[str, ...]) -> list[Any]:
    """Return the field values of something that may stand for a row, in the declared order."""
    if isinstance(value, (tuple, list)):
        return list(value)
    if isinstance(value, Mapping):
        return [value.get(name) for name in names]
    values = [getattr(value, name, _MISSING) for name in names]
    if isinstance(value, (str, bytes, int, float)) or any(v is _MISSING for v in values):
        refuse(type_info, value)
    return values


def _list_conversion(
    type_info: TypeInformation, element_type: TypeInformation, *, none_allowed: bool
) -> Conversion:
    element = conversion_for(element_type)

    def are_right(values: list[Any]) -> bool:
        if element is None:
            return none_allowed or not any(each is None for each in values)
        kinds = set(map(type, values))
        has_none = _NONE in kinds
        if has_none and not none_allowed:
            return False
        return kinds <= {element.usual, _NONE} and element._are_right(values, has_none)

    def convert(value: Any) -> Any:
        if type(value) is list and are_right(value):
            return value
        if value is None:
            return None
        values = _elements_of(type_info, value)
        if not none_allowed and any(each is None for each in values):
            raise TypeMismatchError(
                str(element_type), "None", f"[{values.index(None)}]", "elements must not be None"
            )
        if element is None:
            return values
        try:
            return element.convert_batch(values)
        except TypeMismatchError as error:
            raise error.within(f"[{error.record_index}]") from None

    check = None if element is None and none_allowed else are_right
    return Conversion(type_info, list, convert, check=check)


def _elements_of(type_info: TypeInformation, value: Any) -> list[Any]:
    """Return the elements of something that may stand for a list."""
    if isinstance(value, (str, bytes, bytearray, Mapping)):
        refuse(type_info, value)
    if hasattr(value, "tolist"):  # arrays, of Python or numpy, give plain Python values
        value = value.tolist()
    if not hasattr(value, "__len__") or not hasattr(value, "__iter__"):
        refuse(type_info, value)
    return list(value)


def _map_conversion(type_info: MapTypeInfo) -> Conversion:
    key, value_ = (
        conversion_for(type_info._key_type_info),
        conversion_for(type_info._value_type_info),
    )

    def are_right(entries: dict[Any, Any]) -> bool:
        return (key is None or all(map(key.is_right, entries))) and (
            value_ is None or all(map(value_.is_right, entries.values()))
        )

    def convert(value: Any) -> Any:
        if type(value) is dict and are_right(value):
            return value
        if value is None:
            return None
        if not isinstance(value, Mapping):
            refuse(type_info, value)
        converted = {}
        for each_key, each in value.items():
            try:
                new_key = each_key if key is None else key.convert(each_key)
            except TypeMismatchError as error:
                raise error.within(f".key {each_key!r}") from None
            try:
                converted[new_key] = each if value_ is None else value_.convert(each)
            except TypeMismatchError as error:
                raise error.within(f"[{each_key!r}]") from None
        return converted

    check = None if key is None and value_ is None else are_right
    return Conversion(type_info, dict, convert, check=check)


def _record_conversion(type_info: RecordClassTypeInfo) -> Conversion:
    record_class = type_info.record_class

    def convert(value: Any) -> Any:
        if value is None or isinstance(value, record_class):
            return value
        refuse(type_info, value)

    return Conversion(type_info, record_class, convert)
