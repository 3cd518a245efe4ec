"""Tables and views with all types known: for DESCRIBE, schemas, and the checks of CREATE."""

from __future__ import annotations

from dataclasses import dataclass

from flott.common.logical_types import (
    DataType,
    LocalZonedTimestampType,
    NullType,
    TimestampType,
)
from flott.common.sql_errors import SqlValidationError
from flott.sql.binder import bind_expression, bind_view
from flott.sql.catalog.objects import (
    CatalogObject,
    ColumnDefinition,
    ColumnKind,
    ObjectPath,
    TableObject,
    ViewObject,
)
from flott.sql.ddl.show_create import extras_of, render_text
from flott.sql.logical.nodes import Field, TimeAttribute
from flott.sql.session import Session

_MAX_TIME_PRECISION = 3


@dataclass(frozen=True)
class ResolvedColumn:
    """A column as DESCRIBE shows it.

    Attributes:
        name: Its name.
        data_type: Its type.
        extras: How it is computed, or its metadata key.
        watermark: The watermark's expression, if it is event time.
        comment: What the user says about it.
        time: Whether it is a time attribute.
    """

    name: str
    data_type: DataType
    extras: str | None = None
    watermark: str | None = None
    comment: str | None = None
    time: TimeAttribute | None = None


def resolve_columns(
    path: ObjectPath, found: CatalogObject, session: Session
) -> list[ResolvedColumn]:
    """The columns of a table or view."""
    if isinstance(found, ViewObject):
        fields = bind_view(found, session, path).fields
        return [ResolvedColumn(each.name, each.data_type, time=each.time) for each in fields]
    return _table_columns(path, found, session)


def _table_columns(path: ObjectPath, table: TableObject, session: Session) -> list[ResolvedColumn]:
    inputs = tuple(
        Field(each.name, each.data_type or NullType())
        for each in table.columns
        if each.kind is not ColumnKind.COMPUTED
    )
    return [_resolved(each, path[2], table, inputs, session) for each in table.columns]


def _resolved(
    column: ColumnDefinition,
    name: str,
    table: TableObject,
    inputs: tuple[Field, ...],
    session: Session,
) -> ResolvedColumn:
    data_type, time = column.data_type, None
    if column.kind is ColumnKind.COMPUTED:
        text = column.expression_text or ""
        expression = bind_expression(text, inputs, session, name, f"column '{column.name}'")
        data_type = expression.data_type
        if getattr(expression, "function", "") == "PROCTIME":
            time = TimeAttribute.PROCTIME
    assert data_type is not None
    watermark = None
    if table.watermark is not None and table.watermark.column == column.name:
        watermark = render_text(table.watermark.expression_text)
        time = TimeAttribute.ROWTIME
    return ResolvedColumn(
        column.name, data_type, extras_of(column), watermark, column.comment, time
    )


def check_declaration(path: ObjectPath, table: TableObject, session: Session) -> None:
    """Refuse a table whose computed columns or watermark mean nothing.

    Raises:
        SqlValidationError: Says what is wrong.
    """
    columns = {each.name: each for each in resolve_columns(path, table, session)}
    watermark = table.watermark
    if watermark is None or watermark.column not in columns:
        return
    time = columns[watermark.column].data_type
    if (
        not isinstance(time, TimestampType | LocalZonedTimestampType)
        or time.precision > _MAX_TIME_PRECISION
    ):
        raise SqlValidationError(
            f"The watermark is for '{watermark.column}', whose type is {time}",
            hint="Event time is a column of TIMESTAMP(p) or TIMESTAMP_LTZ(p), p from 0 to 3.",
        )
    inputs = tuple(Field(each.name, each.data_type) for each in columns.values())
    text = watermark.expression_text
    expression = bind_expression(text, inputs, session, path[2], "the watermark")
    if not isinstance(expression.data_type, TimestampType | LocalZonedTimestampType):
        raise SqlValidationError(
            f"The watermark of '{watermark.column}' has the type {expression.data_type}",
            hint="It is a point in time, for example ts - INTERVAL '5' SECOND.",
        )
