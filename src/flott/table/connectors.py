"""What the connector of a table implements, for connectors of your own.

A ``TableFactory`` makes the sources and sinks of ``CREATE TABLE ... WITH ('connector' = 'x')``. A
package that is installed registers it as an entry point of the group ``flott.connectors`` whose
name is the connector's; a program registers nothing.
"""

from flott.common.logical_types import DataType, RowField
from flott.common.physical_types import polars_schema
from flott.core.column_batch import ColumnBatch
from flott.core.table import (
    ChangelogMode,
    LookupTable,
    LookupTableSource,
    MetadataColumn,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
)

__all__ = [
    "ChangelogMode",
    "ColumnBatch",
    "DataType",
    "LookupTable",
    "LookupTableSource",
    "MetadataColumn",
    "RowField",
    "TableDescription",
    "TableFactory",
    "TableSink",
    "TableSource",
    "polars_schema",
]
