"""CREATE TABLE: a statement to a table, and the rules that every table obeys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import ColumnDefinition, ColumnKind, TableObject
from flott.sql.dialect.statements import CreateTable, PrimaryKey


def declare_table(
    statement: CreateTable, columns: Iterable[ColumnDefinition] | None = None
) -> TableObject:
    """The table that a statement declares.

    Args:
        statement: the statement.
        columns: its columns, if they are not those of the statement alone (AS, LIKE).

    Raises:
        SqlValidationError: A column is named twice, or a key, partition or watermark names a
            column that does not exist.
    """
    elements = statement.elements
    if columns is None:
        columns = [each.definition for each in elements.columns]
    watermark = elements.watermark
    table = TableObject(
        tuple(columns),
        watermark=None if watermark is None else watermark.definition,
        partition_keys=statement.partition_keys,
        options=dict(statement.options),
        comment=statement.comment,
        distribution=statement.distribution,
        is_temporary=statement.is_temporary,
    )
    if elements.primary_key is not None:
        table = with_key(table, elements.primary_key)
    check_table(table)
    return table


def with_key(table: TableObject, key: PrimaryKey) -> TableObject:
    """``table`` with a primary key; its columns hold no NULL.

    Raises:
        SqlValidationError: The key is to be enforced, or names what is not a physical column.
    """
    if key.is_enforced:
        raise SqlValidationError(
            "A primary key cannot be ENFORCED: the engine does not own the data",
            hint="Write PRIMARY KEY (...) NOT ENFORCED.",
        )
    if len(set(key.columns)) != len(key.columns):
        raise SqlValidationError("The primary key names a column twice")
    columns = list(table.columns)
    for name in key.columns:
        column = table.column(name)
        if column is None:
            raise _unknown(name, table.columns, "The primary key")
        if column.kind is not ColumnKind.PHYSICAL or column.data_type is None:
            raise SqlValidationError(
                f"The primary key names '{name}', which is not a physical column"
            )
        position = columns.index(column)
        columns[position] = replace(column, data_type=column.data_type.not_null())
    name = key.name or "PK_" + "_".join(key.columns)
    return replace(table, columns=tuple(columns), primary_key=key.columns, primary_key_name=name)


def check_nullability(key: PrimaryKey, taken: Iterable[ColumnDefinition]) -> None:
    """Refuse a key of columns that another table or a query has as nullable.

    A key makes the columns of its own statement NOT NULL; what is taken keeps its type.

    Raises:
        SqlValidationError: Names the column.
    """
    for column in taken:
        if column.name in key.columns and column.data_type and column.data_type.nullable:
            raise SqlValidationError(
                f"The primary key names '{column.name}', which may be NULL",
                hint=f"Declare the column here: {column.name} {column.data_type.not_null()}.",
            )


def check_table(table: TableObject) -> None:
    """Refuse a table that contradicts itself.

    Raises:
        SqlValidationError: Says what is wrong.
    """
    seen: set[str] = set()
    for column in table.columns:
        if column.name in seen:
            raise SqlValidationError(f"Column '{column.name}' is declared twice")
        seen.add(column.name)
    _check_metadata(table)
    for name in table.partition_keys:
        if name not in seen:
            raise _unknown(name, table.columns, "PARTITIONED BY")
    if table.distribution is not None:
        if table.distribution.buckets == 0:
            raise SqlValidationError("A distributed table has one bucket at least, not 0")
        for name in table.distribution.columns:
            if name not in seen:
                raise _unknown(name, table.columns, "DISTRIBUTED BY")
    if table.watermark is not None and table.watermark.column not in seen:
        raise _unknown(table.watermark.column, table.columns, "The watermark")


def _check_metadata(table: TableObject) -> None:
    users: dict[str, str] = {}
    for column in table.columns:
        if column.kind is ColumnKind.METADATA:
            key = column.metadata_key or column.name
            if key in users:
                raise SqlValidationError(
                    f"'{users[key]}' and '{column.name}' both read the metadata '{key}'",
                    hint=f"Compute one of them: {column.name} AS {users[key]}.",
                )
            users[key] = column.name


def _unknown(name: str, columns: Sequence[ColumnDefinition], what: str) -> SqlValidationError:
    hint = did_you_mean(name, [each.name for each in columns], "Columns")
    return SqlValidationError(f"{what} names the column '{name}', which does not exist", hint=hint)
