"""Which function plans which logical node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flott.sql.logical import nodes
from flott.sql.physical.calcs import plan_filter, plan_project
from flott.sql.physical.changelogs import plan_from_changelog, plan_to_changelog
from flott.sql.physical.planner import Translator
from flott.sql.physical.sinks import plan_sink
from flott.sql.physical.sources import plan_scan, plan_values, plan_watermark

TRANSLATORS: Final[Mapping[type[nodes.LogicalNode], Translator]] = {
    nodes.Scan: plan_scan,
    nodes.Values: plan_values,
    nodes.Project: plan_project,
    nodes.Filter: plan_filter,
    nodes.WatermarkAssigner: plan_watermark,
    nodes.FromChangelog: plan_from_changelog,
    nodes.ToChangelog: plan_to_changelog,
    nodes.Sink: plan_sink,
}
