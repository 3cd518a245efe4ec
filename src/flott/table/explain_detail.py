"""``ExplainDetail``: what ``explain`` tells besides the plan."""

from __future__ import annotations

from enum import Enum

__all__ = ["ExplainDetail"]


class ExplainDetail(Enum):
    """A detail of EXPLAIN."""

    ESTIMATED_COST = "ESTIMATED_COST"
    """How many rows each operator is expected to give."""
    CHANGELOG_MODE = "CHANGELOG_MODE"
    """Which changes each operator sends."""
    JSON_EXECUTION_PLAN = "JSON_EXECUTION_PLAN"
    """The job as JSON."""
    PLAN_ADVICE = "PLAN_ADVICE"
    """What could be better about the query."""
