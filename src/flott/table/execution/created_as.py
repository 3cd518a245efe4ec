"""CREATE TABLE ... AS: a table with the columns of a query, filled at once."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder import bind_insert, bind_query
from flott.sql.catalog.objects import ColumnDefinition, TableObject
from flott.sql.ddl.declaration import check_nullability, declare_table
from flott.sql.dialect import statements as s
from flott.sql.logical.nodes import LogicalNode
from flott.sql.session import Session
from flott.table.execution.context import ExecutionContext
from flott.table.execution.jobs import run_inserts
from flott.table.execution.schemas import check_declaration
from flott.table.execution.simple_results import ok
from flott.table.table_result import TableResult


def create_table_as(
    statement: s.CreateTableAs, context: ExecutionContext, session: Session
) -> TableResult:
    """Create the table and start the job that fills it."""
    if statement.is_temporary:
        raise SqlValidationError("CREATE TABLE ... AS makes no temporary tables")
    catalog = context.catalog
    path = catalog.qualify(statement.name)
    former = catalog.permanent(path)
    if former is None and statement.needs_former:
        raise SqlValidationError(
            f"There is no table '{'.'.join(path)}' to replace",
            hint="CREATE OR REPLACE TABLE ... AS creates it then.",
        )
    if former is not None and statement.ignore_if_exists:
        return ok()
    node = bind_query(statement.query, session, session.text)
    table = declare_table_as(statement, node, context, session)
    catalog.create_object(statement.name, table, replaces=statement.replace)
    try:
        # The query may read the table that it replaces: it is bound again only for the insert.
        sink = bind_insert(_insert(statement, path, table, node), session, session.text)
        return run_inserts([sink], context, session)
    except BaseException:
        if former is not None:
            catalog.replace_object(path, former)
        else:
            catalog.drop_object(statement.name, "TABLE")
        raise


def declare_table_as(
    statement: s.CreateTableAs, node: LogicalNode, context: ExecutionContext, session: Session
) -> TableObject:
    """The table that the statement makes of its bound query."""
    columns = _columns(statement, node)
    if statement.elements.primary_key is not None:
        own = {each.definition.name for each in statement.elements.columns}
        taken = (each for each in columns if each.name not in own)
        check_nullability(statement.elements.primary_key, taken)
    table = declare_table(statement, columns)
    check_declaration(context.catalog.qualify(statement.name), table, session)
    return table


def _insert(
    statement: s.CreateTableAs, path: tuple[str, str, str], table: TableObject, node: LogicalNode
) -> s.Insert:
    parts = {
        name: exp.Identifier(this=part, quoted=True)
        for name, part in zip(("catalog", "db", "this"), path, strict=True)
    }
    names = tuple(exp.Identifier(this=each.name, quoted=True) for each in node.fields)
    every = tuple(each.name for each in table.columns) == tuple(each.name for each in node.fields)
    return s.Insert(
        exp.Table(**parts),
        statement.query,
        columns=() if every else names,
        text=statement.text,
        place=statement.place,
    )


def _columns(statement: s.CreateTableAs, node: LogicalNode) -> list[ColumnDefinition]:
    """The columns of the statement first, then those of the query that it does not name."""
    found = {each.name: ColumnDefinition(each.name, each.data_type) for each in node.fields}
    elements = statement.elements
    if elements.column_names:
        if sorted(elements.column_names) != sorted(found):
            raise SqlValidationError(
                f"The columns named are not those of the query: {', '.join(found)}"
            )
        return [found[name] for name in elements.column_names]
    columns: list[ColumnDefinition] = []
    for change in elements.columns:
        definition = change.definition
        queried = found.pop(definition.name, None)
        if queried is not None and definition.data_type is None:
            raise SqlValidationError(
                f"Column '{definition.name}' is computed, and the query gives it, too"
            )
        if queried is not None:
            _refuse_null(definition, queried)
        columns.append(replace(definition))
    return [*columns, *found.values()]


def _refuse_null(declared: ColumnDefinition, queried: ColumnDefinition) -> None:
    """Refuse a column that is declared NOT NULL where the query may give NULL."""
    wanted, given = declared.data_type, queried.data_type
    if wanted is not None and given is not None and given.nullable and not wanted.nullable:
        raise SqlValidationError(
            f"Incompatible types for sink column '{declared.name}': the query gives {given}, and "
            f"the table has {wanted}"
        )
