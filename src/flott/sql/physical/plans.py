"""Planning of whole statements: inserts into tables, and queries whose rows come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flott.common.sql_errors import SqlValidationError
from flott.plan.stream_plan import StreamPlan
from flott.sql.logical.nodes import LogicalNode, transform
from flott.sql.physical.node import PhysicalNode, upstream_first
from flott.sql.physical.not_null import unchecked_columns
from flott.sql.physical.planner import Planner
from flott.sql.physical.sinks import plan_collect as collect_node
from flott.sql.physical.stream import to_stream_plan, with_update_before_settled
from flott.sql.physical.traits import GrowthClass
from flott.sql.physical.translators import planner_of
from flott.sql.rules import optimize_all
from flott.sql.session import Session


def plan_statements(sinks: Sequence[LogicalNode], session: Session) -> StreamPlan:
    """The operators of one or several inserts, run as one job; equal parts of them run once.

    Args:
        sinks: The bound statements (``Sink`` nodes).
        session: The session of the statement.

    Raises:
        SqlValidationError: The statement cannot be run; says why, and what to do.
    """
    planner = planner_of(session)
    return to_stream_plan(physical_plan(sinks, planner), planner)


def plan_collect(node: LogicalNode, session: Session, collector_id: str) -> StreamPlan:
    """The operators of a query whose changes are sent back to the program.

    Args:
        node: The bound query.
        session: The session of the statement.
        collector_id: Names the receiver; see ``flott.operators.collect``.

    Raises:
        SqlValidationError: The query cannot be run; says why, and what to do.
    """
    planner = planner_of(session)
    optimized = _optimized((node,), planner)
    (root,) = _planned(optimized, planner)
    not_null = tuple(sorted(unchecked_columns(optimized[0])))
    return to_stream_plan((collect_node(planner, root, collector_id, not_null),), planner)


def physical_plan(roots: Sequence[LogicalNode], planner: Planner) -> tuple[PhysicalNode, ...]:
    """The physical nodes of bound statements, with -U where they are needed."""
    return _planned(_optimized(roots, planner), planner)


def _optimized(roots: Sequence[LogicalNode], planner: Planner) -> list[LogicalNode]:
    optimized = optimize_all(roots, planner.session)
    if not planner.settings.reuses_sub_plans:
        optimized = [transform(each, replace) for each in optimized]
    return optimized


def _planned(optimized: Sequence[LogicalNode], planner: Planner) -> tuple[PhysicalNode, ...]:
    roots: list[PhysicalNode] = []
    for each in optimized:
        root = planner.plan(each)
        # Two inserts that say the same write twice, though what they read is shared.
        roots.append(replace(root) if root in roots else root)
    planned = with_update_before_settled(roots)
    if planner.settings.refuses_unbounded:
        _refuse_unbounded(planned)
    return planned


def _refuse_unbounded(roots: tuple[PhysicalNode, ...]) -> None:
    for node in upstream_first(roots):
        growth = node.traits.growth
        if growth.kind is GrowthClass.UNBOUNDED and not node.traits.is_bounded:
            raise SqlValidationError(
                f"The state of {node.text} grows without bound: it keeps {growth.keeps}. "
                "'flott.strict' refuses that",
                hint=f"{growth.way_out[:1].upper()}{growth.way_out[1:]}.",
            )
