"""Runs plans: queries whose rows come back, and inserts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from flott.common.config_options import ConfigOption
from flott.common.configuration import Configuration
from flott.common.job_client import JobClient
from flott.common.logical_types import BigIntType
from flott.common.options import flott as flott_options
from flott.common.options import table as table_options
from flott.common.types import Row, restore_row
from flott.datastream.environment.deployment import CollectedRecords, collect, submit
from flott.datastream.environment.job_building import build_job
from flott.sql.logical.nodes import LogicalNode, Sink
from flott.sql.physical import plan_collect, plan_statements
from flott.sql.session import Session
from flott.table.execution.context import ExecutionContext
from flott.table.frames import Change
from flott.table.row_values import row_maker
from flott.table.table_result import TableResult


class QueryRun:
    """A query that runs as far as its rows are asked for.

    Args:
        node: the bound query.
        context: where it runs.
        session: the session of its statement.
    """

    def __init__(self, node: LogicalNode, context: ExecutionContext, session: Session) -> None:
        self._collector_id = os.urandom(16).hex()
        plan = plan_collect(node, session, self._collector_id)
        self._configuration = _for_columns(context.configuration)
        self._job = build_job(plan.nodes, self._configuration, "collect")
        self._names = [each.name for each in node.fields]
        self._types = node.types
        self._zone = session.time_zone
        self._records: CollectedRecords | None = None

    def rows(self) -> Iterator[Row]:
        """Start, and give the rows as they come."""
        return map(row_maker(self._names, self._types, self._zone), self.changes())

    def changes(self) -> Iterator[Change]:
        """Start, and give kind and values of the rows as they come from the engine."""
        self._records = collect(self._job, self._configuration, self._collector_id)
        return _until_end(self._records, self.close)

    def close(self) -> None:
        """Cancel the job if it still runs."""
        records, self._records = self._records, None
        if records is not None:
            records.close()


def _until_end(records: CollectedRecords, close: Callable[[], None]) -> Iterator[Change]:
    try:
        yield from records
    finally:
        close()


def run_query(node: LogicalNode, context: ExecutionContext, session: Session) -> TableResult:
    """The result of a bound query."""
    run = QueryRun(node, context, session)
    return TableResult(
        [each.name for each in node.fields],
        node.types,
        run.rows,
        changes=run.changes,
        close=run.close,
        is_query=True,
        is_streaming=session.is_streaming,
        max_width=context.column_width,
    )


def run_inserts(sinks: Sequence[Sink], context: ExecutionContext, session: Session) -> TableResult:
    """Start one job that writes all ``sinks``.

    The result gives one row when the job is over: -1 for each table written, since nobody counts.
    """
    plan = plan_statements(sinks, session)
    targets = list(dict.fromkeys(".".join(sink.path) for sink in sinks))
    name = "insert-into_" + ",".join(targets)
    configuration = _for_columns(context.configuration)
    job = build_job(plan.nodes, configuration, name)
    client = submit(job, configuration)
    context.add_job(name, client)

    def wait(timeout_ms: int | None) -> None:
        _wait(client, timeout_ms)

    def rows() -> Iterator[Row]:
        wait(None)
        yield restore_row([-1] * len(targets), tuple(targets))

    def close() -> None:
        if not client.get_job_status().result().is_globally_terminal_state():
            client.cancel().result()

    result = TableResult(
        targets, [BigIntType()] * len(targets), rows, close=close, client=client, wait=wait
    )
    if configuration.get(table_options.DML_SYNC):
        result.wait()
    return result


def _for_columns(configuration: Configuration) -> Configuration:
    """A copy with the batch sizes that suit columns, where the user has set none: a batch costs
    about the same however few rows it has, so larger ones are worth a little latency. Batches are
    still no larger than what there is to read."""
    copy = type(configuration)(configuration)
    for option, value in _COLUMN_BATCHES:
        if not copy.contains(option):
            copy.set_string(option.key, value)
    return copy


_COLUMN_BATCHES: Final[tuple[tuple[ConfigOption[Any], str], ...]] = (
    (flott_options.LATENCY_TARGET, "20 ms"),
    (flott_options.BATCH_SIZE_MIN, "4096"),
    (flott_options.BATCH_SIZE_MAX, "65536"),
)


def _wait(client: JobClient, timeout_ms: int | None) -> None:
    future = client.get_job_execution_result()
    if timeout_ms is None:
        future.result()
    else:
        future.result(timeout_ms / 1000)
