"""Read and write a table through its connector, without an engine around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from flott.common.logical_types import DataType, RowField
from flott.connectors.tables import find_table_factory
from flott.core.batch import BATCH_ROWS_MAX, RowBatch
from flott.core.column_batch import ColumnBatch
from flott.core.sink import Sink
from flott.core.source import Source
from flott.core.table import MetadataColumn, TableDescription
from tests.connectors.fakes import FakeContext, FakeCoordinator, travel

KINDS = ("+I", "-U", "+U", "-D")


def describe(
    columns: Mapping[str, DataType],
    options: Mapping[str, Any],
    partition_keys: Sequence[str] = (),
    metadata: Mapping[str, MetadataColumn] | None = None,
    is_streaming: bool = True,
) -> TableDescription:
    """A table of these columns."""
    return TableDescription(
        ("default_catalog", "default_database", "t"),
        tuple(RowField(name, data_type) for name, data_type in columns.items()),
        {key: str(value) for key, value in options.items()},
        metadata or {},
        (),
        tuple(partition_keys),
        is_streaming,
    )


def read_batches(
    source: Source,
    rows_max: int = BATCH_ROWS_MAX,
    configuration: dict[str, str] | None = None,
    parallelism: int = 1,
) -> list[ColumnBatch]:
    """Everything a bounded source gives."""
    source = travel(source)
    coordinator = FakeCoordinator(parallelism)
    enumerator = source.create_enumerator(coordinator, None)
    enumerator.start()
    coordinator.run_calls()
    batches: list[ColumnBatch] = []
    for subtask in range(parallelism):
        context = FakeContext(subtask, parallelism, configuration=configuration)
        reader = source.create_reader(context)
        batches += _read_all(reader, enumerator, coordinator, subtask, rows_max)
        reader.close()
    return batches


def _read_all(
    reader: Any, enumerator: Any, coordinator: FakeCoordinator, subtask: int, rows_max: int
) -> list[ColumnBatch]:
    batches: list[ColumnBatch] = []
    pending = 0
    while True:
        if not pending:
            enumerator.handle_split_request(subtask)
            [(what, _, splits)] = coordinator.take()
            if what == "end":
                return batches
            reader.add_splits(splits)
            pending = len(splits)
        found = reader.poll(rows_max)
        assert found is not None
        if found.batch is not None:
            batches.append(found.batch)
        pending -= found.finished


def read_rows(
    table: TableDescription, columns: Sequence[str] | None = None, **keywords: Any
) -> list[tuple[Any, ...]]:
    """The rows of a table."""
    return [row for _, row in read_changes(table, columns, **keywords)]


def read_changes(
    table: TableDescription,
    columns: Sequence[str] | None = None,
    metadata: Sequence[str] = (),
    **keywords: Any,
) -> list[tuple[str, tuple[Any, ...]]]:
    """The changes a table gives, as (kind, row)."""
    names = [field.name for field in table.columns] if columns is None else columns
    source = find_table_factory(table).create_source(table).create_source(names, metadata)
    changes = []
    for batch in read_batches(source, **keywords):
        kinds = [0] * batch.row_count if batch.kinds is None else batch.kinds.to_list()
        changes += [(KINDS[kind], row) for kind, row in zip(kinds, batch.frame.rows(), strict=True)]
    return changes


def write_batches(sink: Sink, *batches: ColumnBatch, subtask: int = 0) -> None:
    """Write batches as a bounded job does: all is committed at its end."""
    sink = travel(sink)
    context = FakeContext(subtask)
    writer = sink.create_writer(context, [], None)
    for batch in batches:
        writer.write(batch)
    writer.flush(True)
    committables = travel(writer.prepare_commit(1))
    writer.close()
    commits = sink.create_commit_sink()
    if commits is not None:
        sink, writer = commits, commits.create_writer(context, [], None)
        writer.write(RowBatch([(1, each) for each in committables]))
        writer.flush(True)
        committables = travel(writer.prepare_commit(1))
        writer.close()
    committer = sink.create_committer(context)
    if committer is not None:
        committer.commit(committables)
        committer.commit(committables)
        committer.close()


def batch_of(
    columns: Sequence[DataType], rows: Sequence[Sequence[Any]], kinds: Sequence[str] | None = None
) -> ColumnBatch:
    """A batch of rows of Python values."""
    from flott.common.physical_types import polars_schema

    frame = pl.DataFrame(list(rows), schema=polars_schema(columns), orient="row")
    if kinds is None:
        return ColumnBatch(frame)
    return ColumnBatch(frame, pl.Series([KINDS.index(kind) for kind in kinds], dtype=pl.Int8))


def write_rows(
    table: TableDescription, rows: Sequence[Sequence[Any]], kinds: Sequence[str] | None = None
) -> None:
    """Write rows to a table."""
    sink = find_table_factory(table).create_sink(table).create_sink(())
    types = [field.data_type for field in table.columns]
    write_batches(sink, batch_of(types, rows, kinds))
