"""``StatementSet``: several inserts that run as one job."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.short_traces import SHORT_TRACES
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import Insert
from flott.table.execution.context import errors_at
from flott.table.execution.executor import bind_sinks, explain_nodes
from flott.table.execution.jobs import run_inserts
from flott.table.explain_detail import ExplainDetail
from flott.table.table_pipeline import TablePipeline
from flott.table.table_result import TableResult

if TYPE_CHECKING:
    from flott.sql.logical.nodes import Sink
    from flott.table.table import Table
    from flott.table.table_descriptor import TableDescriptor
    from flott.table.table_environment import TableEnvironment

__all__ = ["StatementSet"]


class StatementSet:
    """Collects inserts; ``execute`` runs them as one job that reads shared sources once.

    Made by ``TableEnvironment.create_statement_set``.
    """

    def __init__(self, environment: TableEnvironment) -> None:
        self._environment = environment
        self._sinks: list[Sink] = []

    def add(self, table_pipeline: TablePipeline) -> StatementSet:
        """Add what ``Table.insert_into`` gave."""
        self._sinks.append(table_pipeline._sink)
        return self

    def add_insert_sql(self, stmt: str) -> StatementSet:
        """Add an INSERT statement.

        Raises:
            SqlParserError: The text is not a statement.
            SqlValidationError: The insert has no meaning.
        """
        with SHORT_TRACES:
            statement = parse_statement(stmt)
            if not isinstance(statement, Insert):
                raise ProgramError("A statement set takes INSERT statements only")
            session = self._environment._context.session(stmt)
            with errors_at(statement.place, stmt):
                self._sinks += bind_sinks([statement], session)
            return self

    def add_insert(
        self,
        target_path_or_descriptor: str | TableDescriptor,
        table: Table,
        overwrite: bool = False,
    ) -> StatementSet:
        """Add the rows of ``table`` to a table."""
        with SHORT_TRACES:
            return self.add(table.insert_into(target_path_or_descriptor, overwrite))

    def attach_as_datastream(self) -> NoReturn:
        """Not there yet.

        Raises:
            UnsupportedFeature: Always.
        """
        raise UnsupportedFeature(
            "StatementSet.attach_as_datastream", successor="StatementSet.execute"
        )

    def explain(self, *extra_details: ExplainDetail) -> str:
        """The plan of the inserts as text."""
        with SHORT_TRACES:
            session = self._environment._context.session()
            return explain_nodes(self._sinks, session, [each.value for each in extra_details])

    def print_explain(self, *extra_details: ExplainDetail) -> None:
        """Print the plan of the inserts."""
        self._environment._print(self.explain(*extra_details))

    def execute(self) -> TableResult:
        """Start the job; the set is empty afterwards.

        Raises:
            ProgramError: The set is empty.
        """
        with SHORT_TRACES:
            if not self._sinks:
                raise ProgramError("The statement set is empty: add an insert first")
            sinks, self._sinks = self._sinks, []
            context = self._environment._context
            return run_inserts(sinks, context, context.session())

    def compile_plan(self) -> NoReturn:
        """Not there.

        Raises:
            UnsupportedFeature: Always.
        """
        raise UnsupportedFeature(
            "StatementSet.compile_plan", reason="Operator ids come from the meaning of statements."
        )
