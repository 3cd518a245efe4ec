"""Runs one column operator by hand: changes as text-like tuples in, changes and tables out.

columns = ColumnHarness(spec, types)
columns.push(("+I", 1, "a"), ("-D", 1, "a"))
assert columns.changes == [("+I", 1, "a"), ("-D", 1, "a")]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import polars as pl

from flott.common.logical_types import DataType
from flott.common.physical_types import polars_schema
from flott.core.column_batch import ColumnBatch
from flott.core.operator import OperatorSpec
from flott.core.snapshot import StatePart
from tests.operators.harness import Harness

KINDS = ["+I", "-U", "+U", "-D"]

Change = tuple[Any, ...]


class ColumnHarness:
    """One subtask of a column operator.

    Args:
        spec: The operator.
        types: Types of the input's columns; one list for each input.
        settings: Of the plain harness.
    """

    def __init__(self, spec: OperatorSpec, *types: Sequence[DataType], **settings: Any) -> None:
        self.plain = Harness(spec, **settings)
        self._schemas = [polars_schema(each) for each in types]

    def push(self, *changes: Change, side: int = 0) -> None:
        """One batch of changes, each a kind and the values."""
        if not changes:
            return
        rows = [change[1:] for change in changes]
        frame = pl.DataFrame(rows, schema=self._schemas[side], orient="row")
        kinds = pl.Series([KINDS.index(change[0]) for change in changes], dtype=pl.Int8)
        batch = ColumnBatch(frame, kinds if kinds.max() else None)
        self.plain.operator.process_batch(batch, side)

    def push_each(self, changes: Sequence[Change], rows: int, side: int = 0) -> None:
        """The changes in batches of ``rows``."""
        for start in range(0, len(changes), rows):
            self.push(*changes[start : start + rows], side=side)

    def watermark(self, timestamp: int) -> None:
        """The combined watermark of all inputs rises."""
        self.plain.watermark(timestamp)

    def end(self, inputs: int = 1) -> None:
        """Nothing more comes."""
        self.plain.end(inputs)

    def snapshot(self, *args: Any, **settings: Any) -> list[StatePart]:
        """A snapshot, to be given as ``restore=[...]``."""
        return self.plain.snapshot(*args, **settings)

    @property
    def changes(self) -> list[Change]:
        """Everything emitted, in order."""
        found: list[Change] = []
        for event in self.plain.output.events:
            if event[0] == "batch":
                batch = event[1]
                kinds = [0] * batch.row_count if batch.kinds is None else batch.kinds.to_list()
                rows = batch.frame.rows()
                found += [(KINDS[kind], *row) for kind, row in zip(kinds, rows, strict=True)]
        return found

    @property
    def table(self) -> Counter[tuple[Any, ...]]:
        """The rows that the changes leave behind."""
        return applied(self.changes)


def applied(changes: Sequence[Change]) -> Counter[tuple[Any, ...]]:
    """The rows that ``changes`` leave behind; what goes must have been there."""
    rows: Counter[tuple[Any, ...]] = Counter()
    for kind, *values in changes:
        row = tuple(values)
        rows[row] += 1 if kind in ("+I", "+U") else -1
        assert rows[row] >= 0, f"{kind} {row} of a row that is not there"
    return +rows
