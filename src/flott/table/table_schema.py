"""``TableSchema`` and ``ResolvedSchema``: names and types of the columns of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from flott.common.logical_types import DataType, RowField, RowType

__all__ = ["Column", "ResolvedSchema", "TableSchema"]


class TableSchema:
    """Names and types of columns.

    >>> from flott.table import DataTypes
    >>> TableSchema(["a"], [DataTypes.INT()])
    root
     |-- a: INT
    """

    def __init__(
        self,
        field_names: Sequence[str] = (),
        data_types: Sequence[DataType] = (),
    ) -> None:
        self._names = tuple(field_names)
        self._types = tuple(data_types)

    def copy(self) -> TableSchema:
        """An equal schema."""
        return TableSchema(self._names, self._types)

    def get_field_data_types(self) -> list[DataType]:
        """The types in order."""
        return list(self._types)

    def get_field_data_type(self, field: int | str) -> DataType | None:
        """The type of a column given by position or name; ``None`` if there is none."""
        if isinstance(field, str):
            return self._types[self._names.index(field)] if field in self._names else None
        return self._types[field] if 0 <= field < len(self._types) else None

    def get_field_count(self) -> int:
        """How many columns there are."""
        return len(self._names)

    def get_field_names(self) -> list[str]:
        """The names in order."""
        return list(self._names)

    def get_field_name(self, field_index: int) -> str | None:
        """The name of the column at a position; ``None`` if there is none."""
        return self._names[field_index] if 0 <= field_index < len(self._names) else None

    def to_row_data_type(self) -> RowType:
        """A row type of these columns."""
        pairs = zip(self._names, self._types, strict=True)
        return RowType(tuple(RowField(name, each) for name, each in pairs))

    def __repr__(self) -> str:
        pairs = zip(self._names, self._types, strict=True)
        return "\n".join(["root", *(f" |-- {name}: {each}" for name, each in pairs)])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TableSchema):
            return NotImplemented
        return self._names == other._names and self._types == other._types

    def __hash__(self) -> int:
        return hash((self._names, self._types))

    class Builder:
        """Collects columns."""

        def __init__(self) -> None:
            self._fields: list[tuple[str, DataType]] = []

        def field(self, name: str, data_type: DataType) -> Self:
            """Add a column."""
            self._fields.append((name, data_type))
            return self

        def build(self) -> TableSchema:
            """The schema."""
            return TableSchema(
                [name for name, _ in self._fields], [each for _, each in self._fields]
            )

    @classmethod
    def builder(cls) -> TableSchema.Builder:
        """Begin a schema."""
        return TableSchema.Builder()


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its type.

    Attributes:
        name: Its name.
        data_type: Its type.
        extras: What SHOW COLUMNS tells of computed and metadata columns.
    """

    name: str
    data_type: DataType
    extras: str | None = None

    def get_name(self) -> str:
        """The name."""
        return self.name

    def get_data_type(self) -> DataType:
        """The type."""
        return self.data_type

    def __str__(self) -> str:
        text = f"`{self.name}` {self.data_type}"
        return text if self.extras is None else f"{text} {self.extras}"


class ResolvedSchema:
    """The columns of a table or result, all types known.

    Args:
        columns: the columns.
        watermark: column and expression of the watermark.
        primary_key: names of the key columns.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        watermark: tuple[str, str] | None = None,
        primary_key: Sequence[str] = (),
    ) -> None:
        self._columns = tuple(columns)
        self._watermark = watermark
        self._primary_key = tuple(primary_key)

    @staticmethod
    def of(columns: Sequence[Column]) -> ResolvedSchema:
        """A schema of columns."""
        return ResolvedSchema(columns)

    @staticmethod
    def physical(
        column_names: Sequence[str], column_data_types: Sequence[DataType]
    ) -> ResolvedSchema:
        """A schema of columns by their names and types.

        >>> from flott.table import DataTypes
        >>> print(ResolvedSchema.physical(["a"], [DataTypes.INT()]))
        (
          `a` INT
        )
        """
        pairs = zip(column_names, column_data_types, strict=True)
        return ResolvedSchema([Column(name, each) for name, each in pairs])

    def get_column_count(self) -> int:
        """How many columns there are."""
        return len(self._columns)

    def get_columns(self) -> list[Column]:
        """The columns in order."""
        return list(self._columns)

    def get_column(self, column_index_or_name: int | str) -> Column | None:
        """A column by position or name; ``None`` if there is none."""
        wanted = column_index_or_name
        if isinstance(wanted, str):
            return next((each for each in self._columns if each.name == wanted), None)
        return self._columns[wanted] if 0 <= wanted < len(self._columns) else None

    def get_column_names(self) -> list[str]:
        """The names in order."""
        return [each.name for each in self._columns]

    def get_column_data_types(self) -> list[DataType]:
        """The types in order."""
        return [each.data_type for each in self._columns]

    def get_primary_key(self) -> list[str]:
        """Names of the key columns; empty without a key."""
        return list(self._primary_key)

    def to_physical_row_data_type(self) -> RowType:
        """A row type of the columns."""
        return RowType(tuple(RowField(each.name, each.data_type) for each in self._columns))

    def __str__(self) -> str:
        lines = [str(each) for each in self._columns]
        if self._watermark is not None:
            lines.append(f"WATERMARK FOR `{self._watermark[0]}` AS {self._watermark[1]}")
        if self._primary_key:
            names = ", ".join(f"`{each}`" for each in self._primary_key)
            lines.append(f"PRIMARY KEY ({names}) NOT ENFORCED")
        return "(\n  " + ",\n  ".join(lines) + "\n)"

    __repr__ = __str__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResolvedSchema) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))
