"""Which subtask is joined to which: the channels of an edge.

Both ends derive the same channels from the same plan, so no message needs to list them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flott.core.partitioner import Forward, Rescale
from flott.plan.job_plan import JobEdge, JobPlan
from flott.runtime.messages import TaskId
from flott.runtime.task.router import rescale_receivers


def receivers_of(plan: JobPlan, edge: JobEdge, sender: int) -> range:
    """The subtasks that subtask ``sender`` of the edge's source may send to, in order."""
    senders = plan.vertices[edge.source_vertex].parallelism
    receivers = plan.vertices[edge.target_vertex].parallelism
    assert 0 <= sender < senders
    if isinstance(edge.partitioner, Forward):
        assert senders == receivers
        return range(sender, sender + 1)
    if isinstance(edge.partitioner, Rescale):
        return rescale_receivers(senders, receivers, sender)
    return range(receivers)


def senders_of(plan: JobPlan, edge: JobEdge, receiver: int) -> Iterator[int]:
    """The subtasks that may send to subtask ``receiver`` of the edge's target, in order."""
    for sender in range(plan.vertices[edge.source_vertex].parallelism):
        if receiver in receivers_of(plan, edge, sender):
            yield sender


def all_tasks(plan: JobPlan) -> list[TaskId]:
    """Every task of the plan."""
    return [TaskId(v.vertex_id, i) for v in plan.vertices for i in range(v.parallelism)]


def place_tasks(plan: JobPlan, workers: int) -> Mapping[TaskId, int]:
    """The worker of each task: subtask i of every vertex on worker i, so that forward edges stay
    inside a worker."""
    assert workers > 0
    return {task: task.subtask % workers for task in all_tasks(plan)}
