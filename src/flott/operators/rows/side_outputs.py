"""Collecting what a function emits to side outputs, as one batch for each tag."""

from __future__ import annotations

from typing import Any

from flott.common.output_tag import OutputTag
from flott.core.batch import RowBatch
from flott.core.output import Output
from flott.operators.rows.conversions import conversion_of
from flott.operators.rows.row_operator import convert_results

__all__ = ["SideOutputs"]


class SideOutputs:
    """Side results of a turn; ``flush`` sends them, in the form of their tag's type."""

    __slots__ = ("_found", "is_empty")

    def __init__(self) -> None:
        self._found: dict[OutputTag, tuple[list[Any], list[Any]]] = {}
        self.is_empty = True

    def add(self, tag: OutputTag, result: Any, timestamp: int | None) -> None:
        """Take one result."""
        found = self._found.get(tag)
        if found is None:
            found = self._found[tag] = ([], [])
        found[0].append(result)
        found[1].append(timestamp)
        self.is_empty = False

    def flush(self, output: Output) -> None:
        """Send one batch for each tag that received something."""
        if self.is_empty:
            return
        collected, self._found = self._found, {}
        self.is_empty = True
        for tag, (results, times) in collected.items():
            conversion = conversion_of(tag.type_info)
            if conversion is not None:
                results = convert_results(conversion, results)
            # Records of one turn have timestamps either all or not at all.
            output.emit_side(tag.tag_id, RowBatch(results, None if times[0] is None else times))
