"""ALTER TABLE: a table and a change to another table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.sql.catalog.objects import ColumnDefinition, TableObject
from flott.sql.ddl.declaration import check_table, with_key
from flott.sql.ddl.partitions import change_partitions
from flott.sql.dialect import parse_expression
from flott.sql.dialect.statements import (
    AlterTable,
    AlterTableAdd,
    AlterTableDropColumns,
    AlterTableDropFeature,
    AlterTableModify,
    AlterTableOptions,
    AlterTablePartitions,
    AlterTableRenameColumn,
    ColumnChange,
)


def alter_table(table: TableObject, statement: AlterTable) -> TableObject:
    """The table after ``statement``; renaming the table itself is the catalog's.

    Raises:
        SqlValidationError: The table has nothing to change, or something else needs it.
    """
    rule = _RULES[type(statement)]
    changed = rule(table, statement)
    check_table(changed)
    return changed


def columns_of(expression_text: str) -> set[str]:
    """Names of the columns that an expression reads."""
    tree = parse_expression(expression_text)
    return {part.parts[0].name for part in tree.find_all(exp.Column)}


def _add(table: TableObject, statement: AlterTableAdd) -> TableObject:
    elements = statement.elements
    for change in elements.columns:
        if table.column(change.definition.name) is not None:
            raise SqlValidationError(f"Column '{change.definition.name}' exists already")
        table = _placed(table, change)
    if elements.watermark is not None:
        if table.watermark is not None:
            raise SqlValidationError(
                f"The table has a watermark for '{table.watermark.column}' already",
                hint="Change it with ALTER TABLE ... MODIFY WATERMARK FOR ...",
            )
        table = replace(table, watermark=elements.watermark.definition)
    if elements.primary_key is not None:
        if table.primary_key:
            raise SqlValidationError(
                f"The table has the primary key ({', '.join(table.primary_key)}) already",
                hint="Change it with ALTER TABLE ... MODIFY PRIMARY KEY ...",
            )
        table = with_key(table, elements.primary_key)
    if elements.distribution is not None:
        if table.distribution is not None:
            raise SqlValidationError("The table has a distribution already")
        table = replace(table, distribution=elements.distribution)
    return table


def _modify(table: TableObject, statement: AlterTableModify) -> TableObject:
    elements = statement.elements
    for change in elements.columns:
        old = _existing(table, change.definition.name)
        if change.definition.comment is None:
            definition = replace(change.definition, comment=old.comment)
            change = replace(change, definition=definition)
        if old.name in table.primary_key and change.definition.data_type is not None:
            not_null = change.definition.data_type.not_null()
            change = replace(change, definition=replace(change.definition, data_type=not_null))
        if change.is_first or change.after not in (None, old.name):
            rest = tuple(each for each in table.columns if each is not old)
            table = _placed(replace(table, columns=rest), change)
        else:
            table = _exchanged(table, old, change.definition)
    if elements.watermark is not None:
        if table.watermark is None:
            raise SqlValidationError("The table has no watermark to modify")
        table = replace(table, watermark=elements.watermark.definition)
    if elements.primary_key is not None:
        if not table.primary_key:
            raise SqlValidationError("The table has no primary key to modify")
        table = with_key(table, elements.primary_key)
    if elements.distribution is not None:
        if table.distribution is None:
            raise SqlValidationError("The table has no distribution to modify")
        table = replace(table, distribution=elements.distribution)
    return table


def _placed(table: TableObject, change: ColumnChange) -> TableObject:
    columns = list(table.columns)
    if change.is_first:
        columns.insert(0, change.definition)
    elif change.after is not None:
        position = columns.index(_existing(table, change.after))
        columns.insert(position + 1, change.definition)
    else:
        columns.append(change.definition)
    return replace(table, columns=tuple(columns))


def _exchanged(table: TableObject, old: ColumnDefinition, new: ColumnDefinition) -> TableObject:
    columns = tuple(new if each is old else each for each in table.columns)
    return replace(table, columns=columns)


def _existing(table: TableObject, name: str) -> ColumnDefinition:
    found = table.column(name)
    if found is None:
        hint = did_you_mean(name, [each.name for each in table.columns], "Columns")
        raise SqlValidationError(f"Column '{name}' does not exist", hint=hint)
    return found


def _rename_column(table: TableObject, statement: AlterTableRenameColumn) -> TableObject:
    old, new = statement.column, statement.new_column
    column = _existing(table, old)
    if table.column(new) is not None:
        raise SqlValidationError(f"Column '{new}' exists already")
    _refuse_users(table, old, "renamed", key_matters=False)

    def renamed(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(new if each == old else each for each in names)

    table = _exchanged(table, column, replace(column, name=new))
    return replace(table, primary_key=renamed(table.primary_key))


def _drop_columns(table: TableObject, statement: AlterTableDropColumns) -> TableObject:
    dropped = statement.columns
    for name in dropped:
        _existing(table, name)
        _refuse_users(table, name, "dropped", dropped=dropped)
    if len(set(dropped)) != len(dropped):
        raise SqlValidationError("A column is named twice")
    rest = tuple(each for each in table.columns if each.name not in dropped)
    return replace(table, columns=rest)


def _refuse_users(
    table: TableObject,
    name: str,
    verb: str,
    dropped: Iterable[str] = (),
    key_matters: bool = True,
) -> None:
    """Refuse if something else of the table needs the column ``name``."""
    for each in table.columns:
        text = each.expression_text
        if text and each.name not in dropped and each.name != name and name in columns_of(text):
            raise SqlValidationError(
                f"Column '{name}' cannot be {verb}: the computed column '{each.name}' reads it"
            )
    watermark = table.watermark
    if watermark is not None and (
        watermark.column == name or name in columns_of(watermark.expression_text)
    ):
        raise SqlValidationError(f"Column '{name}' cannot be {verb}: the watermark reads it")
    if key_matters and name in table.primary_key:
        raise SqlValidationError(f"Column '{name}' cannot be {verb}: the primary key has it")
    if name in table.partition_keys:
        raise SqlValidationError(f"Column '{name}' cannot be {verb}: partitions are made by it")
    if table.distribution is not None and name in table.distribution.columns:
        raise SqlValidationError(f"Column '{name}' cannot be {verb}: rows are distributed by it")


def _drop_feature(table: TableObject, statement: AlterTableDropFeature) -> TableObject:
    feature = statement.feature
    if feature == "WATERMARK":
        if table.watermark is None:
            raise SqlValidationError("The table has no watermark")
        return replace(table, watermark=None)
    if feature == "DISTRIBUTION":
        if table.distribution is None:
            raise SqlValidationError("The table has no distribution")
        return replace(table, distribution=None)
    if not table.primary_key:
        raise SqlValidationError("The table has no primary key")
    name = table.primary_key_name
    if feature == "CONSTRAINT" and statement.constraint != name:
        raise SqlValidationError(
            f"The table has no constraint '{statement.constraint}'", hint=f"It has '{name}'."
        )
    return replace(table, primary_key=(), primary_key_name=None)


def _change_options(table: TableObject, statement: AlterTableOptions) -> TableObject:
    if statement.is_reset and not statement.removed:
        raise SqlValidationError("ALTER TABLE RESET names no option")
    if "connector" in statement.removed:
        raise SqlValidationError("The option 'connector' cannot be reset")
    options = {**table.options, **statement.changed}
    for key in statement.removed:
        options.pop(key, None)
    return replace(table, options=options)


_RULES: dict[type[AlterTable], Callable[..., TableObject]] = {
    AlterTableAdd: _add,
    AlterTableModify: _modify,
    AlterTableRenameColumn: _rename_column,
    AlterTableDropColumns: _drop_columns,
    AlterTableDropFeature: _drop_feature,
    AlterTableOptions: _change_options,
    AlterTablePartitions: change_partitions,
}
