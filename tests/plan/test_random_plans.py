"""Random programs: what holds for the job plan of every one of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flott.core.partitioner import Broadcast, Forward, HashKey, Partitioner, Rebalance
from flott.plan import ChainingStrategy, JobPlan, StreamEdge, StreamNode
from flott.plan.explain import explain_json, explain_mermaid, explain_text
from tests.plan.sample_plans import Program, operator_ids


@dataclass(frozen=True)
class DraftEdge:
    source: int
    input_index: int
    partitioner: Partitioner | None
    side_tag: str | None


@dataclass(frozen=True)
class Draft:
    """A node before it is built: its name says which one it is, wherever it stands."""

    name: str
    edges: tuple[DraftEdge, ...]
    stateless: bool
    parallelism: int | None
    max_parallelism: int | None
    chaining: ChainingStrategy
    group: str | None


PARTITIONERS = [None, None, None, Rebalance(), Broadcast(), HashKey(len)]


@st.composite
def draft_edges(draw: st.DrawFn, position: int) -> tuple[DraftEdge, ...]:
    sources = draw(st.lists(st.integers(0, position - 1), min_size=1, max_size=3))
    second_from = draw(st.integers(1, len(sources)))
    return tuple(
        DraftEdge(
            source,
            int(number >= second_from),
            draw(st.sampled_from(PARTITIONERS)),
            draw(st.sampled_from([None, None, "late"])),
        )
        for number, source in enumerate(sources)
    )


@st.composite
def programs(draw: st.DrawFn) -> list[Draft]:
    drafts: list[Draft] = []
    for position in range(draw(st.integers(2, 9))):
        is_source = position == 0 or (position < 4 and draw(st.booleans()))
        drafts.append(
            Draft(
                f"n{position}",
                () if is_source else draw(draft_edges(position)),
                not is_source and draw(st.booleans()),
                draw(st.sampled_from([None, None, 2, 3])),
                draw(st.sampled_from([None, None, None, 64])),
                draw(st.sampled_from([ChainingStrategy.ALWAYS, *ChainingStrategy])),
                draw(st.sampled_from([None, None, "other"])),
            )
        )
    return drafts if drafts[-1].edges else [*drafts, sink_of(drafts)]


def sink_of(drafts: list[Draft]) -> Draft:
    edge = DraftEdge(0, 0, None, None)
    return Draft(f"n{len(drafts)}", (edge,), True, None, None, ChainingStrategy.ALWAYS, None)


def build(drafts: list[Draft]) -> Program:
    program = Program()
    nodes: list[StreamNode] = []
    for draft in drafts:
        settings: dict[str, Any] = {
            "parallelism": draft.parallelism,
            "max_parallelism": draft.max_parallelism,
            "chaining": draft.chaining,
            "slot_sharing_group": draft.group,
        }
        if not draft.edges:
            nodes.append(program.source(draft.name, **settings))
            continue
        edges = [
            StreamEdge(nodes[each.source], each.input_index, each.partitioner, each.side_tag)
            for each in draft.edges
        ]
        nodes.append(program.add(draft.name, *edges, stateless=draft.stateless, **settings))
    return program


def used(drafts: list[Draft]) -> list[Draft]:
    """Without sources that nobody reads."""
    read = {each.source for draft in drafts for each in draft.edges}
    return [draft for number, draft in enumerate(drafts) if draft.edges or number in read]


def joints(plan: JobPlan) -> list[tuple[str, str, int, str | None]]:
    """Who feeds whom, inside chains and between them."""
    found = [
        (vertex.chain[each.parent].name, each.name, 0, each.side_tag)
        for vertex in plan.vertices
        for each in vertex.chain
        if each.parent is not None
    ]
    for edge in plan.edges:
        source = plan.vertices[edge.source_vertex].chain[edge.source_operator].name
        target = plan.vertices[edge.target_vertex].head.name
        found.append((source, target, edge.input_index, edge.side_tag))
    return sorted(found, key=repr)


@given(programs())
def test_every_node_is_in_exactly_one_chain(drafts: list[Draft]) -> None:
    plan = build(drafts).derive()
    names = [each.name for vertex in plan.vertices for each in vertex.chain]
    assert sorted(names) == sorted(draft.name for draft in used(drafts))
    assert [vertex.vertex_id for vertex in plan.vertices] == list(range(len(plan.vertices)))


@given(programs())
def test_every_edge_of_the_program_is_kept(drafts: list[Draft]) -> None:
    expected = [
        (drafts[each.source].name, draft.name, each.input_index, each.side_tag)
        for draft in drafts
        for each in draft.edges
    ]
    found = joints(build(drafts).derive())
    # Inside a chain the only input is number 0, as in the program.
    assert found == sorted(expected, key=repr)


@given(programs())
def test_plans_run_from_upstream_to_downstream(drafts: list[Draft]) -> None:
    plan = build(drafts).derive()
    assert all(edge.source_vertex < edge.target_vertex for edge in plan.edges)
    for vertex in plan.vertices:
        assert vertex.head.parent is None
        for position, each in enumerate(vertex.chain[1:], start=1):
            assert each.parent is not None
            assert 0 <= each.parent < position


@given(programs())
def test_a_chain_holds_together_only_what_may_be_chained(drafts: list[Draft]) -> None:
    plan = build(drafts).derive()
    by_name = {draft.name: draft for draft in drafts}
    for vertex in plan.vertices:
        for each in vertex.chain[1:]:
            draft, parent = by_name[each.name], by_name[vertex.chain[each.parent or 0].name]
            assert len(draft.edges) == 1
            assert draft.edges[0].partitioner is None
            assert draft.chaining is ChainingStrategy.ALWAYS
            assert parent.chaining is not ChainingStrategy.NEVER
            assert (draft.parallelism or 1) == (parent.parallelism or 1) == vertex.parallelism


@given(programs())
def test_forward_edges_join_equal_parallelism(drafts: list[Draft]) -> None:
    plan = build(drafts).derive()
    for edge in plan.edges:
        source, target = plan.vertices[edge.source_vertex], plan.vertices[edge.target_vertex]
        if isinstance(edge.partitioner, Forward):
            assert source.parallelism == target.parallelism


@given(programs())
def test_ids_are_distinct_and_repeatable(drafts: list[Draft]) -> None:
    ids = operator_ids(build(drafts).derive())
    assert len(set(ids.values())) == len(ids)
    assert operator_ids(build(drafts).derive()) == ids


@given(programs(), st.data())
def test_ids_survive_unrelated_operators(drafts: list[Draft], data: st.DataObject) -> None:
    before = operator_ids(build(drafts).derive())
    grown = drafts
    for number in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(1, len(grown)))
        edges = data.draw(draft_edges(at)) if data.draw(st.booleans()) else ()
        extra = replace(sink_of(drafts), name=f"extra {number}", edges=edges, stateless=False)
        grown = insert(grown, at, extra)
    assert before.items() <= operator_ids(build(grown).derive()).items()


@given(programs(), st.data())
def test_ids_of_state_survive_a_stateless_operator(
    drafts: list[Draft], data: st.DataObject
) -> None:
    targets = [number for number, draft in enumerate(drafts) if draft.edges]
    at = data.draw(st.sampled_from(targets))
    edge_number = data.draw(st.integers(0, len(drafts[at].edges) - 1))
    edge = drafts[at].edges[edge_number]
    extra = replace(sink_of(drafts), name="extra", edges=(replace(edge, input_index=0),))
    grown = insert(drafts, at, extra)
    edges = list(grown[at + 1].edges)
    edges[edge_number] = DraftEdge(at, edge.input_index, None, None)
    grown[at + 1] = replace(grown[at + 1], edges=tuple(edges))
    before, after = operator_ids(build(drafts).derive()), operator_ids(build(grown).derive())
    for draft in used(drafts):
        if not draft.stateless:
            assert after[draft.name] == before[draft.name]


def insert(drafts: list[Draft], at: int, extra: Draft) -> list[Draft]:
    """Put ``extra`` in at a position; edges go on naming the same nodes."""

    def shift(draft: Draft) -> Draft:
        edges = tuple(
            replace(each, source=each.source + (each.source >= at)) for each in draft.edges
        )
        return replace(draft, edges=edges)

    return [*drafts[:at], extra, *map(shift, drafts[at:])]


@given(programs())
def test_every_plan_can_be_explained(drafts: list[Draft]) -> None:
    plan = build(drafts).derive()
    text = explain_text(plan)
    assert all(f" {draft.name} " in text for draft in used(drafts))
    assert explain_mermaid(plan).count("subgraph") == len(plan.vertices)
    assert explain_json(plan).count('"operator_id"') == len(used(drafts))
