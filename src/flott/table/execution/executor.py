"""The table of statements: which function executes which."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flott.common.sql_errors import SqlValidationError
from flott.sql.binder import bind_insert, bind_query
from flott.sql.dialect import statements as s
from flott.sql.logical.nodes import LogicalNode, Sink
from flott.sql.session import Session
from flott.table.execution import definitions, listing, session_statements
from flott.table.execution.context import ExecutionContext, errors_at
from flott.table.execution.jobs import run_inserts, run_query
from flott.table.execution.simple_results import raw_text
from flott.table.table_result import TableResult

Handler = Callable[[Any, ExecutionContext, Session], TableResult]


def execute(statement: s.Statement, context: ExecutionContext, text: str) -> TableResult:
    """Execute a statement.

    Args:
        statement: what to execute.
        context: where.
        text: the text that the places of the statement refer to.

    Raises:
        SqlValidationError: It has no meaning, or cannot be run; shows the place.
        UnsupportedFeature: Flink knows it, Flott does not.
    """
    with errors_at(statement.place, text):
        return _HANDLERS[type(statement)](statement, context, context.session(text))


def bind_sinks(inserts: Sequence[s.Insert], session: Session) -> list[Sink]:
    """The bound inserts."""
    found: list[Sink] = []
    for each in inserts:
        with errors_at(each.place, session.text):
            found.append(bind_insert(each, session, session.text))
    return found


def bind_for_plan(statement: s.Statement, session: Session) -> list[LogicalNode]:
    """The plans of a statement that EXPLAIN can show.

    Raises:
        SqlValidationError: The statement has no plan.
    """
    if isinstance(statement, s.Query):
        return [bind_query(statement.tree, session, session.text)]
    if isinstance(statement, s.Insert):
        return list(bind_sinks([statement], session))
    if isinstance(statement, s.StatementSet):
        return list(bind_sinks(statement.inserts, session))
    if isinstance(statement, s.CreateTableAs):
        return [bind_query(statement.query, session, session.text)]
    raise SqlValidationError("Only queries and inserts have a plan to explain")


def explain_nodes(
    nodes: Sequence[LogicalNode], session: Session, details: Sequence[str] = ()
) -> str:
    """The plans of bound statements as text."""
    from flott.sql.explain import explain

    return explain(nodes, session, details)


def _query(statement: s.Query, context: ExecutionContext, session: Session) -> TableResult:
    node = bind_query(statement.tree, session, session.text)
    return run_query(node, context, session)


def _insert(statement: s.Insert, context: ExecutionContext, session: Session) -> TableResult:
    return run_inserts(bind_sinks([statement], session), context, session)


def _statement_set(
    statement: s.StatementSet, context: ExecutionContext, session: Session
) -> TableResult:
    return run_inserts(bind_sinks(statement.inserts, session), context, session)


def _explain(statement: s.Explain, context: ExecutionContext, session: Session) -> TableResult:
    nodes = bind_for_plan(statement.statement, session)
    return raw_text(explain_nodes(nodes, session, statement.details))


_HANDLERS: dict[type[s.Statement], Handler] = {
    s.AlterCatalog: definitions.alter_catalog,
    s.AlterDatabase: definitions.alter_database,
    s.AlterFunction: definitions.alter_function,
    s.AlterTableAdd: definitions.alter,
    s.AlterTableDropColumns: definitions.alter,
    s.AlterTableDropFeature: definitions.alter,
    s.AlterTableModify: definitions.alter,
    s.AlterTableOptions: definitions.alter,
    s.AlterTablePartitions: definitions.alter,
    s.AlterTableRename: definitions.alter,
    s.AlterTableRenameColumn: definitions.alter,
    s.AlterViewAs: definitions.alter_view,
    s.AlterViewRename: definitions.rename_view,
    s.AnalyzeTable: session_statements.analyze,
    s.BeginStatementSet: session_statements.refuse_alone,
    s.Call: session_statements.call_procedure,
    s.CreateCatalog: definitions.create_catalog,
    s.CreateDatabase: definitions.create_database,
    s.CreateFunction: definitions.create_function,
    s.CreateTable: definitions.create_table,
    s.CreateTableAs: definitions.create_table_as,
    s.CreateTableLike: definitions.create_table_like,
    s.CreateView: definitions.create_view,
    s.Delete: session_statements.refuse_rows_in_place,
    s.Describe: listing.describe,
    s.Drop: definitions.drop,
    s.EndStatementSet: session_statements.refuse_alone,
    s.Explain: _explain,
    s.Insert: _insert,
    s.LoadModule: session_statements.load_module,
    s.Query: _query,
    s.ResetOption: session_statements.reset_option,
    s.SetOption: session_statements.set_option,
    s.Show: listing.show,
    s.StatementSet: _statement_set,
    s.StopJob: session_statements.stop_job,
    s.TruncateTable: session_statements.refuse_rows_in_place,
    s.UnloadModule: session_statements.unload_module,
    s.Unsupported: session_statements.refuse,
    s.Update: session_statements.refuse_rows_in_place,
    s.Use: session_statements.use,
    s.UseModules: session_statements.use_modules,
}
