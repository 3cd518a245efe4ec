"""From the nodes of a program to the plan of a job: mode, sorting by key, freezing."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError, ProgramError
from flott.common.execution_mode import RuntimeExecutionMode
from flott.common.options import pipeline
from flott.common.options.flott import STRICT
from flott.core.source import Boundedness
from flott.plan import JobPlan, StreamNode, derive_job_plan
from flott.plan.topology import derive_topology

__all__ = ["build_job", "is_batch_job"]


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
        if configuration.get(STRICT):
            raise ConfigurationError(f"{note}. flott.strict refuses that")
        warnings.warn(note, stacklevel=4)
    topology = derive_topology(nodes)
    is_batch = is_batch_job(topology, configuration)
    if fills_caches and not is_batch:
        raise ProgramError(
            "cache() keeps the records of bounded streams only, in BATCH mode. "
            "Call env.set_runtime_mode(RuntimeExecutionMode.BATCH)."
        )
    if is_batch:
        # Loaded here, since it knows all keyed operations and STREAMING programs need few of them.
        from flott.datastream.environment.batch_mode import sort_by_key

        topology = sort_by_key(topology)
    return derive_job_plan(topology, configuration, name, is_batch=is_batch)


def is_batch_job(nodes: Sequence[StreamNode], configuration: Configuration) -> bool:
    """Return whether nodes run in BATCH mode; AUTOMATIC is BATCH if all sources end."""
    mode = configuration.get(pipeline.RUNTIME_MODE)
    if mode is not RuntimeExecutionMode.AUTOMATIC:
        return mode is RuntimeExecutionMode.BATCH
    sources = [node.spec.source for node in nodes if node.spec.source is not None]
    return all(source.boundedness is Boundedness.BOUNDED for source in sources)
