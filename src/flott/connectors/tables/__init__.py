"""Connectors as tables: ``CREATE TABLE ... WITH ('connector' = 'x')`` finds its factory here.

>>> find_factory("blackhole").identifier
'blackhole'
"""

from __future__ import annotations

from flott.connectors.tables.registry import (
    connector_names,
    find_factory,
    find_table_factory,
)

__all__ = ["connector_names", "find_factory", "find_table_factory"]
