"""Refuse programs that cannot run, before anything is deployed.

Each check looks at one rule and raises a ``ProgramError`` that names the operator, its place in
the user's program and what to change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flott.common.errors import ProgramError
from flott.core.partitioner import Forward
from flott.core.source import Boundedness
from flott.plan.settings import SettledNode
from flott.plan.stream_plan import StreamNode
from flott.plan.topology import describe_node

#: Most key groups a job can have, as in Flink.
MAX_PARALLELISM_LIMIT: Final = 32768


def validate_nodes(settled: Mapping[StreamNode, SettledNode], is_batch: bool) -> None:
    """Check all nodes of a job.

    Raises:
        ProgramError: A node breaks a rule; the first one found in program order.
    """
    for each in settled.values():
        _check_parallelism(each)
        _check_inputs(each)
        _check_forward(each, settled)
        if is_batch:
            _check_bounded(each.node)


def _check_parallelism(each: SettledNode) -> None:
    place = describe_node(each.node)
    if each.parallelism <= 0:
        raise ProgramError(
            f"The parallelism of {place} is {each.parallelism}; it must be 1 or more. "
            "Check set_parallelism(...) and the option 'parallelism.default'."
        )
    if not 0 < each.max_parallelism <= MAX_PARALLELISM_LIMIT:
        raise ProgramError(
            f"The max parallelism of {place} is {each.max_parallelism}; it must be between 1 and "
            f"{MAX_PARALLELISM_LIMIT}."
        )
    if each.parallelism > each.max_parallelism:
        raise ProgramError(
            f"The parallelism of {place} is {each.parallelism}, above its max parallelism of "
            f"{each.max_parallelism}. Lower set_parallelism(...) or raise "
            "set_max_parallelism(...); existing state cannot follow a change of max parallelism."
        )
    if each.node.fixed_parallelism and each.parallelism != 1:
        raise ProgramError(
            f"{place} is not parallel, so its parallelism must be 1, not {each.parallelism}."
        )


def _check_inputs(each: SettledNode) -> None:
    node = each.node
    if node.spec.source is not None and node.inputs:
        raise ProgramError(f"{describe_node(node)} is a source and cannot have inputs.")
    indexes = {edge.input_index for edge in node.inputs}
    if indexes != set(range(len(indexes))):
        raise ProgramError(
            f"{describe_node(node)} has streams on its inputs {sorted(indexes)}; inputs count from "
            "0 without gaps. Connect the missing stream."
        )


def _check_forward(each: SettledNode, settled: Mapping[StreamNode, SettledNode]) -> None:
    for edge in each.inputs:
        source = settled[edge.source]
        if isinstance(edge.partitioner, Forward) and source.parallelism != each.parallelism:
            raise ProgramError(
                f"forward() from {describe_node(source.node)} to {describe_node(each.node)} needs "
                f"equal parallelism on both sides, found {source.parallelism} and "
                f"{each.parallelism}. Use rebalance() or rescale(), or set the same parallelism."
            )


def _check_bounded(node: StreamNode) -> None:
    source = node.spec.source
    if source is not None and source.boundedness is not Boundedness.BOUNDED:
        raise ProgramError(
            f"BATCH mode needs bounded sources, and {describe_node(node)} never ends. "
            "Bound it, or set the option 'execution.runtime-mode' to STREAMING."
        )
