"""INSERT: the query's columns brought into the order and the types of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from flott.common.errors import FlottError
from flott.common.logical_types import (
    BinaryType,
    CharType,
    DataType,
    VarBinaryType,
    VarCharType,
)
from flott.common.sql_errors import SqlError, SqlValidationError
from flott.common.suggestions import did_you_mean
from flott.connectors.tables import find_table_factory
from flott.core.table import TableSink
from flott.sql import functions
from flott.sql.binder.context import BindContext
from flott.sql.binder.entry import context_of, nested_enough
from flott.sql.binder.errors import placed, refused_table
from flott.sql.binder.expressions import Environment, bind
from flott.sql.binder.hints import table_options
from flott.sql.binder.plans import project, refs
from flott.sql.binder.query import Queries
from flott.sql.binder.table_expansion import (
    describe_table,
    hints_are_allowed,
    physical_type,
    read_parallelism,
)
from flott.sql.catalog.objects import ColumnDefinition, ColumnKind, ObjectPath, TableObject
from flott.sql.dialect.statements import Insert
from flott.sql.expressions import Expression, Literal
from flott.sql.logical.nodes import Field, LogicalNode, Sink
from flott.sql.session import Session


@dataclass(frozen=True, slots=True)
class _Target:
    """The table that is written.

    Attributes:
        path: Its full name.
        table: What the catalog holds.
        columns: The columns that can be written, as declared.
    """

    path: ObjectPath
    table: TableObject
    columns: tuple[ColumnDefinition, ...]

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def type_of(self, column: ColumnDefinition) -> DataType:
        return physical_type(column, self.table)


def bind_insert(statement: Insert, session: Session, text: str | None = None) -> Sink:
    """The plan of an INSERT.

    Args:
        statement: A statement of ``flott.sql.dialect``.
        session: Catalog, mode and options.
        text: The text the statement comes from; that of the session unless given.

    Raises:
        SqlValidationError: The table or a column does not exist, or types do not fit.
    """
    context = context_of(session, text)
    target = _target(statement, context)
    fixed = _static_partition(statement, target, context)
    wanted = _wanted(statement, target, fixed, context)
    with nested_enough(context):
        query = Queries().query(statement.query, context)
    if len(query.fields) != len(wanted):
        raise context.invalid(
            statement.target, _mismatch(target, "Different number of columns", query, wanted)
        )
    values = _values(query, wanted, target, statement, context)
    values.update(fixed)
    return _sink(query, values, target, statement, context)


def _target(statement: Insert, context: BindContext) -> _Target:
    tree = statement.target
    with placed(tree, context.text):
        path, found = context.session.catalog.resolve([each.name for each in tree.parts])
    if not isinstance(found, TableObject):
        raise context.invalid(tree, f"'{'.'.join(path)}' is a view; rows go into tables only")
    if found.distribution is not None:
        raise context.invalid(
            tree,
            f"'{'.'.join(path)}' is distributed into buckets, which its connector does not write",
            "Declare the table without DISTRIBUTED.",
        )
    columns = tuple(
        each
        for each in found.columns
        if each.kind is ColumnKind.PHYSICAL
        or (each.kind is ColumnKind.METADATA and not each.is_virtual)
    )
    return _Target(path, found, columns)


def _column(tree: exp.Identifier, target: _Target, context: BindContext) -> ColumnDefinition:
    """The column of the table that is to be written."""
    for each in target.columns:
        if each.name == tree.name:
            return each
    if target.table.column(tree.name) is not None:
        raise context.invalid(
            tree, f"Column '{tree.name}' is computed or virtual and cannot be written"
        )
    names = [each.name for each in target.columns]
    hint = did_you_mean(tree.name, names, "Columns")
    raise context.invalid(tree, f"Unknown target column '{tree.name}'", hint)


def _static_partition(
    statement: Insert, target: _Target, context: BindContext
) -> dict[str, Expression]:
    """The values of PARTITION by column."""
    found: dict[str, Expression] = {}
    for name, value in statement.static_partition:
        column = _column(name, target, context)
        if column.name not in target.table.partition_keys:
            keys = ", ".join(target.table.partition_keys)
            raise context.invalid(
                name,
                f"'{column.name}' is not a partition column of '{target.name}'",
                f"Partition columns: {keys}." if keys else "It has none.",
            )
        bound = bind(value, Environment(context, clause="PARTITION"))
        with placed(value, context.text):
            found[column.name] = functions.resolve_cast(bound, target.type_of(column))
    return found


def _wanted(
    statement: Insert,
    target: _Target,
    fixed: Mapping[str, Expression],
    context: BindContext,
) -> list[ColumnDefinition]:
    """The columns that the query gives, in its order.

    Raises:
        SqlValidationError: A column is named twice, or one that must not be NULL is not named.
    """
    if not statement.columns:
        return [each for each in target.columns if each.name not in fixed]
    wanted: list[ColumnDefinition] = []
    for tree in statement.columns:
        column = _column(tree, target, context)
        if column in wanted or column.name in fixed:
            raise context.invalid(tree, f"Target column '{column.name}' is assigned more than once")
        wanted.append(column)
    for column in target.columns:
        missing = column not in wanted and column.name not in fixed
        if missing and not target.type_of(column).nullable:
            raise context.invalid(
                statement.target,
                f"Column '{column.name}' has no default value and does not allow NULLs",
                "Name it in the column list.",
            )
    return wanted


def _values(
    query: LogicalNode,
    wanted: Sequence[ColumnDefinition],
    target: _Target,
    statement: Insert,
    context: BindContext,
) -> dict[str, Expression]:
    """What goes into each column, cast to its type."""
    found: dict[str, Expression] = {}
    pairs = zip(refs(query.fields), wanted, strict=True)
    for position, (value, column) in enumerate(pairs):
        try:
            found[column.name] = _cast(value, target.type_of(column))
        except SqlValidationError as error:
            problem = f"Incompatible types for sink column '{column.name}' at position {position}"
            raise context.invalid(
                statement.target, _mismatch(target, problem, query, wanted), error.hint
            ) from error
    return found


def _cast(value: Expression, wanted: DataType) -> Expression:
    """``value`` as a column of type ``wanted``; NOT NULL is for the sink to enforce."""
    given = value.data_type
    if given.same_type(wanted) or _fits(given, wanted):
        return value
    return functions.resolve_cast(value, wanted, is_implicit=True)


def _fits(given: DataType, wanted: DataType) -> bool:
    """Whether text or bytes go into a column of a varying length that is large enough."""
    if isinstance(wanted, VarCharType):
        return isinstance(given, (CharType, VarCharType)) and given.length <= wanted.length
    if isinstance(wanted, VarBinaryType):
        return isinstance(given, (BinaryType, VarBinaryType)) and given.length <= wanted.length
    return False


def _mismatch(
    target: _Target, cause: str, query: LogicalNode, wanted: Sequence[ColumnDefinition]
) -> str:
    given = ", ".join(f"{each.name}: {each.data_type}" for each in query.fields)
    known = ", ".join(f"{each.name}: {target.type_of(each)}" for each in wanted)
    return (
        f"Column types of query result and sink for '{target.name}' do not match. "
        f"Cause: {cause}. Query schema: [{given}]. Sink schema: [{known}]"
    )


def _sink(
    query: LogicalNode,
    values: Mapping[str, Expression],
    target: _Target,
    statement: Insert,
    context: BindContext,
) -> Sink:
    table = target.table
    physical = [each for each in target.columns if each.kind is ColumnKind.PHYSICAL]
    metadata = [each for each in target.columns if each.kind is ColumnKind.METADATA]
    ordered = [*physical, *metadata]
    columns = [
        values.get(each.name, Literal(target.type_of(each).nullable_(), None)) for each in ordered
    ]
    names = [each.name for each in ordered]
    if statement.conflict is not None and context.is_streaming and not table.primary_key:
        raise context.invalid(
            statement.target,
            f"ON CONFLICT needs a primary key, and '{target.name}' has none",
            "Declare PRIMARY KEY (...) NOT ENFORCED.",
        )
    sink = _described_sink(target, statement, values, context)
    with placed(statement.target, context.text):
        types = [_metadata_type(each, target, sink) for each in metadata]
    kinds = [*(target.type_of(each) for each in physical), *types]
    columns = [
        value if place < len(physical) else functions.resolve_cast(value, wanted)
        for place, (value, wanted) in enumerate(zip(columns, kinds, strict=True))
    ]
    fields = tuple(Field(name, kind) for name, kind in zip(names, kinds, strict=True))
    return Sink(
        fields,
        project(query, names, columns),
        target.path,
        sink,
        tuple(names.index(each) for each in table.primary_key),
        tuple(each.key for each in metadata),
        statement.conflict,
        tuple(index for index, each in enumerate(fields) if not each.data_type.nullable),
        read_parallelism(
            {**table.options, **table_options(statement.hints, context)}, target.path, "sink"
        ),
    )


def _metadata_type(column: ColumnDefinition, target: _Target, sink: TableSink) -> DataType:
    """The type in which the connector writes a metadata column; NULL leaves the choice to it.

    Raises:
        SqlValidationError: It does not write such metadata.
    """
    known = sink.metadata_types
    if column.key not in known:
        keys = f"It can write {', '.join(sorted(known))}. " if known else ""
        raise SqlValidationError(
            f"Invalid metadata key '{column.key}' in column '{column.name}' of table "
            f"'{target.name}': the connector cannot write it",
            hint=f"{keys}Declare the column METADATA VIRTUAL.",
        )
    return known[column.key].nullable_()


def _described_sink(
    target: _Target,
    statement: Insert,
    values: Mapping[str, Expression],
    context: BindContext,
) -> TableSink:
    options = table_options(statement.hints, context)
    if options and not hints_are_allowed(context.session.configuration):
        raise context.invalid(
            statement.target,
            "The 'OPTIONS' hint is allowed only when the config option "
            "'table.dynamic-table-options.enabled' is set to true",
        )
    described = describe_table(target.path, target.table, context.session, options)
    with placed(statement.target, context.text):
        try:
            sink = find_table_factory(described).create_sink(described)
            if statement.is_overwrite:
                sink = sink.with_overwrite()
        except SqlError:
            raise
        except (FlottError, NotImplementedError) as error:
            raise refused_table("write", target.name, error) from error
    if statement.static_partition:
        sink = sink.with_static_partition(_partition_texts(statement))
    if statement.columns:
        sink = sink.with_columns(tuple(values))
    return sink


def _partition_texts(statement: Insert) -> dict[str, str]:
    return {name.name: str(value.this) for name, value in statement.static_partition}
