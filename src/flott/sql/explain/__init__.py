"""EXPLAIN: the logical, the optimized and the physical plan of a statement as text.

The text is stable: it depends on the statement, its tables and options only.
"""

from __future__ import annotations

from collections.abc import Sequence

from flott.plan.derive import derive_job_plan
from flott.plan.explain import explain_json
from flott.sql.explain.advice import advice_on
from flott.sql.explain.logical import logical_inputs, logical_text
from flott.sql.explain.physical import PhysicalText
from flott.sql.explain.trees import TreeText
from flott.sql.logical.nodes import LogicalNode
from flott.sql.physical.node import PhysicalNode
from flott.sql.physical.planner import Planner
from flott.sql.physical.plans import physical_plan
from flott.sql.physical.sinks import plan_collect as collect_node
from flott.sql.physical.stream import to_stream_plan
from flott.sql.physical.translators import planner_of
from flott.sql.rules import optimize_all
from flott.sql.session import Session

__all__ = ["explain"]


def explain(nodes: Sequence[LogicalNode], session: Session, details: Sequence[str] = ()) -> str:
    """The plans of bound statements.

    Args:
        nodes: The statements.
        session: Their session.
        details: What to tell besides: ``ESTIMATED_COST``, ``CHANGELOG_MODE``,
            ``JSON_EXECUTION_PLAN``, ``PLAN_ADVICE``.

    Raises:
        SqlValidationError: They cannot be run.
    """
    asked = frozenset(detail.upper() for detail in details)
    planner = planner_of(session)
    logical = TreeText(logical_inputs, logical_text)
    roots = physical_plan(nodes, planner)
    ends = tuple(_end(planner, root) for root in roots)
    texts = PhysicalText(ends, asked)
    physical = TreeText[PhysicalNode](_drawn_inputs, texts.title, texts.notes)
    optimized = TreeText(logical_inputs, logical_text, identity=lambda node: node)
    parts = [
        ("Abstract Syntax Tree", logical.draw(nodes)),
        ("Optimized Logical Plan", optimized.draw(optimize_all(nodes, session))),
        ("Optimized Physical Plan", physical.draw([root.named for root in roots])),
    ]
    if "PLAN_ADVICE" in asked:
        parts.append(("Advice", _advice(roots, planner)))
    if "JSON_EXECUTION_PLAN" in asked:
        parts.append(("Physical Execution Plan", _json(ends, planner)))
    return "\n\n".join(f"== {title} ==\n{text}" for title, text in parts) + "\n"


def _drawn_inputs(node: PhysicalNode) -> Sequence[PhysicalNode]:
    return [each.named for each in node.inputs]


def _end(planner: Planner, root: PhysicalNode) -> PhysicalNode:
    """Who reads ``root``: the program reads what is written to no table."""
    return root if root.name == "Sink" else collect_node(planner, root, "explain")


def _advice(roots: tuple[PhysicalNode, ...], planner: Planner) -> str:
    found = advice_on(roots, planner.settings)
    if not found:
        return "No available advice..."
    return "\n".join(f"advice[{number}]: {text}" for number, text in enumerate(found, 1))


def _json(roots: tuple[PhysicalNode, ...], planner: Planner) -> str:
    plan = to_stream_plan(roots, planner)
    configuration = planner.session.configuration
    return explain_json(derive_job_plan(plan, configuration, "explain", is_batch=planner.is_batch))
