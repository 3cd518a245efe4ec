"""Statements judged without running a job: what ``flott check`` does."""

from __future__ import annotations

from flott.sql.binder import bind_query, check_connector
from flott.sql.catalog.objects import TableObject
from flott.sql.dialect import statements as s
from flott.sql.logical.nodes import LogicalNode, Sink
from flott.sql.physical import plan_collect, plan_statements
from flott.sql.session import Session
from flott.table.execution.context import ExecutionContext, errors_at
from flott.table.execution.created_as import declare_table_as
from flott.table.execution.executor import bind_for_plan, execute


def check_statement(statement: s.Statement, context: ExecutionContext, text: str) -> int:
    """Plan a statement, or execute it if it starts no job.

    Returns:
        How many jobs it would start.

    Raises:
        SqlValidationError: It has no meaning, or cannot be run.
    """
    session = context.session(text)
    if isinstance(statement, s.BeginStatementSet | s.EndStatementSet | s.StopJob):
        return 0
    if isinstance(statement, s.Explain):
        return check_statement(statement.statement, context, text)
    with errors_at(statement.place, text):
        if isinstance(statement, s.CreateTableAs):
            node = bind_query(statement.query, session, text)
            _plan([node], session)
            table: TableObject = declare_table_as(statement, node, context, session)
            context.catalog.create_object(
                statement.name, table, statement.ignore_if_exists, statement.replace
            )
            return 1
        if isinstance(statement, s.Query | s.Insert | s.StatementSet):
            _plan(bind_for_plan(statement, session), session)
            return 1
        execute(statement, context, text)
        if isinstance(statement, s.CreateTable | s.CreateTableLike):
            _check_connector(statement.name, context, session)
    return 0


def _check_connector(name: s.Path, context: ExecutionContext, session: Session) -> None:
    """Refuse options that no connector knows, which otherwise whoever queries the table learns."""
    path, table = context.catalog.resolve(list(name))
    if isinstance(table, TableObject) and table.source is None:
        check_connector(path, table, session)


def _plan(nodes: list[LogicalNode], session: Session) -> None:
    sinks = [node for node in nodes if isinstance(node, Sink)]
    if sinks:
        plan_statements(sinks, session)
    for node in nodes:
        if not isinstance(node, Sink):
            plan_collect(node, session, "check")
