"""Puts manual sources and recording sinks into a job plan, in place of the program's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flott.common.errors import ProgramError
from flott.core.operator import OperatorSpec
from flott.operators.sink import SinkSpec
from flott.operators.source import SourceSpec
from flott.operators.writer_operator import WriterSpec
from flott.plan.job_plan import ChainedOperator, JobPlan
from flott.testing.harness.manual_operator import ManualSourceSpec
from flott.testing.harness.manual_source import ManualSource
from flott.testing.harness.recording_sink import RecordingSink


@dataclass
class Doubles:
    """What stands in for the outside world.

    Attributes:
        sources: Manual sources by name.
        sinks: Recording sinks by name.
    """

    sources: dict[str, ManualSource] = field(default_factory=dict)
    sinks: dict[str, RecordingSink] = field(default_factory=dict)

    def replace(self, sources: Iterable[str], sinks: Iterable[str]) -> None:
        """Stand in for the program's own sources and sinks of these names."""
        self.sources.update((name, ManualSource(name)) for name in sources)
        self.sinks.update((name, RecordingSink(name)) for name in sinks)

    def put_into(self, plan: JobPlan) -> JobPlan:
        """The plan with the doubles in it.

        Raises:
            ProgramError: two sources or two sinks have the same name, or a name is not there.
        """
        seen: set[tuple[str, str]] = set()
        vertices = tuple(
            replace(vertex, chain=tuple(self._operator(each, seen) for each in vertex.chain))
            for vertex in plan.vertices
        )
        for kind, doubles in (("source", self.sources), ("sink", self.sinks)):
            missing = [name for name in doubles if (kind, name) not in seen]
            if missing:
                raise ProgramError(f"The program has no {kind} named {missing[0]!r}")
        return replace(plan, vertices=vertices)

    def _operator(self, operator: ChainedOperator, seen: set[tuple[str, str]]) -> ChainedOperator:
        spec: OperatorSpec = operator.spec
        if isinstance(spec, SourceSpec):
            source = _double("source", self.sources, operator, spec.source, seen)
            if source is not None:
                spec = ManualSourceSpec(source, spec.watermark_strategy, spec.output_type)
        elif isinstance(spec, WriterSpec):
            sink = _double("sink", self.sinks, operator, spec.sink, seen)
            if sink is not None:
                spec = SinkSpec(sink)
        return replace(operator, spec=spec)


def _double(
    kind: str,
    doubles: dict[str, Any],
    operator: ChainedOperator,
    present: Any,
    seen: set[tuple[str, str]],
) -> Any | None:
    """The double for ``present``, which may be one itself; None if it stays as it is."""
    is_double = isinstance(present, ManualSource | RecordingSink)
    name = present.name if is_double else _matching(doubles, operator.name)
    if name is None:
        return None
    if (kind, name) in seen:
        raise ProgramError(f"Two {kind}s of the program are named {name!r}")
    seen.add((kind, name))
    return doubles.setdefault(name, present) if is_double else doubles[name]


def _matching(doubles: Mapping[str, Any], name: str) -> str | None:
    """Operators are called by their name, sinks also by what stands before ``: Writer``."""
    return next((each for each in doubles if name in (each, f"{each}: Writer")), None)
