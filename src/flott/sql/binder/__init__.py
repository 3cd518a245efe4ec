"""Names and types: from syntax trees to the logical plan.

``flott.sql.dialect`` gives trees, the catalog gives tables, ``flott.sql.functions`` gives the types
of calls; the binder brings them together and says at which place of the text they do not fit.
"""

from __future__ import annotations

from flott.sql.binder.entry import bind_expression, bind_query, bind_view
from flott.sql.binder.insert import bind_insert
from flott.sql.binder.table_expansion import check_connector, describe_table

__all__ = [
    "bind_expression",
    "bind_insert",
    "bind_query",
    "bind_view",
    "check_connector",
    "describe_table",
]
