"""Which operators share a task."""

import pytest

from flott.core.partitioner import Forward, HashKey, Partitioner, Rebalance, Rescale
from flott.plan import ChainingStrategy, StreamEdge
from tests.plan.sample_plans import Program, chain_names


def test_forward_neighbours_share_a_task() -> None:
    program = Program()
    program.add("sink", program.add("map", program.source(), via=Forward()))
    assert chain_names(program.derive()) == ["source -> map -> sink"]


@pytest.mark.parametrize("partitioner", [Rebalance(), Rescale(), HashKey(len)])
def test_any_other_partitioner_separates(partitioner: Partitioner) -> None:
    program = Program()
    program.add("map", program.source(), via=partitioner)
    assert chain_names(program.derive()) == ["source", "map"]


def test_different_parallelism_separates() -> None:
    program = Program()
    program.add("map", program.source(), parallelism=2)
    assert chain_names(program.derive()) == ["source", "map"]


MIXED = "pipeline.operator-chaining.chain-operators-with-different-max-parallelism"


def test_different_max_parallelism_separates_where_asked() -> None:
    program = Program(**{MIXED: "false"})
    program.add("map", program.source(), max_parallelism=64)
    assert chain_names(program.derive()) == ["source", "map"]


def test_a_chain_has_the_max_parallelism_of_its_head() -> None:
    program = Program()
    program.add("map", program.source(max_parallelism=1), max_parallelism=64)
    (vertex,) = program.derive().vertices
    assert (vertex.name, vertex.max_parallelism) == ("source -> map", 1)


def test_different_slot_sharing_groups_separate() -> None:
    program = Program()
    program.add("map", program.source(), slot_sharing_group="gpu")
    assert chain_names(program.derive()) == ["source", "map"]


def test_two_inputs_begin_a_chain() -> None:
    program = Program()
    program.add("union", program.source("a"), program.source("b"))
    assert chain_names(program.derive()) == ["a", "b", "union"]


def test_a_stream_united_with_itself_is_two_edges() -> None:
    program = Program()
    source = program.source()
    program.add("union", source, source)
    plan = program.derive()
    assert chain_names(plan) == ["source", "union"]
    assert len(plan.edges) == 2


def test_start_new_chain_separates_from_what_comes_before_only() -> None:
    program = Program()
    head = program.add("head", program.source(), chaining=ChainingStrategy.HEAD)
    program.add("sink", head)
    assert chain_names(program.derive()) == ["source", "head -> sink"]


def test_disabled_chaining_separates_on_both_sides() -> None:
    program = Program()
    alone = program.add("alone", program.source(), chaining=ChainingStrategy.NEVER)
    program.add("sink", alone)
    assert chain_names(program.derive()) == ["source", "alone", "sink"]


@pytest.mark.parametrize(
    "key", ["pipeline.operator-chaining.enabled", "pipeline.operator-chaining"]
)
def test_the_option_switches_chaining_off(key: str) -> None:
    program = Program(**{key: "false"})
    program.add("map", program.source())
    assert chain_names(program.derive()) == ["source", "map"]


def test_an_operator_may_feed_several_of_its_chain() -> None:
    program = Program()
    split = program.add("split", program.source())
    program.add("a2", program.add("a1", split))
    program.add("b", split)
    plan = program.derive()
    assert chain_names(plan) == ["source -> split -> (a1 -> a2, b)"]
    assert [each.parent for each in plan.vertices[0].chain] == [None, 0, 1, 2, 1]


def test_a_side_output_can_be_read_within_the_chain() -> None:
    program = Program()
    split = program.add("split", program.source())
    program.add("late", StreamEdge(split, side_tag="late"))
    (vertex,) = program.derive().vertices
    assert [each.side_tag for each in vertex.chain] == [None, None, "late"]


def test_a_chain_may_also_feed_other_tasks() -> None:
    program = Program()
    source = program.source()
    program.add("sink", source)
    program.stateful("count", source, via=HashKey(len))
    plan = program.derive()
    assert chain_names(plan) == ["source -> sink", "count"]
    assert [edge.source_operator for edge in plan.edges] == [0]
