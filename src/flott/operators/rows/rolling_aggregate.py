"""sum, min, max, min_by and max_by on a keyed stream.

``sum``, ``min`` and ``max`` change one field and keep the others as they were in the *first*
record of the key; ``min_by`` and ``max_by`` give a whole record, the first of equals. A field is a
position or a name; records may be tuples, named tuples, lists, Rows, dicts, dataclasses or, with
field 0, plain values. What is emitted is never changed afterwards: each result is a new object.
"""

from __future__ import annotations

import copy
import dataclasses
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flott.common.errors import ProgramError
from flott.common.types import Row
from flott.core.operator import Operator, OperatorSpec
from flott.operators.rows.reduce import FoldOperator

__all__ = ["RollingAggregateSpec"]

_Combine = Callable[[Any, Any], Any]


def _least(first: Any, second: Any) -> Any:
    return second if second < first else first


def _greatest(first: Any, second: Any) -> Any:
    return second if second > first else first


_FIELD_KINDS: Final[dict[str, _Combine]] = {"sum": operator.add, "min": _least, "max": _greatest}
_RECORD_KINDS: Final[dict[str, _Combine]] = {"min_by": operator.lt, "max_by": operator.gt}


@dataclass(frozen=True, slots=True)
class RollingAggregateSpec(OperatorSpec):
    """A rolling aggregate of one field.

    Attributes:
        kind: ``sum``, ``min``, ``max``, ``min_by`` or ``max_by``.
        field: position or name of the field.
        key_selector: the key selector of the stream.

    Raises:
        ProgramError: if the aggregate is unknown or the field neither position nor name.
    """

    kind: str = dataclasses.field()  # a slot of its own hides the property of the base
    field: int | str
    key_selector: Any

    def __post_init__(self) -> None:
        if self.kind not in _FIELD_KINDS and self.kind not in _RECORD_KINDS:
            raise ProgramError(f"Unknown rolling aggregate {self.kind!r}.")
        if isinstance(self.field, bool) or not isinstance(self.field, int | str):
            raise ProgramError(
                f"{self.kind}() takes the position or the name of a field, found {self.field!r}."
            )

    def build(self) -> Operator:
        return _RollingAggregate(self.kind, self.field, self.key_selector)

    @property
    def meaning(self) -> str:
        return f"{self.kind}({self.field!r})"


class _RollingAggregate(FoldOperator):
    def __init__(self, aggregate: str, field: int | str, key_selector: Any) -> None:
        super().__init__(None, None, (key_selector,))
        self._aggregate = aggregate
        self._field = field

    def _make_combine(self) -> _Combine:
        """Choose how to combine at the first record of each class, then look it up."""
        aggregate, field = self._aggregate, self._field
        by_class: dict[type, _Combine] = {}

        def combine(first: Any, second: Any) -> Any:
            chosen = by_class.get(type(second))
            if chosen is None:
                chosen = by_class[type(second)] = choose_combine(aggregate, field, second)
            return chosen(first, second)

        return combine


def choose_combine(aggregate: str, field: int | str, record: Any) -> _Combine:
    """Return the function that combines two records like ``record``.

    >>> choose_combine("min", 1, ("a", 5))(("a", 5), ("b", 3))
    ('a', 3)
    >>> choose_combine("min_by", 1, ("a", 5))(("a", 5), ("b", 3))
    ('b', 3)
    """
    get = _getter(aggregate, field, record)
    wins = _RECORD_KINDS.get(aggregate)
    if wins is not None:
        return lambda first, second: second if wins(get(second), get(first)) else first
    join, put = _FIELD_KINDS[aggregate], _putter(field, record)
    return lambda first, second: put(first, join(get(first), get(second)))


def _getter(aggregate: str, field: int | str, record: Any) -> Callable[[Any], Any]:
    if isinstance(record, Row | dict | list) or (
        isinstance(record, tuple) and isinstance(field, int)
    ):
        get: Callable[[Any], Any] = operator.itemgetter(field)
    elif isinstance(record, tuple) or dataclasses.is_dataclass(record):
        get = operator.attrgetter(_name_of(field, record))
    elif field == 0:
        return _whole
    else:
        raise ProgramError(
            f"{aggregate}({field!r}) on a plain {type(record).__name__}: only field 0, the value "
            "itself, can be chosen there."
        )
    try:
        get(record)
    except (LookupError, AttributeError, TypeError, ValueError):  # a Row says ValueError
        raise ProgramError(f"{aggregate}({field!r}): the record has no such field.") from None
    return get


def _putter(field: int | str, record: Any) -> Callable[[Any, Any], Any]:
    """Return the function that makes a copy of a record with the field changed."""
    if isinstance(record, tuple):
        if hasattr(record, "_replace"):
            name = _name_of(field, record)
            return lambda first, found: first._replace(**{name: found})
        assert isinstance(field, int)
        at = field if field >= 0 else len(record) + field
        return lambda first, found: (*first[:at], found, *first[at + 1 :])
    if isinstance(record, Row | list | dict):
        return lambda first, found: _changed_copy(first, field, found)
    if dataclasses.is_dataclass(record):
        name = _name_of(field, record)
        return lambda first, found: dataclasses.replace(first, **{name: found})
    return lambda _, found: found


def _changed_copy(record: Any, field: int | str, found: Any) -> Any:
    changed: Any = record[:] if type(record) is list else copy.copy(record)
    changed[field] = found
    return changed


def _name_of(field: int | str, record: Any) -> str:
    if isinstance(field, str):
        return field
    if isinstance(record, tuple):
        return str(record._fields[field])  # type: ignore[attr-defined]
    return dataclasses.fields(record)[field].name


def _whole(record: Any) -> Any:
    return record
