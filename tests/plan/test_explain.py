"""Plans for people: the exact text, the exact flowchart, the JSON of Flink."""

from __future__ import annotations

import json

from flott.core.partitioner import Broadcast, HashKey
from flott.plan import JobPlan, StreamEdge
from flott.plan.explain import explain_json, explain_mermaid, explain_text
from tests.plan.sample_plans import Program


def word_length(word: str) -> int:
    return len(word)


def plan_with_everything() -> JobPlan:
    program = Program()
    typed = {"output_type": str, "type_origin": "hint"}
    clicks = program.source("clicks", location="job.py:3", uid="clicks", **typed)
    rules = program.source("rules", uid="rules")
    clean = program.add("clean", clicks, uid="clean")
    program.add("Sink: all", clean, uid="all")
    count = program.stateful(
        "count",
        StreamEdge(clean, 0, HashKey(word_length), side_tag="late"),
        StreamEdge(rules, 1, Broadcast()),
        uid="count",
        description='counts "late" <words>',
        slot_sharing_group="big",
    )
    program.add("Sink: counts", count, uid="counts")
    program.add("audit", clean, uid="audit")
    return program.derive()


TEXT = """\
Job 'sample': STREAMING mode, parallelism 1

[0] parallelism 1 (max 128)
    clicks · str (hint) · job.py:3 · uid 'clicks' · id CLICKS
    -> clean · uid 'clean' · id CLEAN
    ├─ Sink: all · uid 'all' · id ALL
    └─ audit · uid 'audit' · id AUDIT

[1] parallelism 1 (max 128)
    rules · uid 'rules' · id RULES

[2] parallelism 1 (max 128), slot sharing group 'big'
    <- [0] clean, side output 'late': hash by word_length (input 1)
    <- [1] rules: broadcast to all (input 2)
    count · uid 'count' · id COUNT
       counts "late" <words>
    -> Sink: counts · uid 'counts' · id COUNTS
"""

MERMAID = """\
flowchart LR
    subgraph chain0["0: parallelism 1"]
        operator0_0["clicks<br/>str (hint)"]
        operator0_1["clean"]
        operator0_2["Sink: all"]
        operator0_3["audit"]
        operator0_0 --> operator0_1
        operator0_1 --> operator0_2
        operator0_1 --> operator0_3
    end
    subgraph chain1["1: parallelism 1"]
        operator1_0["rules"]
    end
    subgraph chain2["2: parallelism 1"]
        operator2_0["count"]
        operator2_1["Sink: counts"]
        operator2_0 --> operator2_1
    end
    operator0_1 -->|"side output 'late', hash by word_length"| operator2_0
    operator1_0 -->|"broadcast to all"| operator2_0
"""


def test_the_text_shows_chains_edges_types_places_and_ids() -> None:
    plan = plan_with_everything()
    expected = TEXT
    operators = [each for vertex in plan.vertices for each in vertex.chain]
    for operator in sorted(operators, key=lambda each: -len(each.uid or "")):
        expected = expected.replace(
            f"id {(operator.uid or '').upper()}\n", f"id {operator.operator_id[:8]}\n"
        )
    assert explain_text(plan) == expected


def test_the_flowchart_frames_each_task() -> None:
    assert explain_mermaid(plan_with_everything()) == MERMAID


def test_markup_in_names_does_not_break_the_flowchart() -> None:
    program = Program()
    program.add('say "<hi>" #1 & go', program.source())
    assert '["say #quot;#lt;hi#gt;#quot; #35;1 #amp; go"]' in explain_mermaid(program.derive())


def test_batch_mode_is_shown() -> None:
    program = Program()
    program.add("sink", program.source(), parallelism=2)
    text = explain_text(program.derive(is_batch=True))
    assert text.startswith("Job 'sample': BATCH mode, parallelism 2\n")
    assert "<- [0] source: rebalance, round robin\n" in text


def test_a_chained_side_output_is_shown() -> None:
    program = Program()
    program.add("late", StreamEdge(program.source(), side_tag="late"))
    plan = program.derive()
    assert "-> late · reads side output 'late'" in explain_text(plan)
    assert """operator0_0 -->|"side output 'late'"| operator0_1""" in explain_mermaid(plan)
    assert json.loads(explain_json(plan))["nodes"][1]["predecessors"] == [
        {"id": 1, "ship_strategy": "FORWARD", "side_output": "late"}
    ]


def test_the_json_has_the_form_of_flinks_execution_plan() -> None:
    nodes = json.loads(explain_json(plan_with_everything()))["nodes"]
    assert [(node["id"], node["type"], node["pact"]) for node in nodes] == [
        (1, "clicks", "Data Source"),
        (2, "clean", "Operator"),
        (3, "Sink: all", "Data Sink"),
        (4, "audit", "Data Sink"),
        (5, "rules", "Data Source"),
        (6, "count", "Operator"),
        (7, "Sink: counts", "Data Sink"),
    ]
    assert nodes[1]["predecessors"] == [{"id": 1, "ship_strategy": "FORWARD"}]
    assert nodes[5]["predecessors"] == [
        {"id": 2, "ship_strategy": "HASH", "side": "first", "side_output": "late"},
        {"id": 5, "ship_strategy": "BROADCAST", "side": "second"},
    ]


def test_the_json_adds_what_flink_leaves_out() -> None:
    first, *_, count, _ = json.loads(explain_json(plan_with_everything()))["nodes"]
    assert (first["output_type"], first["type_origin"]) == ("str", "hint")
    assert (first["location"], first["uid"]) == ("job.py:3", "clicks")
    assert len(first["operator_id"]) == 32
    assert (count["contents"], count["slot_sharing_group"]) == ('counts "late" <words>', "big")
    assert (count["chain"], count["max_parallelism"], count["output_type"]) == (2, 128, None)
