"""A table of the catalog as a plan: scan, computed columns, watermark.

The connector gives physical and metadata columns; the rest of the declaration is a projection
above. In BATCH mode there are no watermarks, and so no time attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlglot import exp

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, FlottError
from flott.common.logical_types import (
    DataType,
    LocalZonedTimestampType,
    RowField,
    TimestampType,
)
from flott.common.sql_errors import SqlError, SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.common.table_options import TableOptions
from flott.connectors.tables import find_table_factory
from flott.core.table import (
    ChangelogMode,
    MetadataColumn,
    TableDescription,
    TableSource,
)
from flott.sql import functions
from flott.sql.binder.context import BindContext
from flott.sql.binder.errors import placed, refused_table
from flott.sql.binder.expressions.texts import bind_text
from flott.sql.binder.plans import project, refs
from flott.sql.catalog.objects import (
    ColumnDefinition,
    ColumnKind,
    ObjectPath,
    TableObject,
    WatermarkDefinition,
)
from flott.sql.expressions import Expression
from flott.sql.logical.nodes import (
    Field,
    LogicalNode,
    Scan,
    TimeAttribute,
    WatermarkAssigner,
)
from flott.sql.session import Session

_MAX_TIME_PRECISION = 3
_HINTS_KEY = "table.dynamic-table-options.enabled"


def describe_table(
    path: ObjectPath, table: TableObject, session: Session, options: Mapping[str, str] | None = None
) -> TableDescription:
    """What the connector of ``table`` is told; ``options`` stand over those of the table."""
    columns = [each for each in table.columns if each.kind is ColumnKind.PHYSICAL]
    metadata = {
        each.name: MetadataColumn(each.key, _type(each), each.is_virtual)
        for each in table.columns
        if each.kind is ColumnKind.METADATA
    }
    return TableDescription(
        path,
        tuple(RowField(each.name, physical_type(each, table)) for each in columns),
        {**table.options, **(options or {})},
        metadata,
        table.primary_key,
        table.partition_keys,
        session.is_streaming,
        session.time_zone,
    )


def _type(column: ColumnDefinition) -> DataType:
    assert column.data_type is not None, "only computed columns have no type of their own"
    return column.data_type


def expand_table(
    path: ObjectPath,
    table: TableObject,
    context: BindContext,
    tree: exp.Expression | None = None,
    hint: Mapping[str, str] | None = None,
) -> LogicalNode:
    """The plan of ``table`` with all its columns as declared.

    Raises:
        SqlValidationError: The connector refuses its options, or a column has no meaning.
    """
    if hint and not hints_are_allowed(context.session.configuration):
        raise context.invalid(
            tree,
            f"The 'OPTIONS' hint is allowed only when the config option '{_HINTS_KEY}' is set to "
            "true",
        )
    with placed(tree, context.text):
        source = _source(path, table, context.session, hint)
        node: LogicalNode = _scan(path, table, source, hint)
        node = _with_declared_columns(node, path, table, context)
        if table.watermark is None:
            return node
        assigned = _with_watermark(node, path, table, table.watermark, context, hint)
        return assigned if context.is_streaming else node


def check_connector(path: ObjectPath, table: TableObject, session: Session) -> None:
    """Refuse a connector that does not exist, and options that it does not know.

    Raises:
        SqlValidationError: Names the nearest that exists.
    """
    try:
        find_table_factory(describe_table(path, table, session, None))
    except ConfigurationError as error:
        raise refused_table("use", ".".join(path), error) from error


def hints_are_allowed(configuration: Configuration) -> bool:
    """Whether OPTIONS hints may change options of tables."""
    return configuration.get_boolean(_HINTS_KEY, True)


def _source(
    path: ObjectPath, table: TableObject, session: Session, hint: Mapping[str, str] | None
) -> TableSource:
    name = ".".join(path)
    source = table.source
    if source is None:
        described = describe_table(path, table, session, hint)
        try:
            source = find_table_factory(described).create_source(described)
        except SqlError:
            raise
        except FlottError as error:
            raise refused_table("read", name, error) from error
    _check_source(name, table, source, session)
    return source


def _check_source(name: str, table: TableObject, source: TableSource, session: Session) -> None:
    if not session.is_streaming:
        if source.changelog_mode is not ChangelogMode.INSERT_ONLY:
            raise SqlValidationError(
                f"The table '{name}' sends changes, and in BATCH mode only tables of inserts can "
                "be queried",
                hint="SET 'execution.runtime-mode' = 'STREAMING' to read changes.",
            )
        if not source.is_bounded:
            raise SqlValidationError(
                f"The table '{name}' never ends, and in BATCH mode only tables that end can be "
                "queried",
                hint="Bound the source by its options, or run in STREAMING mode.",
            )
    if source.changelog_mode is ChangelogMode.UPSERT and not table.primary_key:
        raise SqlValidationError(
            f"The table '{name}' sends upserts and so needs a PRIMARY KEY ... NOT ENFORCED"
        )


def _scan(
    path: ObjectPath, table: TableObject, source: TableSource, hint: Mapping[str, str] | None
) -> Scan:
    fields = [
        Field(each.name, physical_type(each, table))
        for each in table.columns
        if each.kind is ColumnKind.PHYSICAL
    ]
    columns = tuple(each.name for each in fields)
    metadata = [each for each in table.columns if each.kind is ColumnKind.METADATA]
    for each in metadata:
        known = source.metadata_types
        if each.key not in known:
            raise SqlValidationError(
                f"Invalid metadata key '{each.key}' in column '{each.name}' of table "
                f"'{'.'.join(path)}'",
                hint=did_you_mean(each.key, known, "Keys of the connector"),
            )
        fields.append(Field(each.name, known[each.key]))
    names = [each.name for each in fields]
    return Scan(
        tuple(fields),
        path,
        source,
        columns,
        tuple(each.key for each in metadata),
        tuple(names.index(each) for each in table.primary_key),
        tuple((hint or {}).items()),
        parallelism=read_parallelism({**table.options, **(hint or {})}, path, "scan"),
    )


def read_parallelism(options: Mapping[str, str], path: ObjectPath, side: str) -> int | None:
    """How many subtasks read or write a table, where its options say so.

    Args:
        options: The table's.
        path: The table.
        side: ``scan`` or ``sink``.

    Raises:
        SqlValidationError: It is not a positive number.
    """
    read = TableOptions(options, ".".join(path))
    key = f"{side}.parallelism"
    try:
        return read.number(key, 1, least=1) if read.given(key) else None
    except ConfigurationError as error:
        raise SqlValidationError(str(error)) from error


def physical_type(column: ColumnDefinition, table: TableObject) -> DataType:
    """The type of a column; columns of the primary key are never NULL."""
    assert column.data_type is not None, "only computed columns have no type of their own"
    if column.name in table.primary_key:
        return column.data_type.not_null()
    return column.data_type


def _with_declared_columns(
    node: LogicalNode, path: ObjectPath, table: TableObject, context: BindContext
) -> LogicalNode:
    if all(each.kind is ColumnKind.PHYSICAL for each in table.columns):
        return node
    declared: list[Expression] = []
    by_name = dict(zip((each.name for each in node.fields), refs(node.fields), strict=True))
    for column in table.columns:
        if column.kind is ColumnKind.COMPUTED:
            assert column.expression_text is not None, "a computed column has an expression"
            what = f"column '{column.name}' of table '{path[2]}'"
            declared.append(
                bind_text(column.expression_text, node.fields, context.session, path[2], what)
            )
        else:
            value: Expression = by_name[column.name]
            if column.kind is ColumnKind.METADATA:
                value = _as_declared(value, column)
            declared.append(value)
    return project(node, [each.name for each in table.columns], declared)


def _as_declared(value: Expression, column: ColumnDefinition) -> Expression:
    assert column.data_type is not None
    given, wanted = value.data_type, column.data_type
    if given == wanted:
        return value
    try:
        found = functions.resolve_cast(value, wanted)
    except SqlValidationError as error:
        raise SqlValidationError(
            f"The metadata column '{column.name}' is declared as {wanted}, and the connector "
            f"gives {given}",
            hint=error.hint,
        ) from error
    # The declaration says what is never NULL.
    return found if found.data_type == wanted else replace(found, data_type=wanted)


def _with_watermark(
    node: LogicalNode,
    path: ObjectPath,
    table: TableObject,
    watermark: WatermarkDefinition,
    context: BindContext,
    hint: Mapping[str, str] | None,
) -> LogicalNode:
    index = next((i for i, each in enumerate(node.fields) if each.name == watermark.column), None)
    if index is None:
        raise SqlValidationError(
            f"The watermark of table '{path[2]}' is for the unknown column '{watermark.column}'"
        )
    column = node.fields[index]
    check_time_type(column)
    value = bind_text(
        watermark.expression_text,
        node.fields,
        context.session,
        path[2],
        f"the watermark of table '{path[2]}'",
    )
    if not isinstance(value.data_type, (TimestampType, LocalZonedTimestampType)):
        raise SqlValidationError(
            f"The watermark of table '{path[2]}' must be TIMESTAMP or TIMESTAMP_LTZ, "
            f"not {value.data_type.nullable_()}"
        )
    if type(value.data_type) is not type(column.data_type) or (
        value.data_type.precision > _MAX_TIME_PRECISION
    ):
        value = functions.resolve_cast(value, column.data_type, is_implicit=True)
    fields = tuple(
        replace(each, time=TimeAttribute.ROWTIME) if i == index else each
        for i, each in enumerate(node.fields)
    )
    options = {**table.options, **(hint or {})}
    strategy = tuple(
        sorted(pair for pair in options.items() if pair[0].startswith("scan.watermark."))
    )
    return WatermarkAssigner(fields, node, index, value, strategy)


def check_time_type(column: Field) -> None:
    """Refuse a column that cannot be event time."""
    data_type = column.data_type
    if (
        isinstance(data_type, (TimestampType, LocalZonedTimestampType))
        and data_type.precision <= _MAX_TIME_PRECISION
    ):
        return
    raise SqlValidationError(
        "Invalid data type of time field for watermark definition. The field must be of type "
        f"TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 to 3, but '{column.name}' is {data_type}",
        hint="Make one by a computed column, such as ts AS TO_TIMESTAMP(text).",
    )
