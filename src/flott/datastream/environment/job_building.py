"""From the nodes of a program to the plan of a job: mode, sorting by key, freezing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace

from flott.common.configuration import Configuration
from flott.common.errors import ProgramError
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.options import pipeline
from flott.core.operator import OperatorSpec
from flott.core.source import Boundedness
from flott.operators.rows.full_partition import FullPartitionSpec
from flott.operators.rows.reduce import KeyedReduceSpec
from flott.operators.rows.rolling_aggregate import RollingAggregateSpec
from flott.operators.rows.sorted_by_key import SortedByKeySpec
from flott.plan import JobPlan, StreamNode, derive_job_plan
from flott.plan.topology import derive_topology

__all__ = ["build_job", "is_batch_job"]

#: Operations that give one final result for each key in BATCH mode, in whatever order records come.
_FOLDS = (KeyedReduceSpec, RollingAggregateSpec, FullPartitionSpec)


def build_job(
    nodes: Sequence[StreamNode],
    configuration: Configuration,
    name: str,
    *,
    fills_caches: bool = False,
) -> JobPlan:
    """Freeze a program into the plan of a job.

    Args:
        nodes: what is to run; what is upstream of it is added.
        configuration: the options; unknown keys are refused, those without effect warned of.
        name: the name of the job.
        fills_caches: whether the job writes records that ``cache()`` keeps.

    Raises:
        ProgramError: if the program cannot run as it is written.
        ConfigurationError: if an option is unknown or has a value it cannot have.
    """
    for note in configuration.validate():
        warnings.warn(note, stacklevel=4)
    topology = derive_topology(nodes)
    is_batch = is_batch_job(topology, configuration)
    if fills_caches and not is_batch:
        raise ProgramError(
            "cache() keeps the records of bounded streams only, in BATCH mode. "
            "Call env.set_runtime_mode(RuntimeExecutionMode.BATCH)."
        )
    if is_batch:
        topology = _sorted_by_key(topology)
    return derive_job_plan(topology, configuration, name, is_batch=is_batch)


def is_batch_job(nodes: Sequence[StreamNode], configuration: Configuration) -> bool:
    """Tell whether nodes run in BATCH mode; AUTOMATIC is BATCH if all sources end."""
    mode = configuration.get(pipeline.RUNTIME_MODE)
    if mode is not RuntimeExecutionMode.AUTOMATIC:
        return mode is RuntimeExecutionMode.BATCH
    sources = [node.spec.source for node in nodes if node.spec.source is not None]
    return all(source.boundedness is Boundedness.BOUNDED for source in sources)


def _sorted_by_key(nodes: Sequence[StreamNode]) -> list[StreamNode]:
    """Copy nodes, upstream first, so that keyed operations see one key after the other."""
    copies: dict[StreamNode, StreamNode] = {}
    for node in nodes:
        inputs = [replace(edge, source=copies[edge.source]) for edge in node.inputs]
        copies[node] = replace(node, inputs=inputs, spec=_sorted_spec(node.spec))
    return list(copies.values())


def _sorted_spec(spec: OperatorSpec) -> OperatorSpec:
    """Let an operation see one key after the other, each with its records by time."""
    if isinstance(spec, _FOLDS) or spec.is_stateless or not _has_keys(spec):
        return spec
    return SortedByKeySpec(spec)


def _has_keys(spec: OperatorSpec) -> bool:
    selectors = getattr(spec, "key_selectors", None) or (
        getattr(spec, "key_selector", None),
        getattr(spec, "key_selector1", None),
    )
    return any(selector is not None for selector in selectors)
