"""A job plan for people: as a text tree, as a Mermaid flowchart and as Flink's JSON.

The same plan always gives the same text, so that two explanations can be compared line by line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flott.plan.description import describe_partitioner, describe_type, ship_strategy
from flott.plan.job_plan import ChainedOperator, JobEdge, JobPlan, JobVertex

#: Digits of an operator id that are shown to people.
_ID_DIGITS_SHOWN = 8


def explain_text(plan: JobPlan) -> str:
    """The plan as text: one paragraph for each chain, one line for each operator.

    A chain that runs as one task is drawn as a tree. ``<-`` lines say what it reads and how the
    records are divided; after an operator's name come its type and how that is known, its place
    in the program, and its id.
    """
    mode = "BATCH" if plan.is_batch else "STREAMING"
    lines = [f"Job '{plan.name}': {mode} mode, parallelism {plan.parallelism}"]
    for vertex in plan.vertices:
        lines.append("")
        lines.append(_vertex_title(vertex))
        lines.extend(
            f"    <- {_edge_text(plan, edge)}" for edge in plan.inputs_of(vertex.vertex_id)
        )
        lines.extend(f"    {line}" for line in _tree(vertex))
    return "\n".join(lines) + "\n"


def explain_mermaid(plan: JobPlan) -> str:
    """The plan as a Mermaid flowchart; operators that share a task share a frame."""
    lines = ["flowchart LR"]
    for vertex in plan.vertices:
        title = f"{vertex.vertex_id}: parallelism {vertex.parallelism}"
        lines.append(f'    subgraph chain{vertex.vertex_id}["{title}"]')
        for position, operator in enumerate(vertex.chain):
            label = _mermaid_text(operator.name)
            described = describe_type(operator)
            if described:
                label += f"<br/>{_mermaid_text(described)}"
            lines.append(f'        {_mermaid_id(vertex.vertex_id, position)}["{label}"]')
        for position, operator in enumerate(vertex.chain):
            if operator.parent is not None:
                source = _mermaid_id(vertex.vertex_id, operator.parent)
                target = _mermaid_id(vertex.vertex_id, position)
                lines.append(f"        {source} {_mermaid_arrow(operator.side_tag)} {target}")
        lines.append("    end")
    for edge in plan.edges:
        source = _mermaid_id(edge.source_vertex, edge.source_operator)
        arrow = _mermaid_arrow(edge.side_tag, describe_partitioner(edge.partitioner))
        lines.append(f"    {source} {arrow} {_mermaid_id(edge.target_vertex, 0)}")
    return "\n".join(lines) + "\n"


def explain_json(plan: JobPlan) -> str:
    """The plan as JSON in the form of Flink's execution plan, one node for each operator.

    Beside Flink's fields (``id, type, pact, contents, parallelism, predecessors``) each node has
    ``operator_id, uid, max_parallelism, chain, slot_sharing_group, output_type, type_origin`` and
    ``location``.
    """
    numbers = _numbers(plan)
    read = {(edge.source_vertex, edge.source_operator) for edge in plan.edges}
    nodes: list[dict[str, Any]] = []
    for vertex in plan.vertices:
        parents = {operator.parent for operator in vertex.chain}
        for position, operator in enumerate(vertex.chain):
            is_last = position not in parents and (vertex.vertex_id, position) not in read
            nodes.append(
                {
                    "id": numbers[vertex.vertex_id, position],
                    "type": operator.name,
                    "pact": _pact(operator, is_last),
                    "contents": operator.description or operator.name,
                    "parallelism": vertex.parallelism,
                    **_json_details(vertex, operator),
                    "predecessors": list(_predecessors(plan, vertex, position, numbers)),
                }
            )
    return json.dumps({"nodes": nodes}, indent=2)


def _vertex_title(vertex: JobVertex) -> str:
    title = f"[{vertex.vertex_id}] parallelism {vertex.parallelism} (max {vertex.max_parallelism})"
    if vertex.slot_sharing_group != "default":
        title += f", slot sharing group '{vertex.slot_sharing_group}'"
    return title


def _edge_text(plan: JobPlan, edge: JobEdge) -> str:
    source = plan.vertices[edge.source_vertex].chain[edge.source_operator]
    text = f"[{edge.source_vertex}] {source.name}"
    if edge.side_tag is not None:
        text += f", side output '{edge.side_tag}'"
    text += f": {describe_partitioner(edge.partitioner)}"
    several = {each.input_index for each in plan.inputs_of(edge.target_vertex)} != {0}
    return f"{text} (input {edge.input_index + 1})" if several else text


def _tree(vertex: JobVertex) -> Iterator[str]:
    """Lines of a chain: one below the other where it goes straight, branches drawn as a tree."""
    children: dict[int | None, list[int]] = {}
    for position, operator in enumerate(vertex.chain):
        children.setdefault(operator.parent, []).append(position)
    pending = [(0, "", "")]
    while pending:
        position, first, rest = pending.pop()
        operator = vertex.chain[position]
        yield first + _operator_text(operator)
        if operator.description and operator.description != operator.name:
            yield f"{rest}   {operator.description}"
        below = children.get(position, [])
        if len(below) == 1:
            pending.append((below[0], f"{rest}-> ", rest))
            continue
        for child in reversed(below):
            is_last = child == below[-1]
            branch, on = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            pending.append((child, rest + branch, rest + on))


def _operator_text(operator: ChainedOperator) -> str:
    uid = f"uid '{operator.uid}'" if operator.uid is not None else ""
    shown_id = f"id {operator.operator_id[:_ID_DIGITS_SHOWN]}"
    side = f"reads side output '{operator.side_tag}'" if operator.side_tag is not None else ""
    parts = [operator.name, side, describe_type(operator), operator.location, uid, shown_id]
    return " · ".join(part for part in parts if part)


def _mermaid_id(vertex_id: int, position: int) -> str:
    return f"operator{vertex_id}_{position}"


def _mermaid_arrow(side_tag: str | None, words: str = "") -> str:
    side = f"side output '{side_tag}'" if side_tag is not None else ""
    label = ", ".join(part for part in (side, words) if part)
    return f'-->|"{_mermaid_text(label)}"|' if label else "-->"


def _mermaid_text(text: str) -> str:
    """Text inside quotes, where Mermaid reads markup and entities."""
    escapes = {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return "".join(escapes.get(each, each) for each in text)


def _numbers(plan: JobPlan) -> dict[tuple[int, int], int]:
    """Numbers of operators from 1, by vertex and position."""
    places = [
        (vertex.vertex_id, position)
        for vertex in plan.vertices
        for position in range(len(vertex.chain))
    ]
    return {place: number for number, place in enumerate(places, start=1)}


def _pact(operator: ChainedOperator, is_last: bool) -> str:
    if operator.spec.source is not None:
        return "Data Source"
    return "Data Sink" if is_last else "Operator"


def _json_details(vertex: JobVertex, operator: ChainedOperator) -> dict[str, Any]:
    kind = operator.output_type
    described = kind.__qualname__ if isinstance(kind, type) else str(kind)
    return {
        "max_parallelism": vertex.max_parallelism,
        "chain": vertex.vertex_id,
        "slot_sharing_group": vertex.slot_sharing_group,
        "operator_id": operator.operator_id,
        "uid": operator.uid,
        "output_type": None if kind is None else described,
        "type_origin": operator.type_origin or None,
        "location": operator.location or None,
    }


def _predecessors(
    plan: JobPlan, vertex: JobVertex, position: int, numbers: dict[tuple[int, int], int]
) -> Iterator[dict[str, Any]]:
    parent = vertex.chain[position].parent
    if parent is not None:
        inside = {"id": numbers[vertex.vertex_id, parent], "ship_strategy": "FORWARD"}
        side_tag = vertex.chain[position].side_tag
        yield inside if side_tag is None else {**inside, "side_output": side_tag}
        return
    for edge in plan.inputs_of(vertex.vertex_id):
        number = numbers[edge.source_vertex, edge.source_operator]
        entry = {"id": number, "ship_strategy": ship_strategy(edge.partitioner)}
        entry["side"] = "second" if edge.input_index else "first"
        yield entry if edge.side_tag is None else {**entry, "side_output": edge.side_tag}
