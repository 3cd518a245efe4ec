"""``Table``: a query that can be run, shown, named and written to other tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from sqlglot import exp

from flott.common.errors import UnsupportedFeature
from flott.common.short_traces import SHORT_TRACES
from flott.sql.binder import bind_insert
from flott.sql.catalog.objects import ViewObject
from flott.sql.dialect.statements import Insert
from flott.sql.logical.nodes import LogicalNode
from flott.table.execution.executor import explain_nodes
from flott.table.execution.jobs import run_query
from flott.table.explain_detail import ExplainDetail
from flott.table.html import html_columns
from flott.table.table_pipeline import TablePipeline
from flott.table.table_result import TableResult
from flott.table.table_schema import Column, ResolvedSchema, TableSchema

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl
    import pyarrow as pa

    from flott.table.table_descriptor import TableDescriptor
    from flott.table.table_environment import TableEnvironment

__all__ = ["Table"]

#: Methods of the relational API, which are written in SQL for the time being.
_RELATIONAL = (
    "add_columns", "add_or_replace_columns", "aggregate", "alias", "distinct", "drop_columns",
    "fetch", "filter", "flat_aggregate", "flat_map", "from_changelog", "full_outer_join",
    "group_by", "intersect", "intersect_all", "join", "join_lateral", "left_outer_join",
    "left_outer_join_lateral", "limit", "map", "minus", "minus_all", "offset", "order_by",
    "over_window", "rename_columns", "right_outer_join", "select", "to_changelog", "union",
    "union_all", "where", "window",
)  # fmt: skip


class Table:
    """A query over the tables of an environment; nothing runs until it is asked for.

    >>> from flott.table import EnvironmentSettings, TableEnvironment
    >>> environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
    >>> table = environment.sql_query("SELECT 1 AS a UNION ALL SELECT 2")
    >>> sorted(table.to_polars()["a"])
    [1, 2]
    """

    def __init__(self, node: LogicalNode, environment: TableEnvironment, text: str) -> None:
        self._node = node
        self._environment = environment
        self._text = text

    def execute(self) -> TableResult:
        """Run the query; its rows come as they are asked for."""
        with SHORT_TRACES:
            context = self._environment._context
            return run_query(self._node, context, context.session(self._text))

    def to_polars(self) -> pl.DataFrame:
        """Run the query and give its final rows as a Polars frame. Beyond PyFlink."""
        with SHORT_TRACES:
            return self.execute().to_polars()

    def to_arrow(self) -> pa.Table:
        """Run the query and give its final rows as an Arrow table. Beyond PyFlink."""
        with SHORT_TRACES:
            return self.execute().to_arrow()

    def to_pandas(self) -> pd.DataFrame:
        """Run the query and give its final rows as a pandas frame."""
        with SHORT_TRACES:
            return self.execute().to_pandas()

    def explain(self, *extra_details: ExplainDetail) -> str:
        """The plan of the query as text."""
        with SHORT_TRACES:
            session = self._environment._context.session(self._text)
            return explain_nodes([self._node], session, [each.value for each in extra_details])

    def print_explain(self, *extra_details: ExplainDetail) -> None:
        """Print the plan of the query."""
        self._environment._print(self.explain(*extra_details))

    def get_schema(self) -> TableSchema:
        """Names and types of the columns."""
        return TableSchema([each.name for each in self._node.fields], self._node.types)

    def get_resolved_schema(self) -> ResolvedSchema:
        """Names and types of the columns."""
        return ResolvedSchema([Column(each.name, each.data_type) for each in self._node.fields])

    def print_schema(self) -> None:
        """Print names and types of the columns."""
        self._environment._print(str(self.get_resolved_schema()))

    def insert_into(
        self, table_path_or_descriptor: str | TableDescriptor, overwrite: bool = False
    ) -> TablePipeline:
        """Direct the rows to a table; ``execute`` of what this gives starts the job.

        Args:
            table_path_or_descriptor: the name of a table, or the description of one.
            overwrite: whether the former contents go.
        """
        with SHORT_TRACES:
            environment = self._environment
            path = environment._sink_path(table_path_or_descriptor)
            name = environment._temporary_name()
            environment._create_view(name, self, is_temporary=True)
            try:
                text = f"SELECT * FROM `{name}`"
                query = environment._parse_query(text)
                session = environment._context.session(text)
                parts = zip(("this", "db", "catalog"), reversed(path), strict=False)
                target = exp.Table(
                    **{key: exp.Identifier(this=part, quoted=True) for key, part in parts}
                )
                insert = Insert(target, query, is_overwrite=overwrite)
                return TablePipeline(bind_insert(insert, session, text), environment)
            finally:
                environment.drop_temporary_view(name)

    def execute_insert(
        self, table_path_or_descriptor: str | TableDescriptor, overwrite: bool = False
    ) -> TableResult:
        """Write the rows to a table; starts the job.

        Args:
            table_path_or_descriptor: the name of a table, or the description of one.
            overwrite: whether the former contents go.
        """
        with SHORT_TRACES:
            return self.insert_into(table_path_or_descriptor, overwrite).execute()

    def _as_view(self, is_temporary: bool) -> ViewObject:
        catalog = self._environment._context.catalog
        return ViewObject(
            self._text,
            query_columns=tuple(each.name for each in self._node.fields),
            catalog=catalog.current_catalog,
            database=catalog.current_database,
            plan=self._node,
            is_temporary=is_temporary,
        )

    def __str__(self) -> str:
        """A name under which the table can be used in SQL text: it is registered at once."""
        name = self._environment._temporary_name()
        self._environment._create_view(name, self, is_temporary=True)
        return name

    def _repr_html_(self) -> str:
        """What a notebook shows: the columns; the query is not run for that."""
        names = [each.name for each in self._node.fields]
        below = "A query: execute().print() shows its rows, to_polars() and to_pandas() give them."
        return html_columns(names, self._node.types, below)

    def __repr__(self) -> str:
        return f"Table({', '.join(each.name for each in self._node.fields)})"


def _relational(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Table, *args: Any, **kwargs: Any) -> NoReturn:
        raise UnsupportedFeature(f"Table.{name}", successor="TableEnvironment.sql_query")

    refuse.__name__ = name
    refuse.__qualname__ = f"Table.{name}"
    refuse.__doc__ = (
        f"Not there yet: write the query in SQL.\n\n"
        f"        Raises:\n            UnsupportedFeature: Always; ``{name}`` is for later.\n"
    )
    return refuse


for _name in _RELATIONAL:
    setattr(Table, _name, _relational(_name))
