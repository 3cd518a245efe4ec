"""Run a bounded query in virtual time, killing and restoring it on the way.

The changes of the query go into a recording table, which takes back what came after the snapshot
that a new life starts from; so the changes are those of a run without failures.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flott.common.configuration import Configuration
from flott.common.types import RowKind
from flott.core.batch import Batch
from flott.core.column_batch import ColumnBatch
from flott.core.sink import Sink
from flott.core.table import ChangelogMode, TableSink
from flott.datastream.environment.job_building import build_job
from flott.plan.job_plan import JobPlan
from flott.sql.binder import bind_query
from flott.sql.dialect import parse_statement
from flott.sql.dialect.statements import Query
from flott.sql.logical.nodes import Sink as SinkNode
from flott.sql.physical import plan_statements
from flott.sql.session import Session
from flott.table import TableEnvironment
from flott.testing.harness.bounded_run import START_MS, RunSummary, run_plans
from flott.testing.harness.recording_sink import RecordingSink

Values = tuple[Any, ...]


@dataclass(frozen=True)
class QueryRun:
    """What a query gave.

    Attributes:
        changes: The kind and the values of each change, in order.
        summary: How the run went.
    """

    changes: tuple[tuple[RowKind, Values], ...]
    summary: RunSummary

    @property
    def rows(self) -> list[Values]:
        """The table after all changes, in any order.

        Raises:
            ValueError: A row is taken away that is not there.
        """
        counts: Counter[str] = Counter()
        found: dict[str, Values] = {}
        for kind, values in self.changes:
            name = repr(values)
            found[name] = values
            counts[name] += -1 if kind in (RowKind.UPDATE_BEFORE, RowKind.DELETE) else 1
        if any(count < 0 for count in counts.values()):
            missing = next(found[name] for name, count in counts.items() if count < 0)
            raise ValueError(f"The row {missing} is taken away and was never there")
        return [found[name] for name in counts.elements()]


def run_query(
    environment: TableEnvironment,
    query: str,
    *,
    restore_every: int | None = None,
    parallelism: Sequence[int] = (1,),
    now_ms: int = START_MS,
) -> QueryRun:
    """Run a query over tables that end, in this process.

    Args:
        environment: Has the tables, and the options.
        query: A SELECT, without a semicolon.
        restore_every: As for ``flott.testing.run``: after so many rounds the job is snapshotted,
            killed and restored; never if not given.
        parallelism: What the job begins with, and what it is restored at, in turn.
        now_ms: Processing time at the start.

    Raises:
        SqlValidationError: The query has no meaning.
        JobExecutionError: The job failed.

    >>> environment = TableEnvironment.create()
    >>> _ = environment.get_config().set("flott.batch.size-max", "1")
    >>> found = run_query(
    ...     environment,
    ...     "SELECT k, COUNT(*) FROM (VALUES (1), (2), (1)) AS t (k) GROUP BY k",
    ...     restore_every=2,
    ...     parallelism=(1, 2),
    ... )
    >>> sorted(found.rows), found.summary.restores > 0
    ([(1, 2), (2, 1)], True)
    """
    changes = RecordingSink("changes", changes_of)
    configuration = Configuration(environment.get_config().get_configuration())

    def plan(parallel: int) -> JobPlan:
        configuration.set_string("parallelism.default", str(parallel))
        return _plan(environment, query, changes, configuration)

    summary = run_plans(plan, restore_every, parallelism, now_ms)
    return QueryRun(tuple(changes.values), summary)


def _plan(
    environment: TableEnvironment, query: str, changes: RecordingSink, configuration: Configuration
) -> JobPlan:
    session = Session.create(environment._context.catalog, configuration).of(query)
    statement = parse_statement(query)
    if not isinstance(statement, Query):
        raise TypeError(f"run_query takes a query, not {type(statement).__name__}")
    node = bind_query(statement.tree, session, query)
    path = ("default_catalog", "default_database", "changes")
    sink = SinkNode(node.fields, node, path, _RecordingTable(changes))
    plan = plan_statements([sink], session)
    return build_job(plan.nodes, configuration, "query")


class _RecordingTable(TableSink):
    def __init__(self, changes: RecordingSink) -> None:
        self._changes = changes

    def accepted_changes(self, requested: ChangelogMode) -> ChangelogMode:
        return ChangelogMode.RETRACT

    def create_sink(self, metadata: Sequence[str]) -> Sink:
        return self._changes


def changes_of(batch: Batch) -> list[tuple[RowKind, Values]]:
    """The rows of a columnar batch with their kinds."""
    assert isinstance(batch, ColumnBatch)
    rows = batch.frame.rows()
    if batch.kinds is None:
        return [(RowKind.INSERT, row) for row in rows]
    return [(RowKind(kind), row) for kind, row in zip(batch.kinds, rows, strict=True)]
