"""``TablePipeline``: a query with the table that it writes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from flott.common.errors import UnsupportedFeature
from flott.common.short_traces import SHORT_TRACES
from flott.table.execution.executor import explain_nodes
from flott.table.execution.jobs import run_inserts
from flott.table.explain_detail import ExplainDetail
from flott.table.table_result import TableResult

if TYPE_CHECKING:
    from flott.sql.logical.nodes import Sink
    from flott.table.table_environment import TableEnvironment

__all__ = ["TablePipeline"]


class TablePipeline:
    """Made by ``Table.insert_into``."""

    def __init__(self, sink: Sink, environment: TableEnvironment) -> None:
        self._sink = sink
        self._environment = environment

    def execute(self) -> TableResult:
        """Start the job that writes."""
        with SHORT_TRACES:
            context = self._environment._context
            return run_inserts([self._sink], context, context.session())

    def explain(self, *extra_details: ExplainDetail) -> str:
        """The plan as text."""
        with SHORT_TRACES:
            session = self._environment._context.session()
            return explain_nodes([self._sink], session, [each.value for each in extra_details])

    def print_explain(self, *extra_details: ExplainDetail) -> None:
        """Print the plan."""
        self._environment._print(self.explain(*extra_details))

    def compile_plan(self) -> NoReturn:
        """Not there.

        Raises:
            UnsupportedFeature: Always.
        """
        raise UnsupportedFeature(
            "TablePipeline.compile_plan", reason="Operator ids come from the meaning of statements."
        )

    def get_sink_identifier(self) -> str:
        """The full name of the table written."""
        return ".".join(self._sink.path)
