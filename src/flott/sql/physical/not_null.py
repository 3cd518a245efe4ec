"""Columns that are NOT NULL by declaration only: what is read need not keep to it."""

from __future__ import annotations

from flott.sql.expressions import InputRef
from flott.sql.logical import nodes
from flott.sql.logical.nodes import LogicalNode


def unchecked_columns(node: LogicalNode) -> frozenset[int]:
    """The columns that come from a table as they are and that it declares NOT NULL."""
    match node:
        case nodes.Scan():
            places = enumerate(node.fields)
            return frozenset(place for place, each in places if not each.data_type.nullable)
        case nodes.Filter() | nodes.WatermarkAssigner():
            return unchecked_columns(node.input)
        case nodes.Project():
            below = unchecked_columns(node.input)
            return frozenset(
                place
                for place, each in enumerate(node.expressions)
                if isinstance(each, InputRef) and each.index in below
            )
    return frozenset()
