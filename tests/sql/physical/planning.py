"""Physical plans of statements, for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from flott.connectors.tables.values import FrameSource
from flott.core.source import Source
from flott.plan.stream_plan import StreamNode, StreamPlan
from flott.sql.catalog.objects import TableObject
from flott.sql.physical import plan_collect, plan_statements
from flott.sql.physical.changelogs import emitted_before, needed_before
from flott.sql.physical.node import PhysicalNode, walk
from flott.sql.physical.plans import physical_plan
from flott.sql.physical.sinks import plan_collect as collect_node
from flott.sql.physical.translators import planner_of
from flott.sql.session import Session
from tests.sql.binder.catalogs import TABLES, NowhereSource, bind, session_with

#: Tables to write to.
SINKS = (
    "CREATE TABLE keyed (id INT, n BIGINT, PRIMARY KEY (id) NOT ENFORCED) "
    "WITH ('connector' = 'blackhole')",
    "CREATE TABLE times (a TIMESTAMP(3), b TIMESTAMP(3)) WITH ('connector' = 'print')",
    "CREATE TABLE changes (id INT, n BIGINT) WITH ('connector' = 'print')",
    "CREATE TABLE strict (id INT NOT NULL, name VARCHAR(3)) WITH ('connector' = 'blackhole')",
)
CDC = (
    "CREATE TABLE cdc (id INT, team STRING, points INT, PRIMARY KEY (id) NOT ENFORCED) "
    "WITH ('connector' = 'x', 'format' = 'debezium-json')",
    "CREATE TABLE keyless (id INT) WITH ('connector' = 'x', 'format' = 'debezium-json')",
    "CREATE TABLE timed_cdc (id INT, team STRING, points INT, ts TIMESTAMP(3), "
    "PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts) "
    "WITH ('connector' = 'x', 'format' = 'debezium-json')",
    "CREATE TABLE ticks (id INT, v INT) WITH ('connector' = 'datagen')",
)


@dataclass(frozen=True)
class EmptySource(NowhereSource):
    """A table without rows."""

    def create_source(self, columns: Sequence[str], metadata: Sequence[str]) -> Source:
        return FrameSource(pl.DataFrame())


def session(options: Mapping[str, str] | None = None, *, is_streaming: bool = True) -> Session:
    """A session with tables to read and to write."""
    tables = (*TABLES, *SINKS, *CDC)
    around = session_with(tables, is_streaming=is_streaming, options=options)
    catalog = around.catalog
    home = catalog.current_catalog, catalog.current_database
    for name, found in catalog.objects_in(*home).items():
        if isinstance(found, TableObject) and isinstance(found.source, NowhereSource):
            source = EmptySource(found.source.mode, found.source.bounded)
            catalog.replace_object((*home, name), replace(found, source=source))
    return around


def planned(
    text: str, options: Mapping[str, str] | None = None, *, is_streaming: bool = True
) -> PhysicalNode:
    """The plan of a statement."""
    around = session(options, is_streaming=is_streaming)
    return physical_plan((bind(text, around),), planner_of(around))[0]


def streamed(
    *texts: str, options: Mapping[str, str] | None = None, is_streaming: bool = True
) -> StreamPlan:
    """The operators of a query, or of several inserts run together."""
    around = session(options, is_streaming=is_streaming)
    bound = [bind(text, around) for text in texts]
    if texts[0].startswith("INSERT"):
        return plan_statements(bound, around)
    return plan_collect(bound[0], around, "results")


def names(root: PhysicalNode) -> list[str]:
    """The operators, the consumer first."""
    return [each.name for each in walk(root)]


def find(root: PhysicalNode, name: str) -> PhysicalNode:
    """The first operator of a name."""
    return next(each for each in walk(root) if each.name == name)


def sends_before(text: str, name: str, options: Mapping[str, str] | None = None) -> bool:
    """Whether an operator of a query sends the row before each update."""
    around = session(options)
    planner = planner_of(around)
    (root,) = physical_plan((bind(text, around),), planner)
    end = root if root.name == "Sink" else collect_node(planner, root, "test")
    emitted = emitted_before((end,), needed_before((end,)))
    return emitted[find(end, name)]


def operator(plan: StreamPlan, name: str) -> StreamNode:
    """The operator whose name begins so."""
    return next(each for each in plan.nodes if each.name.startswith(name))


def operators(plan: StreamPlan) -> Sequence[str]:
    """The names of all operators without their numbers."""
    return [each.name.split("[")[0] for each in plan.nodes]
