"""``Row`` and ``RowKind``: one record with fields by position and, if it has them, by name.

Rows cross process boundaries in great numbers, so a row has slots, keeps its names as a tuple that
all rows of a stream may share, and pickles to three plain values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any, NoReturn

__all__ = ["Row", "RowKind"]


class RowKind(Enum):
    """What a row means in a stream of changes."""

    INSERT = 0
    UPDATE_BEFORE = 1
    UPDATE_AFTER = 2
    DELETE = 3

    def to_j_row_kind(self) -> NoReturn:
        """Refuse: there is no Java object."""
        from flott.common.utils import refuse_java

        refuse_java("RowKind.to_j_row_kind")

    def __str__(self) -> str:
        return _KIND_SIGNS[self._value_]


_KIND_SIGNS = ("+I", "-U", "+U", "-D")
_KINDS = tuple(RowKind)
_INSERT = RowKind.INSERT


def restore_row(values: list[Any], names: tuple[str, ...] | None, kind: int = 0) -> Row:
    """Make a row from its pickled parts; the row owns the list."""
    row = _new_row(Row)
    row._values = values
    row._names = names
    row._row_kind = _KINDS[kind]
    return row


def pack_rows(rows: Sequence[Row]) -> tuple[tuple[str, ...] | None, list[list[Any]]] | None:
    """Return the names that all rows share, and the values of each; None if rows differ.

    Pickled like this, a batch of rows takes a fraction of the time and space. Only rows of kind
    INSERT can be packed.

    >>> pack_rows([Row(a=1), Row(a=2)])
    (('a',), [[1], [2]])
    """
    names = rows[0]._names if rows else None
    if all(row._names == names and row._row_kind is _INSERT for row in rows):
        return names, [row._values for row in rows]
    return None


def unpack_rows(packed: tuple[tuple[str, ...] | None, list[list[Any]]]) -> list[Row]:
    """Make the rows again that ``pack_rows`` took apart; they own the lists."""
    names, values = packed
    of_values = Row.of_values
    return [of_values(each, names) for each in values]


class Row:
    """A record of fixed length whose fields are reached by position or by name.

    Made from positional values, or from keyword arguments, which give the names as well:

    >>> row = Row(name="Alice", age=11)
    >>> row
    Row(name='Alice', age=11)
    >>> row[0], row["age"], row.name, "age" in row
    ('Alice', 11, 'Alice', True)

    A row of names makes rows with these names when called:

    >>> Person = Row("name", "age")
    >>> Person("Alice", 11)
    Row(name='Alice', age=11)

    Raises:
        ValueError: if positional and keyword arguments are mixed.
    """

    __slots__ = ("_names", "_row_kind", "_values")

    _values: list[Any]
    _names: tuple[str, ...] | None
    _row_kind: RowKind

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if kwargs:
            if args:
                raise ValueError("A Row takes either positional values or named ones, not both")
            self._names = tuple(kwargs)
            self._values = list(kwargs.values())
        else:
            self._names = None
            self._values = list(args)
        self._row_kind = _INSERT

    @staticmethod
    def of_kind(row_kind: RowKind, *args: Any, **kwargs: Any) -> Row:
        """Make a row of the given kind.

        >>> str(Row.of_kind(RowKind.DELETE, 1, "a").get_row_kind())
        '-D'
        """
        row = Row(*args, **kwargs)
        row.set_row_kind(row_kind)
        return row

    @staticmethod
    def of_values(values: list[Any], names: tuple[str, ...] | None, kind: RowKind = _INSERT) -> Row:
        """Make a row around an existing list, which the row then owns; the fastest way."""
        row = _new_row(Row)
        row._values = values
        row._names = names
        row._row_kind = kind
        return row

    @property
    def _fields(self) -> list[str]:
        # hasattr(row, "_fields") is how programs written for PyFlink ask for names.
        if self._names is None:
            raise AttributeError("_fields")
        return list(self._names)

    def as_dict(self, recursive: bool = False) -> dict[str, Any]:
        """Return names and values as a dict.

        Args:
            recursive: turn rows inside the values into dicts as well.

        Raises:
            TypeError: if the row has no field names.

        >>> Row(key=1, value=Row(name="a", age=2)).as_dict(True)
        {'key': 1, 'value': {'name': 'a', 'age': 2}}
        """
        if self._names is None:
            raise TypeError("A Row without field names cannot become a dict")
        values: Iterable[Any] = map(_row_to_dict, self._values) if recursive else self._values
        return dict(zip(self._names, values, strict=False))

    def get_row_kind(self) -> RowKind:
        """Return what the row means in a stream of changes."""
        return self._row_kind

    def set_row_kind(self, row_kind: RowKind) -> None:
        """Change what the row means in a stream of changes."""
        if not isinstance(row_kind, RowKind):
            raise TypeError(f"Expected a RowKind, found {row_kind!r}")
        self._row_kind = row_kind

    def set_field_names(self, field_names: Sequence[str]) -> None:
        """Name the fields, in order."""
        self._names = tuple(field_names)

    def get_fields_by_names(self, names: Sequence[str]) -> list[Any]:
        """Return the values of the named fields, in the order asked for.

        A row without names gives all its values as they stand.

        Raises:
            ValueError: if the row lacks one of the names.
        """
        own = self._names
        if own is None or own == tuple(names):
            return self._values
        missing = [name for name in names if name not in own]
        if missing:
            raise ValueError(f"Field names {missing} do not exist in {list(own)}")
        return [self._values[own.index(name)] for name in names]

    def _is_retract_msg(self) -> bool:
        return self._row_kind is RowKind.UPDATE_BEFORE or self._row_kind is RowKind.DELETE

    def _is_accumulate_msg(self) -> bool:
        return self._row_kind is RowKind.UPDATE_AFTER or self._row_kind is RowKind.INSERT

    def __contains__(self, item: object) -> bool:
        return item in (self._values if self._names is None else self._names)

    def __call__(self, *args: Any) -> Row:
        if len(args) > len(self._values):
            raise ValueError(f"{self!r} names {len(self)} fields, found {len(args)} values: {args}")
        return Row.of_values(list(args), tuple(self._values), self._row_kind)

    def __getitem__(self, item: Any) -> Any:
        if item.__class__ is int or isinstance(item, (int, slice)):
            return self._values[item]
        if self._names is None:
            raise AttributeError(f"This Row has no field names, so there is no field {item!r}")
        try:
            return self._values[self._names.index(item)]
        except IndexError:
            raise KeyError(item) from None
        except ValueError:
            raise ValueError(f"No field {item!r} in {list(self._names)}") from None

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, (int, slice)):
            self._values[key] = value
            return
        if self._names is None:
            raise KeyError(key)
        try:
            self._values[self._names.index(key)] = value
        except IndexError:
            raise KeyError(key) from None
        except ValueError:
            raise ValueError(f"No field {key!r} in {list(self._names)}") from None

    def __getattr__(self, item: str) -> Any:
        # Reached only for what is not an attribute of the class, so fields never hide methods.
        try:
            return self._values[self._names.index(item)]  # type: ignore[union-attr]
        except (ValueError, IndexError, AttributeError):
            raise AttributeError(item) from None

    def __copy__(self) -> Row:
        return Row.of_values(list(self._values), self._names, self._row_kind)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._row_kind is _INSERT:
            return restore_row, (self._values, self._names)
        return restore_row, (self._values, self._names, self._row_kind.value)

    def __repr__(self) -> str:
        if self._names is None:
            return f"<Row({', '.join(map(repr, self._values))})>"
        pairs = zip(self._names, self._values, strict=False)
        return f"Row({', '.join(f'{name}={value!r}' for name, value in pairs)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return False
        if self._row_kind is not other._row_kind or type(self) is not type(other):
            return False
        if self._names == other._names:
            return self._values == other._values
        if self._names is None or other._names is None:
            return False
        # Named rows are equal whatever the order of their fields.
        mine = sorted(zip(self._names, range(len(self._names)), strict=True))
        theirs = sorted(zip(other._names, range(len(other._names)), strict=True))
        return [name for name, _ in mine] == [name for name, _ in theirs] and [
            self._values[i] for _, i in mine
        ] == [other._values[i] for _, i in theirs]

    def __hash__(self) -> int:
        return hash(tuple(self._values))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


_new_row = object.__new__


def _row_to_dict(obj: Any) -> Any:
    if isinstance(obj, Row):
        return obj.as_dict(True)
    if isinstance(obj, list):
        return [_row_to_dict(each) for each in obj]
    if isinstance(obj, dict):
        return {key: _row_to_dict(value) for key, value in obj.items()}
    return obj
