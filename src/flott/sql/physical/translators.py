"""Which function plans which logical node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flott.sql.logical import nodes
from flott.sql.physical.aggregates import plan_aggregate
from flott.sql.physical.calcs import plan_filter, plan_project
from flott.sql.physical.changelogs import plan_from_changelog, plan_to_changelog
from flott.sql.physical.joins import plan_join
from flott.sql.physical.overs import plan_over
from flott.sql.physical.planner import Planner, Translator
from flott.sql.physical.ranks import plan_deduplicate, plan_sort, plan_top_n
from flott.sql.physical.sinks import plan_sink
from flott.sql.physical.snapshot_joins import plan_snapshot_join
from flott.sql.physical.sources import plan_scan, plan_values, plan_watermark
from flott.sql.physical.unions import plan_correlate, plan_expand, plan_set_operation
from flott.sql.physical.window_aggregates import plan_window
from flott.sql.session import Session

TRANSLATORS: Final[Mapping[type[nodes.LogicalNode], Translator]] = {
    nodes.Scan: plan_scan,
    nodes.Values: plan_values,
    nodes.Project: plan_project,
    nodes.Filter: plan_filter,
    nodes.WatermarkAssigner: plan_watermark,
    nodes.Aggregate: plan_aggregate,
    nodes.Expand: plan_expand,
    nodes.WindowTableFunction: plan_window,
    nodes.Join: plan_join,
    nodes.SnapshotJoin: plan_snapshot_join,
    nodes.Correlate: plan_correlate,
    nodes.SetOperation: plan_set_operation,
    nodes.Over: plan_over,
    nodes.TopN: plan_top_n,
    nodes.Deduplicate: plan_deduplicate,
    nodes.Sort: plan_sort,
    nodes.FromChangelog: plan_from_changelog,
    nodes.ToChangelog: plan_to_changelog,
    nodes.Sink: plan_sink,
}


def planner_of(session: Session) -> Planner:
    """A planner for one statement of the session."""
    return Planner(session, TRANSLATORS)
