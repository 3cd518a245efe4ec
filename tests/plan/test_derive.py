"""From stream plan to job plan: settings, edges and what is left out."""

from typing import Any

import pytest

from flott.common.errors import ProgramError
from flott.core.partitioner import Broadcast, Forward, HashKey, Rebalance
from flott.plan import StreamEdge
from flott.plan.stream_plan import ChainingStrategy
from tests.plan.sample_plans import Program, chain_names


def test_a_straight_program_becomes_one_chain() -> None:
    program = Program()
    program.add("sink", program.add("map", program.source()))
    plan = program.derive()
    assert chain_names(plan) == ["source -> map -> sink"]
    assert plan.edges == ()
    assert plan.name == "sample"


def test_a_keyed_edge_begins_a_new_vertex() -> None:
    program = Program()
    keyed = program.stateful("count", program.source(), via=HashKey(len))
    program.add("sink", keyed)
    plan = program.derive()
    assert chain_names(plan) == ["source", "count -> sink"]
    (edge,) = plan.edges
    assert (edge.source_vertex, edge.source_operator, edge.target_vertex) == (0, 0, 1)
    assert edge.partitioner == HashKey(len)


def test_default_parallelism_comes_from_the_option() -> None:
    program = Program(**{"parallelism.default": "3"})
    program.add("sink", program.source())
    (vertex,) = program.derive().vertices
    assert (vertex.parallelism, vertex.max_parallelism) == (3, 128)
    assert program.derive().parallelism == 3


def test_a_source_that_is_not_parallel_ignores_the_default() -> None:
    program = Program(**{"parallelism.default": "2"})
    program.add("sink", program.source(fixed_parallelism=True))
    plan = program.derive()
    assert [vertex.parallelism for vertex in plan.vertices] == [1, 2]
    assert plan.edges[0].partitioner == Rebalance()


def test_max_parallelism_of_the_node_precedes_the_option() -> None:
    program = Program(**{"pipeline.max-parallelism": "64"})
    program.add("sink", program.source(), max_parallelism=32, chaining=ChainingStrategy.HEAD)
    assert [vertex.max_parallelism for vertex in program.derive().vertices] == [64, 32]


def test_default_max_parallelism_grows_with_parallelism() -> None:
    program = Program()
    program.add("sink", program.source(), parallelism=100)
    assert [vertex.max_parallelism for vertex in program.derive().vertices] == [128, 256]


def test_edges_without_partitioner_forward_when_parallelism_is_equal() -> None:
    program = Program(**{"pipeline.operator-chaining.enabled": "false"})
    narrow = program.add("narrow", program.source(parallelism=2), parallelism=2)
    program.add("wide", narrow, parallelism=4)
    assert [edge.partitioner for edge in program.derive().edges] == [Forward(), Rebalance()]


def test_forward_between_unequal_parallelism_is_refused() -> None:
    program = Program()
    source = program.source(parallelism=2, location="job.py:3")
    program.add("map", source, via=Forward(), parallelism=4, location="job.py:4")
    with pytest.raises(ProgramError, match=r"'source' \(job.py:3\) to 'map' \(job.py:4\).*2 and 4"):
        program.derive()


def test_edges_stand_in_order_of_the_targets_inputs() -> None:
    program = Program()
    rules, events = program.source("rules"), program.source("events")
    first, second = StreamEdge(events, 0, HashKey(len)), StreamEdge(rules, 1, Broadcast())
    program.stateful("match", first, second)
    plan = program.derive()
    feeds = [(edge.source_vertex, edge.input_index) for edge in plan.inputs_of(2)]
    assert feeds == [(1, 0), (0, 1)]
    assert [edge.edge_id for edge in plan.edges] == [0, 1]


def test_edge_names_the_operator_and_side_output_it_reads() -> None:
    program = Program()
    split = program.add("split", program.source())
    program.add("late", StreamEdge(split, 0, Rebalance(), side_tag="late"))
    (edge,) = program.derive().edges
    assert (edge.source_vertex, edge.source_operator, edge.side_tag) == (0, 1, "late")


def test_given_nodes_bring_what_is_upstream_and_nothing_else() -> None:
    program = Program()
    source = program.source()
    wanted = program.add("wanted", source)
    program.add("other", source)
    assert chain_names(program.derive([wanted])) == ["source -> wanted"]


def test_a_source_nobody_reads_takes_no_part() -> None:
    program = Program()
    program.source("unread")
    program.add("sink", program.source("read"))
    assert chain_names(program.derive()) == ["read -> sink"]


def test_slot_sharing_group_is_inherited_where_inputs_agree() -> None:
    program = Program()
    left, right = program.source(slot_sharing_group="a"), program.source(slot_sharing_group="b")
    program.add("after left", left, via=Rebalance())
    program.add("both", left, right)
    groups = {vertex.head.name: vertex.slot_sharing_group for vertex in program.derive().vertices}
    assert groups["after left"] == "a"
    assert groups["both"] == "default"


def test_options_and_job_parameters_travel_with_the_plan() -> None:
    program = Program(**{"pipeline.global-job-parameters": {"city": "Bonn"}})
    program.add("sink", program.source())
    plan = program.derive()
    assert plan.job_parameters == {"city": "Bonn"}
    assert plan.configuration == {"pipeline.global-job-parameters": "city:Bonn"}


def test_operators_keep_what_is_shown_of_them() -> None:
    program = Program()
    settings: dict[str, Any] = {
        "uid": "u",
        "description": "d",
        "output_type": int,
        "type_origin": "hint",
    }
    program.add("sink", program.source(), location="job.py:9", **settings)
    operator = program.derive().vertices[0].chain[1]
    assert (operator.uid, operator.description, operator.location) == ("u", "d", "job.py:9")
    assert (operator.output_type, operator.type_origin, operator.parent) == (int, "hint", 0)
