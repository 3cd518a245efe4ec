"""BATCH mode: keyed operations see one key after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.operators.rows.sorted_by_key import sorted_by_key
from flott.plan.stream_plan import StreamNode

__all__ = ["sort_by_key"]


def sort_by_key(nodes: Sequence[StreamNode]) -> list[StreamNode]:
    """Copy nodes, upstream first, with the operations that BATCH mode runs by key wrapped so."""
    copies: dict[StreamNode, StreamNode] = {}
    for node in nodes:
        inputs = [replace(edge, source=copies[edge.source]) for edge in node.inputs]
        copies[node] = replace(node, inputs=inputs, spec=sorted_by_key(node.spec))
    return list(copies.values())
