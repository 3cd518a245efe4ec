"""Keep some fields of a tuple."""

from __future__ import annotations

from typing import Any

__all__ = ["Project"]


class Project:
    """Makes tuples of the fields at some positions; a class, so that plain pickle can carry it.

    >>> Project((2, 0))(("a", "b", "c"))
    ('c', 'a')
    """

    __slots__ = ("_indexes",)

    def __init__(self, indexes: tuple[int, ...]) -> None:
        self._indexes = indexes

    def __call__(self, value: Any) -> tuple[Any, ...]:
        return tuple([value[index] for index in self._indexes])

    def __reduce__(self) -> tuple[Any, ...]:
        return Project, (self._indexes,)
