"""Which nodes take part, in which order, and what cannot be sorted."""

import pytest

from flott.common.errors import ProgramError
from flott.plan import StreamEdge
from flott.plan.topology import derive_topology
from tests.plan.sample_plans import Program


def test_an_empty_program_has_nothing_to_run() -> None:
    with pytest.raises(ProgramError, match=r"No operators defined.*Build a stream"):
        Program().derive()


def test_a_program_of_sources_alone_has_nothing_to_run() -> None:
    program = Program()
    program.source("clicks", location="job.py:3")
    with pytest.raises(ProgramError, match=r"nothing reads 'clicks' \(job.py:3\). Add a sink"):
        program.derive()


def test_nodes_stand_after_their_inputs_whatever_their_number() -> None:
    program = Program()
    early = program.add("early", program.source())
    late = program.add("late", program.source("other"))
    early.inputs.append(StreamEdge(late))
    names = [node.name for node in derive_topology(program.plan)]
    assert names == ["source", "other", "late", "early"]


def test_unrelated_nodes_keep_the_order_of_the_program() -> None:
    program = Program()
    sources = [program.source(name) for name in "abc"]
    sinks = [program.add(f"after {source.name}", source) for source in reversed(sources)]
    names = [node.name for node in derive_topology(sinks)]
    assert names == ["a", "b", "c", "after c", "after b", "after a"]


def test_a_circle_is_refused_and_shown() -> None:
    program = Program()
    first = program.add("first", program.source(), location="job.py:1")
    second = program.add("second", first)
    first.inputs.append(StreamEdge(second))
    program.add("after", second)
    with pytest.raises(
        ProgramError, match=r"in a circle.*'(first|second)'.* -> .*'(first|second)'"
    ):
        program.derive()


def test_a_long_program_needs_no_deep_recursion() -> None:
    program = Program()
    node = program.source()
    for number in range(3_000):
        node = program.add(f"map {number}", node)
    (vertex,) = program.derive().vertices
    assert len(vertex.chain) == 3_001
    assert vertex.name.endswith("map 2998 -> map 2999")
