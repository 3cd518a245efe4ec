"""``TableEnvironment``: where SQL is run; a catalog, options, and the way to jobs."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from flott.common.configuration import Configuration
from flott.common.errors import ProgramError, UnsupportedFeature
from flott.common.logical_types import DataType
from flott.common.short_traces import SHORT_TRACES
from flott.datastream.streams.data_stream import DataStream
from flott.sql.binder import bind_query
from flott.sql.catalog.manager import CatalogManager
from flott.sql.catalog.objects import TableObject, ViewObject
from flott.sql.dialect import parse_query, parse_statement, parse_statements
from flott.sql.dialect.rendering import quote_name
from flott.sql.dialect.statements import Query, Statement
from flott.table.environment_settings import EnvironmentSettings
from flott.table.execution.context import ExecutionContext, errors_at
from flott.table.execution.executor import bind_for_plan, execute, explain_nodes
from flott.table.explain_detail import ExplainDetail
from flott.table.families.catalogs import Catalogs
from flott.table.families.later import NO_BRIDGE, Later
from flott.table.frame_tables import elements_table, frame_table, table_of_descriptor
from flott.table.schema import Schema
from flott.table.statement_set import StatementSet
from flott.table.table import Table
from flott.table.table_config import TableConfig
from flott.table.table_descriptor import TableDescriptor
from flott.table.table_result import TableResult

if TYPE_CHECKING:
    from flott.datastream import StreamExecutionEnvironment

__all__ = ["StreamTableEnvironment", "TableEnvironment"]


class TableEnvironment(Catalogs, Later):
    """Runs SQL statements.

    >>> environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    >>> environment.execute_sql("CREATE VIEW v AS SELECT 1 AS a, DATE '2026-08-01' AS b").print()
    OK
    >>> environment.execute_sql("SELECT b, a FROM v").print()
    +------------+-------------+
    |          b |           a |
    +------------+-------------+
    | 2026-08-01 |           1 |
    +------------+-------------+
    1 row in set
    """

    def __init__(self, configuration: Configuration, settings: EnvironmentSettings) -> None:
        catalog = CatalogManager(
            settings.get_built_in_catalog_name(), settings.get_built_in_database_name()
        )
        self._context = ExecutionContext(catalog, configuration)
        self._numbers = itertools.count()

    @staticmethod
    def create(
        environment_settings: EnvironmentSettings | Configuration | None = None,
    ) -> TableEnvironment:
        """Make an environment.

        Args:
            environment_settings: settings or options; streaming mode without them.
        """
        settings = _settings(environment_settings)
        return TableEnvironment(settings.get_configuration(), settings)

    def get_config(self) -> TableConfig:
        """The options; changes count for the statements after them."""
        return TableConfig(self._context.configuration)

    def execute_sql(self, stmt: str) -> TableResult:
        """Execute one statement.

        A query runs as far as its rows are asked for; an INSERT starts a job and returns at once.

        Raises:
            SqlParserError: The text is not a statement; shows the place.
            SqlValidationError: It has no meaning, or cannot be run; shows the place.
            UnsupportedFeature: Flink knows it, Flott does not.
        """
        with SHORT_TRACES:
            return self._execute(parse_statement(stmt), stmt)

    def execute_script(self, script: str) -> list[TableResult]:
        """Execute the statements of a script one after the other; waits for each INSERT.

        Beyond PyFlink.
        """
        with SHORT_TRACES:
            results = []
            for statement in parse_statements(script):
                result = self._execute(statement, script)
                result.wait()
                results.append(result)
            return results

    def sql_query(self, query: str) -> Table:
        """A table for a query; nothing runs yet.

        Raises:
            SqlParserError: The text is not a query.
            SqlValidationError: It has no meaning.
        """
        with SHORT_TRACES:
            statement = parse_statement(query)
            if not isinstance(statement, Query):
                raise ProgramError("sql_query takes a query. Use execute_sql for other statements.")
            with errors_at(statement.place, query):
                node = bind_query(statement.tree, self._context.session(query), query)
            return Table(node, self, statement.text)

    def explain_sql(self, stmt: str, *extra_details: ExplainDetail) -> str:
        """The plan of a query, INSERT or statement set as text."""
        with SHORT_TRACES:
            statement = parse_statement(stmt)
            session = self._context.session(stmt)
            with errors_at(statement.place, stmt):
                nodes = bind_for_plan(statement, session)
                return explain_nodes(nodes, session, [each.value for each in extra_details])

    def create_statement_set(self) -> StatementSet:
        """Begin a set of inserts that run as one job."""
        return StatementSet(self)

    def from_path(self, path: str) -> Table:
        """A table or view of the catalog by its name."""
        with SHORT_TRACES:
            names = ".".join(quote_name(each) for each in self._parts(path))
            return self.sql_query(f"SELECT * FROM {names}")

    def from_descriptor(self, descriptor: TableDescriptor) -> Table:
        """A table that no catalog knows."""
        with SHORT_TRACES:
            name = self._temporary_name()
            self.create_temporary_table(quote_name(name), descriptor)
            return self._without_name(name)

    def create_table(
        self,
        path: str,
        descriptor: TableDescriptor,
        ignoreIfExists: bool | None = False,
    ) -> bool:
        """Create a table from its description.

        Returns:
            Whether it was created.
        """
        with SHORT_TRACES:
            table = table_of_descriptor(descriptor, self._parts(path), self._context)
            return self._context.catalog.create_object(
                self._parts(path), table, bool(ignoreIfExists)
            )

    def create_temporary_table(
        self,
        path: str,
        descriptor: TableDescriptor,
        ignoreIfExists: bool | None = False,
    ) -> None:
        """Create a table of this session from its description."""
        with SHORT_TRACES:
            table = table_of_descriptor(descriptor, self._parts(path), self._context)
            table = replace(table, is_temporary=True)
            self._context.catalog.create_object(self._parts(path), table, bool(ignoreIfExists))

    def create_temporary_view(
        self,
        view_path: str,
        table_or_data_stream: Any,
        *fields_or_schema: Schema,
        schema: Schema | None = None,
    ) -> None:
        """Name a table of this session.

        Args:
            view_path: the name.
            table_or_data_stream: a ``Table``, or a frame of Polars, pandas or Arrow (beyond
                PyFlink).
            schema: for a frame: types, computed columns, event time.

        Raises:
            SqlValidationError: The name is taken.
        """
        with SHORT_TRACES:
            for each in fields_or_schema:
                schema = each
            if isinstance(table_or_data_stream, Table):
                self._create_view(view_path, table_or_data_stream, is_temporary=True)
                return
            if isinstance(table_or_data_stream, DataStream):
                raise UnsupportedFeature(
                    "TableEnvironment.create_temporary_view of a DataStream", reason=NO_BRIDGE
                )
            parts = self._parts(view_path)
            table = frame_table(table_or_data_stream, schema, parts, self._context)
            self._context.catalog.create_object(parts, table)

    def create_view(self, view_path: str, table: Table, ignore_if_exists: bool = False) -> bool:
        """Name a table in the catalog.

        Returns:
            Whether the view was created.
        """
        with SHORT_TRACES:
            return self._create_view(view_path, table, ignore_if_exists=ignore_if_exists)

    def from_elements(
        self,
        elements: Iterable[Any],
        schema: DataType | Sequence[str] | Sequence[DataType] | None = None,
        verify_schema: bool = True,
    ) -> Table:
        """A table of Python rows.

        Args:
            elements: tuples, lists, dicts or ``Row`` objects; for a single column plain values.
            schema: a row type, or the names of the columns, whose types are taken from the
                values; ``_1``, ``_2``, ... without it.
            verify_schema: whether values that do not fit their type are an error.

        Raises:
            TypeMismatchError: A value does not fit its column.

        >>> environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
        >>> environment.from_elements([(1, "a"), (2, "b")], ["id", "name"]).to_polars().rows()
        [(1, 'a'), (2, 'b')]
        """
        with SHORT_TRACES:
            return self._from_table(elements_table(list(elements), schema, verify_schema))

    def from_pandas(
        self,
        pdf: Any,
        schema: DataType | Sequence[str] | Sequence[DataType] | None = None,
        splits_num: int = 1,
    ) -> Table:
        """A table of a pandas, Polars or Arrow frame.

        Args:
            pdf: the frame.
            schema: a row type, other names for the columns, or their types.
            splits_num: accepted; a frame is read by one task.
        """
        with SHORT_TRACES:
            return self._from_table(frame_table(pdf, schema, ("frame",), self._context))

    def _from_table(self, table: TableObject) -> Table:
        name = self._temporary_name()
        self._context.catalog.create_object([name], replace(table, is_temporary=True))
        return self._without_name(name)

    def _without_name(self, name: str) -> Table:
        """A table as a query over it; the name, which nobody has chosen, is given up."""
        try:
            return self.from_path(quote_name(name))
        finally:
            self._context.catalog.drop_object([name], "TABLE", is_temporary=True)

    # For the classes around

    def _execute(self, statement: Statement, text: str) -> TableResult:
        return execute(statement, self._context, text)

    def _create_view(
        self,
        view_path: str,
        table: Table,
        is_temporary: bool = False,
        ignore_if_exists: bool = False,
    ) -> bool:
        view: ViewObject = table._as_view(is_temporary)
        parts = self._parts(view_path)
        return self._context.catalog.create_object(parts, view, ignore_if_exists)

    def _temporary_name(self) -> str:
        return f"UnnamedTable${next(self._numbers)}"

    def _sink_path(self, table: str | TableDescriptor) -> tuple[str, str, str]:
        if isinstance(table, TableDescriptor):
            name = self._temporary_name()
            self.create_temporary_table(quote_name(name), table)
            return self._context.catalog.qualify([name])
        path, _ = self._context.catalog.resolve(self._parts(table))
        return path

    @staticmethod
    def _parse_query(text: str) -> exp.Expression:
        return parse_query(text)

    @staticmethod
    def _print(text: str) -> None:
        sys.stdout.write(text + "\n")


class StreamTableEnvironment(TableEnvironment):
    """A ``TableEnvironment`` that shares the options of a ``StreamExecutionEnvironment``."""

    @staticmethod
    def create(  # type: ignore[override]
        stream_execution_environment: StreamExecutionEnvironment
        | EnvironmentSettings
        | Configuration
        | None = None,
        environment_settings: EnvironmentSettings | Configuration | None = None,
    ) -> StreamTableEnvironment:
        """Make an environment.

        Args:
            stream_execution_environment: whose options count; a new one if not given.
            environment_settings: settings or options; streaming mode without them.
        """
        from flott.datastream import StreamExecutionEnvironment

        stream = stream_execution_environment
        if isinstance(stream, EnvironmentSettings | Configuration):
            stream, environment_settings = None, stream
        settings = _settings(environment_settings)
        if stream is None:
            stream = StreamExecutionEnvironment.get_execution_environment()
        configuration = stream._configuration
        if environment_settings is not None:
            configuration.add_all(settings.get_configuration())
        return StreamTableEnvironment(configuration, settings)


def _settings(given: EnvironmentSettings | Configuration | None) -> EnvironmentSettings:
    if isinstance(given, EnvironmentSettings):
        return given
    builder = EnvironmentSettings.new_instance()
    if isinstance(given, Configuration):
        builder.with_configuration(given)
    return builder.build()
