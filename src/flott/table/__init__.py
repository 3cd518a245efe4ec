"""SQL and tables in Python; mirrors ``pyflink.table``.

>>> from flott.table import EnvironmentSettings, TableEnvironment
>>> environment = TableEnvironment.create(EnvironmentSettings.in_batch_mode())
>>> environment.execute_sql("SELECT 1 AS a").print()
+-------------+
|           a |
+-------------+
|           1 |
+-------------+
1 row in set
"""

from flott.common.types import Row, RowKind
from flott.table.environment_settings import EnvironmentSettings
from flott.table.explain_detail import ExplainDetail
from flott.table.refusals import refuse_names
from flott.table.result_kind import ResultKind
from flott.table.schema import Schema
from flott.table.sql_dialect import SqlDialect
from flott.table.statement_set import StatementSet
from flott.table.table import Table
from flott.table.table_config import TableConfig
from flott.table.table_descriptor import FormatDescriptor, TableDescriptor
from flott.table.table_environment import StreamTableEnvironment, TableEnvironment
from flott.table.table_pipeline import TablePipeline
from flott.table.table_result import CloseableIterator, TableResult
from flott.table.table_schema import Column, ResolvedSchema, TableSchema
from flott.table.types import DataTypes

__all__ = [
    "CloseableIterator",
    "Column",
    "DataTypes",
    "EnvironmentSettings",
    "ExplainDetail",
    "FormatDescriptor",
    "ResolvedSchema",
    "ResultKind",
    "Row",
    "RowKind",
    "Schema",
    "SqlDialect",
    "StatementSet",
    "StreamTableEnvironment",
    "Table",
    "TableConfig",
    "TableDescriptor",
    "TableEnvironment",
    "TablePipeline",
    "TableResult",
    "TableSchema",
]

__getattr__ = refuse_names(
    __name__,
    """
    AggregateFunction AsyncScalarFunction ChangelogMode CompiledPlan DataView Expression
    FunctionContext GroupWindowedTable GroupedTable ListView MapView Module ModuleEntry
    OverWindowedTable PlanReference ScalarFunction TableAggregateFunction TableFunction
    UserDefinedType WindowGroupedTable
    """,
    "Write the query in SQL, with TableEnvironment.sql_query.",
)
