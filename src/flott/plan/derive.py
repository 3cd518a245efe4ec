"""From the program's stream plan to the job plan that is deployed.

Five steps, each a module: which nodes take part (``topology``), their settings (``settings``),
whether they can run (``validation``), their ids (``operator_ids``), and which of them share a task
(``chaining``). This one puts the results into frozen values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flott.common.configuration import Configuration
from flott.common.errors import ConfigurationError
from flott.common.option_values import parse_map
from flott.common.options.pipeline import (
    CHAIN_WITH_DIFFERENT_MAX_PARALLELISM,
    PARALLELISM_OVERRIDES,
)
from flott.plan.chaining import Chain, derive_chains
from flott.plan.job_plan import ChainedOperator, JobEdge, JobPlan, JobVertex
from flott.plan.operator_ids import derive_operator_ids
from flott.plan.settings import SettledNode, settle_nodes
from flott.plan.stream_plan import StreamNode, StreamPlan
from flott.plan.topology import derive_topology
from flott.plan.validation import validate_nodes


def derive_job_plan(
    plan: StreamPlan | Sequence[StreamNode],
    configuration: Configuration,
    job_name: str,
    *,
    is_batch: bool = False,
) -> JobPlan:
    """Freeze a program into the plan of a job.

    Args:
        plan: The whole program, or the nodes to run; what is upstream of these is added.
        configuration: The job's options. Read here: ``parallelism.default``,
            ``pipeline.max-parallelism``, ``pipeline.operator-chaining.enabled``,
            ``pipeline.auto-generate-uids``, ``pipeline.global-job-parameters``.
        job_name: What the job is called.
        is_batch: Whether the job runs in BATCH mode.

    Raises:
        ProgramError: The program cannot run as it is written.
        DuplicateUidError: Two operators have the same uid.
    """
    nodes = derive_topology(plan)
    settled = settle_nodes(nodes, configuration)
    validate_nodes(settled, is_batch)
    ids = derive_operator_ids(nodes, configuration.get_boolean("pipeline.auto-generate-uids", True))
    mixed = configuration.get(CHAIN_WITH_DIFFERENT_MAX_PARALLELISM)
    chains = derive_chains(settled, _chaining_enabled(configuration), mixed)
    overrides = _overrides(chains, ids, configuration)
    if overrides:
        settled = settle_nodes(nodes, configuration, overrides)
        validate_nodes(settled, is_batch)
        chains = derive_chains(settled, _chaining_enabled(configuration), mixed)
    return JobPlan(
        job_name,
        tuple(_vertex(index, chain, ids) for index, chain in enumerate(chains)),
        _edges(chains),
        configuration.to_dict(),
        _job_parameters(configuration),
        is_batch,
    )


def _overrides(
    chains: Sequence[Chain], ids: Mapping[StreamNode, str], configuration: Configuration
) -> dict[StreamNode, int]:
    """The parallelism that an option gives to whole chains, by the id or uid of their head.

    Raises:
        ConfigurationError: There is no such chain, or the number is none.
    """
    given = configuration.get(PARALLELISM_OVERRIDES)
    wanted: dict[str, str] = {} if given is None else dict(given)
    overrides: dict[StreamNode, int] = {}
    for chain in chains:
        head = chain.head.node
        for name in (ids[head], head.uid):
            if name in wanted:
                parallelism = _parallelism(name, wanted.pop(name))
                overrides.update((each.node, parallelism) for each in chain.nodes)
    if wanted:
        raise ConfigurationError(
            f"Option '{PARALLELISM_OVERRIDES.key}': no task of the job begins with "
            f"{', '.join(map(repr, wanted))}; `flott plan` shows ids and uids",
            key=PARALLELISM_OVERRIDES.key,
        )
    return overrides


def _parallelism(name: str, text: str) -> int:
    if not text.strip().isdecimal() or int(text) < 1:
        raise ConfigurationError(
            f"Option '{PARALLELISM_OVERRIDES.key}': the parallelism of {name!r} must be a positive "
            f"number, found {text!r}",
            key=PARALLELISM_OVERRIDES.key,
        )
    return int(text)


def _chaining_enabled(configuration: Configuration) -> bool:
    former = configuration.get_boolean("pipeline.operator-chaining", True)
    return configuration.get_boolean("pipeline.operator-chaining.enabled", former)


def _job_parameters(configuration: Configuration) -> dict[str, str]:
    return parse_map(configuration.get_string("pipeline.global-job-parameters", ""))


def _vertex(vertex_id: int, chain: Chain, ids: Mapping[StreamNode, str]) -> JobVertex:
    operators = tuple(
        _operator(each, parent, ids[each.node])
        for each, parent in zip(chain.nodes, chain.parents, strict=True)
    )
    head = chain.head
    return JobVertex(
        vertex_id, operators, head.parallelism, head.max_parallelism, head.slot_sharing_group
    )


def _operator(each: SettledNode, parent: int | None, operator_id: str) -> ChainedOperator:
    node = each.node
    return ChainedOperator(
        operator_id,
        node.name,
        node.spec,
        parent,
        None if parent is None else each.inputs[0].side_tag,
        node.location,
        node.output_type,
        node.type_origin,
        node.uid,
        node.description,
    )


def _edges(chains: Sequence[Chain]) -> tuple[JobEdge, ...]:
    """Edges between chains, in the order of their targets and of the targets' inputs."""
    places = {
        each.node: (vertex_id, position)
        for vertex_id, chain in enumerate(chains)
        for position, each in enumerate(chain.nodes)
    }
    edges: list[JobEdge] = []
    for target_vertex, chain in enumerate(chains):
        for edge in chain.head.inputs:
            vertex, operator = places[edge.source]
            edges.append(
                JobEdge(
                    len(edges),
                    vertex,
                    operator,
                    edge.side_tag,
                    target_vertex,
                    edge.input_index,
                    edge.partitioner,
                )
            )
    return tuple(edges)
