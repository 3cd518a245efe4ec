"""Folding records into one value as they come: what reduce and aggregate functions have in common.

A fold works on a kept value, which is ``ABSENT`` before the first record: the record reduced so
far, or an accumulator.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from copy import copy
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

__all__ = ["ABSENT", "AggregateFold", "Fold", "ReduceFold", "own"]


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


#: Stands for a kept value, or for the contents of a pane, that does not exist.
ABSENT: Final = _Absent()


class Fold(ABC):
    """How records become one value."""

    @abstractmethod
    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        """Add records, at least one, to a kept value."""

    @abstractmethod
    def fold_groups(self, groups: dict[Any, Any], found: Iterable[Any]) -> None:
        """Replace the records of each key by the kept value they make with the one ``found``."""

    @abstractmethod
    def result(self, kept: Any) -> Any:
        """What a kept value amounts to."""

    @abstractmethod
    def results(self, kept: Iterable[Any]) -> list[Any]:
        """What many kept values amount to."""

    @abstractmethod
    def combine(self, first: Any, second: Any) -> Any:
        """One kept value made of two; either may be changed by it."""


class ReduceFold(Fold):
    """Folds by a function of two records.

    >>> ReduceFold(max).fold(ABSENT, [3, 7, 5])
    7
    """

    def __init__(self, reduce: Callable[[Any, Any], Any]) -> None:
        self._reduce = reduce

    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        reduce = self._reduce
        for value in rows:
            kept = own(value) if kept is ABSENT else reduce(kept, value)
        return kept

    def fold_groups(self, groups: dict[Any, Any], found: Iterable[Any]) -> None:
        reduce = self._reduce
        for (key, rows), kept in zip(groups.items(), found):
            values = iter(rows)
            if kept is ABSENT:
                kept = own(next(values))
            for value in values:
                kept = reduce(kept, value)
            groups[key] = kept

    def result(self, kept: Any) -> Any:
        return own(kept)

    def results(self, kept: Iterable[Any]) -> list[Any]:
        return [one if type(one) in _PLAIN else own(one) for one in kept]

    def combine(self, first: Any, second: Any) -> Any:
        return self._reduce(first, second)


class AggregateFold(Fold):
    """Folds into the accumulator of an aggregate function."""

    def __init__(self, function: Any) -> None:
        self._create: Callable[[], Any] = function.create_accumulator
        self._add: Callable[[Any, Any], Any] = function.add
        self._result: Callable[[Any], Any] = function.get_result
        self._merge: Callable[[Any, Any], Any] = function.merge

    def fold(self, kept: Any, rows: Iterable[Any]) -> Any:
        add = self._add
        if kept is ABSENT:
            kept = self._create()
        for value in rows:
            kept = add(value, kept)
        return kept

    def fold_groups(self, groups: dict[Any, Any], found: Iterable[Any]) -> None:
        create, add = self._create, self._add
        for (key, rows), kept in zip(groups.items(), found):
            if kept is ABSENT:
                kept = create()
            for value in rows:
                kept = add(value, kept)
            groups[key] = kept

    def result(self, kept: Any) -> Any:
        result = self._result(kept)
        return own(result) if result is kept else result

    def results(self, kept: Iterable[Any]) -> list[Any]:
        result = self._result
        kept = list(kept)
        return [
            made if made is not one or type(made) in _PLAIN else own(made)
            for one, made in zip(kept, map(result, kept))
        ]

    def combine(self, first: Any, second: Any) -> Any:
        return self._merge(first, second)


def own(value: Any) -> Any:
    """A value that a function may change in place without anybody else noticing.

    Records are shared: with other windows, with state, and with other consumers of a stream.

    >>> row, text = [1], "text"
    >>> own(row) is row, own(text) is text
    (False, True)
    """
    return value if isinstance(value, _UNCHANGEABLE) else copy(value)


_UNCHANGEABLE: Final = (
    int,
    str,
    tuple,
    float,
    type(None),
    bytes,
    frozenset,
    Decimal,
    datetime,
    date,
    time,
)
_PLAIN: Final = frozenset(_UNCHANGEABLE)
