"""``Schema``: columns, watermark and key of a table that a program declares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from flott.common.errors import ProgramError
from flott.common.logical_types import DataType, RowType
from flott.sql.catalog.objects import ColumnDefinition, ColumnKind, WatermarkDefinition
from flott.sql.dialect import data_type_of, parse_type
from flott.table.table_schema import ResolvedSchema

__all__ = ["Schema"]


@dataclass(frozen=True)
class Schema:
    """What a table looks like; make one with ``new_builder``.

    >>> schema = Schema.new_builder().column("id", "BIGINT").column_by_expression(
    ...     "twice", "id * 2").build()
    >>> print(schema)
    (
      `id` BIGINT,
      `twice` AS id * 2
    )
    """

    _columns: tuple[ColumnDefinition, ...] = ()
    _watermark: WatermarkDefinition | None = None
    _primary_key: tuple[str, ...] = ()
    _key_name: str | None = field(default=None, compare=False)

    @staticmethod
    def new_builder() -> Schema.Builder:
        """Begin a schema."""
        return Schema.Builder()

    def __str__(self) -> str:
        lines = [_column_text(each) for each in self._columns]
        if self._watermark is not None:
            watermark = self._watermark
            lines.append(f"WATERMARK FOR `{watermark.column}` AS {watermark.expression_text}")
        if self._primary_key:
            names = ", ".join(f"`{each}`" for each in self._primary_key)
            lines.append(f"CONSTRAINT `{self._key_name}` PRIMARY KEY ({names}) NOT ENFORCED")
        return "(\n  " + ",\n  ".join(lines) + "\n)"

    class Builder:
        """Collects columns, a watermark and a key."""

        def __init__(self) -> None:
            self._columns: list[ColumnDefinition] = []
            self._watermark: WatermarkDefinition | None = None
            self._primary_key: tuple[str, ...] = ()
            self._key_name: str | None = None

        def from_schema(self, unresolved_schema: Schema) -> Self:
            """Take everything from another schema."""
            self._columns += unresolved_schema._columns
            self._watermark = unresolved_schema._watermark or self._watermark
            if unresolved_schema._primary_key:
                self._primary_key = unresolved_schema._primary_key
                self._key_name = unresolved_schema._key_name
            return self

        def from_resolved_schema(self, resolved_schema: ResolvedSchema) -> Self:
            """Take the columns and the key of a table or result."""
            for column in resolved_schema.get_columns():
                self.column(column.name, column.data_type)
            key = resolved_schema.get_primary_key()
            return self.primary_key(*key) if key else self

        def from_row_data_type(self, data_type: DataType) -> Self:
            """Take the fields of a row type as columns."""
            if not isinstance(data_type, RowType):
                raise ProgramError(f"Expected a row type, found {data_type}")
            for each in data_type:
                self.column(each.name, each.data_type)
            return self

        def from_fields(
            self, field_names: Sequence[str], field_data_types: Sequence[DataType | str]
        ) -> Self:
            """Add columns by their names and types."""
            if len(field_names) != len(field_data_types):
                raise ProgramError(
                    f"{len(field_names)} names but {len(field_data_types)} types of columns"
                )
            for name, data_type in zip(field_names, field_data_types, strict=True):
                self.column(name, data_type)
            return self

        def column(self, column_name: str, data_type: str | DataType) -> Self:
            """Add a physical column; the type is a ``DataType`` or its SQL name."""
            self._columns.append(ColumnDefinition(column_name, _data_type(data_type)))
            return self

        def column_by_expression(self, column_name: str, expr: str) -> Self:
            """Add a column that is computed from others; ``expr`` is SQL."""
            self._columns.append(
                ColumnDefinition(column_name, None, ColumnKind.COMPUTED, expression_text=str(expr))
            )
            return self

        def column_by_metadata(
            self,
            column_name: str,
            data_type: DataType | str,
            metadata_key: str | None = None,
            is_virtual: bool = False,
        ) -> Self:
            """Add a column from the metadata of the connector; its name is the key by default."""
            self._columns.append(
                ColumnDefinition(
                    column_name,
                    _data_type(data_type),
                    ColumnKind.METADATA,
                    metadata_key,
                    is_virtual,
                )
            )
            return self

        def watermark(self, column_name: str, watermark_expr: str) -> Self:
            """Make a column event time; ``watermark_expr`` is SQL over the columns."""
            self._watermark = WatermarkDefinition(column_name, str(watermark_expr))
            return self

        def primary_key(self, *column_names: str) -> Self:
            """Declare columns that identify a row; not enforced."""
            return self.primary_key_named("PK_" + "_".join(column_names), *column_names)

        def primary_key_named(self, constraint_name: str, *column_names: str) -> Self:
            """Declare columns that identify a row, and a name for that."""
            if not column_names:
                raise ProgramError("A primary key needs a column")
            self._primary_key = column_names
            self._key_name = constraint_name
            return self

        def build(self) -> Schema:
            """The schema."""
            return Schema(tuple(self._columns), self._watermark, self._primary_key, self._key_name)


def _data_type(given: str | DataType) -> DataType:
    if isinstance(given, str):
        return data_type_of(parse_type(given))
    if not isinstance(given, DataType):
        raise ProgramError(f"Expected a data type or its SQL name, found {given!r}")
    return given


def _column_text(column: ColumnDefinition) -> str:
    if column.kind is ColumnKind.COMPUTED:
        return f"`{column.name}` AS {column.expression_text}"
    text = f"`{column.name}` {column.data_type}"
    if column.kind is ColumnKind.METADATA:
        text += " METADATA"
        text += f" FROM '{column.metadata_key}'" if column.metadata_key else ""
        text += " VIRTUAL" if column.is_virtual else ""
    return text
