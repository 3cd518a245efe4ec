"""Which nodes of a stream plan take part in a job, and in which order.

A job consists of everything its operators need: the operators and all that is upstream of them.
A source nobody reads takes no part. The order is upstream before downstream and, where that
leaves a choice, the order of the program; so equal programs give equal plans.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

from flott.common.errors import ProgramError
from flott.plan.stream_plan import StreamNode, StreamPlan


def derive_topology(plan: StreamPlan | Sequence[StreamNode]) -> list[StreamNode]:
    """The nodes of the job, upstream before downstream.

    Args:
        plan: A whole program, or the nodes to run; what is upstream of these is added.

    Raises:
        ProgramError: There is nothing to run, or records would flow in a circle.
    """
    roots = plan.nodes if isinstance(plan, StreamPlan) else plan
    operators = [node for node in roots if node.inputs]
    if not operators:
        raise ProgramError(_nothing_to_run(roots))
    return sort_upstream_first(_with_upstream(operators))


def describe_node(node: StreamNode) -> str:
    """A node as error messages name it: ``'Map' (job.py:12)``."""
    return f"'{node.name}' ({node.location})" if node.location else f"'{node.name}'"


def sort_upstream_first(nodes: Iterable[StreamNode]) -> list[StreamNode]:
    """Sort nodes so that each stands after its inputs, in order of creation where possible."""
    waiting = {node: len(node.inputs) for node in nodes}
    readers: dict[StreamNode, list[StreamNode]] = {node: [] for node in waiting}
    for node in waiting:
        for edge in node.inputs:
            readers[edge.source].append(node)
    by_id = {node.node_id: node for node in waiting}
    assert len(by_id) == len(waiting), "two nodes have the same node_id"
    ready = [node.node_id for node, count in waiting.items() if not count]
    heapq.heapify(ready)
    ordered: list[StreamNode] = []
    while ready:
        node = by_id[heapq.heappop(ready)]
        ordered.append(node)
        for reader in readers[node]:
            waiting[reader] -= 1
            if not waiting[reader]:
                heapq.heappush(ready, reader.node_id)
    if len(ordered) < len(waiting):
        raise ProgramError(_circle([node for node, count in waiting.items() if count]))
    return ordered


def _with_upstream(nodes: Iterable[StreamNode]) -> list[StreamNode]:
    found: dict[StreamNode, None] = {}
    pending = list(nodes)
    while pending:
        node = pending.pop()
        if node not in found:
            found[node] = None
            pending.extend(edge.source for edge in node.inputs)
    return list(found)


def _nothing_to_run(roots: Sequence[StreamNode]) -> str:
    if not roots:
        return (
            "No operators defined in the program, so there is nothing to execute. "
            "Build a stream, for example with env.from_collection(...).print(), before execute()."
        )
    names = ", ".join(describe_node(node) for node in roots)
    return (
        f"No operators defined in the program: nothing reads {names}. "
        "Add a sink, for example .print() or .sink_to(...), before execute()."
    )


def _circle(stuck: Sequence[StreamNode]) -> str:
    """Follow inputs among nodes that could not be sorted until one comes up again."""
    members = set(stuck)
    path: list[StreamNode] = []
    node = stuck[0]
    while node not in path:
        path.append(node)
        node = next(edge.source for edge in node.inputs if edge.source in members)
    circle = [node, *reversed(path[path.index(node) :])]
    names = " -> ".join(describe_node(each) for each in circle)
    return f"Records would flow in a circle, which a stream program cannot do: {names}."
