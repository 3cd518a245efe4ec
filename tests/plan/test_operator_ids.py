"""Ids that survive edits of the program."""

import re
from collections.abc import Callable

import pytest

from flott.common.errors import DuplicateUidError, ProgramError
from flott.core.partitioner import HashKey
from flott.plan import StreamEdge, StreamNode
from flott.plan.operator_ids import uid_to_operator_id
from tests.plan.sample_plans import Program, operator_ids

#: What ids are derived from must not change between releases: these would be lost state.
FROZEN = {"source": "1b16c6664a74bf7cf3eae70934ffe8f4", "count": "b8f03d568cc168a2feb0815bd2e9b471"}


def counting(between: Callable[[Program, StreamNode], StreamNode] | None = None) -> Program:
    """source -> (between) -> count -> sink."""
    program = Program()
    source = program.source()
    before = source if between is None else between(program, source)
    program.add("sink", program.stateful("count", before, via=HashKey(len), label="count_words"))
    return program


def ids_of(program: Program) -> dict[str, str]:
    return operator_ids(program.derive())


def test_ids_are_32_hexadecimal_digits() -> None:
    assert all(re.fullmatch("[0-9a-f]{32}", each) for each in ids_of(counting()).values())


def test_equal_programs_have_equal_ids_in_every_release() -> None:
    ids = ids_of(counting())
    assert ids_of(counting()) == ids
    assert {name: ids[name] for name in FROZEN} == FROZEN


def test_a_uid_decides_alone() -> None:
    one, other = Program(), Program()
    one.add("a", one.source("x"), uid="counter")
    other.stateful("b", other.add("map", other.source("y")), uid="counter")
    assert ids_of(one)["a"] == ids_of(other)["b"] == uid_to_operator_id("counter")


def test_a_uid_hash_is_used_as_it_is_and_precedes_the_uid() -> None:
    program = Program()
    program.add("map", program.source(), uid="u", uid_hash="ABCDEF" + "0" * 26)
    assert ids_of(program)["map"] == "abcdef" + "0" * 26


@pytest.mark.parametrize("uid_hash", ["abc", "g" * 32, "0" * 33])
def test_a_malformed_uid_hash_is_refused(uid_hash: str) -> None:
    program = Program()
    program.add("map", program.source(), uid_hash=uid_hash, location="job.py:7")
    with pytest.raises(ProgramError, match=r"'map' \(job.py:7\) is not an operator id"):
        program.derive()


def test_duplicate_uids_name_both_places() -> None:
    program = Program()
    first = program.add("first", program.source(), uid="u", location="job.py:7")
    program.add("second", first, uid="u", location="job.py:9")
    with pytest.raises(DuplicateUidError, match=r"first \(job.py:7\).*second \(job.py:9\)"):
        program.derive()


def test_a_uid_hash_may_not_repeat_another_id() -> None:
    program = Program()
    first = program.add("first", program.source(), uid="u")
    program.add("second", first, uid_hash=uid_to_operator_id("u"))
    with pytest.raises(DuplicateUidError, match="'first' and by 'second'"):
        program.derive()


def test_an_empty_uid_is_refused() -> None:
    program = Program()
    program.add("map", program.source(), uid="")
    with pytest.raises(ProgramError, match="uid of 'map' is empty"):
        program.derive()


def test_uids_can_be_demanded() -> None:
    program = Program(**{"pipeline.auto-generate-uids": "false"})
    named = program.add("named", program.source(uid="s"), uid="n")
    program.add("bare", named, location="job.py:4")
    with pytest.raises(ProgramError, match=r"needs a uid.*on: 'bare' \(job.py:4\)\."):
        program.derive()


def test_unrelated_operators_change_no_id() -> None:
    program = Program()
    program.add("early sink", program.stateful("early", program.source("early source")))
    source = program.source()
    program.add("aside", source)
    count = program.stateful("count", source, via=HashKey(len), label="count_words")
    program.add("sink", count)
    program.add("aside 2", count)
    assert ids_of(counting()).items() <= ids_of(program).items()


def test_a_stateless_operator_before_a_stateful_one_changes_no_id() -> None:
    changed = counting(lambda program, source: program.add("map", program.add("filter", source)))
    assert ids_of(counting()).items() <= ids_of(changed).items()


def test_a_uid_on_a_stateless_operator_changes_no_other_id() -> None:
    changed = counting(lambda program, source: program.add("map", source, uid="mapped"))
    assert ids_of(counting()).items() <= ids_of(changed).items()


def test_a_stateful_operator_in_between_changes_what_follows() -> None:
    changed = ids_of(counting(lambda program, source: program.stateful("dedup", source)))
    assert changed["count"] != ids_of(counting())["count"]
    assert changed["source"] == ids_of(counting())["source"]


def test_another_function_is_another_operator() -> None:
    program = Program()
    program.stateful("count", program.source(), via=HashKey(len), label="count_letters")
    assert ids_of(program)["count"] != ids_of(counting())["count"]


def test_side_outputs_are_told_apart_even_behind_stateless_operators() -> None:
    def late_counts(tag: str | None) -> str:
        program = Program()
        split = program.stateful("split", program.source())
        program.stateful("count", program.add("map", StreamEdge(split, side_tag=tag)))
        return ids_of(program)["count"]

    assert len({late_counts(None), late_counts("late"), late_counts("broken")}) == 3


def test_inputs_are_told_apart_but_the_order_of_a_union_is_not() -> None:
    def joined(first_index: int, second_index: int, names: str) -> str:
        program = Program()
        a, b = (program.source(name) for name in names)
        program.stateful("join", StreamEdge(a, first_index), StreamEdge(b, second_index))
        return ids_of(program)["join"]

    assert joined(0, 1, "ab") != joined(0, 1, "ba")
    assert joined(0, 0, "ab") == joined(0, 0, "ba")


def test_operators_alike_in_everything_are_told_apart_by_order() -> None:
    program = Program()
    source = program.source()
    for _ in range(3):
        program.stateful("same", source)
    vertex = program.derive().vertices[0]
    assert len({each.operator_id for each in vertex.chain}) == 4


def test_diamonds_of_stateless_operators_stay_cheap() -> None:
    program = Program()
    node = program.source()
    for number in range(60):
        node = program.add(
            f"union {number}", program.add(f"a{number}", node), program.add(f"b{number}", node)
        )
    program.stateful("count", node)
    assert len(set(ids_of(program).values())) == 60 * 3 + 2
