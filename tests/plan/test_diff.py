"""What becomes of state when a plan is replaced."""

from __future__ import annotations

from typing import Any

from flott.core.partitioner import HashKey
from flott.plan import JobPlan
from flott.plan.diff import OperatorChange, StateFate, derive_plan_diff, format_plan_diff
from tests.plan.sample_plans import Program


def counting(source: str = "source", **settings: Any) -> JobPlan:
    """source -> map -> count, the last with these settings."""
    program = Program()
    mapped = program.add("map", program.source(source))
    program.stateful("count", mapped, via=HashKey(len), **settings)
    return program.derive()


def change_of(name: str, old: JobPlan, new: JobPlan) -> OperatorChange:
    return next(each for each in derive_plan_diff(old, new) if each.name == name)


def test_the_same_program_keeps_everything() -> None:
    changes = derive_plan_diff(counting(), counting())
    assert {each.fate for each in changes} == {StateFate.KEEP}
    assert [each.reason for each in changes] == ["same id", "has no state", "same id"]


def test_another_parallelism_migrates() -> None:
    change = change_of("count", counting(), counting(parallelism=4))
    assert (change.fate, change.reason) == (StateFate.MIGRATE, "parallelism was 1 and is 4")


def test_another_number_of_key_groups_rebuilds() -> None:
    change = change_of("count", counting(), counting(max_parallelism=64))
    assert change.fate is StateFate.REBUILD
    assert change.reason == (
        "max parallelism was 128 and is 64; set_max_parallelism(128) keeps the state"
    )


def test_a_changed_input_rebuilds_and_says_how_to_keep_the_state() -> None:
    old = counting("clicks")
    change = change_of("count", old, counting("views"))
    former = old.vertices[-1].head.operator_id
    assert change.fate is StateFate.REBUILD
    assert change.reason == (
        f"what it reads or does has changed; set_uid_hash('{former}') keeps the state"
    )


def test_a_uid_keeps_state_whatever_changes_before() -> None:
    change = change_of("count", counting("clicks", uid="c"), counting("views", uid="c"))
    assert (change.fate, change.reason) == (StateFate.KEEP, "same id")


def test_a_changed_function_under_the_same_uid_is_mentioned() -> None:
    change = change_of("count", counting(uid="c", label="old"), counting(uid="c", label="new"))
    assert (change.fate, change.reason) == (StateFate.KEEP, "same id; 'old' became 'new'")


def test_another_kind_of_operator_under_the_same_uid_rebuilds() -> None:
    program = Program()
    program.add("count", program.source(uid="c"))
    change = change_of("source", counting(uid="c"), program.derive())
    assert change.reason == "was Sample, whose state SampleSource cannot read"


def test_a_new_or_lost_uid_is_named() -> None:
    bare, named = counting(), counting(uid="c")
    former = bare.vertices[-1].head.operator_id
    assert change_of("count", bare, named).reason == (
        f"had no uid before; set_uid_hash('{former}') instead keeps the state"
    )
    assert change_of("count", named, bare).reason == "uid('c') is missing"
    assert change_of("count", named, counting(uid="d")).reason == "uid was 'c' and is 'd'"


def test_new_operators_start_empty_and_lost_ones_are_left_behind() -> None:
    program = Program()
    program.stateful("sum", program.source(), via=HashKey(len), location="job.py:8")
    changes = {each.name: each for each in derive_plan_diff(counting(), program.derive())}
    assert (changes["sum"].fate, changes["sum"].reason) == (StateFate.REBUILD, "new")
    assert changes["count"].fate is StateFate.DROP
    assert "allow non-restored state" in changes["count"].reason
    assert "map" not in changes


def test_the_diff_is_printed_one_operator_a_line() -> None:
    program = Program()
    program.stateful("sum", program.source(), via=HashKey(len), location="job.py:8")
    assert format_plan_diff(derive_plan_diff(program.derive(), program.derive())) == (
        "keep     source  same id\nkeep     sum     same id (job.py:8)\n"
    )
    assert format_plan_diff([]) == ""
