"""The ``print`` table: every change as a line on standard output, ``+I[1, ada]``.

Each line begins with the identifier given and, where there are several subtasks, the number of
the subtask.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from flott.common.logical_types import DataType
from flott.connectors.print import derive_prefix
from flott.connectors.tables.options import options_of, refuse_read
from flott.connectors.tables.row_text import batch_lines
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.context import OperatorContext
from flott.core.sink import Committer, Sink, SinkWriter
from flott.core.table import (
    ChangelogMode,
    TableDescription,
    TableFactory,
    TableSink,
    TableSource,
)


class PrintTableFactory(TableFactory):
    """Makes ``print`` tables."""

    identifier = "print"
    options = {
        "print-identifier": "Put before each line.",
        "standard-error": "Whether to write to standard error.",
    }

    def create_source(self, table: TableDescription) -> TableSource:
        raise refuse_read(self.identifier)

    def create_sink(self, table: TableDescription) -> TableSink:
        options = options_of(table)
        return _PrintTableSink(
            options.text("print-identifier", ""),
            options.flag("standard-error"),
            tuple(field.data_type for field in table.columns),
        )


class _PrintTableSink(TableSink):
    def __init__(self, identifier: str, to_stderr: bool, types: tuple[DataType, ...]) -> None:
        self._identifier = identifier
        self._to_stderr = to_stderr
        self._types = types

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        return requested

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        return PrintColumnsSink(self._identifier, self._to_stderr, self._types)


class PrintColumnsSink(Sink):
    """Writes the rows of column batches to standard output.

    Args:
        identifier: Put before each line; empty for nothing.
        to_stderr: Write to standard error instead.
        types: The columns' types.
    """

    def __init__(self, identifier: str, to_stderr: bool, types: tuple[DataType, ...]) -> None:
        self._identifier = identifier
        self._to_stderr = to_stderr
        self._types = types

    def create_writer(
        self, context: OperatorContext, restored: list[Any], committer: Committer | None
    ) -> SinkWriter:
        prefix = derive_prefix(self._identifier or None, context.subtask_index, context.parallelism)
        return _PrintColumnsWriter(prefix, self._to_stderr, self._types)


class _PrintColumnsWriter(SinkWriter):
    def __init__(self, prefix: str, to_stderr: bool, types: tuple[DataType, ...]) -> None:
        self._prefix = prefix
        self._to_stderr = to_stderr
        self._types = types

    def write(self, batch: Batch) -> None:
        assert isinstance(batch, ColumnBatch)
        # Looked up each time: programs and tests redirect the streams while they run.
        stream = sys.stderr if self._to_stderr else sys.stdout
        prefix = self._prefix
        stream.write("".join(f"{prefix}{line}\n" for line in batch_lines(batch, self._types)))
        stream.flush()
