"""Small operators and plans for the tests of this folder; they are never built."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flott.common.configuration import Configuration
from flott.core.operator import Operator, OperatorSpec
from flott.core.partitioner import Partitioner
from flott.core.source import Boundedness, EnumeratorContext, Source, SourceReader, SplitEnumerator
from flott.plan import JobPlan, StreamEdge, StreamNode, StreamPlan, derive_job_plan


@dataclass(frozen=True)
class SampleSpec(OperatorSpec):
    """An operator that is only described."""

    label: str = ""
    stateless: bool = True

    def build(self) -> Operator:
        raise AssertionError("plans of these tests are not run")

    @property
    def meaning(self) -> str:
        return self.label

    @property
    def is_stateless(self) -> bool:
        return self.stateless


class SampleSource(Source):
    def __init__(self, boundedness: Boundedness) -> None:
        self._boundedness = boundedness

    @property
    def boundedness(self) -> Boundedness:
        return self._boundedness

    def create_enumerator(self, context: EnumeratorContext, restored: Any) -> SplitEnumerator:
        raise AssertionError("plans of these tests are not run")

    def create_reader(self, context: Any) -> SourceReader:
        raise AssertionError("plans of these tests are not run")


@dataclass(frozen=True)
class SampleSourceSpec(SampleSpec):
    boundedness: Boundedness = Boundedness.BOUNDED

    @property
    def source(self) -> Source:
        return SampleSource(self.boundedness)


class Program:
    """A stream plan with short words to write it."""

    def __init__(self, **options: Any) -> None:
        self.plan = StreamPlan()
        self.configuration = Configuration.from_dict(options)

    def source(self, name: str = "source", **settings: Any) -> StreamNode:
        spec = SampleSourceSpec(settings.pop("label", ""), stateless=False)
        return self.plan.add(spec, [], name=name, **settings)

    def unbounded_source(self) -> StreamNode:
        spec = SampleSourceSpec(boundedness=Boundedness.CONTINUOUS_UNBOUNDED)
        return self.plan.add(spec, [], name="endless")

    def add(
        self,
        name: str,
        *inputs: StreamNode | StreamEdge,
        via: Partitioner | None = None,
        label: str = "",
        stateless: bool = True,
        **settings: Any,
    ) -> StreamNode:
        """A node on ``inputs``, all of input 0 unless given as edges."""
        edges = [
            each if isinstance(each, StreamEdge) else StreamEdge(each, 0, via) for each in inputs
        ]
        return self.plan.add(SampleSpec(label, stateless), edges, name=name, **settings)

    def stateful(self, name: str, *inputs: StreamNode | StreamEdge, **settings: Any) -> StreamNode:
        return self.add(name, *inputs, stateless=False, **settings)

    def derive(self, nodes: Sequence[StreamNode] | None = None, is_batch: bool = False) -> JobPlan:
        plan = self.plan if nodes is None else nodes
        return derive_job_plan(plan, self.configuration, "sample", is_batch=is_batch)


def chain_names(plan: JobPlan) -> list[str]:
    return [vertex.name for vertex in plan.vertices]


def operator_ids(plan: JobPlan) -> dict[str, str]:
    """Ids by name of operator."""
    return {each.name: each.operator_id for vertex in plan.vertices for each in vertex.chain}
