"""Frames, Python rows and descriptors as tables of the catalog."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flott.common.errors import ProgramError
from flott.common.logical_types import DataType, RowType
from flott.sql.catalog.objects import ColumnKind, TableObject
from flott.sql.ddl.declaration import check_table, with_key
from flott.sql.ddl.frame_tables import frame_object, rows_object
from flott.sql.dialect.statements import PrimaryKey
from flott.table.execution.context import ExecutionContext
from flott.table.execution.schemas import check_declaration
from flott.table.schema import Schema
from flott.table.table_descriptor import TableDescriptor


def table_of_descriptor(
    descriptor: TableDescriptor, parts: Sequence[str], context: ExecutionContext
) -> TableObject:
    """The table that a descriptor describes.

    Raises:
        ProgramError: It has no schema.
        SqlValidationError: The schema contradicts itself.
    """
    schema = descriptor.get_schema()
    if schema is None:
        raise ProgramError("The table descriptor has no schema. Give it one: schema(...)")
    table = TableObject(
        schema._columns,
        watermark=schema._watermark,
        partition_keys=tuple(descriptor.get_partition_keys()),
        options=descriptor.get_options(),
        comment=descriptor.get_comment(),
    )
    return _checked(_keyed(table, schema), parts, context)


def frame_table(
    data: Any,
    schema: Schema | DataType | Sequence[str] | Sequence[DataType] | None,
    parts: Sequence[str],
    context: ExecutionContext,
) -> TableObject:
    """The temporary table of a frame.

    Args:
        data: a Polars, pandas or Arrow frame.
        schema: a ``Schema``, a row type, or names of the columns.
        parts: the name of the table.
        context: where it will be.
    """
    if isinstance(schema, Schema):
        table = _with_schema(data, schema)
        return replace(_checked(table, parts, context), is_temporary=True)
    names, types = _columns_of(schema)
    return replace(frame_object(data, names, types), is_temporary=True)


def elements_table(
    rows: Sequence[Any],
    schema: DataType | Sequence[str] | Sequence[DataType] | None,
    verify: bool,
) -> TableObject:
    """The table of Python rows."""
    names, types = _columns_of(schema)
    return rows_object(rows, names, types)


def _columns_of(
    schema: DataType | Sequence[str] | Sequence[DataType] | None,
) -> tuple[list[str] | None, list[DataType] | None]:
    if schema is None:
        return None, None
    if isinstance(schema, RowType):
        return schema.field_names(), schema.field_types()
    if isinstance(schema, DataType):
        return ["value"], [schema]
    names = [each for each in schema if isinstance(each, str)]
    types = [each for each in schema if isinstance(each, DataType)]
    if names and types:
        raise ProgramError("The schema mixes names and types; give a row type")
    return names or None, types or None


def _with_schema(data: Any, schema: Schema) -> TableObject:
    physical = [each for each in schema._columns if each.kind is ColumnKind.PHYSICAL]
    if physical:
        names = [each.name for each in physical]
        types = [each.data_type for each in physical if each.data_type is not None]
        table = frame_object(data, names, types)
        table = replace(table, columns=schema._columns)
    else:
        table = frame_object(data)
        table = replace(table, columns=(*table.columns, *schema._columns))
    return _keyed(replace(table, watermark=schema._watermark), schema)


def _keyed(table: TableObject, schema: Schema) -> TableObject:
    if schema._primary_key:
        key = PrimaryKey(schema._primary_key, schema._key_name, is_enforced=False)
        table = with_key(table, key)
    return table


def _checked(table: TableObject, parts: Sequence[str], context: ExecutionContext) -> TableObject:
    check_table(table)
    check_declaration(context.catalog.qualify(parts), table, context.session())
    return table
