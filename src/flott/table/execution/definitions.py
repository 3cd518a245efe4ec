"""CREATE, ALTER and DROP: statements that change the catalog."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder import bind_query
from flott.sql.binder.select_list import output_name
from flott.sql.catalog.objects import (
    DatabaseObject,
    FunctionObject,
    ObjectPath,
    TableObject,
    ViewObject,
)
from flott.sql.ddl.changes import alter_table
from flott.sql.ddl.declaration import declare_table
from flott.sql.ddl.like import merge_like
from flott.sql.ddl.view_text import expanded_query
from flott.sql.dialect import statements as s
from flott.sql.logical.nodes import LogicalNode
from flott.sql.session import Session
from flott.table.execution.context import ExecutionContext
from flott.table.execution.created_as import create_table_as
from flott.table.execution.schemas import check_declaration
from flott.table.execution.simple_results import ok
from flott.table.table_result import TableResult


def create_table(
    statement: s.CreateTable, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE TABLE with columns."""
    path = context.catalog.qualify(statement.name)
    table = declare_table(statement)
    check_declaration(path, table, session)
    context.catalog.create_object(statement.name, table, statement.ignore_if_exists)
    return ok()


def create_table_like(
    statement: s.CreateTableLike, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE TABLE ... LIKE."""
    _, source = context.catalog.resolve(statement.source)
    if not isinstance(source, TableObject) or source.source is not None:
        raise SqlValidationError(
            f"LIKE needs a table that was declared; '{'.'.join(statement.source)}' is none"
        )
    path = context.catalog.qualify(statement.name)
    table = merge_like(statement, source)
    check_declaration(path, table, session)
    context.catalog.create_object(statement.name, table, statement.ignore_if_exists)
    return ok()


def create_view(
    statement: s.CreateView, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE VIEW."""
    node = bind_query(statement.query, session, session.text)
    if not statement.columns:
        _refuse_same_names(statement.query)
    view = view_of(statement.query_text, node, context, statement.columns)
    full_text = expanded_query(statement.query, node, session)
    view = replace(
        view,
        comment=statement.comment,
        is_temporary=statement.is_temporary,
        full_text=full_text,
    )
    context.catalog.create_object(statement.name, view, statement.ignore_if_exists)
    return ok()


def _refuse_same_names(query: exp.Expression) -> None:
    selected = [each for each in getattr(query, "selects", ()) if not each.is_star]
    names = [output_name(each, position) for position, each in enumerate(selected)]
    for position, name in enumerate(names):
        if name in names[:position]:
            raise SqlValidationError(
                f"The view has two columns called '{name}'",
                hint="Name the columns: CREATE VIEW v (a, b) AS ..., or with AS in the query.",
            )


def view_of(
    query_text: str,
    node: LogicalNode,
    context: ExecutionContext,
    names: tuple[str, ...] = (),
) -> ViewObject:
    """A view of a query that has been bound.

    Raises:
        SqlValidationError: There are more or fewer names than columns, or a name stands twice.
    """
    columns = tuple(each.name for each in node.fields)
    if names and len(names) != len(columns):
        raise SqlValidationError(
            f"The view names {len(names)} columns, its query has {len(columns)}",
            hint=f"Columns of the query: {', '.join(columns)}.",
        )
    used = names or columns
    twice = next((name for position, name in enumerate(used) if name in used[:position]), None)
    if twice is not None:
        raise SqlValidationError(f"Column '{twice}' stands twice in the view")
    catalog = context.catalog
    return ViewObject(
        query_text,
        names,
        columns,
        catalog=catalog.current_catalog,
        database=catalog.current_database,
    )


def create_function(
    statement: s.CreateFunction, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE FUNCTION: a Python function by ``module.attribute``."""
    function = _load_function(statement)
    context.catalog.functions.create(statement.name, function, statement.ignore_if_exists)
    return ok()


def alter_function(
    statement: s.AlterFunction, context: ExecutionContext, session: Session
) -> TableResult:
    """ALTER FUNCTION."""
    function = _load_function(statement)
    context.catalog.functions.alter(statement.name, function, statement.if_exists)
    return ok()


def _load_function(statement: s.CreateFunction | s.AlterFunction) -> FunctionObject:
    language = statement.language
    if language != "PYTHON" and (statement.is_temporary or statement.is_system):
        raise SqlValidationError(
            f"Functions in {language} cannot be loaded: there is no JVM",
            hint="Write the function in Python and create it with LANGUAGE PYTHON.",
        )
    return FunctionObject(
        statement.name[-1],
        statement.class_name,
        language,
        _load(statement.class_name) if language == "PYTHON" else None,
        statement.is_temporary,
        statement.is_system,
    )


def _load(class_name: str) -> Any:
    module, _, attribute = class_name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise SqlValidationError(
            f"The Python function '{class_name}' cannot be loaded: {error}",
            hint="Name it as module.attribute, and have the module on the path.",
        ) from error


def create_catalog(
    statement: s.CreateCatalog, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE CATALOG."""
    context.catalog.create_catalog(
        statement.name, statement.options, statement.comment, statement.ignore_if_exists
    )
    return ok()


def create_database(
    statement: s.CreateDatabase, context: ExecutionContext, session: Session
) -> TableResult:
    """CREATE DATABASE."""
    definition = DatabaseObject(statement.comment, dict(statement.options))
    context.catalog.create_database(statement.name, definition, statement.ignore_if_exists)
    return ok()


def drop(statement: s.Drop, context: ExecutionContext, session: Session) -> TableResult:
    """DROP."""
    catalog, name, if_exists = context.catalog, statement.name, statement.if_exists
    match statement.kind:
        case "CATALOG":
            catalog.drop_catalog(".".join(name), if_exists)
        case "DATABASE":
            catalog.drop_database(name, if_exists, statement.cascade)
        case "FUNCTION":
            catalog.functions.drop(name, if_exists, statement.is_temporary, statement.is_system)
        case kind:
            catalog.drop_object(name, kind, if_exists, statement.is_temporary)
    return ok()


def alter(statement: s.AlterTable, context: ExecutionContext, session: Session) -> TableResult:
    """ALTER TABLE."""
    catalog = context.catalog
    if statement.if_exists and catalog.get(catalog.qualify(statement.name)) is None:
        return ok()
    path, found = catalog.resolve(statement.name)
    if not isinstance(found, TableObject):
        raise SqlValidationError(f"'{'.'.join(path)}' is a view", hint="ALTER VIEW changes views.")
    _refuse_temporary(path, "table", found.is_temporary)
    if isinstance(statement, s.AlterTableRename):
        catalog.rename_object(path, statement.new_name)
        return ok()
    table = alter_table(found, statement)
    check_declaration(path, table, session)
    catalog.replace_object(path, table)
    return ok()


def _view(name: s.Path, context: ExecutionContext) -> tuple[tuple[str, str, str], ViewObject]:
    path, found = context.catalog.resolve(name)
    if not isinstance(found, ViewObject):
        raise SqlValidationError(
            f"'{'.'.join(path)}' is a table", hint="ALTER TABLE changes tables."
        )
    _refuse_temporary(path, "view", found.is_temporary)
    return path, found


def _refuse_temporary(path: ObjectPath, kind: str, is_temporary: bool) -> None:
    if is_temporary:
        raise SqlValidationError(
            f"'{'.'.join(path)}' is a temporary {kind}, and these are not altered",
            hint=f"Drop it and create it again: DROP TEMPORARY {kind.upper()} ...",
        )


def rename_view(
    statement: s.AlterViewRename, context: ExecutionContext, session: Session
) -> TableResult:
    """ALTER VIEW ... RENAME TO."""
    path, _ = _view(statement.name, context)
    context.catalog.rename_object(path, statement.new_name)
    return ok()


def alter_view(
    statement: s.AlterViewAs, context: ExecutionContext, session: Session
) -> TableResult:
    """ALTER VIEW ... AS."""
    path, former = _view(statement.name, context)
    node = bind_query(statement.query, session, session.text)
    view = view_of(statement.query_text, node, context)
    full_text = expanded_query(statement.query, node, session)
    view = replace(
        view, comment=former.comment, is_temporary=former.is_temporary, full_text=full_text
    )
    context.catalog.replace_object(path, view)
    return ok()


def alter_database(
    statement: s.AlterDatabase, context: ExecutionContext, session: Session
) -> TableResult:
    """ALTER DATABASE."""
    context.catalog.alter_database(statement.name, statement.options)
    return ok()


def alter_catalog(
    statement: s.AlterCatalog, context: ExecutionContext, session: Session
) -> TableResult:
    """ALTER CATALOG."""
    if not (statement.changed or statement.removed or statement.comment is not None):
        raise SqlValidationError("ALTER CATALOG names no option")
    context.catalog.alter_catalog(
        statement.name, statement.changed, statement.removed, statement.comment
    )
    return ok()


__all__ = [
    "alter",
    "alter_catalog",
    "alter_database",
    "alter_function",
    "alter_view",
    "create_catalog",
    "create_database",
    "create_function",
    "create_table",
    "create_table_as",
    "create_table_like",
    "create_view",
    "drop",
    "rename_view",
    "view_of",
]
