"""The dataflow graph as data, from what the program says to what is deployed.

``stream_plan`` is the graph as the program builds it, ``job_plan`` the frozen graph of chains and
channels that is deployed, ``chaining``, ``operator_ids`` and ``validation`` the way between them,
``explain`` the words and pictures.
"""

from flott.plan.derive import derive_job_plan
from flott.plan.job_plan import ChainedOperator, JobEdge, JobPlan, JobVertex
from flott.plan.stream_plan import ChainingStrategy, StreamEdge, StreamNode, StreamPlan

__all__ = [
    "ChainedOperator",
    "ChainingStrategy",
    "JobEdge",
    "JobPlan",
    "JobVertex",
    "StreamEdge",
    "StreamNode",
    "StreamPlan",
    "derive_job_plan",
]
